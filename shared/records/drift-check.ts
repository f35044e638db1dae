/** The record of drift-check: what moved, what it did to the model, and whether a retrain is asked for. */
import * as z from 'zod';
import { recordSchema } from './envelope.ts';

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
  kind: z.enum(['numeric', 'categorical']).nullable(),
  status: z.enum(['drifts', 'steady', 'not_judged', 'missing', 'new', 'type_changed']),
  /** Which p decided: of rows, or of chunks where the rows have an order. */
  test: z.enum(['rows', 'chunks']).nullable(),
  /** Before adjustment, the smaller of values and nulls with Bonferroni's factor. */
  pValue: probability.nullable(),
  /** After Benjamini–Hochberg over the columns of this role. */
  adjustedPValue: probability.nullable(),
  effect: nullable,
  measure: z.string().nullable(),
  minEffect: z.number(),
  /** Null share against null share: its own p and effect (Jensen–Shannon, nats, less its bias). */
  nulls: z.strictObject({ pValue: probability, effect: z.number(), drifts: z.boolean() }).nullable(),
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
  /** Metric estimated from the scores alone. */
  estimated: z.record(z.string(), nullable),
});
export type DriftChunk = z.infer<typeof driftChunkSchema>;

export const driftPerformanceSchema = z.strictObject({
  name: z.string(),
  greaterIsBetter: z.boolean(),
  margin: z.number(),
  /** `real` from labels, `estimated` from the scores alone (which cannot see concept drift). */
  source: z.enum(['real', 'estimated']),
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

export const driftCheckSchema = recordSchema('DriftCheck', {
  retrain: z.boolean(),
  policy: z.strictObject({
    /** Null: the default rule, no file. */
    file: z.string().nullable(),
    alpha: z.number(),
    minEffect: z.number(),
    onMissing: z.enum(['pass', 'warn', 'fail']),
    retrainWhen: z.array(z.enum(['performance', 'important_drift'])),
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
  chunks: z.array(driftChunkSchema),
  performance: z.array(driftPerformanceSchema),
  /** Plain sentences. */
  knownBeforeLabels: z.array(z.string()),
  knownWithLabels: z.array(z.string()),
  notes: z.array(z.string()),
});
export type DriftCheck = z.infer<typeof driftCheckSchema>;
