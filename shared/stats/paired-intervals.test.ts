import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalCdf } from './distributions.ts';
import {
  belowZero,
  type Estimate,
  estimateInterval,
  influenceError,
  jackknifeError,
  jackknifeGroups,
  mirrored,
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

describe('an estimate that is skewed', () => {
  const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const drawn = fc.record({
    value: within(-3, 3),
    standardError: within(0.01, 2),
    degrees: fc.oneof(within(1, 200), fc.constant(Number.POSITIVE_INFINITY)),
    skewness: within(-2, 2),
  });
  const bent = fc.oneof(
    drawn,
    fc.record({ estimate: drawn, bend: within(-1, 1) }).map(({ estimate, bend }) => ({ ...estimate, bend })),
  );
  const from = (estimate: Estimate, end: number): Estimate => ({ ...estimate, value: estimate.value - end });

  test('is rejected at the end of its interval with just the error of the interval', () => {
    fc.assert(
      fc.property(bent, within(0.5, 0.999), (estimate, confidence) => {
        const [low, high] = estimateInterval(estimate, confidence);
        expect(low).toBeLessThan(high);
        const alpha = (1 - confidence) / 2;
        expect(belowZero(from(estimate, high))).toBeCloseTo(alpha, 7);
        expect(belowZero(mirrored(from(estimate, low)))).toBeCloseTo(alpha, 7);
      }),
    );
  });

  test('has the mirrored interval once it is turned round', () => {
    fc.assert(
      fc.property(bent, (estimate) => {
        const [low, high] = estimateInterval(estimate, 0.95);
        const [turnedLow, turnedHigh] = estimateInterval(mirrored(estimate), 0.95);
        expect([-turnedHigh, -turnedLow]).toEqual([expect.closeTo(low, 9), expect.closeTo(high, 9)]);
      }),
    );
  });

  test('is longer to the side to which it is skewed, and symmetric where it is not', () => {
    const estimate = { value: 2, standardError: 0.5, degrees: 20 };
    const sides = (skewness: number | undefined) => {
      const [low, high] = estimateInterval({ ...estimate, skewness }, 0.95);
      return (high - 2) / (2 - low);
    };
    expect(sides(0)).toBeCloseTo(1, 12);
    expect(sides(undefined)).toBe(1);
    expect(sides(1e-9)).toBeCloseTo(1, 7);
    expect(sides(0.4)).toBeGreaterThan(1.5);
    expect(sides(-0.4)).toBeCloseTo(1 / sides(0.4), 9);
  });

  test('has the t of Hall (1992)', () => {
    // t + a·t²/3 + a²·t³/27 + a/6 with t = −1.5 and a = 0.6: −1.5 + 0.45 − 0.045 + 0.1.
    const estimate = { value: -1.5, standardError: 1, degrees: Number.POSITIVE_INFINITY, skewness: 0.6 };
    expect(belowZero(estimate)).toBeCloseTo(normalCdf(-0.995), 12);
  });
});
