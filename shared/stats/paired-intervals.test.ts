import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  belowZero,
  estimateInterval,
  influenceError,
  jackknifeError,
  jackknifeGroups,
} from './paired-intervals.ts';

test('clusters of one row each give the error of independent rows, times G/(G − 1)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 50 }),
      (values) => {
        const part = { values: Float64Array.from(values), factor: 2 };
        const count = values.length;
        const clusters = { of: Int32Array.from({ length: count }, (_, row) => row), count };
        const independent = influenceError([part]).standardError;
        const clustered = influenceError([part], clusters);
        expect(clustered.standardError).toBeCloseTo(independent * Math.sqrt(count / (count - 1)), 9);
        expect(clustered.degrees).toBe(count - 1);
      },
    ),
  );
});

test('rows that repeat within clusters count once', () => {
  const once = [0.3, -0.1, 0.4, -0.6];
  const twice = once.flatMap((value) => [value / 2, value / 2]);
  const clusters = { of: Int32Array.from([0, 0, 1, 1, 2, 2, 3, 3]), count: 4 };
  const expected = Math.sqrt(once.reduce((sum, value) => sum + value * value, 0) * (4 / 3));
  const found = influenceError([{ values: Float64Array.from(twice), factor: 1 }], clusters);
  expect(found.standardError).toBeCloseTo(expected, 12);
});

test('the jackknife of a mean by groups of one row is its standard error', () => {
  const values = [1, 4, 2, 8, 5, 7];
  const total = values.reduce((sum, value) => sum + value, 0);
  const without = Float64Array.from(values, (value) => (total - value) / (values.length - 1));
  const mean = total / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  expect(jackknifeError([{ values: without, factor: 1 }]).standardError).toBeCloseTo(
    Math.sqrt(variance / values.length),
    12,
  );
});

test('groups are even, the same each time, and whole clusters stay together', () => {
  const groups = jackknifeGroups(400, 20);
  expect(groups).toEqual(jackknifeGroups(400, 20));
  for (let group = 0; group < 20; group++) expect(groups.filter((of) => of === group)).toHaveLength(20);
  const of = Int32Array.from({ length: 400 }, (_, row) => row % 50);
  const clustered = jackknifeGroups(400, 20, { of, count: 50 });
  for (let row = 50; row < 400; row++) expect(clustered[row]).toBe(clustered[row - 50]);
});

test('an estimate without error is judged as it stands', () => {
  const exact = { value: 0, standardError: 0, degrees: Number.POSITIVE_INFINITY };
  expect(belowZero(exact)).toBe(1);
  expect(belowZero({ ...exact, value: -0.1 })).toBe(0);
  expect(estimateInterval(exact, 0.95)).toEqual([0, 0]);
});
