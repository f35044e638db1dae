import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedValue, type Range, varianceOfArea, varianceOfMean } from './bounded-values.ts';
import { wilsonInterval } from './paired-proportions.ts';

const SHARE: Range = { low: 0, high: 1 };
const normal = (value: number, standardError: number) => ({
  value,
  standardError,
  degrees: Number.POSITIVE_INFINITY,
});

describe('a value that cannot leave its range', () => {
  test('a share has the interval of its logit, by the delta method', () => {
    const [low, high] = boundedValue(normal(0.9, 0.03), SHARE).interval(0.95);
    const half = (1.959963984540054 * 0.03) / (0.9 * 0.1);
    const logit = Math.log(9);
    expect(low).toBeCloseTo(1 / (1 + Math.exp(half - logit)), 12);
    expect(high).toBeCloseTo(1 / (1 + Math.exp(-half - logit)), 12);
  });

  test('a correlation has the interval of Fisher’s z', () => {
    const [low, high] = boundedValue(normal(0.8, 0.05), { low: -1, high: 1 }).interval(0.95);
    const half = (1.959963984540054 * 0.05) / (1 - 0.8 ** 2);
    expect(low).toBeCloseTo(Math.tanh(Math.atanh(0.8) - half), 12);
    expect(high).toBeCloseTo(Math.tanh(Math.atanh(0.8) + half), 12);
  });

  test('with an upper end alone, that of the logarithm of the distance from it', () => {
    const [low, high] = boundedValue(normal(0.9, 0.03), { high: 1 }).interval(0.95);
    const factor = Math.exp((1.959963984540054 * 0.03) / 0.1);
    expect(low).toBeCloseTo(1 - 0.1 * factor, 12);
    expect(high).toBeCloseTo(1 - 0.1 / factor, 12);
  });

  test('Student’s quantile is kept', () => {
    const width = (degrees: number) => {
      const [low, high] = boundedValue({ ...normal(0.5, 0.01), degrees }, SHARE).interval(0.95);
      return high - low;
    };
    expect(width(19) / width(Number.POSITIVE_INFINITY)).toBeCloseTo(2.093 / 1.96, 3);
  });

  test('at an end or without an error it stands for itself', () => {
    expect(boundedValue(normal(1, 0), SHARE).interval(0.95)).toEqual([1, 1]);
    expect(boundedValue(normal(0.5, 0), SHARE).interval(0.95)).toEqual([0.5, 0.5]);
    expect(boundedValue(normal(1, 0), SHARE).below(0.9)).toBe(1);
    expect(boundedValue(normal(1, 0), SHARE).above(0.9)).toBe(0);
  });

  test('limits at and beyond the ends are kept or broken for certain', () => {
    const found = boundedValue(normal(0.99, 0.004), SHARE);
    expect([found.below(0), found.below(-1), found.below(1), found.below(2)]).toEqual([1, 1, 0, 0]);
    expect([found.above(1), found.above(2), found.above(0), found.above(-1)]).toEqual([1, 1, 0, 0]);
  });

  test('a limit is shown by the interval just where the test of the opposite rejects', () => {
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    const skew = fc.oneof(fc.constant(undefined), fc.double({ min: -1, max: 1, noNaN: true }));
    fc.assert(
      fc.property(
        share,
        share,
        share,
        fc.boolean(),
        fc.boolean(),
        skew,
        (value, error, limit, few, oneEnd, skewness) => {
          const range = oneEnd ? { high: 1 } : SHARE;
          const estimate = {
            ...normal(value, error * Math.sqrt(value * (1 - value))),
            degrees: 19,
            skewness,
          };
          const found = boundedValue(estimate, range, few ? varianceOfMean(30) : undefined);
          const [low, high] = found.interval(0.95);
          if (!oneEnd) expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(value);
          expect(high).toBeGreaterThanOrEqual(value);
          const isNear = (end: number) => Math.abs(end - limit) < 1e-9;
          if (!isNear(low)) expect(found.above(limit) <= 0.025).toBe(low > limit);
          if (!isNear(high)) expect(found.below(limit) <= 0.025).toBe(high < limit);
        },
      ),
    );
  });
});

describe('where the error is not to be trusted alone', () => {
  test('the variance of a mean gives Wilson’s interval, at the end of the range too', () => {
    for (const hits of [30, 29]) {
      const [low, high] = boundedValue(normal(hits / 30, 0), SHARE, varianceOfMean(30)).interval(0.95);
      expect(low).toBeCloseTo(wilsonInterval(hits, 30, 0.95)[0], 12);
      expect(high).toBeCloseTo(wilsonInterval(hits, 30, 0.95)[1], 12);
    }
  });

  test('on each side the farther of both ends counts', () => {
    const estimate = normal(0.97, 0.002);
    const alone = boundedValue(estimate, SHARE).interval(0.95);
    const both = boundedValue(estimate, SHARE, varianceOfMean(100)).interval(0.95);
    expect(both[0]).toBeCloseTo(wilsonInterval(97, 100, 0.95)[0], 12);
    expect(boundedValue(normal(0.97, 0.02), SHARE, varianceOfMean(1e6)).interval(0.95)).toEqual(
      boundedValue(normal(0.97, 0.02), SHARE).interval(0.95),
    );
    expect(both[0]).toBeLessThan(alone[0]);
  });

  test('the variance of an area is that of Hanley & McNeil, the same either way round', () => {
    // By their formula: A = 0.9, 51 of each class, Q1 = A / (2 − A), Q2 = 2A² / (1 + A).
    const [first, second] = [0.9 / 1.1, 1.62 / 1.9];
    const expected = (0.9 * 0.1 + 50 * (first - 0.81) + 50 * (second - 0.81)) / 51 ** 2;
    expect(varianceOfArea(51, 51)(0.9)).toBeCloseTo(expected, 12);
    expect(varianceOfArea(60, 440)(0.1)).toBeCloseTo(varianceOfArea(440, 60)(0.9), 12);
  });
});
