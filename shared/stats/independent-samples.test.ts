import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { studentQuantile } from './distributions.ts';
import { moverBelowZero, moverInterval, sampleMean, sampleShare, type Term } from './independent-samples.ts';

const number = fc.integer({ min: -5000, max: 5000 }).map((value) => value / 100);
const values = fc
  .array(number, { minLength: 2, maxLength: 50 })
  .filter((list) => new Set(list).size > 1)
  .map((list) => Float64Array.from(list));
const difference = (first: Float64Array, second: Float64Array): Term[] => [
  { factor: 1, estimate: sampleMean(first) },
  { factor: -1, estimate: sampleMean(second) },
];

describe('MOVER', () => {
  test("with Wilson's intervals is Newcombe's interval of his table II: 56/70 − 48/80", () => {
    const terms = [
      { factor: 1, estimate: sampleShare(56, 70) },
      { factor: -1, estimate: sampleShare(48, 80) },
    ];
    const [low, high] = moverInterval(terms, 0.025);
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  test('of symmetric intervals is the root of the sum of squares', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const [a, b] = [sampleMean(first), sampleMean(second)];
        const half = Math.hypot(
          studentQuantile(0.975, a.degrees) * a.standardError,
          studentQuantile(0.975, b.degrees) * b.standardError,
        );
        const [low, high] = moverInterval(difference(first, second), 0.025);
        expect(low).toBeCloseTo(a.value - b.value - half, 8);
        expect(high).toBeCloseTo(a.value - b.value + half, 8);
      }),
    );
  });

  test('turned round gives the interval turned round', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const [low, high] = moverInterval(difference(first, second), 0.025);
        const [turnedLow, turnedHigh] = moverInterval(difference(second, first), 0.025);
        expect(turnedLow).toBeCloseTo(-high, 10);
        expect(turnedHigh).toBeCloseTo(-low, 10);
      }),
    );
  });

  test('the p-value is below an error exactly where the interval at that error lies below 0', () => {
    fc.assert(
      fc.property(values, values, number, (first, second, offset) => {
        const terms = difference(first, second);
        const pValue = moverBelowZero(terms, offset);
        for (const alpha of [0.2, 0.025, 0.001]) {
          if (Math.abs(Math.log(pValue / alpha)) < 1e-6) continue;
          expect(moverInterval(terms, alpha)[1] + offset < 0).toBe(pValue < alpha);
        }
      }),
    );
  });

  test('an interval without an end rejects nothing', () => {
    const boundless = { value: -5, interval: (): [number, number] => [-6, Number.POSITIVE_INFINITY] };
    expect(moverBelowZero([{ factor: 1, estimate: boundless }], 0)).toBe(1);
    expect(moverInterval([{ factor: -2, estimate: boundless }], 0.025)).toEqual([
      Number.NEGATIVE_INFINITY,
      12,
    ]);
  });
});

test('one value alone has no interval', () => {
  expect(() => sampleMean(Float64Array.of(3))).toThrow(RangeError);
});
