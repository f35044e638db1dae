/** Where numbers of a running server come from: one interface, an adapter per kind of monitoring. */
import { UserError } from '../errors.ts';
import type { CloudWatchMetric } from '../records/system-policy.ts';

/** The monitoring gives no answer at this moment, whatever it is asked: nothing is wrong with the question. */
export class MetricsUnavailable extends UserError {}

/** PromQL, or a metric of CloudWatch by its names. */
export type MetricQuery = { query: string } | { metric: CloudWatchMetric };

/** The steps that end in (start, end], `end` included. All in milliseconds; `end − start` is a multiple of `step`. */
export interface MetricRange {
  start: number;
  end: number;
  step: number;
}

export interface MetricPoint {
  /** The end of the step, in milliseconds. */
  time: number;
  /** May be infinite or NaN where the source says so: a division by zero, a quantile of nothing. */
  value: number;
}

export interface MetricSeries {
  /** In time order; a step without a value has no point. */
  points: MetricPoint[];
  /** What the source warned of, without secrets. */
  warnings: string[];
}

export interface MetricSource {
  /** For people: kind and place, without credentials. */
  readonly place: string;
  /**
   * One value per step, in as many requests as the source needs; what may pass is tried again.
   * @param what the name of the measure, for errors.
   * @throws MetricsUnavailable when the source cannot be reached or is in trouble; UserError when it refuses the query,
   * or answers more than one series.
   */
  readSeries(query: MetricQuery, range: MetricRange, what: string): Promise<MetricSeries>;
}

export interface MetricAccess {
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  now: () => Date;
  /** Between two attempts. */
  wait: (milliseconds: number) => Promise<void>;
}

/** A range in parts of at most so many steps, oldest first. */
export function splitRange(range: MetricRange, mostSteps: number): MetricRange[] {
  const { start, end, step } = range;
  const length = mostSteps * step;
  const count = Math.ceil((end - start) / length);
  return Array.from({ length: count }, (_, index) => ({
    start: start + index * length,
    end: Math.min(end, start + (index + 1) * length),
    step,
  }));
}
