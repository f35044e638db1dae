/** From the policy as a person wrote it to the rules that are judged: names resolved, defaults filled in. */
import { type ErrorLocation, UserError } from '../../../shared/errors.ts';
import type { Direction, MetricDefinition } from '../../../shared/metrics/catalogue.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import { type Block, LIMIT_KINDS, type LimitKind } from '../../../shared/records/evaluation.ts';
import {
  type GatePolicy,
  gatePolicySchema,
  type PolicyMetric,
  type PolicySlice,
  type Task,
} from '../../../shared/records/gate-policy.ts';
import { metricOfRule } from './metric-of-rule.ts';
import { requireInReach, requireSoundPolicy } from './sound-policy.ts';
import { thresholdMetric } from './threshold-metric.ts';

export interface Limit {
  kind: LimitKind;
  limit: number;
}

/** One metric, on all rows or on each slice of some features, and what it is held to. */
export interface Rule {
  /** Which part of the policy it comes from. */
  block: Block;
  name: string;
  /** What the metric is computed with, for people; null where it needs nothing. */
  parameters: Record<string, string> | null;
  direction: Direction;
  /** Undefined for a metric of the user's own. */
  definition: MetricDefinition | undefined;
  /** Undefined: all rows. */
  featureKeys: string[] | undefined;
  limits: Limit[];
  confidence: number;
  decideOn: 'ci' | 'point';
  /** Undefined: as many as intervals need; see judgement/samples. */
  minSamples: number | undefined;
  onMissing: 'pass' | 'warn' | 'fail';
  onInconclusive: 'pass' | 'warn' | 'fail' | 'inconclusive';
  severity: 'fail' | 'warn';
}

/** Defaults of a gate without a policy: it reports and judges nothing. */
export function emptyPolicy(task: Task): GatePolicy {
  return gatePolicySchema.parse({ version: 1, task });
}

/** What is reported when no policy names metrics; of scores and of files of metrics what stands there. */
const REPORTED: Record<Task, string[]> = {
  binary: ['roc_auc', 'average_precision', 'log_loss', 'brier_score_loss', 'accuracy', 'f1'],
  multiclass: ['accuracy', 'balanced_accuracy', 'f1_macro', 'matthews_corrcoef', 'roc_auc_ovr', 'log_loss'],
  multilabel: [
    'accuracy',
    'hamming_loss',
    'f1_macro',
    'f1_micro',
    'roc_auc_macro',
    'average_precision_macro',
  ],
  regression: ['r2', 'root_mean_squared_error', 'mean_absolute_error'],
  ranking: ['ndcg', 'mrr', 'map'],
  forecasting: ['mean_absolute_error', 'root_mean_squared_error', 'smape', 'wape'],
  scores: [],
};

type Locate = PositionedDocument<GatePolicy>['locate'] | undefined;

/**
 * The rules of a policy.
 * @param fromMetrics numbers come from files of metrics, which may hold metrics of the user's own.
 * @throws UserError with the place in the policy and the nearest known name.
 */
export function rulesOf(policy: GatePolicy, locate: Locate, fromMetrics: boolean): Rule[] {
  requireSoundPolicy(policy, locate);
  thresholdMetric(policy, locate);
  const rules = policy.metrics.map((metric, index) =>
    makeRule(policy, metric, fromMetrics, (key) => locate?.(['metrics', index, key])),
  );
  refuseTwice(rules, (at) => locate?.(['metrics', at, 'name']));
  const ofSlices = policy.slices.flatMap((slice, index) =>
    slice.metrics.map((name, at) => {
      const path = (key: PropertyKey) =>
        key === 'name' ? ['slices', index, 'metrics', at] : ['slices', index, key];
      const direction = slice.direction ?? policy.metrics.find((metric) => metric.name === name)?.direction;
      const rule = makeRule(policy, { ...slice, name, direction }, fromMetrics, (key) => locate?.(path(key)));
      return {
        place: path('name'),
        rule: { ...rule, block: 'slices' as const, featureKeys: slice.feature_keys },
      };
    }),
  );
  refuseTwice(
    ofSlices.map(({ rule }) => rule),
    (at) => locate?.(ofSlices[at]!.place),
  );
  rules.push(...ofSlices.map(({ rule }) => rule));
  if (rules.length > 0 || fromMetrics) return rules;
  return REPORTED[policy.task].map((name) => makeRule(policy, { name }, false, () => undefined));
}

/** Two lines for one number would be two verdicts on it. */
function refuseTwice(
  rules: readonly Rule[],
  where: (index: number) => ReturnType<NonNullable<Locate>> | undefined,
): void {
  const seen = new Set<string>();
  for (const [index, { name, parameters, featureKeys }] of rules.entries()) {
    const key = JSON.stringify([name, parameters, featureKeys?.toSorted()]);
    if (seen.has(key)) {
      throw new UserError(`The metric ${name} is named twice${featureKeys ? ' for the same slices' : ''}.`, {
        where: where(index),
        fix: 'Write all its limits in one place.',
      });
    }
    seen.add(key);
  }
}

function makeRule(
  policy: GatePolicy,
  written: Pick<PolicyMetric, 'name'> & Partial<PolicyMetric & PolicySlice>,
  fromMetrics: boolean,
  where: (key: keyof PolicyMetric) => ErrorLocation | undefined,
): Rule {
  const meant = metricOfRule(policy.task, written, fromMetrics, where);
  // Files may hold percentages under the name of a share.
  if (!fromMetrics) requireInReach(written, meant, where);
  const { negated, ...metric } = meant;
  return {
    block: 'metrics',
    ...metric,
    featureKeys: undefined,
    limits: limitsOf(written, negated),
    ...strictnessOf(policy, written),
  };
}

/** How strictly a line is judged: as it says itself, and else as the policy's defaults say. */
export function strictnessOf(
  { defaults }: Pick<GatePolicy, 'defaults'>,
  written: Partial<Omit<PolicyMetric, 'name'>>,
): Pick<Rule, 'confidence' | 'decideOn' | 'minSamples' | 'onMissing' | 'onInconclusive' | 'severity'> {
  return {
    confidence: written.confidence_level ?? defaults.confidence_level,
    decideOn: written.decide_on ?? defaults.decide_on,
    minSamples: written.min_samples ?? defaults.min_samples,
    onMissing: written.on_missing ?? defaults.on_missing,
    onInconclusive: written.on_inconclusive ?? defaults.on_inconclusive,
    severity: written.severity ?? 'fail',
  };
}

/** Bounds written for a `neg_` name are of the negated value, so they change sign and side. */
export function limitsOf(written: Partial<Record<LimitKind, number>>, negated: boolean): Limit[] {
  const opposite: Partial<Record<LimitKind, LimitKind>> = {
    lower_bound: 'upper_bound',
    upper_bound: 'lower_bound',
  };
  return LIMIT_KINDS.flatMap((kind): Limit[] => {
    const limit = written[kind];
    if (limit === undefined) return [];
    const turned = negated ? opposite[kind] : undefined;
    return [turned ? { kind: turned, limit: -limit } : { kind, limit }];
  });
}
