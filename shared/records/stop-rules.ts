/** Rules by which a training is ended before its command ends, as its record keeps them: a repetition has the same. */
import * as z from 'zod';

/** The words of Lightning's EarlyStopping, as the input `early-stop` has them. */
export const earlyStopSchema = z.strictObject({
  monitor: z.string().min(1),
  mode: z.enum(['min', 'max']).default('min'),
  /** Looks without an improvement after which it ends. */
  patience: z.number().int().nonnegative().default(3),
  /** A change must be larger than this to be an improvement. */
  min_delta: z.number().default(0),
  stopping_threshold: z.number().optional(),
  divergence_threshold: z.number().optional(),
  check_finite: z.boolean().default(true),
});
export type EarlyStopRules = z.infer<typeof earlyStopSchema>;

/** As SageMaker's jobs define metrics; the first group of the expression is the number. */
export const metricDefinitionSchema = z.strictObject({ Name: z.string(), Regex: z.string() });

/** What was to end the training before its command did, beside `timeoutSeconds`; null where there was no such rule. */
export const stopRulesSchema = z.strictObject({
  earlyStop: earlyStopSchema.nullable(),
  /** By which the metrics of the output were found, that of `earlyStop` among them. */
  metricDefinitions: z.array(metricDefinitionSchema),
  stallTimeoutSeconds: z.number().nonnegative().nullable(),
  /** At the price of `cost`. */
  budgetUsd: z.number().nonnegative().nullable(),
  /** For saving its work, once it is asked to end. Null where a service decides. */
  graceSeconds: z.number().nonnegative().nullable(),
});
export type StopRules = z.infer<typeof stopRulesSchema>;

/** What ended a training before its command did. */
export const STOP_RULES = ['early-stop', 'stall-timeout', 'budget'] as const;
export const stoppedBySchema = z.strictObject({
  rule: z.enum(STOP_RULES),
  /** One sentence with the numbers. */
  reason: z.string(),
  atSeconds: z.number().nonnegative(),
});
export type StoppedBy = z.infer<typeof stoppedBySchema>;
