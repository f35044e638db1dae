/** The section `system` of the record of drift-check: how the server did, by its own monitoring. */
import * as z from 'zod';
import { WINDOW_STATISTICS } from './system-policy.ts';

const nullable = z.number().nullable();

const limitSchema = z.strictObject({
  kind: z.enum(['max', 'min', 'max_increase', 'max_decrease']),
  /** As the policy has it: a value, or a share of the past's mean. */
  given: z.number(),
  /** The value that must not be passed; null where there is too little past. */
  limit: nullable,
  status: z.enum(['within', 'beyond', 'not_judged']),
});
export type SystemLimit = z.infer<typeof limitSchema>;

export const systemMeasureSchema = z.strictObject({
  name: z.string(),
  unit: z.string().nullable(),
  /** What was asked, as text. */
  query: z.string(),
  statistic: z.enum(WINDOW_STATISTICS),
  /** `missing`: too few steps have a value. `not_judged`: there is a value, and too little past for every limit. */
  status: z.enum(['within', 'beyond', 'missing', 'not_judged']),
  /** Of the window. */
  value: nullable,
  /** Steps of the window, and how many of them have a finite value. */
  steps: z.strictObject({ expected: z.number().int(), valued: z.number().int() }),
  limits: z.array(limitSchema).min(1),
  /** Null where no limit looks at the past. */
  past: z
    .strictObject({
      /** Windows that were asked for, and those with enough values. */
      asked: z.number().int(),
      windows: z.number().int(),
      mean: nullable,
      /** ddof 1, over the windows. */
      deviation: nullable,
      /** The window's end and value, oldest first. */
      values: z.array(z.strictObject({ end: z.string(), value: nullable })),
    })
    .nullable(),
  /** Of the window, at most 120, oldest first; null where a step has no finite value. */
  series: z.array(z.strictObject({ time: z.string(), value: nullable })),
  /** Plain text: what is missing, what the source warned of. */
  note: z.string(),
});
export type SystemMeasureResult = z.infer<typeof systemMeasureSchema>;

export const systemHealthSchema = z.strictObject({
  /** For people, without credentials. */
  source: z.string(),
  window: z.strictObject({ start: z.string(), end: z.string() }),
  stepSeconds: z.number(),
  /** Between one window and the one before it. */
  seasonSeconds: z.number(),
  onBreach: z.enum(['warn', 'fail']),
  onMissing: z.enum(['pass', 'warn', 'fail']),
  /** Why the source gave no answer, where it gave none; the measures that it did not answer are missing. */
  unavailable: z.string().optional(),
  measures: z.array(systemMeasureSchema).min(1),
});
export type SystemHealth = z.infer<typeof systemHealthSchema>;
