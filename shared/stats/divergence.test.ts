import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  correctedJensenShannonDistance,
  countByEdges,
  hellingerDistance,
  jensenShannonDivergence,
  populationStabilityIndex,
  quantileEdges,
  standardisedWasserstein,
  totalVariationDistance,
  wassersteinDistance,
} from './divergence.ts';

const sorted = (values: number[]) => Float64Array.from(values).sort();

describe('Wasserstein', () => {
  test('a shift is its own distance', () => {
    const values = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, fc.integer({ min: -20, max: 20 }), (list, shift) => {
        const moved = sorted(list.map((x) => x + shift));
        expect(wassersteinDistance(sorted(list), moved)).toBeCloseTo(Math.abs(shift), 9);
      }),
    );
  });

  test('in deviations of the reference; a constant reference takes that of both', () => {
    expect(standardisedWasserstein(sorted([-1, 1]), sorted([0, 2]))).toBeCloseTo(1, 12);
    expect(standardisedWasserstein(sorted([0, 0]), sorted([0, 0, 0]))).toBe(0);
    expect(standardisedWasserstein(sorted([0, 0]), sorted([1, 1]))).toBeCloseTo(2, 12);
    const rounded = sorted(new Array(1000).fill(0.1));
    expect(standardisedWasserstein(rounded, sorted(new Array(1000).fill(0.2)))).toBeCloseTo(2, 9);
  });
});

describe('over shares', () => {
  test('equal distributions are 0 apart by every measure', () => {
    for (const measure of [
      jensenShannonDivergence,
      populationStabilityIndex,
      hellingerDistance,
      totalVariationDistance,
    ]) {
      expect(measure([1, 2, 0], [10, 20, 0])).toBeCloseTo(0, 12);
    }
  });

  test('distributions without a common cell are as far apart as can be', () => {
    expect(jensenShannonDivergence([1, 0], [0, 1])).toBeCloseTo(Math.LN2, 12);
    expect(hellingerDistance([1, 0], [0, 1])).toBe(1);
    expect(totalVariationDistance([1, 0], [0, 1])).toBe(1);
    expect(populationStabilityIndex([1, 0], [0, 1])).toBeCloseTo(2 * (1 - 1e-4) * Math.log(1e4), 9);
  });

  test('the correction takes away what chance gives, and no more', () => {
    expect(correctedJensenShannonDistance([11, 9], [9, 11])).toBe(0);
    expect(correctedJensenShannonDistance([900, 100], [100, 900])).toBeCloseTo(
      Math.sqrt(jensenShannonDivergence([9, 1], [1, 9]) - 2 / 1000 / 8),
      12,
    );
  });

  test('an empty distribution and unequal cells are refused', () => {
    expect(() => jensenShannonDivergence([0, 0], [1, 1])).toThrow(RangeError);
    expect(() => totalVariationDistance([1], [1, 1])).toThrow(RangeError);
  });
});

test('deciles cut into cells of equal count, and ties stay together', () => {
  const values = Float64Array.from({ length: 1000 }, (_, index) => index);
  expect(countByEdges(values, quantileEdges(values, 10))).toEqual(new Array(10).fill(100));
  const tied = sorted([...new Array(90).fill(0), ...new Array(10).fill(1)]);
  expect(countByEdges(tied, quantileEdges(tied, 10))).toEqual([90, 10]);
  expect(quantileEdges(sorted([3, 3, 3]), 10)).toEqual([]);
});
