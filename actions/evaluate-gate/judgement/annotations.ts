/** Annotations that point into the policy: the limit that is broken, where a person wrote it. */
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { Evaluation, MetricResult } from '../../../shared/records/evaluation.ts';
import type { GatePolicy, PolicyMetric, Task } from '../../../shared/records/gate-policy.ts';
import type { Annotation } from '../../../shared/runtime/definition.ts';
import { canonicalName } from '../policy/metric-of-rule.ts';
import { sentenceOf } from './sentence.ts';

/** More would bury the first. GitHub shows ten per step. */
const LIMIT = 10;

/** One error per failing part, one warning per part that only warns. */
export function annotationsOf(
  record: Pick<Evaluation, 'metrics' | 'slices'>,
  policy: GatePolicy,
  locate: PositionedDocument<GatePolicy>['locate'],
): Annotation[] {
  return [...record.metrics, ...record.slices]
    .filter(
      (result) => result.verdict === 'fail' || result.verdict === 'warn' || result.verdict === 'missing',
    )
    .slice(0, LIMIT)
    .map((result) => ({
      level: result.verdict === 'fail' && !result.waiver ? 'error' : 'warning',
      message: sentenceOf(result),
      where: locate(placeOf(result, policy)),
    }));
}

/** Where in the policy a person asked for what the result is of. */
function placeOf(result: MetricResult, policy: GatePolicy): (string | number)[] {
  const { block, parameters } = result;
  const at = (list: readonly object[], index: number): (string | number)[] =>
    list.length > 0 && index >= 0 ? [block, index] : [block];
  switch (block) {
    case 'metrics':
      return at(
        policy.metrics,
        policy.metrics.findIndex(
          (metric) => isNamed(metric.name, result, policy.task) && hasParameters(metric, parameters),
        ),
      );
    case 'slices': {
      const keys = Object.keys(result.slice ?? {}).join();
      return at(
        policy.slices,
        policy.slices.findIndex(
          ({ feature_keys, metrics }) =>
            feature_keys.join() === keys && metrics.some((name) => isNamed(name, result, policy.task)),
        ),
      );
    }
    case 'fairness': {
      const features = parameters?.sensitive_features;
      const isOfFeatures = (index: number): boolean =>
        policy.fairness[index]!.sensitive_features.join(', ') === features;
      const indices = [...policy.fairness.keys()].filter(isOfFeatures);
      const own = indices.find((index) => policy.fairness[index]!.name === result.name);
      return at(policy.fairness, own ?? indices[0] ?? -1);
    }
    default:
      return [block, result.name];
  }
}

/** By any of the metric's names. */
const isNamed = (written: string, result: MetricResult, task: Task): boolean =>
  written === result.name || canonicalName(written, task) === result.name;

function hasParameters(metric: PolicyMetric, parameters: MetricResult['parameters']): boolean {
  const written = metric as Record<string, unknown>;
  return Object.entries(parameters ?? {}).every(
    ([name, value]) => !(name in written) || String(written[name]) === value,
  );
}
