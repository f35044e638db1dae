/** The policy of a gate: what a model must keep to before it may replace the champion. Written by people in YAML. */
import * as z from 'zod';
import { type PositionedDocument, parseYamlDocument, readYamlDocument } from './document.ts';

export const TASKS = [
  'binary',
  'multiclass',
  'multilabel',
  'regression',
  'ranking',
  'forecasting',
  'scores',
] as const;
export type Task = (typeof TASKS)[number];

/** Of a number out of its range zod's own message says the range. */
const finite = z.number({
  error: (issue) => (issue.code === 'invalid_type' ? 'must be a number' : undefined),
});
const text = z.string().min(1);
const onMissing = z.enum(['pass', 'warn', 'fail']);
const severity = z.enum(['fail', 'warn']).optional();

/** The limits that one number can be held to; changes are in benefit units, positive = must improve. */
const limitShape = {
  lower_bound: finite.optional(),
  upper_bound: finite.optional(),
  min_absolute_change: finite.optional(),
  min_relative_change: finite.optional(),
  max_absolute_change: finite.min(0).optional(),
};
const limitsSchema = z.strictObject({ ...limitShape, severity });
export type PolicyLimits = z.infer<typeof limitsSchema>;

const judgedShape = {
  ...limitShape,
  confidence_level: finite.gt(0.5).lt(1).optional(),
  decide_on: z.enum(['ci', 'point']).optional(),
  min_samples: z.int().min(1).optional(),
  on_missing: onMissing.optional(),
  on_inconclusive: z.enum(['pass', 'warn', 'fail', 'inconclusive']).optional(),
  severity,
};

/** What some metrics need beside the predictions. */
const parameterShape = {
  /** `top_k_accuracy`, and of rankings `ndcg`, `map`, `recall`, `precision`: how many of the first count. */
  k: z.int().min(1).optional(),
  /** `mean_pinball_loss`: which quantile is predicted. */
  quantile: finite.gt(0).lt(1).optional(),
  /** One class (multiclass) or label (multilabel) against the rest, by a metric of two classes. */
  class: z.union([text, z.number(), z.boolean()]).optional(),
};

const metricSchema = z.strictObject({
  name: text,
  /** Which way is better; needed only for a metric of the user's own. */
  direction: z.enum(['higher', 'lower']).optional(),
  ...parameterShape,
  ...judgedShape,
});
export type PolicyMetric = z.infer<typeof metricSchema>;

const sliceSchema = z.strictObject({
  feature_keys: z.array(text).min(1).max(5),
  metrics: z.array(text).min(1),
  /** Of task `scores`, as in `metrics`. */
  direction: z.enum(['higher', 'lower']).optional(),
  ...parameterShape,
  ...judgedShape,
});
export type PolicySlice = z.infer<typeof sliceSchema>;

const fairnessSchema = z.strictObject({
  /** In fairlearn's names: `equalized_odds_difference`, `recall_ratio`, `accuracy_group_min`, … */
  name: text,
  sensitive_features: z.array(text).min(1).max(5),
  method: z.enum(['between_groups', 'to_overall']).default('between_groups'),
  /** Of equalized odds: the worse of the two rates, or their mean. */
  agg: z.enum(['worst_case', 'mean']).default('worst_case'),
  ...judgedShape,
});
export type PolicyFairness = z.infer<typeof fairnessSchema>;

const latencySchema = z.strictObject({
  mean_ms: limitsSchema.optional(),
  p50_ms: limitsSchema.optional(),
  p90_ms: limitsSchema.optional(),
  p95_ms: limitsSchema.optional(),
  p99_ms: limitsSchema.optional(),
  /** Share of requests without a good answer. */
  error_rate: limitsSchema.optional(),
  severity,
  /** How requests are sent where the gate measures by itself; arrivals do not wait for answers. */
  load: z
    .strictObject({
      requests_per_second: finite.gt(0).default(20),
      duration: z.string().default('30s'),
      warm_up: z.string().default('5s'),
    })
    .prefault({}),
});
export type PolicyLatency = z.infer<typeof latencySchema>;

