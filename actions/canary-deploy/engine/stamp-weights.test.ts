import { expect, test } from 'vitest';
import { stampWeights } from './stamp-weights.ts';
import type { ArmWindow, TrafficWindow } from './window.ts';

const arm: ArmWindow = { assigned: null, requests: 1, errors: 0, latency: null, predictions: null };
const minute = (sequence: number, weight: number | null = null): TrafficWindow => ({
  ...{ sequence, startedAt: sequence * 60_000, endedAt: (sequence + 1) * 60_000, weight },
  ...{ champion: arm, challenger: arm },
});

test('a window has the weight that held throughout, and none where it changed or was not yet known', () => {
  const changes = [
    { at: 90_000, weight: 10 },
    { at: 240_000, weight: 50 },
    { at: 330_000, weight: 0 },
  ];
  const stamped = stampWeights(
    [0, 1, 2, 3, 4, 5, 6].map((index) => minute(index)),
    changes,
  );
  expect(stamped.map(({ weight }) => weight)).toEqual([-1, -1, 10, 10, 50, -1, 0]);
});

test('a source that knows the weight itself is believed', () => {
  expect(stampWeights([minute(3, 25)], [])).toEqual([minute(3, 25)]);
});

test('weight 0 before a shadow began is not weight 0 with copies', () => {
  const changes = [
    { at: 0, weight: 0, mirror: false },
    { at: 150_000, weight: 0, mirror: true },
  ];
  const stamped = stampWeights([minute(1), minute(2), minute(3), { ...minute(4), mirrored: false }], changes);
  expect(stamped.map(({ weight, mirrored }) => [weight, mirrored])).toEqual([
    [0, false],
    [-1, false],
    [0, true],
    [0, false],
  ]);
});
