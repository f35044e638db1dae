/** Any number of labels per row: for each label one column of truth, prediction and score. */
import type { Column } from '../../../shared/data/columns.ts';
import { UserError } from '../../../shared/errors.ts';
import type { LabelColumns, Rows } from '../../../shared/metrics/rows.ts';
import { tabulate } from '../../../shared/metrics/rows.ts';
import {
  BadValue,
  JUDGE_KNOWN_TRUTH,
  type ModelColumns,
  requireFilled,
  requireNumbers,
  type TaskRows,
} from './column-values.ts';
import { labelsOf } from './task-columns.ts';

/** @throws UserError for a value that is neither 0 nor 1, and for labels that one file has and another lacks. */
export function multilabelRows(
  truthColumns: Record<string, Column>,
  models: readonly ModelColumns[],
): TaskRows {
  const labels = labelsOf(Object.keys(truthColumns), 'y_true').sort();
  const truths = labels.map((label) => {
    const column = truthColumns[`y_true_${label}`]!;
    requireFilled(column, `y_true_${label}`, JUDGE_KNOWN_TRUTH);
    return zeroOrOne(column, `y_true_${label}`);
  });
  const truth = tabulate(truths[0]!.length, (row) => truths.reduce((sum, column) => sum + column[row]!, 0));
  const rows = models.map(({ whose, columns }): Rows => {
    const names = Object.keys(columns);
    const predicted = requireSameLabels(labels, labelsOf(names, 'y_pred'), `${whose} y_pred`);
    const scored = requireSameLabels(labels, labelsOf(names, 'y_score'), `${whose} y_score`);
    const ofLabels = labels.map(
      (name, index): LabelColumns => ({
        name,
        truth: truths[index]!,
        predicted: predicted ? zeroOrOne(columns[`y_pred_${name}`]!, `${whose} y_pred_${name}`) : undefined,
        score: scored ? requireNumbers(columns[`y_score_${name}`]!, `${whose} y_score_${name}`) : undefined,
      }),
    );
    return { truth, labels: ofLabels };
  });
  return { rows, labels, notes: [] };
}

/** @returns whether there are columns at all. @throws UserError when they are of other labels than the truth. */
function requireSameLabels(labels: readonly string[], found: readonly string[], role: string): boolean {
  if (found.length === 0) return false;
  const lacking = labels.filter((label) => !found.includes(label));
  const unknown = found.filter((label) => !labels.includes(label));
  if (lacking.length + unknown.length === 0) return true;
  const parts = [
    lacking.length > 0 && `lack ${lacking.slice(0, 5).join(', ')}`,
    unknown.length > 0 && `have ${unknown.slice(0, 5).join(', ')}, of which the truth is not known`,
  ];
  throw new UserError(`The columns of ${role} ${parts.filter(Boolean).join(' and ')}.`, {
    where: { key: `columns.${role.split(' ').at(-1)}` },
    fix: 'Write one column for every label: y_true_<label>, y_pred_<label> and y_score_<label>.',
  });
}

/** NaN where empty. */
function zeroOrOne(column: Column, role: string): Float64Array {
  const numbers = column.kind === 'text' ? requireNumbers(column, role) : column.values;
  const row = numbers.findIndex((value) => value !== 0 && value !== 1 && !Number.isNaN(value));
  if (row === -1) return numbers;
  throw new BadValue(`The column of ${role} holds ${numbers[row]}, where 0 or 1 is needed.`, {
    column,
    row,
    role,
    fix: 'Write 1 (or true) where the row has the label and 0 (or false) where it has not; scores belong into y_score_<label>.',
  });
}
