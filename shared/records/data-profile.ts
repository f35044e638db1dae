/**
 * The DataProfile: a sketch of a data set that stands in for the rows themselves. It merges: the profile of two halves,
 * made with the same histogram edges, is the profile of the whole.
 */
import * as z from 'zod';
import { digestSchema, recordSchema } from './envelope.ts';

const count = z.number().int().min(0);

export const momentsSchema = z.strictObject({
  /** Finite values: nulls, NaN and infinities are not among them. */
  count,
  mean: z.number(),
  /** Sample standard deviation (divisor n − 1); 0 of a single value. */
  standardDeviation: z.number().min(0),
  minimum: z.number(),
  maximum: z.number(),
});
export type Moments = z.infer<typeof momentsSchema>;

export const histogramSchema = z.strictObject({
  /** Ascending upper bounds of all bins but the last. */
  edges: z.array(z.number()),
  /** One more than edges: (−∞, e₀], (e₀, e₁], …, (eₖ, ∞). */
  counts: z.array(count),
});
export type Histogram = z.infer<typeof histogramSchema>;

export const topValuesSchema = z.strictObject({
  /** Most frequent first; ties in order of the value. */
  values: z.array(z.strictObject({ value: z.string(), count })),
  /** Non-null rows whose value is not listed. */
  otherCount: count,
});
export type TopValues = z.infer<typeof topValuesSchema>;

export const columnSketchSchema = z.strictObject({
  name: z.string(),
  /** The engine's type, e.g. BIGINT. */
  type: z.string(),
  kind: z.enum(['numeric', 'text', 'time', 'boolean']),
  /** Rows with a value. */
  count,
  nulls: count,
  /** Distinct values, null excluded; null where only an upper and a lower bound are known (after a merge). */
  distinct: count.nullable(),
  /** Of a time: in seconds since 1970, UTC. Null where no value is finite, and for text. */
  moments: momentsSchema.nullable(),
  /** Values at the shares of QUANTILE_SHARES; null for text, without values, and after a merge. */
  quantiles: z.array(z.number()).nullable(),
  histogram: histogramSchema.nullable(),
  top: topValuesSchema.nullable(),
});
export type ColumnSketch = z.infer<typeof columnSketchSchema>;

/** Shares at which a sketch keeps quantiles. */
export const QUANTILE_SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;

export const chunkSketchSchema = z.strictObject({
  /** `rows 1 to 5000`, or the first day of the period. */
  label: z.string(),
  rowCount: count,
  columns: z.array(columnSketchSchema),
});
export type ChunkSketch = z.infer<typeof chunkSketchSchema>;

export const dataProfileSchema = recordSchema('DataProfile', {
  /** `database`: a table or a query, whose rows as they were read are the one file. */
  format: z.enum(['csv', 'parquet', 'jsonl', 'json', 'database']),
  /** A path, or the address that was read, without user, password and signatures. */
  files: z.array(z.strictObject({ path: z.string(), bytes: count, digest: digestSchema })),
  rowCount: count,
  /** Lines that could not be read and are in no row. */
  rejectedLines: count,
  columns: z.array(columnSketchSchema),
  /** One sketch per chunk where chunks were asked for, in order. */
  chunks: z.array(chunkSketchSchema),
  /** What is not exact, one sentence each. */
  approximate: z.array(z.string()),
});
export type DataProfile = z.infer<typeof dataProfileSchema>;
