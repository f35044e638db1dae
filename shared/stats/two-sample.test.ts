import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chiSquaredHomogeneity,
  kolmogorovSmirnovDistance,
  kolmogorovSmirnovTest,
  mannWhitneyTest,
  poolSmallCells,
} from './two-sample.ts';

const sorted = (values: number[]) => Float64Array.from(values).sort();
const sample = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 });

describe('Kolmogorov–Smirnov', () => {
  test('the distance is the largest gap between the two step functions', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const share = (values: number[], at: number) => values.filter((x) => x <= at).length / values.length;
        const gaps = [...first, ...second].map((x) => Math.abs(share(first, x) - share(second, x)));
        expect(kolmogorovSmirnovDistance(sorted(first), sorted(second))).toBeCloseTo(Math.max(...gaps), 12);
      }),
    );
  });

  test('equal samples: distance exactly 0, p 1; separate samples: distance 1', () => {
    const values = sorted([1, 2, 2, 3]);
    expect(kolmogorovSmirnovTest(values, values)).toEqual({ statistic: 0, pValue: 1 });
    expect(kolmogorovSmirnovDistance(sorted([1, 2]), sorted([3, 4]))).toBe(1);
  });

  test('an empty sample is refused', () => {
    expect(() => kolmogorovSmirnovDistance(new Float64Array(0), sorted([1]))).toThrow(RangeError);
  });
});

describe('Mann–Whitney', () => {
  test('U counts pairs won, ties half', () => {
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        let won = 0;
        for (const a of first) for (const b of second) won += a > b ? 1 : a === b ? 0.5 : 0;
        expect(mannWhitneyTest(sorted(first), sorted(second)).statistic).toBeCloseTo(won, 9);
      }),
    );
  });

  test('all values equal: p is 1, not NaN', () => {
    expect(mannWhitneyTest(sorted([2, 2]), sorted([2, 2, 2])).pValue).toBe(1);
  });
});

describe('χ² of homogeneity', () => {
  test('proportional counts: 0 and p 1', () => {
    expect(chiSquaredHomogeneity([10, 20], [20, 40])).toEqual({ statistic: 0, pValue: 1 });
  });

  test('a category that is empty on both sides is refused', () => {
    expect(() => chiSquaredHomogeneity([1, 0, 2], [1, 0, 2])).toThrow(RangeError);
    expect(() => chiSquaredHomogeneity([5], [5])).toThrow(RangeError);
  });
});

describe('pooling', () => {
  test('small categories become one other', () => {
    expect(poolSmallCells([50, 4, 3, 2], [50, 3, 4, 2])).toEqual({
      first: [50, 9],
      second: [50, 9],
      categories: [0, -1],
    });
  });

  test('an other that is still short joins the smallest kept category', () => {
    expect(poolSmallCells([50, 20, 1], [50, 20, 1])).toEqual({
      first: [50, 21],
      second: [50, 21],
      categories: [0, -1],
    });
  });

  test('rows are neither lost nor made, and every cell is large enough or alone', () => {
    const counts = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(counts, (pairs) => {
        const first = pairs.map(([a]) => a);
        const second = pairs.map(([, b]) => b);
        const sum = (list: number[]) => list.reduce((total, count) => total + count, 0);
        fc.pre(sum(first) > 0 && sum(second) > 0);
        const pooled = poolSmallCells(first, second);
        expect(sum(pooled.first)).toBe(sum(first));
        expect(sum(pooled.second)).toBe(sum(second));
        const share = Math.min(sum(first), sum(second)) / (sum(first) + sum(second));
        if (pooled.first.length > 1) {
          for (const [cell, count] of pooled.first.entries()) {
            expect((count + pooled.second[cell]!) * share).toBeGreaterThanOrEqual(5);
          }
        }
      }),
    );
  });
});
