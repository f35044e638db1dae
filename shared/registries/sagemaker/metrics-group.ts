import { findMetric } from '../../metrics/catalogue.ts';

/** Model Monitor's names for the tasks that it knows. */
const GROUPS = [
  ['binary', 'binary_classification_metrics'],
  ['multiclass', 'multiclass_classification_metrics'],
  ['regression', 'regression_metrics'],
] as const;

/** The group of Model Monitor that has metrics of these names; one of our own when none has all of them. */
export function metricsGroup(names: readonly string[]): string {
  const fitting = GROUPS.find(([task]) => names.every((name) => findMetric(name, task) !== undefined));
  return fitting?.[1] ?? 'model_metrics';
}
