/** Two classes: labels of either model as 1 and 0, scores as they are. */
import type { Column } from '../../../shared/data/columns.ts';
import { UserError } from '../../../shared/errors.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import {
  BadValue,
  JUDGE_KNOWN_TRUTH,
  type ModelColumns,
  quoted,
  requireFilled,
  requireNumbers,
  type TaskRows,
  textAt,
} from './column-values.ts';

const DEFAULT_THRESHOLD = 0.5;

/** @throws UserError for labels that are empty, unknown or of more than two kinds. */
export function binaryRows(
  truthColumns: Record<string, Column>,
  models: readonly ModelColumns[],
  policy: GatePolicy,
): TaskRows {
  const truthColumn = truthColumns.y_true!;
  requireFilled(truthColumn, 'y_true', JUDGE_KNOWN_TRUTH);
  const { read, labels } = labelReader(truthColumn, policy);
  const truth = read(truthColumn, 'y_true');
  const notes: string[] = [];
  const rows = models.map(({ whose, columns }): Rows => {
    const { y_pred, y_score } = columns;
    const score = y_score && requireNumbers(y_score, `${whose} y_score`);
    const predicted = y_pred ? read(y_pred, `${whose} y_pred`) : labelsFromScores(score, policy);
    if (!y_pred && predicted) {
      notes.push(
        `There is no y_pred, so ${whose} labels are y_score ≥ ${policy.threshold ?? DEFAULT_THRESHOLD}.`,
      );
    }
    if (y_pred && policy.threshold !== undefined)
      notes.push(`There is y_pred, so threshold: ${policy.threshold} does not make ${whose} labels.`);
    return { truth, predicted, score };
  });
  return { rows, labels, notes };
}

interface LabelReader {
  read(column: Column, role: string): Float64Array;
  /** The negative and the positive label as in the data. */
  labels: [string, string];
}

/** How labels are read: 0/1, −1/1 and false/true by themselves, any others by the policy's `positive_label`. */
function labelReader(truth: Column, policy: GatePolicy): LabelReader {
  const known = distinctLabels(truth);
  if (policy.positive_label === undefined) {
    const negative = known.find((label) => PLAIN.get(label.toLowerCase()) === 0);
    const positive = known.find((label) => PLAIN.get(label.toLowerCase()) === 1);
    return { read: plainLabels, labels: [negative ?? '0', positive ?? '1'] };
  }
  const positive = String(policy.positive_label);
  if (!known.includes(positive) && known.length > 1) {
    throw new UserError(
      `No true label is ${JSON.stringify(policy.positive_label)}; there are ${known.slice(0, 5).join(', ')}.`,
      {
        where: { key: 'positive_label' },
        fix: 'Write positive_label exactly as in the data.',
      },
    );
  }
  if (known.length > 2) {
    throw new UserError(
      `A binary task has two labels, and y_true has ${known.length}: ${known.slice(0, 5).join(', ')}.`,
      {
        where: { key: 'columns.y_true' },
        fix: 'Set task: multiclass in the policy, or judge only rows of two labels.',
      },
    );
  }
  const read = (column: Column, role: string): Float64Array => {
    const numbers = new Float64Array(column.values.length);
    for (let row = 0; row < numbers.length; row++) {
      const text = textAt(column, row);
      // A prediction of a label that never occurs as truth is a slip in the labels, unless truth has one label only.
      if (text !== null && role !== 'y_true' && known.length === 2 && !known.includes(text))
        throw unknownLabel({ column, row, role }, text, known);
      numbers[row] = text === null ? Number.NaN : text === positive ? 1 : 0;
    }
    return numbers;
  };
  return { read, labels: [known.find((label) => label !== positive) ?? `not ${positive}`, positive] };
}

function distinctLabels(column: Column): string[] {
  const values = new Set<number | string | null>(column.values);
  const booleans = ['false', 'true'];
  return [...values].map((value) => (column.kind === 'boolean' ? booleans[Number(value)]! : String(value)));
}

const PLAIN = new Map([
  ['1', 1],
  ['true', 1],
  ['0', 0],
  ['-1', 0],
  ['false', 0],
]);

function plainLabels(column: Column, role: string): Float64Array {
  const { values } = column;
  const labels = new Float64Array(values.length);
  for (let row = 0; row < labels.length; row++) {
    const value = values[row]!;
    // Numbers first, since turning a million of them into text takes longer than all the rest.
    if (value === 1 || value === 0) labels[row] = value;
    else {
      const label = column.nulls[row] === 1 ? Number.NaN : PLAIN.get(String(value).toLowerCase());
      if (label === undefined)
        throw unknownLabel({ column, row, role }, String(value), ['0', '1', 'false', 'true']);
      labels[row] = label;
    }
  }
  return labels;
}

function unknownLabel(
  at: { column: Column; row: number; role: string },
  label: string,
  known: string[],
): BadValue {
  return new BadValue(
    `The column of ${at.role} holds ${quoted(label)}, and the labels are ${known.join(', ')}.`,
    {
      ...at,
      fix: 'Name the positive label in the policy (positive_label: …); scores belong into y_score, not y_pred.',
    },
  );
}

/** Labels by the threshold; undefined where there is no score, or none that a threshold of ½ makes sense for. */
function labelsFromScores(scores: Float64Array | undefined, policy: GatePolicy): Float64Array | undefined {
  if (!scores) return undefined;
  const isProbability = scores.every((score) => Number.isNaN(score) || (score >= 0 && score <= 1));
  if (policy.threshold === undefined && !isProbability) return undefined;
  const threshold = policy.threshold ?? DEFAULT_THRESHOLD;
  return scores.map((score) => (Number.isNaN(score) ? Number.NaN : score >= threshold ? 1 : 0));
}
