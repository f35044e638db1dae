/** Annotations that point into the policy: the limit that is broken, where a person wrote it. */
import type { PositionedDocument } from '../../../shared/records/document.ts';
import type { MetricResult } from '../../../shared/records/evaluation.ts';
import type { GatePolicy, PolicyMetric, Task } from '../../../shared/records/gate-policy.ts';
import type { Annotation } from '../../../shared/runtime/definition.ts';
import { canonicalName } from '../policy/metric-of-rule.ts';
import { contribution, type Judged } from './overall.ts';
import { sentenceOf } from './sentence.ts';

/** More would bury the first. GitHub shows ten per step. */
const LIMIT = 10;

/** One error per part that fails the gate, be it by a broken limit or by none; then a warning per part that warns. */
export function annotationsOf(
  judged: readonly Judged[],
  hasBaseline: boolean,
  policy: GatePolicy,
  locate: PositionedDocument<GatePolicy>['locate'],
): Annotation[] {
  const of = (level: Annotation['level'], results: readonly MetricResult[]): Annotation[] =>
    results.map((result) => ({
      level,
      message: sentenceOf(result),
      where: locate(placeOf(result, policy)),
    }));
  const [failing, others] = [
    judged.filter((part) => contribution(part, hasBaseline) === 'fail'),
    judged.filter((part) => contribution(part, hasBaseline) !== 'fail'),
  ].map((parts) => parts.map(({ result }) => result));
  const warning = others!.filter(
    ({ verdict }) => verdict === 'fail' || verdict === 'warn' || verdict === 'missing',
  );
  return [...of('error', failing!), ...of('warning', warning)].slice(0, LIMIT);
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
