import { expect, test } from 'vitest';
import { benjaminiHochbergAdjusted, holmAdjusted } from './multiple-testing.ts';

test('Holm: the textbook example, in the order of the input', () => {
  expect(holmAdjusted([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(10)))).toEqual([
    0.03, 0.06, 0.06, 0.02,
  ]);
  expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
  expect(holmAdjusted([])).toEqual([]);
});

test('Benjamini–Hochberg: never above Holm, never below the p-value', () => {
  const pValues = [0.001, 0.2, 0.013, 0.04, 0.9];
  const adjusted = benjaminiHochbergAdjusted(pValues);
  const holm = holmAdjusted(pValues);
  adjusted.forEach((p, index) => {
    expect(p).toBeGreaterThanOrEqual(pValues[index]!);
    expect(p).toBeLessThanOrEqual(holm[index]!);
  });
  expect(adjusted[2]).toBeCloseTo(0.0325, 12);
});

test('what is no p-value is refused', () => {
  expect(() => holmAdjusted([1.2])).toThrow(RangeError);
  expect(() => benjaminiHochbergAdjusted([Number.NaN])).toThrow(RangeError);
});
