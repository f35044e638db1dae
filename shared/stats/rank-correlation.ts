/** Spearman's correlation of two columns, and whether it is another one in a second sample. */
import { normalSurvival } from './distributions.ts';
import { countBelow, countUpTo } from './sorted-search.ts';

/** Mid-ranks from 1 among the values that are not NaN; NaN stays NaN. */
export function midRanks(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const ranks = new Float64Array(values.length).fill(Number.NaN);
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    // Two binary searches take less time than a sort that keeps track of rows.
    const below = countBelow(sorted, value);
    let last = below + 1;
    while (last < sorted.length && sorted[last] === value && last < below + SHORT_TIE) last++;
    if (last === below + SHORT_TIE) last = countUpTo(sorted, value);
    ranks[row] = (below + last + 1) / 2;
  }
  return ranks;
}

/** Longer runs of equal values are measured by a second search. */
const SHORT_TIE = 8;

export interface Correlation {
  /** In [−1, 1]. */
  value: number;
  /** Rows that have both values. */
  rows: number;
  /** Of Fisher's z, where it was worked out from the values (`fisherVariance`). */
  variance?: number;
}

/**
 * Pearson's correlation over the rows that have both values; of mid-ranks it is Spearman's (exactly so where no row
 * lacks a value). Undefined below four such rows, or where one of the two does not vary.
 */
export function correlationOf(first: Float64Array, second: Float64Array): Correlation | undefined {
  let rows = 0;
  let sumFirst = 0;
  let sumSecond = 0;
  for (let row = 0; row < first.length; row++) {
    if (Number.isNaN(first[row]!) || Number.isNaN(second[row]!)) continue;
    rows++;
    sumFirst += first[row]!;
    sumSecond += second[row]!;
  }
  if (rows < 4) return undefined;
  const [meanFirst, meanSecond] = [sumFirst / rows, sumSecond / rows];
  let both = 0;
  let squaresFirst = 0;
  let squaresSecond = 0;
  for (let row = 0; row < first.length; row++) {
    const [a, b] = [first[row]! - meanFirst, second[row]! - meanSecond];
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    both += a * b;
    squaresFirst += a * a;
    squaresSecond += b * b;
  }
  if (!(squaresFirst > 0 && squaresSecond > 0)) return undefined;
  const value = both / Math.sqrt(squaresFirst) / Math.sqrt(squaresSecond);
  return { value: Math.max(-1, Math.min(1, value)), rows };
}

/**
 * Two-sided p of two Spearman correlations by Fisher's z, whose variance is (1 + ρ²/2)/(n − 3) (Bonett & Wright 2000,
 * "Sample size requirements for estimating Pearson, Kendall and Spearman correlations"); under the hypothesis both
 * have the mean ρ, weighted by rows. That holds for normal columns; a larger variance from the values counts instead.
 */
export function correlationDifferencePValue(first: Correlation, second: Correlation): number {
  const common = (first.value * first.rows + second.value * second.rows) / (first.rows + second.rows);
  const varianceOf = ({ rows, variance = 0 }: Correlation) =>
    Math.max(variance, (1 + common ** 2 / 2) / (rows - 3));
  const error = Math.sqrt(varianceOf(first) + varianceOf(second));
  // The z of a perfect correlation is infinite; the last value before it is far enough.
  const z = ({ value }: Correlation) => Math.atanh(Math.max(-1 + 1e-15, Math.min(1 - 1e-15, value)));
  return Math.min(1, 2 * normalSurvival(Math.abs(z(first) - z(second)) / error));
}