const waiverSchema = z.strictObject({
  /** The metric, or the limit of another block, such as `model_size_mb`. */
  name: text,
  /** Only this slice, by its values; without it the metric on all rows. */
  slice: z.record(text, z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** Which rule, where the policy has several of this name: its `class`, `k`, `sensitive_features`, … */
  parameters: z.record(text, z.union([z.string(), z.number(), z.boolean()])).optional(),
  owner: text,
  reason: text,
  /** The last day on which it holds, as yyyy-mm-dd, in UTC. */
  expires: z.iso.date(),
});
export type PolicyWaiver = z.infer<typeof waiverSchema>;

const columnsShape = {
  id: text,
  timestamp: text,
  y_true: text,
  y_pred: text,
  y_score: text,
  sample_weight: text,
  /** Rows of one cluster depend on each other, such as those of one user. */
  cluster: text,
  /** The query of a ranking, the series of a forecast. */
  group: text,
  /** Which training run of several with different seeds predicted the row. */
  seed: text,
};

export const gatePolicySchema = z.strictObject({
  version: z.literal(1),
  task: z.enum(TASKS),
  baseline: z.strictObject({ uri: z.string().optional(), on_missing: onMissing.optional() }).optional(),
  columns: z.strictObject(columnsShape).partial().default({}),
  /** Which value of y_true counts as positive, where the labels are not 0/1 or false/true. */
  positive_label: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** A row whose y_score is at least this counts as predicted positive, where there is no y_pred. */
  threshold: finite.optional(),
  /** Of forecasts: rows from one season to the next, for `mase`; 1 compares with the row before. */
  seasonal_period: z.int().min(1).default(1),
  defaults: z
    .strictObject({
      confidence_level: finite.gt(0.5).lt(1).default(0.95),
      decide_on: z.enum(['ci', 'point']).default('ci'),
      correction: z.enum(['holm', 'none']).default('holm'),
      /** Of what an interval is of: by default 200 rows, 50 queries of a ranking, 20 clusters or series. */
      min_samples: z.int().min(1).optional(),
      on_missing: onMissing.default('fail'),
      on_inconclusive: z.enum(['pass', 'warn', 'fail', 'inconclusive']).default('inconclusive'),
    })
    .prefault({}),
  metrics: z.array(metricSchema).default([]),
  slices: z.array(sliceSchema).default([]),
  fairness: z.array(fairnessSchema).default([]),
  latency: latencySchema.optional(),
  resources: z
    .strictObject({
      model_size_mb: limitsSchema.optional(),
      cost_usd: limitsSchema.optional(),
      energy_kwh: limitsSchema.optional(),
      training_seconds: limitsSchema.optional(),
    })
    .optional(),
  explainability: z.strictObject({ attribution_ndcg: limitsSchema.optional() }).optional(),
  churn: z
    .strictObject({
      symmetric_flip_rate: limitsSchema.optional(),
      positive_to_negative_rate: limitsSchema.optional(),
      negative_to_positive_rate: limitsSchema.optional(),
    })
    .optional(),
  leakage: z
    .strictObject({
      /**
       * Share of the judged ids that occur in the training data; at most 0 unless another bound is given. Judged
       * wherever the training data is known; written down, it is missing where the training data is not.
       */
      training_overlap: limitsSchema.optional(),
    })
    .optional(),
  /** Weak slices are looked for among these features and reported, never judged. */
  slice_discovery: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** Default: every column of the data that has no role. */
      features: z.array(text).min(1).optional(),
      min_samples: z.int().min(20).default(100),
      false_discovery_rate: finite.gt(0).lt(1).default(0.05),
    })
    .prefault({}),
  /** Of a binary task the threshold of y_score that this metric would choose is reported; without it that of f1. */
  threshold_suggestion: z.strictObject({ maximize: text }).optional(),
  waivers: z.array(waiverSchema).default([]),
});
export type GatePolicy = z.infer<typeof gatePolicySchema>;

/** Reads a policy. @throws UserError with file, line and column. */
export function readGatePolicy(file: string): Promise<PositionedDocument<GatePolicy>> {
  return readYamlDocument(file, gatePolicySchema);
}

/** A policy from its text, such as that of the base branch. @param file as in messages. */
export function parseGatePolicy(source: string, file: string): Promise<PositionedDocument<GatePolicy>> {
  return parseYamlDocument(source, file, gatePolicySchema);
}
