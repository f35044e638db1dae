/** The policy's performance metrics, from the same catalogue as the gate's. */
import { type ErrorLocation, UserError } from '../../shared/errors.ts';
import { findMetric, metricNames } from '../../shared/metrics/catalogue.ts';
import type { DriftPolicy } from '../../shared/records/drift-policy.ts';
import { nearest } from '../../shared/records/nearest.ts';
import type { PerformanceMetric, ScoredRows } from './performance.ts';

/** A score at or above this predicts the positive class, where there is no y_pred. */
const THRESHOLD = 0.5;

/** Predicted labels from scores, where the policy names no y_pred. */
const labelsFromScores = ({ scores }: ScoredRows): Float64Array | undefined =>
  scores?.map((score) => (score >= THRESHOLD ? 1 : 0));

/**
 * The metrics that a policy names.
 * @param locate where a key path stands in the policy file.
 * @throws UserError for an unknown metric, one named twice, or one whose columns the policy does not name.
 */
export function resolveMetrics(
  policy: DriftPolicy,
  locate: (path: readonly PropertyKey[]) => ErrorLocation,
): PerformanceMetric[] {
  const seen = new Set<string>();
  return policy.performance.map(({ name, margin }, index) => {
    const where = locate(['performance', index, 'name']);
    const found = findMetric(name, 'binary') ?? findMetric(name, 'regression');
    if (!found) {
      const known = [...metricNames('binary'), ...metricNames('regression')];
      const guess = nearest(name, known);
      throw new UserError(`There is no metric ${JSON.stringify(name)}.`, {
        where,
        fix: guess ? `Did you mean ${guess}?` : `Metrics: ${known.join(', ')}.`,
      });
    }
    const { definition } = found;
    if (seen.has(definition.name))
      throw new UserError(`The metric ${definition.name} is named twice.`, {
        where,
        fix: 'Keep one of them.',
      });
    seen.add(definition.name);
    requireColumns(policy, definition.name, definition.needs, where);
    return {
      name: definition.name,
      margin,
      task: definition.task === 'binary' ? 'binary' : 'regression',
      greaterIsBetter: definition.direction === 'higher',
      compute: (rows: ScoredRows) => {
        const fromScores = definition.needs === 'labels' && !policy.columns.y_pred;
        const predicted = fromScores ? labelsFromScores(rows) : rows.predictions;
        const needsScore = definition.needs === 'scores' || definition.needs === 'probabilities';
        // A side may have lost the column, or hold text in it: then there is no number.
        if (!(needsScore ? rows.scores : predicted)) return undefined;
        return definition.compute({
          truth: rows.labels,
          predicted,
          score: rows.scores,
          weight: rows.weights,
        }).value;
      },
    };
  });
}

function requireColumns(policy: DriftPolicy, metric: string, needs: string, where: ErrorLocation): void {
  const { y_true, y_pred, y_score } = policy.columns;
  const answer = needs === 'numbers' ? y_pred : needs === 'labels' ? (y_pred ?? y_score) : y_score;
  if (y_true && answer) return;
  const role = !y_true ? 'y_true' : needs === 'numbers' || needs === 'labels' ? 'y_pred' : 'y_score';
  throw new UserError(`${metric} needs columns.${role}, and the policy does not name it.`, {
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
    fix: 'Write 1 for the positive class and 0 for the other one.',
  });
}
