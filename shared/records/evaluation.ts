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
  /** With these rows: the probability that a model equal to the champion would keep a limit on change. */
  power: z.number().nullable(),
  /** The smallest true loss beyond the limit that would be found with a probability of 80 %, in the metric's units. */
  detectableLoss: z.number().nullable(),
  why: z.string(),
});
export type LimitResult = z.infer<typeof limitResultSchema>;

/** The part of the policy that a result comes from. */
export const BLOCKS = [
  'metrics',
  'slices',
  'fairness',
  'latency',
  'resources',
  'explainability',
  'churn',
  'leakage',
] as const;
export type Block = (typeof BLOCKS)[number];

const waiverSchema = z.strictObject({
  name: z.string(),
  slice: z.record(z.string(), z.string()).nullable(),
  parameters: z.record(z.string(), z.string()).nullable(),
  owner: z.string(),
  reason: z.string(),
  expires: z.iso.date(),
});

/** What is one observation to an interval, where it is not a row. */
export const OBSERVED = ['clusters', 'queries', 'series'] as const;

const metricResultSchema = z.strictObject({
  block: z.enum(BLOCKS),
  name: z.string(),
  /** What the metric was computed with, such as `k`, `class`, `sensitive_features`. */
  parameters: z.record(z.string(), z.string()).nullable(),
  /** Null for all rows; else the values of the slice's features. */
  slice: z.record(z.string(), z.string()).nullable(),
  direction: z.enum(['higher', 'lower']),
  rows: z.number().nullable(),
  /** What these rows count as, where an interval is not of single rows; `furtherRows` are of these then. */
  observations: z.strictObject({ of: z.enum(OBSERVED), count: z.number() }).optional(),
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
  /** The waiver that turns this failure into a warning. */
  waiver: waiverSchema.nullable(),
});
export type MetricResult = z.infer<typeof metricResultSchema>;

const pointSchema = z.tuple([z.number(), z.number()]);
const operatingPointSchema = z.strictObject({
  /** Null when the labels were given and no threshold made them. */
  threshold: z.number().nullable(),
  falsePositiveRate: z.number(),
  truePositiveRate: z.number(),
  precision: z.number().nullable(),
});
const modelCurvesSchema = z.strictObject({
  /** False-positive rate, true-positive rate; at most 100 points. */
  roc: z.array(pointSchema),
  /** Recall, precision; at most 100 points. */
  precisionRecall: z.array(pointSchema),
  /** Where the model decides on these curves; null without predicted labels. */
  operatingPoint: operatingPointSchema.nullable(),
  /** Mean score, share of positives, rows, per tenth of the score's range. */
  calibration: z.array(z.strictObject({ score: z.number(), positives: z.number(), rows: z.number() })),
  /** Mean distance of these tenths from the diagonal, weighted by rows; null where scores are no probabilities. */
  expectedCalibrationError: z.number().nullable(),
  /** Rows per twentieth of the range 0 to 1 of the score. */
  histogram: z.array(z.number()),
});
export type ModelCurves = z.infer<typeof modelCurvesSchema>;

/** Rows (or their weights) by true label (first index) and predicted label. */
const matrixSchema = z.array(z.array(z.number()));
const confusionSchema = z.strictObject({
  labels: z.array(z.string()),
  champion: matrixSchema.nullable(),
  challenger: matrixSchema,
});
export type Confusion = z.infer<typeof confusionSchema>;

/** A part of the rows in which the challenger errs more than elsewhere; found, not asked for. */
const weakSliceSchema = z.strictObject({
  features: z.record(z.string(), z.string()),
  rows: z.number(),
  /** Mean loss inside and outside the slice: share of wrong labels, absolute error, … as `loss` says. */
  inside: z.number(),
  outside: z.number(),
  interval: intervalSchema,
  adjustedPValue: z.number(),
  /** The champion's mean loss inside; null without one. */
  champion: z.number().nullable(),
});
export type WeakSlice = z.infer<typeof weakSliceSchema>;

const fairnessGroupSchema = z.strictObject({
  metric: z.string(),
  group: z.record(z.string(), z.string()),
  rows: z.number(),
  champion: z.number().nullable(),
  challenger: z.number().nullable(),
});
export type FairnessGroup = z.infer<typeof fairnessGroupSchema>;

const thresholdSchema = z.strictObject({
  maximize: z.string(),
  /** The policy's, or ½. */
  current: z.number(),
  currentValue: z.number().nullable(),
  suggested: z.number(),
  suggestedValue: z.number(),
});
export type ThresholdSuggestion = z.infer<typeof thresholdSchema>;

