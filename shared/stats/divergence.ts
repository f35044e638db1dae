/**
 * How far two distributions are apart, as effects rather than as p-values. The functions over shares take two
 * arrays of non-negative numbers over the same cells and normalise them, so that counts may be given.
 */
import { countBelow } from './sorted-search.ts';

function normalised(cells: ArrayLike<number>): Float64Array {
  let sum = 0;
  for (let k = 0; k < cells.length; k++) sum += cells[k]!;
  if (!(sum > 0)) throw new RangeError('a distribution needs a positive total');
  const shares = new Float64Array(cells.length);
  for (let k = 0; k < cells.length; k++) shares[k] = cells[k]! / sum;
  return shares;
}

function pairOfShares(first: ArrayLike<number>, second: ArrayLike<number>): [Float64Array, Float64Array] {
  if (first.length !== second.length) throw new RangeError('both distributions need the same cells');
  return [normalised(first), normalised(second)];
}

/**
 * Wasserstein-1 distance ∫|F₁ − F₂| dx, in the unit of the values (scipy's `wasserstein_distance`).
 * @param first, second ascending finite values, at least one each; otherwise RangeError.
 */
export function wassersteinDistance(first: Float64Array, second: Float64Array): number {
  const n = first.length;
  const m = second.length;
  if (n === 0 || m === 0) throw new RangeError('both samples need at least one value');
  let i = 0;
  let j = 0;
  let distance = 0;
  let previous = Math.min(first[0]!, second[0]!);
  while (i < n || j < m) {
    const value = j >= m || (i < n && first[i]! <= second[j]!) ? first[i]! : second[j]!;
    distance += Math.abs(i / n - j / m) * (value - previous);
    while (i < n && first[i]! === value) i++;
    while (j < m && second[j]! === value) j++;
    previous = value;
  }
  return distance;
}

/** Of numbers so large that their sum or their squares are none, the moments are those of this share of them. */
const SCALE = 2 ** -600;

/** Mean and standard deviation (ddof 0) in two passes; NaN for no values. */
export function meanAndDeviation(values: ArrayLike<number>): { mean: number; deviation: number } {
  const found = moments(values, 1);
  if (values.length === 0 || (Number.isFinite(found.mean) && Number.isFinite(found.deviation))) return found;
  const { mean, deviation } = moments(values, SCALE);
  return { mean: mean / SCALE, deviation: deviation / SCALE };
}

function moments(values: ArrayLike<number>, scale: number): { mean: number; deviation: number } {
  const n = values.length;
  let sum = 0;
  for (let k = 0; k < n; k++) sum += values[k]! * scale;
  const mean = sum / n;
  let squares = 0;
  for (let k = 0; k < n; k++) squares += (values[k]! * scale - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / n) };
}

/**
 * Wasserstein-1 in units of the reference's standard deviation. A constant reference has none: then the
 * deviation of both samples together is the unit, and two equal constants are 0 apart.
 * @param referenceDeviation of the reference (ddof 0), where the caller has it already.
 */
export function standardisedWasserstein(
  reference: Float64Array,
  current: Float64Array,
  referenceDeviation?: number,
): number {
  const distance = wassersteinDistance(reference, current);
  if (distance === 0) return 0;
  // Further apart than a number can be large: the ratio is that of smaller ones.
  if (!Number.isFinite(distance))
    return standardisedWasserstein(
      reference.map((value) => value * SCALE),
      current.map((value) => value * SCALE),
    );
  let deviation = referenceDeviation ?? meanAndDeviation(reference).deviation;
  // Rounding leaves a trace of deviation in a constant, so that the ends of the sorted values decide.
  if (reference[0] === reference[reference.length - 1]) {
    const both = new Float64Array(reference.length + current.length);
    both.set(reference);
    both.set(current, reference.length);
    deviation = meanAndDeviation(both).deviation;
  }
  return distance / deviation;
}

/** Jensen–Shannon divergence in nats, in [0, ln 2] (scipy's `jensenshannon(p, q) ** 2`). */
export function jensenShannonDivergence(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [p, q] = pairOfShares(first, second);
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    const middle = (p[k]! + q[k]!) / 2;
    if (p[k]! > 0) sum += p[k]! * Math.log(p[k]! / middle);
    if (q[k]! > 0) sum += q[k]! * Math.log(q[k]! / middle);
  }
  return Math.max(0, sum / 2);
}

/**
 * √max(0, JSD − (k−1)(1/n+1/m)/8), nats, from counts. To second order JSD is ⅛Σ(p−q)²/p̄, whose mean over n and m
 * rows of one distribution with k cells is what is subtracted, so that many categories or few rows do not look
 * like drift.
 */
export function correctedJensenShannonDistance(first: readonly number[], second: readonly number[]): number {
  const n = first.reduce((sum, count) => sum + count, 0);
  const m = second.reduce((sum, count) => sum + count, 0);
  const bias = ((first.length - 1) * (1 / n + 1 / m)) / 8;
  return Math.sqrt(Math.max(0, jensenShannonDivergence(first, second) - bias));
}

/**
 * Population stability index Σ(p−q)·ln(p/q), ≥ 0. An empty cell counts as a share of `floor`, as other tools
 * do, since the index is infinite there.
 */
export function populationStabilityIndex(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  floor = 1e-4,
): number {
  const [p, q] = pairOfShares(first, second);
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    if (p[k] === 0 && q[k] === 0) continue;
    const a = p[k]! > 0 ? p[k]! : floor;
    const b = q[k]! > 0 ? q[k]! : floor;
    sum += (a - b) * Math.log(a / b);
  }
  return sum;
}

/** Hellinger distance √(½Σ(√p−√q)²), in [0, 1]. */
export function hellingerDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [p, q] = pairOfShares(first, second);
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += (Math.sqrt(p[k]!) - Math.sqrt(q[k]!)) ** 2;
  return Math.sqrt(sum / 2);
}

/** Total variation distance ½Σ|p−q|, in [0, 1]. */
export function totalVariationDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [p, q] = pairOfShares(first, second);
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += Math.abs(p[k]! - q[k]!);
  return sum / 2;
}

/** L∞ distance max|p−q|, in [0, 1] (scipy's `chebyshev` of the shares). */
export function lInfinityDistance(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [p, q] = pairOfShares(first, second);
  let largest = 0;
  for (let k = 0; k < p.length; k++) largest = Math.max(largest, Math.abs(p[k]! - q[k]!));
  return largest;
}

/**
 * Interior edges that cut the reference into at most `bins` cells of about equal count; equal values stay in
 * one cell, so that fewer edges may come back. @param sorted ascending values.
 */
export function quantileEdges(sorted: Float64Array, bins: number): number[] {
  const edges: number[] = [];
  for (let k = 1; k < bins; k++) {
    const edge = sorted[Math.floor((k * sorted.length) / bins)]!;
    if (edge > sorted[0]! && edge !== edges.at(-1)) edges.push(edge);
  }
  return edges;
}

/** Counts of ascending values per cell: below edges[0], [edges[k−1], edges[k]), from the last edge on. */
export function countByEdges(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts: number[] = [];
  let before = 0;
  for (const edge of edges) {
    const below = countBelow(sorted, edge);
    counts.push(below - before);
    before = below;
  }
  counts.push(sorted.length - before);
  return counts;
}
