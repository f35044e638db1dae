/**
 * One share of rows, each a hit or a miss: Wilson's interval, mended where few rows tell. With ten misses (or
 * hits) or fewer its end near 1 (or 0) lies too near: a share of which 0.17 misses are expected it holds in 84 % of
 * draws instead of 95 %. There the end counts that lies farther, Wilson's or that of the mid-P test (Lancaster 1961;
 * Berry & Armitage 1995), as Brown, Cai & DasGupta (2001) mend it for up to three. So every share of 50 rows or more is
 * held in 93 % of draws or more. How many it is exactly jumps with the number that is expected, since rows are whole.
 */
import type { BoundedValue } from './bounded-values.ts';
import { betaCdf } from './distributions.ts';
import { type Interval, proportionBelow, wilsonInterval } from './paired-proportions.ts';

/** Misses (or hits) up to which the mid-P test joins in. */
const FEW = 10;

const isFew = (misses: number): boolean => misses > 0 && misses <= FEW;

/** P of more misses than there are, and half of as many, were the true share of misses `share`. */
function midP(misses: number, count: number, share: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  const orMore = betaCdf(share, misses, count - misses + 1);
  const more = misses >= count ? 0 : betaCdf(share, misses + 1, count - misses);
  return (orMore + more) / 2;
}

/** The share of misses below which this many would surprise. */
function fewestMisses(misses: number, count: number, alpha: number): number {
  let [low, high] = [0, misses / count];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (midP(misses, count, middle) < alpha) low = middle;
    else high = middle;
  }
  return low;
}

/** @param successes of @param count rows (> 0), whole or not. @param confidence two-sided, e.g. 0.95. */
export function shareInterval(successes: number, count: number, confidence: number): Interval {
  const [low, high] = wilsonInterval(successes, count, confidence);
  const misses = count - successes;
  const alpha = (1 - confidence) / 2;
  return [
    isFew(successes) ? Math.min(low, fewestMisses(successes, count, alpha)) : low,
    isFew(misses) ? Math.max(high, 1 - fewestMisses(misses, count, alpha)) : high,
  ];
}

/** One-sided p-value of "the true share is at least `limit`"; at most α just where `shareInterval` lies below it. */
export function shareBelow(successes: number, count: number, limit: number): number {
  const score = proportionBelow(successes, count, limit);
  const misses = count - successes;
  return isFew(misses) ? Math.max(score, midP(misses, count, 1 - limit)) : score;
}

/** The same as a value that cannot leave 0 to 1. */
export const boundedShare = (successes: number, count: number): BoundedValue => ({
  interval: (confidence) => shareInterval(successes, count, confidence),
  below: (limit) => shareBelow(successes, count, limit),
  above: (limit) => shareBelow(count - successes, count, 1 - limit),
});
