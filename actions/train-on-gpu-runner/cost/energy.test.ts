import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnergyMeter, type PowerSample } from './energy.ts';

const gpu = (powerWatts: number | null, utilisation: number | null = 90, index = 0): PowerSample => ({
  index,
  powerWatts,
  utilisation,
});

function metered(samples: readonly (readonly [seconds: number, ...gpus: PowerSample[]])[]) {
  const meter = new EnergyMeter();
  for (const [seconds, ...gpus] of samples) meter.add(seconds, gpus);
  return meter.result();
}

test('an hour of two GPUs at 300 and 100 watts is 0.4 kWh', () => {
  const samples = Array.from({ length: 721 }, (_, at) => [at * 5, gpu(300), gpu(100, 80, 1)] as const);
  expect(metered(samples)).toEqual({
    kilowattHours: expect.closeTo(0.4, 12),
    idleShare: 0,
    unknownSeconds: 0,
  });
});

test('power that changes linearly is summed exactly, however unevenly it is sampled', () => {
  const steps = fc.array(fc.double({ min: 0.1, max: 29, noNaN: true }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(
      steps,
      fc.double({ min: 1, max: 500, noNaN: true }),
      fc.double({ min: 0, max: 2, noNaN: true }),
      (gaps, base, slope) => {
        const times = [3];
        for (const gap of gaps) times.push(times.at(-1)! + gap);
        const found = metered(times.map((at) => [at, gpu(base + slope * at)]));
        const [first, last] = [3, times.at(-1)!];
        const joules = base * (last - first) + (slope * (last ** 2 - first ** 2)) / 2;
        expect(found!.kilowattHours).toBeCloseTo(joules / 3.6e6, 9);
      },
    ),
  );
});

test('a gap of more than 30 seconds is unknown, and not what its ends say', () => {
  expect(
    metered([
      [0, gpu(360)],
      [10, gpu(360)],
      [41, gpu(360)],
      [51, gpu(360)],
    ]),
  ).toEqual({ kilowattHours: expect.closeTo(0.002, 12), idleShare: 0, unknownSeconds: 31 });
});

test('a GPU that does not tell its power makes the sum unknown, and not smaller', () => {
  const samples = [
    [0, gpu(100), gpu(null, 0, 1)],
    [10, gpu(100), gpu(100, 0, 1)],
    [20, gpu(100), gpu(100, 0, 1)],
  ] as const;
  expect(metered(samples)).toMatchObject({
    kilowattHours: expect.closeTo(2000 / 3.6e6, 12),
    unknownSeconds: 10,
  });
  expect(
    metered([
      [0, gpu(null)],
      [10, gpu(null)],
    ]),
  ).toBeNull();
  expect(metered([[0], [10]])).toBeNull();
  expect(metered([])).toBeNull();
});

test('idle is the time in which no GPU did more than 5 %, weighted by time', () => {
  expect(
    metered([
      [0, gpu(50, 0), gpu(50, 5, 1)],
      [10, gpu(50, 0), gpu(50, 5, 1)],
      [20, gpu(50, 0), gpu(50, 6, 1)],
      [40, gpu(50, 100), gpu(50, 0, 1)],
    ]),
  ).toMatchObject({ idleShare: 15 / 40 });
});

test('where use is not told, as under MIG, it is not called idle', () => {
  expect(
    metered([
      [0, gpu(50, null)],
      [10, gpu(50, null)],
    ]),
  ).toMatchObject({ idleShare: null });
  // One that works decides, whatever the other is.
  expect(
    metered([
      [0, gpu(50, null), gpu(50, 50, 1)],
      [10, gpu(50, null), gpu(50, 50, 1)],
      [20, gpu(50, 0), gpu(50, 0, 1)],
    ]),
  ).toMatchObject({ idleShare: 5 / 20 });
});
