import { describe, expect, test } from 'vitest';
import { zeroErrorLogEValue, zeroErrorsShow, zeroErrorUpperBound } from './zero-error-bound.ts';

describe('requests without a single error', () => {
  test.each([
    { rate: 0.01, needed: 449 },
    { rate: 0.05, needed: 88 },
  ])('$needed of them show at α = 0.05 that the rate is below $rate', ({ rate, needed }) => {
    expect(zeroErrorsShow(needed, rate, 0.05)).toBe(true);
    expect(zeroErrorsShow(needed - 1, rate, 0.05)).toBe(false);
  });

  test('agree with the integral done by sums', () => {
    const [n, rate, slices] = [120, 0.03, 200_000];
    let sum = 0;
    for (let slice = 0; slice < slices; slice += 1) sum += (1 - (rate * (slice + 0.5)) / slices) ** n;
    const direct = sum / slices / (1 - rate) ** n;
    expect(zeroErrorLogEValue(n, rate)).toBeCloseTo(Math.log(direct), 8);
  });

  test('have an expectation of at most 1 while the rate is the margin: the chance of no error times E', () => {
    for (const n of [1, 10, 449, 5_000]) {
      expect(n * Math.log1p(-0.01) + zeroErrorLogEValue(n, 0.01)).toBeLessThanOrEqual(0);
    }
  });

  test('give an upper bound that falls with their number', () => {
    expect(zeroErrorUpperBound(0, 0.05)).toBe(1);
    expect(zeroErrorUpperBound(449, 0.05)).toBeLessThanOrEqual(0.01);
    expect(zeroErrorUpperBound(449, 0.05)).toBeGreaterThan(0.0099);
    expect(zeroErrorUpperBound(10_000, 0.05)).toBeLessThan(zeroErrorUpperBound(1_000, 0.05));
  });

  test('impossible arguments are refused', () => {
    expect(() => zeroErrorLogEValue(-1, 0.1)).toThrow(RangeError);
    expect(() => zeroErrorLogEValue(1, 1)).toThrow(RangeError);
  });
});