const loadSideSchema = z.strictObject({
  requests: z.number(),
  errors: z.number(),
  /** Milliseconds below which these shares of requests were answered, for the chart: [share, milliseconds]. */
  quantiles: z.array(pointSchema),
});
const loadSchema = z.strictObject({
  /** `file`, `serve-command` or `endpoint`. */
  from: z.enum(['file', 'serve-command', 'endpoint']),
  requestsPerSecond: z.number().nullable(),
  warmUpSeconds: z.number().nullable(),
  champion: loadSideSchema.nullable(),
  challenger: loadSideSchema,
});
export type Load = z.infer<typeof loadSchema>;

const calibrateSchema = z.strictObject({
  draws: z.number(),
  /** What was swapped between the two models, each with probability ½. */
  swapped: z.enum(['rows', 'clusters', 'queries', 'series']),
  /** Shares of the draws by the verdict of the whole. */
  shares: z.strictObject({ pass: z.number(), warn: z.number(), inconclusive: z.number(), fail: z.number() }),
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      /** As in the results of metrics, so that two of one name are told apart. */
      parameters: z.record(z.string(), z.string()).nullable(),
      slice: z.record(z.string(), z.string()).nullable(),
      pass: z.number(),
      inconclusive: z.number(),
      fail: z.number(),
      /** Share of the draws in which plain `new >= old` says no. */
      plainComparisonFails: z.number(),
    }),
  ),
  /** Share of the draws in which plain `new >= old` says no to at least one metric. */
  plainComparisonFails: z.number(),
});
export type Calibrate = z.infer<typeof calibrateSchema>;

export const evaluationSchema = recordSchema('Evaluation', {
  task: z.enum(TASKS).nullable(),
  judgedFrom: z.enum(['predictions', 'metrics', 'predict-command']),
  operation: z.enum(['evaluate', 'calibrate']),
  policy: z
    .strictObject({
      file: z.string(),
      digest: digestSchema,
      /** The base branch's version judges a pull request; `file` is the one in the working directory. */
      from: z.enum(['base', 'file']),
      /** Set when the pull request changes the policy that judges it: a unified diff from the one that judged. */
      change: z.strictObject({ diff: z.string(), why: z.string() }).nullable(),
    })
    .nullable(),
  baseline: z.strictObject({
    status: z.enum(['compared', 'missing']),
    /** The URI or file it was read from; null when none was named. */
    from: z.string().nullable(),
    digest: digestSchema.nullable(),
    why: z.string(),
  }),
  rows: z.number().nullable(),
  clusters: z.number().nullable(),
  /** Of several training runs the seed whose curves, confusion, churn, weak slices and threshold are shown. */
  shownSeed: z.strictObject({ seed: z.string(), of: z.number() }).optional(),
  /** What is one observation to an interval, where it is not a row or a cluster of rows. */
  observations: z.strictObject({ of: z.enum(['queries', 'series']), count: z.number() }).optional(),
  confidenceLevel: z.number(),
  decideOn: z.enum(['ci', 'point']),
  metrics: z.array(metricResultSchema),
  slices: z.array(metricResultSchema),
  curves: z
    .strictObject({ champion: modelCurvesSchema.nullable(), challenger: modelCurvesSchema })
    .nullable(),
  /** The challenger's predictions, kept beside the record; `dataDigest` is that of the rows they were made on. */
  confusion: confusionSchema.nullable(),
  fairnessGroups: z.array(fairnessGroupSchema),
  weakSlices: z
    .strictObject({
      /** What counts as loss of a row, such as `wrong labels` or `absolute error`. */
      loss: z.string(),
      features: z.array(z.string()),
      found: z.array(weakSliceSchema),
    })
    .nullable(),
  thresholdSuggestion: thresholdSchema.nullable(),
  load: loadSchema.nullable(),
  /** Mean absolute attribution per feature, the largest first. */
  attributions: z
    .array(
      z.strictObject({
        feature: z.string(),
        champion: z.number().nullable(),
        challenger: z.number().nullable(),
      }),
    )
    .nullable(),
  calibrate: calibrateSchema.nullable(),
  waivers: z.array(z.strictObject({ ...waiverSchema.shape, status: z.enum(['used', 'unused', 'expired']) })),
  predictions: z
    .strictObject({ file: z.string(), digest: digestSchema, dataDigest: digestSchema.nullable() })
    .nullable(),
  notes: z.array(z.string()),
});
export type Evaluation = z.infer<typeof evaluationSchema>;
