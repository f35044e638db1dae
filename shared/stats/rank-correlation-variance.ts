/** How much Spearman's correlation varies from sample to sample, whatever the two columns look like. */
import { ascendingOrder } from './sort-order.ts';

/** One column's ranks as its influence needs them. NaN where there is no value. */
export interface RankedColumn {
  /** Mid-ranks, NaN where there is none. */
  ranks: Float64Array;
  /** Rows that have a value, by ascending rank. */
  order: Uint32Array;
  /** By how much one row more like this one changes the variance of the ranks, as a share of it: ties alone do. */
  influence: Float64Array;
}

/** @param ranks mid-ranks from 1, NaN where there is none. */
export function rankColumn(ranks: Float64Array): RankedColumn {
  const known = ranks.map((rank) => (Number.isNaN(rank) ? Number.POSITIVE_INFINITY : rank));
  const order = ascendingOrder(known).filter((row) => !Number.isNaN(ranks[row]!));
  const centred = centre(ranks, order);
  const above = sumsAbove(ranks, centred, order);
  let variance = 0;
  for (const row of order) variance += centred[row]! ** 2 / order.length;
  const influence = new Float64Array(ranks.length);
  if (variance > 0) {
    for (const row of order) influence[row] = (centred[row]! ** 2 + 2 * above[row]!) / variance;
  }
  return { ranks, order, influence };
}

/**
 * The variance of Fisher's z of Spearman's correlation by the delta method: of each row its influence on the
 * covariance of the two distribution functions, which counts what the row does to the ranks of all others, and on
 * their variances (Borkowf 2002, "Computing the nonnull asymptotic variance and the asymptotic relative efficiency
 * of Spearman's rank correlation", Computational Statistics & Data Analysis 39). It holds for ties and for columns
 * that depend on each other without being correlated, where (1 + ρ²/2)/(n − 3) is too small.
 * @param value the correlation. @returns 0 where it is ±1, or fewer than four rows have both values.
 */
export function fisherVariance(first: RankedColumn, second: RankedColumn, value: number): number {
  const inSecond = (row: number): boolean => !Number.isNaN(second.ranks[row]!);
  const shared = first.order.every(inSecond) ? first.order : first.order.filter(inSecond);
  const count = shared.length;
  const slope = 1 - value * value;
  if (count < 4 || slope < 1e-12) return 0;
  const bySecond =
    count === second.order.length
      ? second.order
      : second.order.filter((row) => !Number.isNaN(first.ranks[row]!));
  const [one, other] = [centre(first.ranks, shared), centre(second.ranks, shared)];
  const aboveFirst = sumsAbove(first.ranks, other, shared);
  const aboveSecond = sumsAbove(second.ranks, one, bySecond);
  let [squaresOne, squaresOther] = [0, 0];
  for (const row of shared) {
    squaresOne += one[row]! ** 2 / count;
    squaresOther += other[row]! ** 2 / count;
  }
  const scale = Math.sqrt(squaresOne * squaresOther);
  let [sum, squares] = [0, 0];
  for (const row of shared) {
    const ofCovariance = (one[row]! * other[row]! + aboveFirst[row]! + aboveSecond[row]!) / scale;
    const own = ofCovariance - (value / 2) * (first.influence[row]! + second.influence[row]!);
    sum += own;
    squares += own * own;
  }
  return Math.max(0, squares - (sum * sum) / count) / count / (count - 3) / slope ** 2;
}

/** Ranks of some rows as shares of the column, less their mean; 0 elsewhere. */
function centre(ranks: Float64Array, rows: Uint32Array): Float64Array {
  let sum = 0;
  for (const row of rows) sum += ranks[row]!;
  const mean = sum / rows.length;
  const centred = new Float64Array(ranks.length);
  for (const row of rows) centred[row] = (ranks[row]! - mean) / rows.length;
  return centred;
}

/** Of each row the mean over all rows of `values` where the rank is higher, those of equal rank counted half. */
function sumsAbove(ranks: Float64Array, values: Float64Array, ascending: Uint32Array): Float64Array {
  const found = new Float64Array(ranks.length);
  const count = ascending.length;
  let above = 0;
  for (let end = count; end > 0; ) {
    const rank = ranks[ascending[end - 1]!]!;
    let begin = end;
    let tied = 0;
    while (begin > 0 && ranks[ascending[begin - 1]!] === rank) tied += values[ascending[--begin]!]!;
    for (let at = begin; at < end; at++) found[ascending[at]!] = (above + tied / 2) / count;
    above += tied;
    end = begin;
  }
  return found;
}
