import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialCdf } from './distributions.ts';
import { wilsonInterval } from './paired-proportions.ts';
import { boundedShare, shareBelow, shareInterval } from './share-intervals.ts';

/** P that the interval of a draw holds the true share, exactly. */
function coverage(count: number, share: number, interval: (hits: number) => [number, number]): number {
  let held = 0;
  for (let hits = 0; hits <= count; hits++) {
    const [low, high] = interval(hits);
    if (low > share || high < share) continue;
    held += binomialCdf(hits, count, share) - (hits > 0 ? binomialCdf(hits - 1, count, share) : 0);
  }
  return held;
}

describe('the interval of a share', () => {
  test.each([50, 200])(
    'holds every share of %i rows in 93 % of draws or more, and on average in 95 to 97 %',
    (count) => {
      const intervals = Array.from({ length: count + 1 }, (_, hits) => shareInterval(hits, count, 0.95));
      const shares = Array.from({ length: 300 }, (_, at) => 1 - (at + 0.5) / 600);
      const held = shares.map((share) => coverage(count, share, (hits) => intervals[hits]!));
      expect(Math.min(...held)).toBeGreaterThan(0.93);
      const mean = held.reduce((sum, one) => sum + one, 0) / held.length;
      expect(mean).toBeGreaterThan(0.95);
      expect(mean).toBeLessThan(0.97);
      // What Wilson's alone does of a share of which 0.17 misses are expected.
      const rare = 1 - 0.17 / count;
      expect(coverage(count, rare, (hits) => wilsonInterval(hits, count, 0.95))).toBeLessThan(0.85);
      expect(coverage(count, rare, (hits) => intervals[hits]!)).toBeGreaterThan(0.93);
    },
  );

  test('is Wilson’s where eleven rows or more are of either kind, and where none is', () => {
    for (const hits of [0, 11, 50, 89, 100])
      expect(shareInterval(hits, 100, 0.95)).toEqual(wilsonInterval(hits, 100, 0.95));
  });

  test('with few misses reaches to where the mid-P test rejects', () => {
    // P(more than 2) + P(2)/2 = α.
    const [, high] = shareInterval(98, 100, 0.95);
    const [upToOne, upToTwo] = [binomialCdf(1, 100, 1 - high), binomialCdf(2, 100, 1 - high)];
    expect(1 - (upToOne + upToTwo) / 2).toBeCloseTo(0.025, 9);
  });

  test('shows a limit just where the test of the opposite rejects, and is the same the other way round', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (count, part, limit) => {
          const hits = Math.round(part * count);
          const [low, high] = shareInterval(hits, count, 0.95);
          expect(low).toBeLessThanOrEqual(hits / count);
          expect(high).toBeGreaterThanOrEqual(hits / count);
          const [fromMisses, toMisses] = shareInterval(count - hits, count, 0.95);
          expect(low).toBeCloseTo(1 - toMisses, 12);
          expect(high).toBeCloseTo(1 - fromMisses, 12);
          const share = boundedShare(hits, count);
          if (Math.abs(high - limit) > 1e-9) expect(share.below(limit) <= 0.025).toBe(high < limit);
          if (Math.abs(low - limit) > 1e-9) expect(share.above(limit) <= 0.025).toBe(low > limit);
        },
      ),
    );
  });

  test('limits at the ends are kept or broken for certain', () => {
    expect([shareBelow(98, 100, 0), shareBelow(98, 100, 1), shareBelow(100, 100, 1)]).toEqual([1, 0, 1]);
  });
});
