/**
 * drift-check compares rows of now with rows of before. This file holds the shapes its parts pass on: columns in
 * typed arrays, since sorting and counting them is all the work there is.
 */

import { codeTexts } from '../../shared/data/code-texts.ts';

export interface NumericValues {
  kind: 'numeric';
  /** NaN: null. Infinite values are kept here and counted as nulls by the comparison. */
  values: Float64Array;
}

export interface CategoricalValues {
  kind: 'categorical';
  /** Index into `names`; −1: null. */
  codes: Int32Array;
  names: string[];
}

export type ColumnValues = NumericValues | CategoricalValues;

/** One side of the comparison, its rows in time order where there is a timestamp. */
export interface DriftTable {
  rowCount: number;
  /** By name, in the order of the files. */
  columns: Map<string, ColumnValues>;
  /** Features that hold times, in milliseconds since 1970 UTC; NaN: null. */
  times?: Map<string, Float64Array>;
  /** Milliseconds since 1970 UTC, ascending. */
  timestamps?: Float64Array;
  /** 1 or 0 (binary), the number of one of `classes`, or the target's value; NaN: not labelled. */
  labels?: Float64Array;
  scores?: Float64Array;
  predictions?: Float64Array;
  weights?: Float64Array;
  /** Several classes: their names, and a column of scores for each where the file has them. */
  classes?: readonly string[];
  classScores?: readonly Float64Array[];
}

/** Both threads can read the copy. */
export function sharedNumbers(values: Float64Array): Float64Array {
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

/** Text values to codes. Equal text has one code; null is −1. */
export function encodeCategories(values: readonly (string | null)[]): CategoricalValues {
  return { kind: 'categorical', ...codeTexts(values) };
}

/** A numeric column as categories, for codes that only look like numbers. */
export function asCategories(column: ColumnValues): CategoricalValues {
  if (column.kind === 'categorical') return column;
  return encodeCategories(Array.from(column.values, (value) => (Number.isNaN(value) ? null : String(value))));
}

/** The rows from `first` to before `end`, without copying. */
export function sliceColumn(column: ColumnValues, first: number, end: number): ColumnValues {
  if (column.kind === 'numeric') return { kind: 'numeric', values: column.values.subarray(first, end) };
  return { kind: 'categorical', codes: column.codes.subarray(first, end), names: column.names };
}

/** The finite values of a numeric column, ascending. */
export function sortedFinite(values: Float64Array): Float64Array {
  const kept = new Float64Array(values.length);
  let count = 0;
  let ascending = true;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    if (count > 0 && value < kept[count - 1]!) ascending = false;
    kept[count++] = value;
  }
  const finite = kept.subarray(0, count);
  return ascending ? finite : finite.sort();
}

/** How many rows each value has; nulls are left out. */
export function countNames(column: CategoricalValues): Map<string, number> {
  const counts = new Uint32Array(column.names.length);
  for (let row = 0; row < column.codes.length; row++) {
    const code = column.codes[row]!;
    if (code >= 0) counts[code]!++;
  }
  return new Map(
    column.names.map((name, code) => [name, counts[code]!] as const).filter(([, rows]) => rows > 0),
  );
}
