import { describe, expect, test } from 'vitest';
import {
  chunkDriftPValue,
  chunkTest,
  comparableSizes,
  measureChunk,
  performanceBand,
} from './chunk-calibration.ts';

const sorted = (values: number[]) => Float64Array.from(values).sort();

describe('measures of a chunk', () => {
  test('the mean mid-rank counts ties half', () => {
    expect(measureChunk(sorted([2]), sorted([1, 2, 3, 4]), false).meanMidRank).toBe(0.375);
    expect(measureChunk(sorted([9]), sorted([1, 2]), false).meanMidRank).toBe(1);
  });

  test('a reference chunk is held against the rest of the reference', () => {
    const { logDistance } = measureChunk(sorted([1, 2]), sorted([1, 2, 3, 4]), true);
    expect(logDistance).toBe(0);
    expect(measureChunk(sorted([1, 2]), sorted([1, 2, 3, 4]), false).logDistance).toBeCloseTo(
      Math.log(0.5),
      12,
    );
  });

  test('no distance at all stays finite', () => {
    const values = sorted([1, 2, 3, 4]);
    expect(measureChunk(values, values, false).logDistance).toBeCloseTo(Math.log(1 / 8), 12);
  });

  test('a chunk that is the whole reference has nothing to be held against', () => {
    expect(() => measureChunk(sorted([1]), sorted([1]), true)).toThrow(RangeError);
  });
});

describe('t between chunks', () => {
  test('reference chunks that are all equal: p is 1 where nothing moved and 0 where it did', () => {
    expect(chunkTest([0.5, 0.5, 0.5], [0.5], 'two-sided').pValue).toBe(1);
    expect(chunkTest([0.5, 0.5, 0.5], [0.6], 'two-sided').pValue).toBe(0);
    expect(chunkTest([0.5, 0.5, 0.5], [0.4], 'greater').pValue).toBe(1);
  });

  test('the p of both measures is doubled, and at most 1', () => {
    const chunk = (meanMidRank: number, logDistance: number) => ({ meanMidRank, logDistance });
    const reference = [0.48, 0.5, 0.52, 0.49, 0.51, 0.5].map((rank, index) =>
      chunk(rank, -3 + 0.1 * (index % 3)),
    );
    expect(chunkDriftPValue(reference, [chunk(0.5, -2.95)])).toBe(1);
    const alone = chunkTest(
      reference.map((one) => one.meanMidRank),
      [0.6],
      'two-sided',
    ).pValue;
    expect(chunkDriftPValue(reference, [chunk(0.6, -3)])).toBeCloseTo(2 * alone, 12);
  });
});

describe('the limit of performance', () => {
  test.each([
    [10, 4.29],
    [6, 5.95],
  ])('is %i chunks wide: %f deviations', (count, factor) => {
    const values = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 0.7 : 0.72));
    const band = performanceBand(values, true);
    expect((band.mean - band.limit) / band.deviation).toBeCloseTo(factor, 2);
    expect(performanceBand(values, false).limit).toBeCloseTo(2 * band.mean - band.limit, 12);
  });

  test('one chunk has no spread', () => {
    expect(() => performanceBand([0.7], true)).toThrow(RangeError);
  });
});

test('chunks compare from half to twice the median of the reference', () => {
  expect(comparableSizes([100, 100, 120], [0, 49, 50, 200, 201])).toEqual([false, false, true, true, false]);
});
