/** From the policy's part on fairness to rules: names resolved, options that mean nothing refused. */
import { type ErrorLocation, UserError } from '../../../shared/errors.ts';
import type { FairnessOptions } from '../../../shared/metrics/fairness.ts';
import {
  type FairnessMetric,
  fairnessMetricNames,
  findFairnessMetric,
} from '../../../shared/metrics/fairness-metric.ts';
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { GatePolicy, PolicyFairness } from '../../../shared/records/gate-policy.ts';
import { nearest } from '../../../shared/records/nearest.ts';
import { limitsOf, type Rule, strictnessOf } from '../policy/rules.ts';

export interface FairnessRule {
  rule: Rule;
  metric: FairnessMetric;
  features: string[];
  options: FairnessOptions;
}

/**
 * The rules of the policy's `fairness`. Needs no data, so that a slip is found before any is loaded.
 * @throws UserError for names that are no fairness metric of the task, with the nearest one, at their place.
 */
export function fairnessRules(
  policy: GatePolicy,
  locate: PositionedDocument<GatePolicy>['locate'] | undefined,
): FairnessRule[] {
  return policy.fairness.map((written, index) => {
    const where = (key: keyof PolicyFairness): ErrorLocation | undefined =>
      locate?.(['fairness', index, key]);
    const metric = findFairnessMetric(written.name, policy.task);
    if (!metric) throw unknownName(written.name, policy.task, where('name'));
    const options = { method: written.method, agg: written.agg };
    const parameters = parametersOf(metric, written, where);
    const rule: Rule = {
      block: 'fairness',
      name: metric.name,
      parameters,
      direction: metric.direction,
      definition: undefined,
      featureKeys: undefined,
      limits: limitsOf(written, false),
      ...strictnessOf(policy, written),
    };
    return { rule, metric, features: [...new Set(written.sensitive_features)], options };
  });
}

/** What the metric is computed with; an option without meaning for it is a slip, not a wish to pass over. */
function parametersOf(
  metric: FairnessMetric,
  { sensitive_features: features, method, agg }: PolicyFairness,
  where: (key: keyof PolicyFairness) => ErrorLocation | undefined,
): Record<string, string> {
  const hasMethod = metric.shape === 'difference' || metric.shape === 'ratio';
  const hasAggregate = metric.bases.length > 1;
  if (!hasMethod && method !== 'between_groups')
    throw new UserError(`The metric ${metric.name} compares no groups, so method means nothing for it.`, {
      where: where('method'),
      fix: 'Leave method out, or name a _difference or _ratio.',
    });
  if (!hasAggregate && agg !== 'worst_case')
    throw new UserError(`The metric ${metric.name} is of one rate, so agg means nothing for it.`, {
      where: where('agg'),
      fix: 'Leave agg out; it is of equalized_odds_difference and equalized_odds_ratio.',
    });
  return {
    sensitive_features: features.join(', '),
    ...(hasMethod && { method }),
    ...(hasAggregate && { agg }),
  };
}

function unknownName(name: string, task: GatePolicy['task'], where: ErrorLocation | undefined): UserError {
  const known = fairnessMetricNames(task);
  if (known.length === 0)
    return new UserError(`Fairness is not judged for the task ${task}.`, {
      where,
      fix: 'Leave fairness out of this policy.',
    });
  const guess = nearest(name, known);
  return new UserError(`There is no fairness metric called ${JSON.stringify(name)} for the task ${task}.`, {
    where,
    fix: guess
      ? `Did you mean ${guess}?`
      : `Known: ${known.slice(0, 12).join(', ')}, and <metric>_difference, _ratio, _group_min or _group_max of the task's other metrics.`,
  });
}
