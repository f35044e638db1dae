/** Annotations that point into the policy: the limit that is broken, where a person wrote it. */
import { findMetric } from '../../shared/metrics/catalogue.ts';
import type { PositionedDocument } from '../../shared/records/document.ts';
import type { Evaluation, MetricResult } from '../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../shared/records/gate-policy.ts';
import type { Annotation } from '../../shared/runtime/definition.ts';
import { sentenceOf } from './overall.ts';

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
      level: result.verdict === 'fail' ? 'error' : 'warning',
      message: sentenceOf(result),
      where: locate(placeOf(result, policy)),
    }));
}

function placeOf(result: MetricResult, policy: GatePolicy): (string | number)[] {
  const isIt = (name: string): boolean => (findMetric(name)?.definition.name ?? name) === result.name;
  if (result.slice) {
    const keys = Object.keys(result.slice).join();
    const index = policy.slices.findIndex(
      (slice) => slice.feature_keys.join() === keys && slice.metrics.some(isIt),
    );
    return index < 0 ? ['slices'] : ['slices', index];
  }
  const index = policy.metrics.findIndex((metric) => isIt(metric.name));
  if (index >= 0) return ['metrics', index];
  return result.name === 'model_size_mb' ? ['resources', result.name] : ['churn', result.name];
}
