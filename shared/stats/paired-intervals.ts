/**
 * Standard errors of a metric, or of a combination of two models' metrics on the same rows, by linearisation: each
 * row has an influence on the estimate (its influences sum to about zero) and the variance is the sum of their
 * squares, first summed by cluster where rows come in clusters. The paired mean, the delta method, DeLong's method
 * and the infinitesimal jackknife (Efron 1982) are all of this form. For estimates that are not smooth enough:
 * the jackknife over 20 groups of rows.
 */
import { normalQuantile, studentCdf, studentQuantile } from './distributions.ts';
import type { Interval } from './paired-proportions.ts';
import { randomGenerator } from './random.ts';

/** An estimate whose error is known: `degrees` of freedom of Student's t, Infinity for the normal. */
export interface Estimate {
  value: number;
  standardError: number;
  degrees: number;
  /** Of the estimate, as Σφ³/(Σφ²)^1.5 of its influences: heeded by Hall's transformation. Undefined: symmetric. */
  skewness?: number;
  /** The factor of t² in that transformation where it is not a third of the skewness: on a scale that bends. */
  bend?: number;
}

/** One model's part in a combination: its influence per row (or its replicates) times a factor. */
export interface WeightedPart {
  values: Float64Array;
  factor: number;
}

/**
 * Standard error of Σ factor·metric from the influences per row.
 * @param clusters a number from 0 per row; rows of one cluster are summed first. Undefined: rows are independent.
 */
export function influenceError(
  parts: readonly WeightedPart[],
  clusters?: { of: Int32Array; count: number },
): { standardError: number; degrees: number } {
  const rows = parts[0]?.values.length ?? 0;
  if (!clusters) {
    let squares = 0;
    for (let row = 0; row < rows; row++) {
      let influence = 0;
      for (const part of parts) influence += part.factor * part.values[row]!;
      squares += influence * influence;
    }
    return { standardError: Math.sqrt(squares), degrees: Number.POSITIVE_INFINITY };
  }
  const sums = new Float64Array(clusters.count);
  for (let row = 0; row < rows; row++) {
    let influence = 0;
    for (const part of parts) influence += part.factor * part.values[row]!;
    sums[clusters.of[row]!]! += influence;
  }
  const squares = sums.reduce((total, sum) => total + sum * sum, 0);
  const correction = clusters.count / (clusters.count - 1);
  return { standardError: Math.sqrt(squares * correction), degrees: clusters.count - 1 };
}

/**
 * Standard error of Σ factor·metric from the metric's values with one group of rows left out at a time
 * (delete-a-group jackknife, Kott 2001): √((g − 1)/g · Σ(replicate − mean)²), g − 1 degrees of freedom.
 */
export function jackknifeError(parts: readonly WeightedPart[]): { standardError: number; degrees: number } {
  const groups = parts[0]?.values.length ?? 0;
  const combined = new Float64Array(groups);
  for (const part of parts) {
    for (let group = 0; group < groups; group++) combined[group]! += part.factor * part.values[group]!;
  }
  const mean = combined.reduce((sum, value) => sum + value, 0) / groups;
  const squares = combined.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { standardError: Math.sqrt((squares * (groups - 1)) / groups), degrees: groups - 1 };
}

/**
 * What of t = (estimate − truth)/error is normal although the estimate is skewed (Hall 1992, "On the removal of
 * skewness by transformation"): t + b·t² + b²·t³/3 + a/6 with the skewness a of the estimate and b = a/3, which
 * grows with t. A mean that lacks its few large rows is too low and too sure of itself; this makes its upper end long.
 */
function unskewed(t: number, { skewness = 0, bend = skewness / 3 }: Estimate): number {
  if (!Number.isFinite(t)) return t;
  return t + bend * t * t + (bend * bend * t ** 3) / 3 + skewness / 6;
}

/** The t that this transformation turns into `target`. */
function skewed(target: number, { skewness = 0, bend = skewness / 3 }: Estimate): number {
  const rest = target - skewness / 6;
  const root = Math.cbrt(1 + 3 * bend * rest);
  // (root − 1)/bend, without the loss of digits where there is hardly a skewness.
  return (3 * rest) / (root * root + root + 1);
}

/** Interval of an estimate at a two-sided confidence; symmetric where the estimate is. */
export function estimateInterval(estimate: Estimate, confidence: number): Interval {
  const p = 1 - (1 - confidence) / 2;
  const quantile =
    estimate.degrees === Number.POSITIVE_INFINITY ? normalQuantile(p) : studentQuantile(p, estimate.degrees);
  const { value, standardError } = estimate;
  return [
    value - standardError * skewed(quantile, estimate),
    value - standardError * skewed(-quantile, estimate),
  ];
}

/** The estimate of the negative. */
export function mirrored(estimate: Estimate): Estimate {
  const { value, skewness, bend } = estimate;
  return {
    ...estimate,
    value: -value,
    ...(skewness !== undefined && { skewness: -skewness }),
    ...(bend !== undefined && { bend: -bend }),
  };
}

/** One-sided p-value of "the true value is at least 0": small when the estimate lies far below. */
export function belowZero(estimate: Estimate): number {
  if (estimate.standardError === 0) return estimate.value < 0 ? 0 : 1;
  return studentCdf(unskewed(estimate.value / estimate.standardError, estimate), estimate.degrees);
}

/**
 * Deals rows (or whole clusters) into groups of one size for the jackknife: at random from a fixed seed, so that the
 * order of the file does not matter and the answer is the same each time. Not by label: how many rows are positive
 * is a part of the chance that the error speaks of.
 */
export function jackknifeGroups(
  rows: number,
  groups: number,
  clusters?: { of: Int32Array; count: number },
): Uint8Array {
  const groupOf = new Uint8Array(clusters?.count ?? rows);
  shuffled(groupOf.length).forEach((unit, position) => {
    groupOf[unit] = position % groups;
  });
  return clusters ? Uint8Array.from(clusters.of, (cluster) => groupOf[cluster]!) : groupOf;
}

/** Fisher–Yates on 0 … count − 1 from a fixed seed. */
function shuffled(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  const random = randomGenerator(0x9e3779b9);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
