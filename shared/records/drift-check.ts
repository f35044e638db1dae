/** The record of drift-check: what moved, what it did to the model, and whether a retrain is asked for. */
import * as z from 'zod';
import { DRIFT_KINDS, RETRAIN_REASONS } from './drift-policy.ts';
import { recordSchema } from './envelope.ts';
import { systemHealthSchema } from './system-health.ts';

const probability = z.number().min(0).max(1);
const nullable = z.number().nullable();

const columnSummarySchema = z.strictObject({
  rows: z.number().int(),
  /** Share of rows that are null, or not finite where the column is numeric. */
  nullShare: probability,
  /** Numeric columns only. */
  mean: nullable,
  deviation: nullable,
  /** Categorical columns only: how many different values. */
  distinct: nullable,
});

export const driftColumnSchema = z.strictObject({
  name: z.string(),
  /** `prediction` is what the model answered (y_score, y_pred): told apart, since it needs no labels either. */
  role: z.enum(['feature', 'prediction']),
  kind: z.enum(DRIFT_KINDS).nullable(),
  status: z.enum(['drifts', 'steady', 'not_judged', 'missing', 'new', 'type_changed']),
  /** Which p decided: of rows, or of chunks where the rows have an order. */
  test: z.enum(['rows', 'chunks']).nullable(),
  /** Before adjustment, the smaller of values and nulls with Bonferroni's factor. */
  pValue: probability.nullable(),
  /** After Benjamini–Hochberg over the columns of this role. */
  adjustedPValue: probability.nullable(),
  effect: nullable,
  measure: z.string().nullable(),
  /** What decided: significance and effect where it is left out. */
  decidedBy: z.enum(['measure', 'p_value']).optional(),
  /** The smallest effect that counts; where the measure alone decides, the limit that it must exceed. */
  minEffect: z.number(),
  /** From a profile: the effect of the rows themselves is no further off than this; null where nothing bounds it. */
  effectError: nullable.optional(),
  /** Null share against null share: its own p and effect (Jensen–Shannon, nats, less its bias). */
  nulls: z.strictObject({ pValue: probability, effect: z.number(), drifts: z.boolean() }).nullable(),
  /** Of text and times, which are judged by several aspects: each with its own p and effect. */
  aspects: z
    .array(
      z.strictObject({
        name: z.enum(['length', 'vocabulary', 'hour_of_day', 'weekday']),
        measure: z.string(),
        pValue: probability,
        effect: z.number(),
        drifts: z.boolean(),
      }),
    )
    .optional(),
  /** Share of all importance. */
  importance: nullable,
  important: z.boolean(),
  reference: columnSummarySchema.nullable(),
  data: columnSummarySchema.nullable(),
  /** Values that the reference never had, most frequent first, at most ten of `unseenCount`. */
  unseen: z.array(z.strictObject({ value: z.string(), rows: z.number().int() })),
  unseenCount: z.number().int(),
  /** Plain text: why it was not judged, what it may have been renamed to. Empty when there is nothing to say. */
  note: z.string(),
});
export type DriftColumn = z.infer<typeof driftColumnSchema>;

/** How well a classifier tells rows of the data from rows of the reference, and by which columns. */
export const driftMultivariateSchema = z.strictObject({
  status: z.enum(['drifts', 'steady', 'not_judged']),
  /** Whether the policy makes it a reason; otherwise it is information. */
  decides: z.boolean(),
  /** Area under the ROC curve of rows that the classifier did not learn from; ½ where the sides cannot be told apart. */
  auc: nullable,
  /** 95 %, DeLong. */
  interval: z.strictObject({ low: z.number(), high: z.number() }).nullable(),
  /** One-sided: whether the area is above ½ by more than chance. */
  pValue: probability.nullable(),
  minAuc: z.number(),
  /** Rows of each side that were drawn. */
  rows: z.strictObject({ reference: z.number().int(), data: z.number().int() }),
  /** By how much the area falls when the column is shuffled, largest first. */
  columns: z.array(z.strictObject({ name: z.string(), importance: z.number(), drifts: z.boolean() })),
  note: z.string(),
});
export type DriftMultivariate = z.infer<typeof driftMultivariateSchema>;

/** Rank correlations of pairs of numeric columns, before and now. */
export const driftCorrelationsSchema = z.strictObject({
  status: z.enum(['drifts', 'steady', 'not_judged']),
  decides: z.boolean(),
  minDifference: z.number(),
  /** Pairs that were compared, and columns that were left out so that the pairs do not outgrow the report. */
  pairs: z.number().int(),
  columnsLeftOut: z.number().int(),
  rows: z.strictObject({ reference: z.number().int(), data: z.number().int() }),
  /** Pairs that changed: significant over all pairs, and by at least `minDifference`. */
  changed: z.number().int(),
  /** The largest changes first, at most twenty. */
  largest: z.array(
    z.strictObject({
      columns: z.tuple([z.string(), z.string()]),
      reference: z.number(),
      data: z.number(),
      adjustedPValue: probability,
      changed: z.boolean(),
    }),
  ),
  note: z.string(),
});
export type DriftCorrelations = z.infer<typeof driftCorrelationsSchema>;

