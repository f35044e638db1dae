/** The record of evaluate-gate: champion and challenger on the same rows, and what the policy says to it. */
import * as z from 'zod';
import { digestSchema, recordSchema } from './envelope.ts';
import { TASKS } from './gate-policy.ts';

/** Verdict of one limit or metric; the last two never decide by themselves, the policy says what becomes of them. */
export const PART_VERDICTS = ['pass', 'warn', 'fail', 'inconclusive', 'missing', 'not_judged'] as const;
export type PartVerdict = (typeof PART_VERDICTS)[number];

export const LIMIT_KINDS = [
  'lower_bound',
  'upper_bound',
  'min_absolute_change',
  'min_relative_change',
  'max_absolute_change',
] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

const intervalSchema = z.tuple([z.number(), z.number()]);

const limitResultSchema = z.strictObject({
  kind: z.enum(LIMIT_KINDS),
  limit: z.number(),
  verdict: z.enum(PART_VERDICTS),
  /** By how much the estimate clears the limit (negative: falls short), in the metric's units, and its interval. */
  clearance: z.number().nullable(),
  interval: intervalSchema.nullable(),
  /** One-sided p-value of "the limit is kept", and the same after the correction for several limits. */
  pValue: z.number().nullable(),
  adjustedPValue: z.number().nullable(),
  /** About how many further rows would decide, were the estimate to stay as it is. */
  furtherRows: z.number().nullable(),
  why: z.string(),
});
export type LimitResult = z.infer<typeof limitResultSchema>;

const metricResultSchema = z.strictObject({
  name: z.string(),
  /** Null for all rows; else the values of the slice's features. */
  slice: z.record(z.string(), z.string()).nullable(),
  direction: z.enum(['higher', 'lower']),
  rows: z.number().nullable(),
  champion: z.number().nullable(),
  challenger: z.number().nullable(),
  challengerInterval: intervalSchema.nullable(),
  /** Challenger minus champion. */
  difference: z.number().nullable(),
  interval: intervalSchema.nullable(),
  /** How the interval was computed; empty when there is none. */
  method: z.string(),
  limits: z.array(limitResultSchema),
  verdict: z.enum(PART_VERDICTS),
  /** better, not worse, worse, within its limits, cannot tell … */
  word: z.string(),
  why: z.string(),
});
export type MetricResult = z.infer<typeof metricResultSchema>;

const pointSchema = z.tuple([z.number(), z.number()]);
const modelCurvesSchema = z.strictObject({
  /** False-positive rate, true-positive rate; at most 100 points. */
  roc: z.array(pointSchema),
  /** Mean score, share of positives, rows, per tenth of the score's range. */
  calibration: z.array(z.strictObject({ score: z.number(), positives: z.number(), rows: z.number() })),
  /** Rows per twentieth of the range 0 to 1 of the score. */
  histogram: z.array(z.number()),
});
export type ModelCurves = z.infer<typeof modelCurvesSchema>;

export const evaluationSchema = recordSchema('Evaluation', {
  task: z.enum(TASKS).nullable(),
  judgedFrom: z.enum(['predictions', 'metrics', 'predict-command']),
  policy: z.strictObject({ file: z.string(), digest: digestSchema }).nullable(),
  baseline: z.strictObject({
    status: z.enum(['compared', 'missing']),
    /** The URI or file it was read from; null when none was named. */
    from: z.string().nullable(),
    digest: digestSchema.nullable(),
    why: z.string(),
  }),
  rows: z.number().nullable(),
  clusters: z.number().nullable(),
  confidenceLevel: z.number(),
  decideOn: z.enum(['ci', 'point']),
  metrics: z.array(metricResultSchema),
  slices: z.array(metricResultSchema),
  curves: z
    .strictObject({ champion: modelCurvesSchema.nullable(), challenger: modelCurvesSchema })
    .nullable(),
  /** The challenger's predictions, kept beside the record; `dataDigest` is that of the rows they were made on. */
  predictions: z
    .strictObject({ file: z.string(), digest: digestSchema, dataDigest: digestSchema.nullable() })
    .nullable(),
  notes: z.array(z.string()),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
