import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  orderStatisticInterval,
  percentile,
  percentileAtLeast,
  percentileAtMost,
  valuesForInterval,
  valuesForUpperBound,
} from './order-statistics.ts';

const upTo = (count: number) => Float64Array.from({ length: count }, (_, index) => index + 1);
const sample = fc
  .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 400 })
  .map((values) => Float64Array.from(values).sort());
const share = fc.constantFrom(0.5, 0.9, 0.95, 0.99);
const alpha = fc.constantFrom(0.005, 0.025, 0.05);

describe('percentile', () => {
  test('interpolates as numpy does by default', () => {
    expect(percentile(Float64Array.of(15, 20, 35, 40, 50), 0.4)).toBeCloseTo(29, 12);
    expect(percentile(Float64Array.of(7), 0.99)).toBe(7);
    expect(percentile(upTo(101), 0.95)).toBe(96);
  });

  test('is infinite where it falls among values that are', () => {
    const values = Float64Array.of(1, 2, 3, Number.POSITIVE_INFINITY);
    expect(percentile(values, 0.5)).toBe(2.5);
    expect(percentile(values, 2 / 3)).toBe(3);
    expect(percentile(values, 0.99)).toBe(Number.POSITIVE_INFINITY);
    expect(
      percentile(
        values.map(() => Number.POSITIVE_INFINITY),
        0.3,
      ),
    ).toBe(Number.POSITIVE_INFINITY);
  });

  test('of nothing, or at no share, is an error', () => {
    expect(() => percentile(new Float64Array(), 0.5)).toThrow(RangeError);
    expect(() => percentile(upTo(3), 1.5)).toThrow(RangeError);
  });
});

describe('how many values a bound needs', () => {
  test.each([
    [0.95, 0.05, 59],
    [0.99, 0.05, 299],
    [0.95, 0.025, 72],
    [0.99, 0.025, 368],
    [0.5, 0.025, 6],
  ])('%d at an error of %d: %d', (wanted, error, count) => {
    expect(valuesForUpperBound(wanted, error)).toBe(count);
    expect(orderStatisticInterval(upTo(count), wanted, error)[1]).toBe(count);
    expect(orderStatisticInterval(upTo(count - 1), wanted, error)[1]).toBe(Number.POSITIVE_INFINITY);
  });

  test('an interval needs both bounds', () => {
    expect(valuesForInterval(0.01, 0.05)).toBe(299);
    expect(orderStatisticInterval(upTo(298), 0.01, 0.05)[0]).toBe(Number.NEGATIVE_INFINITY);
    expect(valuesForInterval(1, 0.05)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the interval', () => {
  test('of a median of 100 values at 95 %', () => {
    // The known pair: the 40th and the 61st value.
    expect(orderStatisticInterval(upTo(100), 0.5, 0.025)).toEqual([40, 61]);
  });

  test('encloses the estimate, and grows with the confidence', () => {
    fc.assert(
      fc.property(sample, share, alpha, (values, wanted, error) => {
        const [low, high] = orderStatisticInterval(values, wanted, error);
        const [lower, higher] = orderStatisticInterval(values, wanted, error / 2);
        expect(lower).toBeLessThanOrEqual(low);
        expect(higher).toBeGreaterThanOrEqual(high);
        if (values.length < valuesForInterval(wanted, error)) return;
        expect(low).toBeLessThanOrEqual(percentile(values, wanted));
        expect(high).toBeGreaterThanOrEqual(percentile(values, wanted));
      }),
    );
  });

  test('and the p-values are of one mind: a limit beyond an end is rejected, one within is not', () => {
    fc.assert(
      fc.property(sample, share, alpha, fc.integer({ min: -1, max: 41 }), (values, wanted, error, limit) => {
        const [low, high] = orderStatisticInterval(values, wanted, error);
        expect(percentileAtMost(values, wanted, limit) <= error).toBe(limit < low);
        expect(percentileAtLeast(values, wanted, limit) <= error).toBe(limit > high);
      }),
    );
  });
});
