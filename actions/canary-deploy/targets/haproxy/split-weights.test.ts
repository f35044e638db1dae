import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SMALLEST_PERCENT, splitWeights } from './split-weights.ts';

const shareOf = ({ champion, challenger }: { champion: number; challenger: number }): number =>
  challenger / (champion + challenger);

test('whole per cents are exact, with the smallest weights that are', () => {
  for (let percent = 0; percent <= 100; percent += 1) {
    const weights = splitWeights(percent);
    expect(shareOf(weights)).toBeCloseTo(percent / 100, 12);
    expect(weights.champion + weights.challenger).toBeLessThanOrEqual(100);
  }
  expect(splitWeights(0)).toEqual({ champion: 2, challenger: 0 });
  expect(splitWeights(10)).toEqual({ champion: 9, challenger: 1 });
  expect(splitWeights(50)).toEqual({ champion: 1, challenger: 1 });
  expect(splitWeights(100)).toEqual({ champion: 0, challenger: 2 });
});

test('any share is as near as weights of HAProxy can be, and never is nobody served', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (percent) => {
      const weights = splitWeights(percent);
      const { champion, challenger } = weights;
      for (const weight of [champion, challenger]) {
        expect(Number.isInteger(weight) && weight >= 0 && weight <= 256).toBe(true);
      }
      expect(champion + challenger).toBeGreaterThan(0);
      // With a sum of 256 alone a share is missed by 1/512 at most.
      expect(Math.abs(shareOf(weights) - percent / 100)).toBeLessThanOrEqual(1 / 512 + 1e-12);
    }),
    { seed: 7 },
  );
});

test('from the smallest part on, both arms get theirs within a tenth of a per cent', () => {
  const percent = fc.double({ min: SMALLEST_PERCENT, max: 100 - SMALLEST_PERCENT, noNaN: true });
  fc.assert(
    fc.property(percent, (wanted) => {
      const weights = splitWeights(wanted);
      expect(Math.min(weights.champion, weights.challenger)).toBeGreaterThan(0);
      expect(Math.abs(100 * shareOf(weights) - wanted)).toBeLessThan(0.1);
    }),
    { seed: 7 },
  );
});

test.each([-1, 100.1, Number.NaN])('%d is no weight', (percent) => {
  expect(() => splitWeights(percent)).toThrow(RangeError);
});
