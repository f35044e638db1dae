import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hypergeometricAtLeast } from './hypergeometric.ts';

const choose = (n: number, k: number): number => {
  let product = 1;
  for (let step = 1; step <= k; step++) product = (product * (n - k + step)) / step;
  return k < 0 || k > n ? 0 : product;
};

describe('the hypergeometric tail', () => {
  test('is the sum of its definition', () => {
    const counts = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30), fc.nat(31));
    fc.assert(
      fc.property(counts, ([total, a, b, k]) => {
        const [marked, drawn] = [Math.min(a, total), Math.min(b, total)];
        let sum = 0;
        for (let x = k; x <= drawn; x++)
          sum += (choose(marked, x) * choose(total - marked, drawn - x)) / choose(total, drawn);
        expect(hypergeometricAtLeast(k, total, marked, drawn)).toBeCloseTo(sum, 12);
      }),
      { seed: 5 },
    );
  });

  test('keeps its digits far out and at a million rows', () => {
    // scipy 1.17: hypergeom.sf(k − 1, total, marked, drawn)
    expect(hypergeometricAtLeast(70, 5000, 750, 225) / 2.912908471715189e-10).toBeCloseTo(1, 9);
    expect(hypergeometricAtLeast(30_500, 1_000_000, 150_000, 200_000)).toBeCloseTo(
      0.00023993974436354034,
      12,
    );
    expect(hypergeometricAtLeast(0, 1_000_000, 150_000, 200_000)).toBe(1);
  });

  test('counts that cannot be are refused', () => {
    expect(() => hypergeometricAtLeast(1, 10, 11, 5)).toThrow(RangeError);
    expect(() => hypergeometricAtLeast(1.5, 10, 5, 5)).toThrow(RangeError);
  });
});
