/**
 * Percentiles of one sample and what it proves about them, by order statistics: no shape of the distribution is
 * assumed, only that the values are independent draws of it. How many of n values lie below the true percentile is
 * binomial, so a pair of sorted values encloses it with a known probability (David & Nagaraja 2003, §7.1). The error
 * is at most the one asked for, so that coverage is at least the one promised.
 */
import { binomialCdf, binomialSurvival } from './distributions.ts';
import type { Interval } from './paired-proportions.ts';

/**
 * The percentile by linear interpolation between sorted values: numpy's default, definition 7 of Hyndman & Fan (1996).
 * @param sorted ascending, at least one value; it may end in Infinity. @param share in [0, 1].
 */
export function percentile(sorted: Float64Array, share: number): number {
  checkShare(share);
  if (sorted.length === 0) throw new RangeError('no values have no percentile');
  const position = (sorted.length - 1) * share;
  const [below, part] = [Math.floor(position), position % 1];
  const low = sorted[below]!;
  return part === 0 || low === Number.POSITIVE_INFINITY ? low : low + part * (sorted[below + 1]! - low);
}

/**
 * Interval of the true percentile. @param alpha error on each side, so 0.025 for 95 % in all.
 * @returns sorted values; −Infinity or Infinity on a side for which there are too few values.
 */
export function orderStatisticInterval(sorted: Float64Array, share: number, alpha: number): Interval {
  checkShare(share);
  const count = sorted.length;
  // The k-th value lies above the percentile when fewer than k values lie below it.
  const low = lastWhere(count, (k) => binomialCdf(k - 1, count, share) <= alpha);
  const high = count + 1 - lastWhere(count, (k) => binomialSurvival(count - k, count, share) <= alpha);
  return [
    low === 0 ? Number.NEGATIVE_INFINITY : sorted[low - 1]!,
    high > count ? Number.POSITIVE_INFINITY : sorted[high - 1]!,
  ];
}

/** The least number of values whose largest is an upper bound of the percentile: shareⁿ ≤ alpha. 59 for 0.95, 0.05. */
export function valuesForUpperBound(share: number, alpha: number): number {
  checkShare(share);
  if (share === 0) return 1;
  if (share === 1) return Number.POSITIVE_INFINITY;
  const count = Math.max(1, Math.floor(Math.log(alpha) / Math.log(share)));
  return share ** count <= alpha ? count : count + 1;
}

/** The least number of values for an interval that is bounded on both sides. @param alpha error on each side. */
export function valuesForInterval(share: number, alpha: number): number {
  return Math.max(valuesForUpperBound(share, alpha), valuesForUpperBound(1 - share, alpha));
}

/** One-sided p-value of "the percentile is at most `limit`": small when few values are. */
export function percentileAtMost(sorted: Float64Array, share: number, limit: number): number {
  return binomialCdf(
    countWhere(sorted, (value) => value <= limit),
    sorted.length,
    share,
  );
}

/** One-sided p-value of "the percentile is at least `limit`": small when many values are below it. */
export function percentileAtLeast(sorted: Float64Array, share: number, limit: number): number {
  const below = countWhere(sorted, (value) => value < limit);
  return below === 0 ? 1 : binomialSurvival(below - 1, sorted.length, share);
}

/** How many values from the beginning of an ascending array fulfil a condition that later ones do not. */
function countWhere(sorted: Float64Array, holds: (value: number) => boolean): number {
  return lastWhere(sorted.length, (k) => holds(sorted[k - 1]!));
}

/** The largest k of 1 … count for which a condition holds that holds for all smaller ones; 0 when for none. */
function lastWhere(count: number, holds: (k: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function checkShare(share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share lies in [0, 1], not ${share}`);
}
