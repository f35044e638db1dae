/** The section `system` of the drift policy: what is asked of the monitoring of the server, and how it is judged. */
import * as z from 'zod';
import { durationSchema } from './duration.ts';

/** How the steps of a window become its one value; percentiles are interpolated linearly. */
export const WINDOW_STATISTICS = ['mean', 'median', 'p95', 'max', 'min'] as const;
export type WindowStatistic = (typeof WINDOW_STATISTICS)[number];

const text = (most: number) => z.string().min(1).max(most);

/** One metric of CloudWatch, as its console names it. */
export const cloudWatchMetricSchema = z.strictObject({
  namespace: text(255),
  name: text(255),
  dimensions: z.record(text(255), text(1024)).default({}),
  /** Over each step. */
  statistic: z
    .string()
    .regex(
      /^(Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm)(\d{1,2}(\.\d{1,10})?|100))$/,
      'write Average, Sum, Minimum, Maximum, SampleCount, IQM, or a percentile such as p99',
    ),
});
export type CloudWatchMetric = z.infer<typeof cloudWatchMetricSchema>;

/** `0.5` or `50%`: a share of what it was. */
const shareOfPast = z.union([
  z.number().min(0),
  z.string().regex(/^\d+(\.\d+)?%$/, 'write a share such as 0.5 or 50%'),
]);

/** The number of a share that the schema has let pass. */
export const shareNumber = (share: number | string): number =>
  typeof share === 'number' ? share : Number(share.slice(0, -1)) / 100;

const measureSchema = z.strictObject({
  name: text(100),
  /** PromQL that answers one series; with a source of Prometheus. */
  query: text(10_000).optional(),
  /** With a source of CloudWatch. */
  metric: cloudWatchMetricSchema.optional(),
  /** Shown beside the numbers. */
  unit: text(20).optional(),
  over_window: z.enum(WINDOW_STATISTICS).default('mean'),
  /** What the window's value must not be above or below. */
  max: z.number().optional(),
  min: z.number().optional(),
  /** By how much of the mean of the past windows it may be higher or lower, however seldom they vary. */
  max_increase: shareOfPast.optional(),
  max_decrease: shareOfPast.optional(),
  /** A change from the past no larger than this, in the measure's own unit, never counts. */
  min_change: z.number().min(0).default(0),
});
export type SystemMeasure = z.infer<typeof measureSchema>;

export const systemPolicySchema = z.strictObject({
  source: z.union([
    /** The address of anything that answers Prometheus's HTTP API; the account comes from the environment. */
    z.strictObject({ prometheus: text(2000) }),
    z.strictObject({ cloudwatch: z.strictObject({ region: text(50).optional() }) }),
  ]),
  /** What is judged: the last so much, but for the `delay`, within which the newest values still come in. */
  window: durationSchema.default('1h'),
  delay: durationSchema.default('2m'),
  /** The window has one value for each. */
  step: durationSchema.default('1m'),
  /** How far back to look, for measures with max_increase or max_decrease. */
  past: durationSchema.default('14d'),
  /** The past windows lie whole seasons earlier: at the same time of the day with 1d, of the week with 7d. */
  season: durationSchema.default('1d'),
  on_breach: z.enum(['warn', 'fail']).default('warn'),
  /** What becomes of a measure without values, or with too little past to be compared with. */
  on_missing: z.enum(['pass', 'warn', 'fail']).default('warn'),
  measures: z.array(measureSchema).min(1).max(50),
});
export type SystemPolicy = z.infer<typeof systemPolicySchema>;
