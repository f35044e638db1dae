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
  /** Of Student's t, which the interval is by; absent: the normal. */
  degrees?: number;
  /** Of the estimate, where the interval is not symmetric about it. */
  standardError?: number;
  /** False: an exact test on few differing rows does not yet show that the limit is kept. */
  shown: boolean;
  /** Where that test decides: how many times the rows it would give way to the interval at. */
  rowsToShow?: number;
  /** What a multiple of the rows with the same estimate would say; absent: the error falls with their root. */
  withRows?(times: number): { interval: Interval; pValue: number };
  /** Why no number of rows would decide, for where none does. */
  whyNoRows?: string;
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

/** Of a metric that has no number or no interval. */
export const NO_METHOD: ComparisonMethod = {
  challengerInterval: undefined,
  interval: undefined,
  method: '',
  clearance: () => undefined,
};
