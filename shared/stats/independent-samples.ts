/**
 * Combinations of two numbers from independent samples, such as a difference of percentiles, when each has an interval
 * of its own, which need not be symmetric: MOVER, "method of variance estimates recovery" (Zou & Donner 2008,
 * Statistics in Medicine 27:1693). The distance from an estimate to each end of its interval stands for its error on
 * that side.
 */
import { varianceOfMean } from './combined-error.ts';
import { studentQuantile } from './distributions.ts';
import { type Interval, wilsonInterval } from './paired-proportions.ts';

/** A number from one sample. Ends of its interval may be infinite. */
export interface SampleEstimate {
  value: number;
  /** @param alpha error on each side. */
  interval(alpha: number): Interval;
}

export interface Term {
  factor: number;
  estimate: SampleEstimate;
}

/** Σ factor·estimate. */
export const combinedValue = (terms: readonly Term[]): number =>
  terms.reduce((sum, { factor, estimate }) => sum + factor * estimate.value, 0);

/** Interval of Σ factor·estimate, the estimates from independent samples. @param alpha error on each side. */
export function moverInterval(terms: readonly Term[], alpha: number): Interval {
  let [below, above] = [0, 0];
  for (const { factor, estimate } of terms) {
    if (factor === 0) continue;
    const [low, high] = estimate.interval(alpha);
    const down = factor * (estimate.value - (factor > 0 ? low : high));
    const up = factor * ((factor > 0 ? high : low) - estimate.value);
    below += down * down;
    above += up * up;
  }
  const value = combinedValue(terms);
  return [value - Math.sqrt(below), value + Math.sqrt(above)];
}

/** No test of an interval can say less than this: the p-value where even the widest interval tells. */
const SMALLEST = 1e-12;

/**
 * One-sided p-value of "Σ factor·estimate + offset is at least 0": the smallest error at which the interval lies below
 * 0 as a whole; 1 when it does at none.
 */
export function moverBelowZero(terms: readonly Term[], offset: number): number {
  const rejects = (alpha: number): boolean => moverInterval(terms, alpha)[1] + offset < 0;
  if (!rejects(0.5)) return 1;
  if (rejects(SMALLEST)) return SMALLEST;
  let [low, high] = [Math.log(SMALLEST), Math.log(0.5)];
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (rejects(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}

/** The mean of a sample of at least two values, with Student's interval. */
export function sampleMean(
  values: Float64Array,
): SampleEstimate & { standardError: number; degrees: number } {
  const count = values.length;
  if (count < 2) throw new RangeError('the mean of fewer than two values has no interval');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const { variance, degrees } = varianceOfMean(values);
  const standardError = Math.sqrt(variance);
  return {
    value: mean,
    standardError,
    degrees,
    interval: (alpha) => {
      const half = studentQuantile(1 - alpha, degrees) * standardError;
      return [mean - half, mean + half];
    },
  };
}

/** A share with Wilson's interval; the difference of two of them by MOVER is Newcombe's (1998) method 10. */
export function sampleShare(successes: number, count: number): SampleEstimate {
  return { value: successes / count, interval: (alpha) => wilsonInterval(successes, count, 1 - 2 * alpha) };
}