export const driftChunkSchema = z.strictObject({
  part: z.enum(['reference', 'data']),
  /** ISO 8601 where there is a timestamp; end is exclusive for periods, the last row's time for row chunks. */
  start: z.string().nullable(),
  end: z.string().nullable(),
  /** 1-based, in time order. */
  firstRow: z.number().int(),
  rows: z.number().int(),
  labelledRows: z.number().int(),
  /** False where it is too small or too large beside the others. */
  judged: z.boolean(),
  /** Effect against the reference (a reference chunk: against the whole of it), by column. */
  effects: z.record(z.string(), z.number()),
  /** Metric on labelled rows, by name; null where it has no value. */
  performance: z.record(z.string(), nullable),
  /** Metric estimated without labels. */
  estimated: z.record(z.string(), nullable),
  /** Where the real value lies with a probability of 95 %, by metric, where the estimate is right at all. */
  estimatedIntervals: z.record(z.string(), z.strictObject({ low: z.number(), high: z.number() })).optional(),
});
export type DriftChunk = z.infer<typeof driftChunkSchema>;

export const driftPerformanceSchema = z.strictObject({
  name: z.string(),
  greaterIsBetter: z.boolean(),
  margin: z.number(),
  /** `real` from labels, `estimated` without them (which cannot see concept drift). */
  source: z.enum(['real', 'estimated']),
  /** How it was estimated: by calibrated scores (CBPE), or by a model of the loss (DLE). */
  method: z.enum(['CBPE', 'DLE']).optional(),
  /** Of the data's judged chunks with a real value and an interval of the estimate: how many intervals hold it. */
  held: z.strictObject({ chunks: z.number().int(), within: z.number().int() }).optional(),
  status: z.enum(['within', 'fell', 'not_judged']),
  referenceChunks: z.number().int(),
  judgedChunks: z.number().int(),
  mean: nullable,
  deviation: nullable,
  limit: nullable,
  /** The worst judged chunk of the data: its index in `chunks`, its value and how much worse than the mean. */
  worst: z.strictObject({ chunk: z.number().int(), value: z.number(), drop: z.number() }).nullable(),
  /** Indices in `chunks` of those beyond limit and margin. */
  fallenChunks: z.array(z.number().int()),
  note: z.string(),
});
export type DriftPerformance = z.infer<typeof driftPerformanceSchema>;

/** What a detector of change saw in the rows of the data, in time order, having run over the reference before. */
export const driftDetectorSchema = z.strictObject({
  name: z.enum(['adwin', 'page_hinkley', 'ddm', 'kswin']),
  /** `errors` are 0 or 1; predictions stand in where there are no labels. */
  stream: z.enum(['errors', 'absolute_errors', 'predictions']),
  /** Rows of the stream on each side. */
  referenceRows: z.number().int(),
  dataRows: z.number().int(),
  referenceAlarms: z.number().int(),
  dataAlarms: z.number().int(),
  dataWarnings: z.number().int(),
  /** The first 20 alarms in the data: the row from 1, its time, and whether the stream had risen. */
  alarms: z.array(z.strictObject({ row: z.number().int(), time: z.string().nullable(), rose: z.boolean() })),
  /** Empty, or why the detector was not run. */
  note: z.string(),
});
export type DriftDetection = z.infer<typeof driftDetectorSchema>;

export const driftCheckSchema = recordSchema('DriftCheck', {
  retrain: z.boolean(),
  policy: z.strictObject({
    /** Null: the default rule, no file. */
    file: z.string().nullable(),
    alpha: z.number(),
    minEffect: z.number(),
    onMissing: z.enum(['pass', 'warn', 'fail']),
    retrainWhen: z.array(z.enum(RETRAIN_REASONS)),
  }),
  /** True where a DataProfile stood for the rows: effects come from its bins. */
  approximate: z.boolean(),
  rows: z.strictObject({
    reference: z.number().int(),
    data: z.number().int(),
    /** Rows with a label on each side; null where none were given. */
    labelledReference: z.number().int().nullable(),
    labelledData: z.number().int().nullable(),
  }),
  /** Lines of files that cannot be read and are in no row; left out where all could be. */
  unreadableLines: z
    .strictObject({
      reference: z.number().int(),
      data: z.number().int(),
      labels: z.number().int(),
      onMissing: z.enum(['pass', 'warn', 'fail']),
    })
    .optional(),
  chunking: z.strictObject({
    by: z.enum(['rows', 'period', 'none']),
    /** Rows or milliseconds. */
    size: nullable,
    /** Whether rows stand in time order. */
    ordered: z.boolean(),
    judgedReference: z.number().int(),
    judgedData: z.number().int(),
  }),
  columns: z.array(driftColumnSchema),
  multivariate: driftMultivariateSchema.optional(),
  correlations: driftCorrelationsSchema.optional(),
  chunks: z.array(driftChunkSchema),
  performance: z.array(driftPerformanceSchema),
  detectors: z.array(driftDetectorSchema).optional(),
  system: systemHealthSchema.optional(),
  /** Plain sentences. */
  knownBeforeLabels: z.array(z.string()),
  knownWithLabels: z.array(z.string()),
  notes: z.array(z.string()),
});
export type DriftCheck = z.infer<typeof driftCheckSchema>;
