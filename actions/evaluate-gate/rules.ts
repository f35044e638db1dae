/** From the policy as a person wrote it to the rules that are judged: names resolved, defaults filled in. */
import { type ErrorLocation, UserError } from '../../shared/errors.ts';
import {
  type Direction,
  findMetric,
  METRICS,
  type MetricDefinition,
  metricNames,
} from '../../shared/metrics/catalogue.ts';
import type { PositionedDocument } from '../../shared/records/document.ts';
import { LIMIT_KINDS, type LimitKind } from '../../shared/records/evaluation.ts';
import {
  type GatePolicy,
  gatePolicySchema,
  type PolicyMetric,
  type PolicySlice,
  type Task,
} from '../../shared/records/gate-policy.ts';
import { nearest } from '../../shared/records/nearest.ts';

export interface Limit {
  kind: LimitKind;
  limit: number;
}

/** One metric, on all rows or on each slice of some features, and what it is held to. */
export interface Rule {
  name: string;
  direction: Direction;
  /** Undefined for a metric of the user's own. */
  definition: MetricDefinition | undefined;
  /** Undefined: all rows. */
  featureKeys: string[] | undefined;
  limits: Limit[];
  confidence: number;
  decideOn: 'ci' | 'point';
  minSamples: number;
  onMissing: 'pass' | 'warn' | 'fail';
  onInconclusive: 'pass' | 'warn' | 'fail' | 'inconclusive';
  severity: 'fail' | 'warn';
}

/** Defaults of a gate without a policy: it reports and judges nothing. */
export function emptyPolicy(task: Task): GatePolicy {
  return gatePolicySchema.parse({ version: 1, task });
}

/** What is reported when no policy names metrics. */
const REPORTED: Record<string, string[]> = {
  binary: ['roc_auc', 'average_precision', 'log_loss', 'brier_score_loss', 'accuracy', 'f1'],
  regression: ['r2', 'root_mean_squared_error', 'mean_absolute_error'],
};

/**
 * The rules of a policy.
 * @param ownMetrics whether names that are not in the catalogue may be judged (numbers come from a metrics file).
 * @throws UserError with the place in the policy and the nearest known name.
 */
export function rulesOf(
  policy: GatePolicy,
  locate: PositionedDocument<GatePolicy>['locate'] | undefined,
  ownMetrics: boolean,
): Rule[] {
  const rules = policy.metrics.map((metric, index) =>
    makeRule(policy, metric.name, metric, ownMetrics, locate?.(['metrics', index, 'name'])),
  );
  for (const [index, slice] of policy.slices.entries()) {
    if (ownMetrics) {
      throw new UserError('Slices cannot be judged from a metrics file.', {
        where: locate?.(['slices', index]),
        fix: 'Give predictions instead of metrics, or a policy without slices.',
      });
    }
    for (const [at, name] of slice.metrics.entries()) {
      const rule = makeRule(policy, name, slice, false, locate?.(['slices', index, 'metrics', at]));
      rules.push({ ...rule, featureKeys: slice.feature_keys });
    }
  }
  if (rules.length > 0) return rules;
  return (REPORTED[policy.task] ?? []).map((name) => makeRule(policy, name, {}, false, undefined));
}

function makeRule(
  policy: GatePolicy,
  name: string,
  written: Partial<PolicyMetric & PolicySlice>,
  ownMetrics: boolean,
  where: ErrorLocation | undefined,
): Rule {
  const found = findMetric(name);
  if (!found && !(ownMetrics && written.direction)) throw unknownMetric(name, ownMetrics, where);
  if (found && policy.task !== 'scores' && found.definition.task !== policy.task) {
    throw new UserError(
      `The metric ${name} is one of ${found.definition.task}, and the policy's task is ${policy.task}.`,
      {
        where,
        fix: `Metrics of ${policy.task}: ${METRICS.filter(({ task }) => task === policy.task)
          .map((metric) => metric.name)
          .join(', ')}.`,
      },
    );
  }
  if (
    found &&
    written.direction &&
    written.direction !== (found.negated ? 'higher' : found.definition.direction)
  ) {
    throw new UserError(
      `The metric ${name} is better ${found.definition.direction}, not ${written.direction}.`,
      {
        where,
        fix: 'Leave direction out for metrics that are known.',
      },
    );
  }
  const { defaults } = policy;
  return {
    name: found?.definition.name ?? name,
    direction: found?.definition.direction ?? written.direction!,
    definition: found?.definition,
    featureKeys: undefined,
    limits: limitsOf(written, found?.negated ?? false),
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

function unknownMetric(name: string, ownMetrics: boolean, where: ErrorLocation | undefined): UserError {
  const guess = nearest(name, metricNames());
  const own = ownMetrics ? ' For a metric of your own, add direction: higher or direction: lower.' : '';
  return new UserError(`There is no metric called ${JSON.stringify(name)}.`, {
    where,
    fix: `${guess ? `Did you mean ${guess}?` : `Known: ${METRICS.map((metric) => metric.name).join(', ')}.`}${own}`,
  });
}
