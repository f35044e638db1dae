/** Columns of the joined table as numbers, weights and groups, with an error in words where they are none. */

import type { Column } from '../../../shared/data/columns.ts';
import { UserError } from '../../../shared/errors.ts';
import { counted } from '../../../shared/metrics/counted.ts';
import { type Clusters, numberClusters, type Rows, tabulate } from '../../../shared/metrics/rows.ts';
import type { TaskColumns } from './task-columns.ts';

/** What a task makes of the columns: one `Rows` per model, all in the same order. */
export interface TaskRows {
  rows: Rows[];
  labels: readonly string[];
  notes: string[];
}

/** One model's columns by what the task calls them. */
export interface ModelColumns {
  /** As in messages: `the challenger's`. */
  whose: string;
  columns: Record<string, Column>;
}

/**
 * A value that the task cannot be judged on. Only the reader of the joined table knows which file, row and column it
 * came from, and adds that.
 */
export class BadValue extends UserError {
  readonly column: Column;
  readonly row: number;

  /** @param at.row the first row of the joined table that has such a value. */
  constructor(what: string, at: { column: Column; row: number; role: string; fix: string }) {
    super(what, { where: { key: `columns.${at.role.split(' ').at(-1)}` }, fix: at.fix });
    this.column = at.column;
    this.row = at.row;
  }
}

const LONGEST_QUOTE = 80;

/** A value in quotation marks, cut short where it is long. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value);
}

/** The columns of the joined table under the names of the task. */
export const underNames = (names: TaskColumns, columns: Record<string, Column>): Record<string, Column> =>
  Object.fromEntries(Object.entries(names).map(([role, name]) => [role, columns[name]!]));

/** @throws UserError when a row is empty. */
export function requireFilled(column: Column, role: string, fix: string): void {
  let empty = 0;
  for (let row = 0; row < column.nulls.length; row++) empty += column.nulls[row]!;
  if (empty === 0) return;
  throw new BadValue(
    `The column of ${role} is empty in ${empty} of ${counted(column.nulls.length, 'row')}.`,
    {
      column,
      row: column.nulls.indexOf(1),
      role,
      fix,
    },
  );
}

/** Numbers, NaN where empty. @throws UserError when the column holds text. @param role as in messages. */
export function requireNumbers(column: Column, role: string): Float64Array {
  if (column.kind !== 'text') return column.values;
  // A column without any value has no type of its own in a file of text.
  if (column.nulls.every((isNull) => isNull === 1)) return tabulate(column.values.length, () => Number.NaN);
  const isText = (value: string | null): boolean => value !== null && !Number.isFinite(Number(value));
  // A column of numbers in quotation marks is text, too.
  const row = Math.max(
    0,
    column.values.some(isText) ? column.values.findIndex(isText) : column.nulls.indexOf(0),
  );
  throw new BadValue(
    `The column of ${role} holds text, such as ${quoted(column.values[row] ?? '')}, where numbers are needed.`,
    { column, row, role, fix: 'Write plain numbers, with a point before the decimals.' },
  );
}

/** @throws UserError unless every row has a finite weight of 0 or more, and one more than 0. */
export function readWeights(column: Column): Float64Array {
  const weights = requireNumbers(column, 'sample_weight');
  const isBad = (weight: number): boolean => !(weight >= 0 && Number.isFinite(weight));
  const bad = weights.reduce((sum, weight) => sum + Number(isBad(weight)), 0);
  if (bad === 0) {
    if (weights.some((weight) => weight > 0)) return weights;
    throw new UserError('The column of sample_weight is 0 in every row.', {
      where: { key: 'columns.sample_weight' },
      fix: 'Give the rows that count a weight, or leave columns.sample_weight out.',
    });
  }
  throw new BadValue(
    `The column of sample_weight is empty, negative or infinite in ${counted(bad, 'row')}.`,
    {
      column,
      row: weights.findIndex(isBad),
      role: 'sample_weight',
      fix: 'Give every row a weight of 0 or more.',
    },
  );
}

/** The cluster, query or series of each row. @throws UserError when a row has none. */
export function readGroups(column: Column, role: 'cluster' | 'group'): Clusters {
  requireFilled(column, role, `Give every row its ${role}.`);
  return numberClusters(column.values instanceof Float64Array ? Array.from(column.values) : column.values);
}

/** A value of a column as the text by which people speak of it; null where empty. */
export function textAt(column: Column, row: number): string | null {
  if (column.nulls[row] === 1) return null;
  const value = column.values[row];
  return column.kind === 'boolean' ? (value === 1 ? 'true' : 'false') : String(value);
}

export const JUDGE_KNOWN_TRUTH = 'Judge only rows whose truth is known.';
