import * as z from 'zod';

/** A metric in a record. JSON has no NaN and no infinities, and a loss that became NaN is exactly what a reader must see. */
export const metricValueSchema = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
export type MetricValue = z.infer<typeof metricValueSchema>;

/** A number as a record holds it; `Number` is the way back. */
export function metricValue(value: number): MetricValue {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
}
