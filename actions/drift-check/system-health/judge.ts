/** From the values of steps to what is said of a measure. Pure. */
import type { SystemLimit } from '../../../shared/records/system-health.ts';
import {
  type SystemMeasure,
  shareNumber,
  type WindowStatistic,
} from '../../../shared/records/system-policy.ts';
import { performanceBand } from '../../../shared/stats/chunk-calibration.ts';

/** Fewer say too little about how windows vary. */
export const FEWEST_PAST_WINDOWS = 6;
/** A window counts when at least this share of its steps has a value. */
const LEAST_VALUED_SHARE = 0.5;
/** Of a computation with 15 digits the last ones are noise: no value differs from the past by them. */
const ROUNDING = 1e-9;

/**
 * The value of a window: a statistic over the steps that have a value; null where fewer than half have one.
 * Percentiles interpolate linearly between order statistics (type 7 of Hyndman and Fan, numpy's default).
 */
export function windowValue(steps: readonly (number | null)[], statistic: WindowStatistic): number | null {
  const values = steps.filter((value) => value !== null).sort((a, b) => a - b);
  if (values.length === 0 || values.length < LEAST_VALUED_SHARE * steps.length) return null;
  switch (statistic) {
    case 'mean':
      return meanOf(values);
    case 'median':
      return quantile(values, 0.5);
    case 'p95':
      return quantile(values, 0.95);
    case 'max':
      return values.at(-1)!;
    case 'min':
      return values[0]!;
  }
}

/** Of ascending values. Rounding puts it beyond none of them: a constant series has a limit at its own value. */
function meanOf(sorted: readonly number[]): number {
  const sum = sorted.reduce((total, value) => total + value, 0);
  // Very large numbers have no sum, and still a mean.
  const mean = Number.isFinite(sum)
    ? sum / sorted.length
    : sorted.reduce((total, value) => total + value / sorted.length, 0);
  return Math.min(Math.max(mean, sorted[0]!), sorted.at(-1)!);
}

function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (place - Math.floor(place)) * (high - low);
}

export interface PastWindows {
  mean: number;
  /** ddof 1. */
  deviation: number;
  count: number;
  /** How far a later window may lie from the mean by chance, in three of four thousand cases. */
  reach: number;
}

/**
 * How the past windows vary: mean ± t(K − 1; 0.99865)·s·√(1 + 1/K), wider where very many comparisons share the
 * chance of a false alarm. Undefined below six windows.
 * @param comparisons how many limits of the policy look at the past.
 */
export function describePast(
  values: readonly (number | null)[],
  comparisons: number,
): PastWindows | undefined {
  const known = values.filter((value) => value !== null);
  if (known.length < FEWEST_PAST_WINDOWS) return undefined;
  const { mean, deviation, limit } = performanceBand(known, false, 1, Math.max(1, comparisons));
  return { mean, deviation, count: known.length, reach: limit - mean };
}

/**
 * Every limit of a measure. Of the past a change counts when it is beyond chance, **and** larger than the policy's
 * share of the past's mean, **and** larger than min_change: the furthest of the three is the limit.
 * @param value of the window; null leaves every limit unjudged.
 */
export function judgeLimits(
  measure: SystemMeasure,
  value: number | null,
  past: PastWindows | undefined,
): SystemLimit[] {
  const limits: SystemLimit[] = [];
  const add = (kind: SystemLimit['kind'], given: number, limit: number | null) => {
    const upper = kind === 'max' || kind === 'max_increase';
    const beyond = value !== null && limit !== null && (upper ? value > limit : value < limit);
    const status = value === null || limit === null ? 'not_judged' : beyond ? 'beyond' : 'within';
    limits.push({ kind, given, limit, status });
  };
  if (measure.max !== undefined) add('max', measure.max, measure.max);
  if (measure.min !== undefined) add('min', measure.min, measure.min);
  const allowed = (share: number) =>
    past && Math.max(past.reach, Math.max(share, ROUNDING) * Math.abs(past.mean), measure.min_change);
  if (measure.max_increase !== undefined) {
    const share = shareNumber(measure.max_increase);
    add('max_increase', share, past ? past.mean + allowed(share)! : null);
  }
  if (measure.max_decrease !== undefined) {
    const share = shareNumber(measure.max_decrease);
    add('max_decrease', share, past ? past.mean - allowed(share)! : null);
  }
  return limits;
}
