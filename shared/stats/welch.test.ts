import { describe, expect, test } from 'vitest';
import { welchComparison, welchInterval } from './welch.ts';

const moments = (...values: number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, variance: squares / (values.length - 1) };
};

describe("Welch's comparison", () => {
  test('is scipy’s', () => {
    const found = welchComparison(moments(1, 2, 4, 8), moments(0, 1, 1, 2, 3));
    expect(found.pValue).toBeCloseTo(0.11459105664897377, 12);
    expect(found.degrees).toBeCloseTo(3.6541849245553792, 12);
    const [low, high] = welchInterval(found, 0.95);
    expect(low).toBeCloseTo(-2.3486768577940382, 9);
    expect(high).toBeCloseTo(7.048676857794039, 9);
  });

  test('of numbers that do not vary is certain', () => {
    const higher = welchComparison(moments(2, 2), moments(1, 1));
    expect(higher.pValue).toBe(0);
    expect(welchInterval(higher, 0.95)).toEqual([1, 1]);
    expect(welchComparison(moments(1, 1), moments(1, 1)).pValue).toBe(1);
  });

  test('of one number is refused', () => {
    expect(() => welchComparison({ count: 1, mean: 0, variance: 0 }, moments(1, 2))).toThrow(RangeError);
  });
});
