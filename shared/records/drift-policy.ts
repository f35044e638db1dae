/** The drift policy: a YAML file of a person's, which says what counts as drift and what as a reason to retrain. */
import * as z from 'zod';
import { DRIFT_MEASURES } from './drift-measures.ts';
import { systemPolicySchema } from './system-policy.ts';

export {
  DRIFT_KINDS,
  DRIFT_MEASURES,
  type DriftMeasure,
  measureFits,
} from './drift-measures.ts';

/**
 * What decides that a column drifts: `both` significance (Benjamini–Hochberg) and effect; `measure`, the measure
 * against its limit and no test; `p_value`, significance alone.
 */
const decideOn = z.enum(['both', 'measure', 'p_value']);
export type DriftDecision = z.infer<typeof decideOn>;

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
  /** Numbers that are names (codes, zip codes) are `categorical`; a `timestamp` is judged by its daily and weekly rhythm. */
  kind: z.enum(['numeric', 'categorical', 'text', 'timestamp']).optional(),
  measure: z.enum(DRIFT_MEASURES).optional(),
  decide_on: decideOn.optional(),
  /** With `decide_on: measure`: the column drifts above it. */
  limit: z.number().min(0).optional(),
});

/** One name for every column, or one for each kind. */
const measureChoice = z.union([
  z.enum(DRIFT_MEASURES),
  z.strictObject({
    numeric: z.enum(DRIFT_MEASURES).optional(),
    categorical: z.enum(DRIFT_MEASURES).optional(),
  }),
]);
const limitChoice = z.union([
  z.number().min(0),
  z.strictObject({ numeric: z.number().min(0).optional(), categorical: z.number().min(0).optional() }),
]);

/** A classifier that tells the data from the reference: judged, instead of merely reported, where the policy has this. */
const multivariateSchema = z.strictObject({
  alpha: z.number().gt(0).lt(1).default(0.05),
  /** The area under the ROC curve from which the two are told apart well enough to count. */
  min_auc: z.number().gt(0.5).lte(1).default(0.55),
  /** Rows of each side that are drawn. */
  rows: z.number().int().min(100).max(100_000).default(1000),
});

/** Rank correlations of pairs of numeric columns: judged, instead of merely reported, where the policy has this. */
const correlationsSchema = z.strictObject({
  alpha: z.number().gt(0).lt(1).default(0.05),
  /** The smallest change of a correlation that counts. */
  min_difference: z.number().gt(0).lte(2).default(0.1),
  /** Rows of each side that are drawn. */
  rows: z.number().int().min(100).max(100_000).default(2000),
});
export const defaultMultivariate = (): z.infer<typeof multivariateSchema> => multivariateSchema.parse({});
export const defaultCorrelations = (): z.infer<typeof correlationsSchema> => correlationsSchema.parse({});

/** Detectors of change in the stream of errors, in river's words and with its defaults. */
export const DRIFT_DETECTORS = ['adwin', 'page_hinkley', 'ddm', 'kswin'] as const;
export type DriftDetector = (typeof DRIFT_DETECTORS)[number];

/** What may ask for a retrain. */
export const RETRAIN_REASONS = [
  'performance',
  'important_drift',
  'adwin',
  'multivariate',
  'correlations',
] as const;

export const driftPolicySchema = z.strictObject({
  version: z.literal(1),
  /** What the model answers; told from the metrics where it is left out. */
  task: z.enum(['binary', 'multiclass', 'regression']).optional(),
  columns: columnsSchema.prefault({}),
  defaults: z
    .strictObject({
      /** False discovery rate over the columns (Benjamini–Hochberg). */
      alpha: z.number().gt(0).lt(1).default(0.05),
      min_effect: z.number().min(0).default(0.1),
      measure: measureChoice.optional(),
      decide_on: decideOn.default('both'),
      /** With `decide_on: measure`: a column drifts above it. */
      limit: limitChoice.optional(),
      /**
       * What becomes of a column that is in the reference and not in the data, or has changed its type (`fail` where it is
       * left out), and of lines that cannot be read (`warn`).
       */
      on_missing: outcome.optional(),
      /** A column is important from this share of all importance on; an equal share of it when left out. */
      min_importance: share.optional(),
    })
    .prefault({}),
  features: z.record(columnName, featureSchema).default({}),
  /** `false`: not looked at. Left out: reported, and never a reason by itself. */
  multivariate: z.union([z.literal(false), multivariateSchema]).optional(),
  correlations: z.union([z.literal(false), correlationsSchema]).optional(),
  /** Metrics in the names of evaluate-gate; a fall beyond limit and margin asks for a retrain. */
  performance: z
    .array(z.strictObject({ name: z.string().min(1), margin: z.number().min(0).default(0) }))
    .default([]),
  /** Run over each row's error in time order, or over the prediction where there are no labels. */
  detectors: z.array(z.enum(DRIFT_DETECTORS)).default([]),
  /** Of the detectors only ADWIN may ask for a retrain: the others alarm on streams that do not change. */
  retrain_when: z.array(z.enum(RETRAIN_REASONS)).default(['performance']),
  /** Latency, throughput, errors and load of the server, by its own monitoring; never a reason to retrain. */
  system: systemPolicySchema.optional(),
});
export type DriftPolicy = z.infer<typeof driftPolicySchema>;

/** What holds without a policy file: the default rule over every column, and no performance. */
export function defaultDriftPolicy(): DriftPolicy {
  return driftPolicySchema.parse({ version: 1 });
}
