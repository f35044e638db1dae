/** What a comparison of two models on the same rows answers. */
import type { Interval } from '../stats/paired-proportions.ts';
import type { MetricDefinition } from './metric-definition.ts';
import type { MetricValue } from './rows.ts';

export type LimitRule =
  | 'lower_bound'
  | 'upper_bound'
  | 'min_absolute_change'
  | 'min_relative_change'
  | 'max_absolute_change';

/** How a limit is kept: `value` ≥ 0 where the estimate keeps it. `pValue` is of "the limit is kept", one-sided. */
export interface Clearance {
  value: number;
  interval: Interval;
  pValue: number;
  /** False: an exact test on few differing rows does not yet show that the limit is kept. */
  shown: boolean;
  /** Where it is not shown: how many times the rows the exact test would give way to the interval at. */
  rowsToShow?: number;
}

export interface Comparison {
  definition: MetricDefinition;
  rows: number;
  champion: MetricValue | undefined;
  challenger: MetricValue;
  challengerInterval: Interval | undefined;
  /** Challenger minus champion. */
  difference: number | undefined;
  interval: Interval | undefined;
  method: string;
  /** Why the intervals cannot be trusted, so that a limit is not judged by them. */
  tooFewForValue: string | undefined;
  tooFewForChange: string | undefined;
  /** Undefined where a number that it needs is missing, or where the metric has no interval. */
  clearance(rule: LimitRule, limit: number): Clearance | undefined;
}

export type ComparisonMethod = Pick<Comparison, 'challengerInterval' | 'interval' | 'method' | 'clearance'>;
