import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalQuantile, studentQuantile } from './distributions.ts';
import { effectiveShare } from './effective-share.ts';

const hits = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: 2, maxLength: 200 })
  .map((list) => Uint8Array.from(list));

describe('the effective number of rows', () => {
  test('of equal weights is that of the rows', () => {
    fc.assert(
      fc.property(hits, fc.integer({ min: 1, max: 9 }), (flags, weight) => {
        const plain = effectiveShare(flags, undefined, undefined, 0.95);
        const weighted = effectiveShare(flags, new Float64Array(flags.length).fill(weight), undefined, 0.95);
        expect(plain).toEqual({ share: flags.reduce((a, b) => a + b) / flags.length, count: flags.length });
        expect(weighted.share).toBeCloseTo(plain.share, 12);
        expect(weighted.count).toBeCloseTo(flags.length, 8);
      }),
    );
  });

  test('of rows that repeat by cluster is that of the clusters, less what few clusters cost', () => {
    const clusters = { of: Int32Array.from({ length: 400 }, (_, row) => Math.floor(row / 10)), count: 40 };
    const flags = Uint8Array.from({ length: 400 }, (_, row) => (Math.floor(row / 10) % 4 === 0 ? 1 : 0));
    const { share, count } = effectiveShare(flags, undefined, clusters, 0.95);
    expect(share).toBe(0.25);
    expect(count).toBeCloseTo(39 * (normalQuantile(0.975) / studentQuantile(0.975, 39)) ** 2, 8);
  });

  test('where nothing or everything is hit comes from how unequal the weights are', () => {
    const weight = Float64Array.of(9, 1, 1, 1);
    expect(effectiveShare(Uint8Array.of(0, 0, 0, 0), weight, undefined, 0.95)).toEqual({
      share: 0,
      count: 144 / 84,
    });
    expect(effectiveShare(Uint8Array.of(1, 1, 1, 1), weight, undefined, 0.95).count).toBe(144 / 84);
  });

  test('is 0 where no row counts', () => {
    expect(effectiveShare(Uint8Array.of(1), Float64Array.of(0), undefined, 0.95)).toEqual({
      share: Number.NaN,
      count: 0,
    });
  });
});
