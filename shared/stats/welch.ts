/** Welch's comparison of two means from groups whose variances differ. */
import { combinedError } from './combined-error.ts';
import { studentQuantile, studentSurvival } from './distributions.ts';
import type { Interval } from './paired-proportions.ts';

export interface Moments {
  count: number;
  mean: number;
  /** Of the sample: divided by count − 1. */
  variance: number;
}

export interface MeanComparison {
  /** First mean minus second. */
  difference: number;
  standardError: number;
  /** Welch–Satterthwaite. */
  degrees: number;
  /** One-sided, of "the first mean is not larger". */
  pValue: number;
}

/**
 * Welch (1947), scipy's `ttest_ind(equal_var=False, alternative='greater')`. Without any variance the means are known
 * exactly: the p-value is 0 or 1.
 * @throws RangeError when either side has fewer than two values.
 */
export function welchComparison(first: Moments, second: Moments): MeanComparison {
  if (first.count < 2 || second.count < 2) throw new RangeError('both sides need at least two values');
  const difference = first.mean - second.mean;
  const parts = [first, second].map(({ variance, count }) => ({
    variance: variance / count,
    degrees: count - 1,
  }));
  const { standardError, degrees } = combinedError(parts);
  const pValue =
    standardError === 0 ? Number(difference <= 0) : studentSurvival(difference / standardError, degrees);
  return { difference, standardError, degrees, pValue };
}

/** Two-sided interval of the difference. */
export function welchInterval(comparison: MeanComparison, confidence: number): Interval {
  const { difference, standardError, degrees } = comparison;
  if (standardError === 0) return [difference, difference];
  const half = studentQuantile(1 - (1 - confidence) / 2, degrees) * standardError;
  return [difference - half, difference + half];
}
