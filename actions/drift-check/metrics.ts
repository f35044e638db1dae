/** The policy's performance metrics, from the same catalogue as the gate's. */
import { type ErrorLocation, UserError } from '../../shared/errors.ts';
import { findMetric, type MetricDefinition, metricNames } from '../../shared/metrics/catalogue.ts';
import { computeMetric, neededColumns } from '../../shared/metrics/metric-definition.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import { nearest } from '../../shared/records/nearest.ts';
import {
  PERFORMANCE_TASKS,
  type PerformanceMetric,
  type PerformanceTask,
  type ScoredRows,
} from './performance.ts';

/** A score at or above this predicts the positive class, where there is no y_pred. */
const THRESHOLD = 0.5;

/** The task that a policy names, or else the first whose metrics are all of those that it names. */
export function performanceTask({ task, performance }: DriftPolicy): PerformanceTask | undefined {
  if (task || performance.length === 0) return task;
  return PERFORMANCE_TASKS.find((one) => performance.every(({ name }) => findMetric(name, one)));
}

/** What a metric reads of rows. */
function metricRows(rows: ScoredRows, fromScores: boolean) {
  return {
    truth: rows.labels,
    predicted: fromScores ? rows.scores?.map((score) => (score >= THRESHOLD ? 1 : 0)) : rows.predictions,
    score: rows.scores,
    classScores: rows.classScores,
    classes: rows.classes,
    weight: rows.weights,
  };
}

/**
 * The metrics that a policy names.
 * @param locate where a key path stands in the policy file.
 * @throws UserError for an unknown metric, one named twice, of another task, or whose columns the policy does not name.
 */
export function resolveMetrics(
  policy: DriftPolicy,
  locate: (path: readonly PropertyKey[]) => ErrorLocation,
): PerformanceMetric[] {
  const task = performanceTask(policy);
  const seen = new Set<string>();
  return policy.performance.map(({ name, margin }, index) => {
    const where = locate(['performance', index, 'name']);
    const definition = findDefinition(name, task, where);
    if (seen.has(definition.name))
      throw new UserError(`The metric ${definition.name} is named twice.`, {
        where,
        fix: 'Keep one of them.',
      });
    seen.add(definition.name);
    requireColumns(policy, definition, where);
    const fromScores = task === 'binary' && definition.needs === 'labels' && !policy.columns.y_pred;
    return {
      name: definition.name,
      margin,
      task: task!,
      greaterIsBetter: definition.direction === 'higher',
      range: definition.range,
      compute: (scored: ScoredRows) => {
        const rows = metricRows(scored, fromScores);
        // A side may have lost the column, or hold text in it: then there is no number.
        if (neededColumns(definition.needs, rows).length === 0) return undefined;
        return computeMetric(definition, rows).value;
      },
    };
  });
}

function findDefinition(
  name: string,
  task: PerformanceTask | undefined,
  where: ErrorLocation,
): MetricDefinition {
  const found = task && findMetric(name, task);
  if (found) {
    const [parameter] = found.definition.required ?? [];
    if (!parameter) return found.definition;
    throw new UserError(`${found.definition.name} needs ${parameter}, which a drift policy does not give.`, {
      where,
      fix: 'Name a metric without parameters.',
    });
  }
  const tasks = PERFORMANCE_TASKS.filter((one) => findMetric(name, one));
  if (tasks.length > 0) {
    throw new UserError(
      `${name} is a metric of ${tasks.join(' or ')}, and ${task ? `the task is ${task}` : 'the others are of another task'}.`,
      { where, fix: 'Name metrics of one task.' },
    );
  }
  const known = task ? metricNames(task) : [...new Set(PERFORMANCE_TASKS.flatMap((one) => metricNames(one)))];
  const guess = nearest(name, known);
  throw new UserError(`There is no metric ${JSON.stringify(name)}.`, {
    where,
    fix: guess ? `Did you mean ${guess}?` : `Metrics: ${known.join(', ')}.`,
  });
}

function requireColumns(
  policy: DriftPolicy,
  { name, needs, task }: MetricDefinition,
  where: ErrorLocation,
): void {
  const { y_true, y_pred, y_score } = policy.columns;
  const answer = needs === 'numbers' ? y_pred : needs === 'labels' ? (y_pred ?? y_score) : y_score;
  // The scores of several classes are found by the names of their columns.
  if (y_true && (answer || task === 'multiclass')) return;
  const role = !y_true ? 'y_true' : needs === 'numbers' || needs === 'labels' ? 'y_pred' : 'y_score';
  throw new UserError(`${name} needs columns.${role}, and the policy does not name it.`, {
    where,
    fix: `Add ${role}: <column> under columns.`,
  });
}

/** @throws UserError when labels are not 0 and 1 although a metric of binary classifiers is asked for. */
export function requireBinaryLabels(
  metrics: readonly PerformanceMetric[],
  labels: Float64Array | undefined,
  column: string,
): void {
  const binary = metrics.find((metric) => metric.task === 'binary');
  if (!binary || !labels) return;
  const other = labels.find((label) => !Number.isNaN(label) && label !== 0 && label !== 1);
  if (other === undefined) return;
  throw new UserError(`${binary.name} needs labels of 0 and 1, and ${column} holds ${other}.`, {
    where: { key: 'columns.y_true' },
    fix: 'Write 1 for the positive class and 0 for the other one, or task: multiclass into the policy.',
  });
}
