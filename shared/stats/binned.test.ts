import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  binnedKolmogorovSmirnov,
  binnedMannWhitney,
  binnedWasserstein,
  countByUpperEdges,
} from './binned.ts';
import { wassersteinDistance } from './divergence.ts';
import { kolmogorovSmirnovTest, mannWhitneyTest } from './two-sample.ts';

const sorted = (values: number[]) => Float64Array.from(values).sort();
const cellNumbers = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 60 });
const EDGES = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5];

test('the tests of cells are those of rows that are tied within cells', () => {
  fc.assert(
    fc.property(cellNumbers, cellNumbers, (first, second) => {
      const [a, b] = [sorted(first), sorted(second)];
      const [x, y] = [countByUpperEdges(a, EDGES), countByUpperEdges(b, EDGES)];
      const smirnov = kolmogorovSmirnovTest(a, b);
      expect(binnedKolmogorovSmirnov(x, y).statistic).toBeCloseTo(smirnov.statistic, 12);
      expect(binnedKolmogorovSmirnov(x, y).pValue).toBeCloseTo(smirnov.pValue, 12);
      expect(binnedMannWhitney(x, y).pValue).toBeCloseTo(mannWhitneyTest(a, b).pValue, 12);
    }),
  );
});

test('an upper edge belongs to its cell', () => {
  expect(countByUpperEdges(sorted([0.5, 0.6, 9]), EDGES)).toEqual([1, 1, 0, 0, 0, 0, 1]);
});

test('Wasserstein from cells is near that from rows', () => {
  const wave = (shift: number) => sorted(Array.from({ length: 2000 }, (_, k) => 3 + 2 * Math.sin(k) + shift));
  const edges = Array.from({ length: 60 }, (_, k) => k / 10);
  const [a, b] = [wave(0), wave(0.37)];
  const range = { minimum: a[0]!, maximum: b.at(-1)! };
  const approximate = binnedWasserstein(
    countByUpperEdges(a, edges),
    countByUpperEdges(b, edges),
    edges,
    range,
  );
  expect(Math.abs(approximate - wassersteinDistance(a, b))).toBeLessThan(0.02);
});
