/**
 * Two-sample measures from counts per cell, for sketches whose rows are gone. Rows of one cell count as tied, so
 * the tests are those of `two-sample.ts` on the cells' numbers, and conservative on the rows.
 */
import { kolmogorovSurvival, normalSurvival } from './distributions.ts';
import type { TestResult } from './two-sample.ts';

function totals(first: readonly number[], second: readonly number[]): { n: number; m: number } {
  if (first.length !== second.length) throw new RangeError('both samples need the same cells');
  const n = first.reduce((sum, count) => sum + count, 0);
  const m = second.reduce((sum, count) => sum + count, 0);
  if (n <= 0 || m <= 0) throw new RangeError('both samples need at least one row');
  return { n, m };
}

/** Kolmogorov–Smirnov between cells in ascending order: D at the edges is a lower bound of D between the rows. */
export function binnedKolmogorovSmirnov(first: readonly number[], second: readonly number[]): TestResult {
  const { n, m } = totals(first, second);
  let below = 0;
  let belowSecond = 0;
  let largest = 0;
  for (let cell = 0; cell < first.length; cell++) {
    below += first[cell]!;
    belowSecond += second[cell]!;
    largest = Math.max(largest, Math.abs(below * m - belowSecond * n));
  }
  const statistic = largest / n / m;
  return { statistic, pValue: kolmogorovSurvival(Math.sqrt((n * m) / (n + m)) * statistic) };
}

/** Mann–Whitney between cells in ascending order, rows of one cell tied. */
export function binnedMannWhitney(first: readonly number[], second: readonly number[]): TestResult {
  const { n, m } = totals(first, second);
  const total = n + m;
  let before = 0;
  let rankSum = 0;
  let tieSum = 0;
  for (let cell = 0; cell < first.length; cell++) {
    const tied = first[cell]! + second[cell]!;
    rankSum += first[cell]! * (before + (tied + 1) / 2);
    tieSum += tied * (tied * tied - 1);
    before += tied;
  }
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - tieSum / (total * (total - 1)));
  if (!(variance > 0)) return { statistic: u, pValue: 1 };
  return {
    statistic: u,
    pValue: Math.min(1, 2 * normalSurvival(Math.abs(u - (n * m) / 2) / Math.sqrt(variance))),
  };
}

/**
 * Wasserstein-1 from cells: the distance between the cumulative shares at the edges, taken as a line between them.
 * @param edges ascending inner edges, one fewer than cells. @param range the smallest and largest value of both.
 */
export function binnedWasserstein(
  first: readonly number[],
  second: readonly number[],
  edges: readonly number[],
  range: { minimum: number; maximum: number },
): number {
  const { n, m } = totals(first, second);
  let below = 0;
  let belowSecond = 0;
  let previousGap = 0;
  let previous = Math.min(range.minimum, edges[0] ?? range.maximum);
  let distance = 0;
  for (let cell = 0; cell < first.length; cell++) {
    below += first[cell]!;
    belowSecond += second[cell]!;
    const gap = below / n - belowSecond / m;
    const edge = edges[cell] ?? Math.max(range.maximum, previous);
    const width = edge - previous;
    // A line through zero encloses two triangles instead of one trapezium.
    const sum = Math.abs(previousGap) + Math.abs(gap);
    if (sum > 0)
      distance +=
        previousGap * gap < 0 ? (width * (previousGap ** 2 + gap ** 2)) / (2 * sum) : (width * sum) / 2;
    previousGap = gap;
    previous = edge;
  }
  return distance;
}

/**
 * How much larger the Kolmogorov–Smirnov distance of the rows may be than that of their cells: within a cell the one
 * sample may have all its rows before the first of the other.
 */
export function kolmogorovSmirnovError(first: readonly number[], second: readonly number[]): number {
  const { n, m } = totals(first, second);
  return first.reduce((largest, count, cell) => Math.max(largest, count / n, second[cell]! / m), 0);
}

/**
 * How far the Wasserstein distance of the rows may be from `binnedWasserstein`: within a cell that holds a share p, a
 * distribution function encloses at most p·width/2 with the line between its ends.
 */
export function wassersteinError(
  first: readonly number[],
  second: readonly number[],
  edges: readonly number[],
  range: { minimum: number; maximum: number },
): number {
  const { n, m } = totals(first, second);
  let previous = Math.min(range.minimum, edges[0] ?? range.maximum);
  let error = 0;
  for (let cell = 0; cell < first.length; cell++) {
    const edge = edges[cell] ?? Math.max(range.maximum, previous);
    error += ((first[cell]! / n + second[cell]! / m) * (edge - previous)) / 2;
    previous = edge;
  }
  return error;
}

/** Counts of ascending values per cell (−∞, e₀], (e₀, e₁], …, (eₖ, ∞). */
export function countByUpperEdges(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let cell = 0;
  for (let row = 0; row < sorted.length; row++) {
    while (cell < edges.length && sorted[row]! > edges[cell]!) cell++;
    counts[cell]!++;
  }
  return counts;
}
