/**
 * A share of weighted or clustered rows as if it were one of fewer independent ones, so that score intervals apply
 * (Korn & Graubard 1998, Survey Methodology 24:193; Dean & Pagano 2015 on Wilson's interval so used).
 */
import { normalQuantile, studentQuantile } from './distributions.ts';
import { influenceError } from './paired-intervals.ts';

export interface EffectiveShare {
  share: number;
  /** How many independent rows would say as much; need not be whole. 0: there is no row with a weight. */
  count: number;
}

/**
 * @param hits 1 or 0 per row. @param weight per row, none negative. @param clusters a number from 0 per row.
 * @param confidence two-sided; with few clusters the count is lowered as Student's t widens an interval.
 */
export function effectiveShare(
  hits: Uint8Array,
  weight: Float64Array | undefined,
  clusters: { of: Int32Array; count: number } | undefined,
  confidence: number,
): EffectiveShare {
  const rows = hits.length;
  const of = (row: number): number => weight?.[row] ?? 1;
  let [total, hit] = [0, 0];
  for (let row = 0; row < rows; row++) {
    total += of(row);
    hit += of(row) * hits[row]!;
  }
  if (!(total > 0)) return { share: Number.NaN, count: 0 };
  const share = hit / total;
  if (!weight && !clusters) return { share, count: rows };
  const influence = new Float64Array(rows);
  for (let row = 0; row < rows; row++) influence[row] = (of(row) * (hits[row]! - share)) / total;
  const { standardError, degrees } = influenceError([{ values: influence, factor: 1 }], clusters);
  const fromError = standardError > 0 ? (share * (1 - share)) / standardError ** 2 : Number.POSITIVE_INFINITY;
  // A share of 0 or 1 has no error to see: what is known is how unequal the parts are.
  const parts = partWeights(rows, of, clusters);
  const unequal = total ** 2 / parts.reduce((sum, part) => sum + part ** 2, 0);
  const count = share > 0 && share < 1 ? Math.min(rows, fromError) : unequal;
  if (!clusters || clusters.count < 2) return { share, count };
  const p = 1 - (1 - confidence) / 2;
  return { share, count: count * (normalQuantile(p) / studentQuantile(p, degrees)) ** 2 };
}

function partWeights(
  rows: number,
  of: (row: number) => number,
  clusters: { of: Int32Array; count: number } | undefined,
): Float64Array {
  const sums = new Float64Array(clusters?.count ?? rows);
  for (let row = 0; row < rows; row++) sums[clusters?.of[row] ?? row]! += of(row);
  return sums;
}
