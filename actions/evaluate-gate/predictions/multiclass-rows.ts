/** Several classes: every label that occurs as truth or prediction is one, sorted as scikit-learn sorts labels. */
import type { Column } from '../../../shared/data/columns.ts';
import { UserError } from '../../../shared/errors.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import {
  JUDGE_KNOWN_TRUTH,
  type ModelColumns,
  requireFilled,
  requireNumbers,
  type TaskRows,
} from './column-values.ts';
import { labelsOf } from './task-columns.ts';

/** @throws UserError for empty true labels, and for scores that are there for some classes and not for others. */
export function multiclassRows(
  truthColumns: Record<string, Column>,
  models: readonly ModelColumns[],
): TaskRows {
  const truthColumn = truthColumns.y_true!;
  requireFilled(truthColumn, 'y_true', JUDGE_KNOWN_TRUTH);
  const written = new Set<string>();
  const codings = new Map<Column, Coding>();
  for (const column of [truthColumn, ...models.flatMap(({ columns }) => columns.y_pred ?? [])]) {
    const coding = codesOf(column);
    codings.set(column, coding);
    for (const label of coding.labels) written.add(label);
  }
  for (const { columns } of models) {
    for (const label of labelsOf(Object.keys(columns), 'y_score')) written.add(label);
  }
  const { classes, classOf } = sortedClasses([...written]);
  const numbers = (column: Column): Float64Array => {
    const { codes, labels } = codings.get(column)!;
    const ofCode = labels.map(classOf);
    return Float64Array.from(codes, (code) => (code < 0 ? Number.NaN : ofCode[code]!));
  };
  const truth = numbers(truthColumn);
  const notes: string[] = [];
  const rows = models.map(({ whose, columns }): Rows => {
    const classScores = scoresOfClasses(whose, columns, classes, classOf);
    const predicted = columns.y_pred ? numbers(columns.y_pred) : classScores && largestScore(classScores);
    if (!columns.y_pred && predicted) {
      notes.push(`There is no y_pred, so ${whose} labels are those of the largest score.`);
    }
    return { truth, predicted, classes, classScores };
  });
  return { rows, labels: classes, notes };
}

interface Coding {
  /** Per row an index into `labels`, −1 where empty. */
  codes: Int32Array;
  labels: string[];
}

function codesOf(column: Column): Coding {
  const known = new Map<string | number, number>();
  const codes = new Int32Array(column.values.length);
  for (let row = 0; row < codes.length; row++) {
    if (column.nulls[row] === 1) {
      codes[row] = -1;
      continue;
    }
    const value = column.values[row]!;
    let code = known.get(value);
    if (code === undefined) {
      code = known.size;
      known.set(value, code);
    }
    codes[row] = code;
  }
  const text = (value: string | number): string =>
    column.kind === 'boolean' ? (value === 1 ? 'true' : 'false') : String(value);
  return { codes, labels: [...known.keys()].map(text) };
}

/** Without leading zeros: `01` is a name. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;
const BOOLEAN = /^(true|false)$/i;

/**
 * The classes of labels as they are written in several files: numbers where all are numbers, so that 1 and 1.0 are
 * one class; false and true however they are spelled; otherwise texts, sorted by code point.
 */
function sortedClasses(written: readonly string[]): {
  classes: string[];
  classOf(label: string): number;
} {
  const isNumeric = written.every((label) => NUMBER.test(label));
  const isBoolean = written.every((label) => BOOLEAN.test(label));
  const canonical = (label: string): string => {
    if (isNumeric) return String(Number(label));
    return isBoolean ? label.toLowerCase() : label;
  };
  const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const classes = [...new Set(written.map(canonical))].sort(
    isNumeric ? (a, b) => Number(a) - Number(b) : byCodePoint,
  );
  const numberOf = new Map(classes.map((label, index) => [label, index]));
  return { classes, classOf: (label) => numberOf.get(canonical(label))! };
}

function scoresOfClasses(
  whose: string,
  columns: Record<string, Column>,
  classes: readonly string[],
  classOf: (label: string) => number,
): Float64Array[] | undefined {
  const labels = labelsOf(Object.keys(columns), 'y_score');
  if (labels.length === 0) return undefined;
  const scores = new Array<Float64Array | undefined>(classes.length).fill(undefined);
  for (const label of labels) {
    scores[classOf(label)] = requireNumbers(columns[`y_score_${label}`]!, `${whose} y_score_${label}`);
  }
  const without = classes.filter((_, index) => scores[index] === undefined);
  if (without.length > 0) {
    throw new UserError(
      `${whose} scores have no column for ${without
        .slice(0, 5)
        .map((label) => JSON.stringify(label))
        .join(
          ', ',
        )}: there ${labels.length === 1 ? 'is' : 'are'} y_score_${labels.slice(0, 5).join(', y_score_')}.`,
      {
        where: { key: 'columns.y_score' },
        fix: 'Write one column of scores for every class that occurs, or none at all.',
      },
    );
  }
  return scores as Float64Array[];
}

/** The first of the largest, as numpy's argmax; NaN where a score is none. */
function largestScore(scores: readonly Float64Array[]): Float64Array {
  const predicted = new Float64Array(scores[0]!.length);
  for (let row = 0; row < predicted.length; row++) {
    let best = 0;
    for (let index = 0; index < scores.length; index++) {
      const score = scores[index]![row]!;
      if (Number.isNaN(score)) {
        best = Number.NaN;
        break;
      }
      if (score > scores[best]![row]!) best = index;
    }
    predicted[row] = best;
  }
  return predicted;
}
