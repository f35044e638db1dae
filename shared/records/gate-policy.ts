/** The policy of a gate: what a model must keep to before it may replace the champion. Written by people in YAML. */
import * as z from 'zod';
import { UserError } from '../errors.ts';
import { type PositionedDocument, readYamlDocument } from './document.ts';

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

/** Tasks whose metrics this version computes from predictions; `scores` judges numbers from metrics files only. */
const SUPPORTED_TASKS: readonly Task[] = ['binary', 'regression', 'scores'];

/** Of a number out of its range zod's own message says the range. */
const finite = z.number({
  error: (issue) => (issue.code === 'invalid_type' ? 'must be a number' : undefined),
});
const onMissing = z.enum(['pass', 'warn', 'fail']);

/** The limits that one number can be held to; changes are in benefit units, positive = must improve. */
const limitShape = {
  lower_bound: finite.optional(),
  upper_bound: finite.optional(),
  min_absolute_change: finite.optional(),
  min_relative_change: finite.optional(),
  max_absolute_change: finite.min(0).optional(),
};

const judgedShape = {
  ...limitShape,
  confidence_level: finite.gt(0.5).lt(1).optional(),
  decide_on: z.enum(['ci', 'point']).optional(),
  min_samples: z.int().min(1).optional(),
  on_missing: onMissing.optional(),
  on_inconclusive: z.enum(['pass', 'warn', 'fail', 'inconclusive']).optional(),
  severity: z.enum(['fail', 'warn']).optional(),
};

const metricSchema = z.strictObject({
  name: z.string().min(1),
  /** Which way is better; needed only for a metric of the user's own, read from a metrics file. */
  direction: z.enum(['higher', 'lower']).optional(),
  ...judgedShape,
});
export type PolicyMetric = z.infer<typeof metricSchema>;

const sliceSchema = z.strictObject({
  feature_keys: z.array(z.string().min(1)).min(1).max(5),
  metrics: z.array(z.string().min(1)).min(1),
  ...judgedShape,
});
export type PolicySlice = z.infer<typeof sliceSchema>;

const boundsSchema = z.strictObject({
  lower_bound: finite.optional(),
  upper_bound: finite.optional(),
  severity: z.enum(['fail', 'warn']).optional(),
});

export const gatePolicySchema = z.strictObject({
  version: z.literal(1),
  task: z.enum(TASKS),
  baseline: z.strictObject({ uri: z.string().optional(), on_missing: onMissing.optional() }).optional(),
  columns: z
    .strictObject({
      id: z.string().optional(),
      y_true: z.string().optional(),
      y_pred: z.string().optional(),
      y_score: z.string().optional(),
      sample_weight: z.string().optional(),
      cluster: z.string().optional(),
    })
    .default({}),
  /** Which value of y_true counts as positive, where the labels are not 0/1 or false/true. */
  positive_label: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** A row whose y_score is at least this counts as predicted positive, where there is no y_pred. */
  threshold: finite.optional(),
  defaults: z
    .strictObject({
      confidence_level: finite.gt(0.5).lt(1).default(0.95),
      decide_on: z.enum(['ci', 'point']).default('ci'),
      correction: z.enum(['holm', 'none']).default('holm'),
      min_samples: z.int().min(1).default(200),
      on_missing: onMissing.default('fail'),
      on_inconclusive: z.enum(['pass', 'warn', 'fail', 'inconclusive']).default('inconclusive'),
    })
    .prefault({}),
  metrics: z.array(metricSchema).default([]),
  slices: z.array(sliceSchema).default([]),
  resources: z
    .strictObject({ model_size_mb: boundsSchema.optional(), cost_usd: z.unknown().optional() })
    .optional(),
  fairness: z.unknown().optional(),
  latency: z.unknown().optional(),
  explainability: z.unknown().optional(),
  churn: z.strictObject({ symmetric_flip_rate: boundsSchema.optional() }).optional(),
});
export type GatePolicy = z.infer<typeof gatePolicySchema>;

/**
 * Reads a policy and refuses what this version cannot judge: a rule that is accepted must be enforced.
 * @throws UserError with file, line and column.
 */
export async function readGatePolicy(file: string): Promise<PositionedDocument<GatePolicy>> {
  const document = await readYamlDocument(file, gatePolicySchema);
  const policy = document.value;
  const refuse = (path: string[], what: string): never => {
    throw new UserError(`${what} is not supported yet by this version.`, {
      where: document.locate(path),
      fix: 'Remove it from the policy; nothing in a policy is accepted and then ignored.',
    });
  };
  if (!SUPPORTED_TASKS.includes(policy.task)) refuse(['task'], `The task "${policy.task}"`);
  for (const block of ['fairness', 'latency', 'explainability'] as const) {
    if (policy[block] !== undefined) refuse([block], `The block "${block}"`);
  }
  if (policy.resources?.cost_usd !== undefined) refuse(['resources', 'cost_usd'], '"cost_usd"');
  if (policy.churn !== undefined && policy.task !== 'binary') {
    refuse(['churn'], `The block "churn" for the task "${policy.task}"`);
  }
  return document;
}
