/**
 * How often the interval of a share holds it: exactly, by summing over all numbers of hits, since this jumps with the
 * number of misses that are expected. So it is told per range of that number: the least, the mean and the most.
 */
import type { Interval } from '../shared/stats/paired-proportions.ts';
import { shareInterval } from '../shared/stats/share-intervals.ts';

const CONFIDENCE = 0.95;
/** Shares looked at in a range. */
const STEPS = 200;

export interface ShareCoverage {
  rows: number;
  /** Misses expected. */
  from: number;
  to: number;
  least: number;
  mean: number;
  most: number;
}

const ENDS = [0.02, 1, 3, 5, 10, 25];

/** @param rows whose share is asked for. The coverage of 1 − a share is the same. */
export function shareCoverages(rows: number): ShareCoverage[] {
  const intervals = Array.from({ length: rows + 1 }, (_, hits) => shareInterval(hits, rows, CONFIDENCE));
  const ends = [...ENDS.filter((end) => end < rows / 2), rows / 2];
  return ends.slice(1).map((to, index) => {
    const from = ends[index]!;
    const held = Array.from({ length: STEPS }, (_, step) =>
      coverage(intervals, 1 - (from + ((to - from) * (step + 0.5)) / STEPS) / rows),
    );
    const mean = held.reduce((sum, one) => sum + one, 0) / STEPS;
    return { rows, from, to, least: Math.min(...held), mean, most: Math.max(...held) };
  });
}

/** P that the interval of a draw holds the share. */
function coverage(intervals: readonly Interval[], share: number): number {
  const rows = intervals.length - 1;
  let held = 0;
  // Binomial probabilities, one from the other, by their logarithms so that none is lost.
  let logarithm = rows * Math.log(share);
  for (let hits = rows; hits >= 0; hits--) {
    const [low, high] = intervals[hits]!;
    if (low <= share && share <= high) held += Math.exp(logarithm);
    if (hits > 0) logarithm += Math.log((hits / (rows - hits + 1)) * (1 / share - 1));
  }
  return held;
}
