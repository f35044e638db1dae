/** What counts as the loss of one row, by the task and by what the predictions hold. */
import type { Rows } from '../../../shared/metrics/rows.ts';
import { tabulate } from '../../../shared/metrics/rows.ts';
import type { Task } from '../../../shared/records/gate-policy.ts';

export interface RowLoss {
  /** As in the record and the report. */
  name: string;
  /** Per row; NaN where there is none. */
  values: Float64Array;
}

/** scikit-learn clips probabilities by the machine epsilon of doubles. */
const EPSILON = 2 ** -52;

/**
 * @param hasLabels labels were predicted, or follow from a threshold of the policy; otherwise the log loss says more
 * of a probability than whether it lies beyond one half.
 * @returns undefined where rows have no loss of their own (rankings) or the predictions lack what it needs.
 */
export function lossOfRows(task: Task, rows: Rows, hasLabels: boolean): RowLoss | undefined {
  const { truth, predicted, score, labels } = rows;
  const perRow = (name: string, loss: (row: number) => number): RowLoss => ({
    name,
    values: tabulate(truth.length, loss),
  });
  switch (task) {
    case 'binary':
      if (score && !hasLabels && isProbability(score))
        return perRow('log loss', (row) => {
          const probability = truth[row] === 1 ? score[row]! : 1 - score[row]!;
          return -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probability)));
        });
      return predicted && perRow('wrong labels', (row) => (predicted[row] === truth[row] ? 0 : 1));
    case 'multiclass':
      return predicted && perRow('wrong labels', (row) => (predicted[row] === truth[row] ? 0 : 1));
    case 'multilabel':
      if (!labels || labels.length === 0 || labels.some((label) => !label.predicted)) return undefined;
      return perRow('share of wrong labels', (row) => {
        let wrong = 0;
        for (const label of labels) if (label.predicted![row] !== label.truth[row]) wrong++;
        return wrong / labels.length;
      });
    case 'regression':
    case 'forecasting':
      return predicted && perRow('absolute error', (row) => Math.abs(predicted[row]! - truth[row]!));
    case 'ranking':
    case 'scores':
      return undefined;
  }
}

const isProbability = (score: Float64Array): boolean => score.every((value) => value >= 0 && value <= 1);
