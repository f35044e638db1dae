import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalQuantile } from './distributions.ts';
import {
  exactMcNemar,
  proportionBelow,
  tangoInterval,
  tangoStatistic,
  wilsonInterval,
} from './paired-proportions.ts';

const table = fc
  .record({
    gained: fc.integer({ min: 0, max: 60 }),
    lost: fc.integer({ min: 0, max: 60 }),
    same: fc.integer({ min: 1, max: 500 }),
  })
  .map(({ gained, lost, same }) => ({ gained, lost, count: gained + lost + same }));

/** The likelihood under a supposed difference is maximised by brute force; Tango's closed form must agree. */
function statisticBySearch(gained: number, lost: number, count: number, difference: number): number {
  const likelihood = (lostShare: number): number => {
    const gainedShare = lostShare + difference;
    const rest = 1 - lostShare - gainedShare;
    const part = (times: number, share: number): number => (times === 0 ? 0 : times * Math.log(share));
    return part(gained, gainedShare) + part(lost, lostShare) + part(count - gained - lost, rest);
  };
  let low = Math.max(0, -difference);
  let high = (1 - difference) / 2;
  for (let step = 0; step < 300; step++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (likelihood(a) < likelihood(b)) low = a;
    else high = b;
  }
  const variance = count * (low + high + difference * (1 - difference));
  return (gained - lost - count * difference) / Math.sqrt(variance);
}

describe('Tango (1998)', () => {
  test('the closed form is the constrained maximum of the likelihood', () => {
    fc.assert(
      fc.property(
        table,
        fc.double({ min: -0.4, max: 0.4, noNaN: true }),
        ({ gained, lost, count }, difference) => {
          fc.pre(Math.abs(difference) > 1e-3);
          const closed = tangoStatistic(gained, lost, count, difference);
          expect(closed).toBeCloseTo(statisticBySearch(gained, lost, count, difference), 4);
        },
      ),
    );
  });

  test('at the ends of the interval the statistic is ±z, and the interval holds the estimate', () => {
    const z = normalQuantile(0.975);
    fc.assert(
      fc.property(table, ({ gained, lost, count }) => {
        const [low, high] = tangoInterval(gained, lost, count, 0.95);
        expect(tangoStatistic(gained, lost, count, low)).toBeCloseTo(z, 6);
        expect(tangoStatistic(gained, lost, count, high)).toBeCloseTo(-z, 6);
        expect(low).toBeLessThanOrEqual((gained - lost) / count);
        expect(high).toBeGreaterThanOrEqual((gained - lost) / count);
      }),
    );
  });

  test('no row differs: z²/(n + z²) on each side, so a zero margin is not cleared', () => {
    const z = normalQuantile(0.975);
    const [low, high] = tangoInterval(0, 0, 1000, 0.95);
    expect(high).toBeCloseTo((z * z) / (1000 + z * z), 10);
    expect(low).toBeCloseTo(-high, 10);
    expect(tangoStatistic(0, 0, 1000, 0)).toBe(0);
  });

  test('swapping the models turns the interval round', () => {
    fc.assert(
      fc.property(table, ({ gained, lost, count }) => {
        const [low, high] = tangoInterval(gained, lost, count, 0.9);
        const [turnedLow, turnedHigh] = tangoInterval(lost, gained, count, 0.9);
        expect(low).toBeCloseTo(-turnedHigh, 9);
        expect(high).toBeCloseTo(-turnedLow, 9);
      }),
    );
  });
});

test('exact McNemar: 1 of 8 discordant rows gained', () => {
  const found = exactMcNemar(1, 7);
  expect(found.lower).toBeCloseTo(9 / 256, 12);
  expect(found.upper).toBeCloseTo(255 / 256, 12);
  expect(found.twoSided).toBeCloseTo(18 / 256, 12);
  expect(exactMcNemar(0, 0)).toEqual({ lower: 1, upper: 1, twoSided: 1 });
});

test('Wilson: 0 of 10 and 10 of 10 keep an honest far end', () => {
  expect(wilsonInterval(0, 10, 0.95)[1]).toBeCloseTo(0.2775, 4);
  expect(wilsonInterval(10, 10, 0.95)).toEqual([expect.closeTo(0.7225, 4), 1]);
});

test('the score test of a share', () => {
  expect(proportionBelow(40, 100, 0.5)).toBeCloseTo(0.022750131948179, 10);
  expect(proportionBelow(0, 10, 0)).toBe(1);
  expect(proportionBelow(9, 10, 1)).toBe(0);
});
