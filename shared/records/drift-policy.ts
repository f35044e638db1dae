/** The drift policy: a YAML file of a person's, which says what counts as drift and what as a reason to retrain. */
import * as z from 'zod';

/** How far apart two distributions are; each measure is offered for the kinds of column named beside it. */
export const DRIFT_MEASURES = [
  'wasserstein', // numeric: in standard deviations of the reference
  'jensen_shannon', // categorical and binned numeric: distance in nats, less its bias
  'psi',
  'hellinger',
  'total_variation',
  'kolmogorov_smirnov', // numeric
] as const;
export type DriftMeasure = (typeof DRIFT_MEASURES)[number];

const columnName = z.string().min(1);
const share = z.number().min(0).max(1);
const outcome = z.enum(['pass', 'warn', 'fail']);

const columnsSchema = z.strictObject({
  /** Joins labels and predictions to rows. */
  id: columnName.optional(),
  /** Puts the rows in order and cuts them into periods. */
  timestamp: columnName.optional(),
  y_true: columnName.optional(),
  y_pred: columnName.optional(),
  y_score: columnName.optional(),
  sample_weight: columnName.optional(),
  /** Not judged as features. */
  group: columnName.optional(),
  cluster: columnName.optional(),
  /** What is judged; every column without another role when it is left out. */
  features: z.array(columnName).min(1).optional(),
});
export type DriftColumns = z.infer<typeof columnsSchema>;

const featureSchema = z.strictObject({
  /** The smallest effect that counts as drift for this column. */
  min_effect: z.number().min(0).optional(),
  /** Weight of the column in the model; only its size among the others matters. */
  importance: z.number().optional(),
  /** Numbers that are names (codes, zip codes) are `categorical`. */
  kind: z.enum(['numeric', 'categorical']).optional(),
  measure: z.enum(DRIFT_MEASURES).optional(),
});

export const driftPolicySchema = z.strictObject({
  version: z.literal(1),
  columns: columnsSchema.prefault({}),
  defaults: z
    .strictObject({
      /** False discovery rate over the columns (Benjamini–Hochberg). */
      alpha: z.number().gt(0).lt(1).default(0.05),
      min_effect: z.number().min(0).default(0.1),
      /** What becomes of a column that is in the reference and not in the data, or has changed its type. */
      on_missing: outcome.default('fail'),
      /** A column is important from this share of all importance on; an equal share of it when left out. */
      min_importance: share.optional(),
    })
    .prefault({}),
  features: z.record(columnName, featureSchema).default({}),
  /** Metrics in the names of evaluate-gate; a fall beyond limit and margin asks for a retrain. */
  performance: z
    .array(z.strictObject({ name: z.string().min(1), margin: z.number().min(0).default(0) }))
    .default([]),
  retrain_when: z.array(z.enum(['performance', 'important_drift'])).default(['performance']),
});
export type DriftPolicy = z.infer<typeof driftPolicySchema>;

/** What holds without a policy file: the default rule over every column, and no performance. */
export function defaultDriftPolicy(): DriftPolicy {
  return driftPolicySchema.parse({ version: 1 });
}
