/** Tasks whose truth is a number: regression, ranking (relevance), forecasting; and scores, which need no truth. */
import type { Column } from '../../../shared/data/columns.ts';
import { UserError } from '../../../shared/errors.ts';
import { type LabelColumns, type Rows, tabulate } from '../../../shared/metrics/rows.ts';
import {
  JUDGE_KNOWN_TRUTH,
  type ModelColumns,
  requireFilled,
  requireNumbers,
  type TaskRows,
} from './column-values.ts';

export function numberRows(truthColumns: Record<string, Column>, models: readonly ModelColumns[]): TaskRows {
  const column = truthColumns.y_true!;
  requireFilled(column, 'y_true', JUDGE_KNOWN_TRUTH);
  const truth = requireNumbers(column, 'y_true');
  const rows = models.map(
    ({ whose, columns: { y_pred, y_score } }): Rows => ({
      truth,
      predicted: y_pred && requireNumbers(y_pred, `${whose} y_pred`),
      score: y_score && requireNumbers(y_score, `${whose} y_score`),
    }),
  );
  return { rows, labels: [], notes: [] };
}

/** A ranking is judged query by query. @throws UserError without queries, or with weights, which no metric takes. */
export function rankingRows(
  truthColumns: Record<string, Column>,
  models: readonly ModelColumns[],
  has: { groups: boolean; weights: boolean },
): TaskRows {
  if (!has.groups) {
    throw new UserError(
      'A ranking is judged query by query, and no column says which query a row belongs to.',
      {
        where: { key: 'columns.group' },
        fix: 'Name the column of the query in the policy as columns: {group: …}.',
      },
    );
  }
  if (has.weights) {
    throw new UserError('The metrics of a ranking take no sample weights.', {
      where: { key: 'columns.sample_weight' },
      fix: 'Leave sample_weight out of the policy; every query counts alike.',
    });
  }
  return numberRows(truthColumns, models);
}

/** Per metric one column of scores, in the place of a label, so that slices and seeds carry all of them along. */
export function scoreTaskRows(rowCount: number, models: readonly ModelColumns[]): TaskRows {
  const ones = tabulate(rowCount, () => 1);
  const rows = models.map(
    ({ whose, columns }): Rows => ({
      truth: ones,
      labels: Object.entries(columns).map(
        ([name, column]): LabelColumns => ({
          name,
          truth: ones,
          predicted: requireNumbers(column, `${whose} ${name}`),
        }),
      ),
    }),
  );
  return { rows, labels: [], notes: [] };
}
