/**
 * drift-check compares rows of now with rows of before. This file holds the shapes its parts pass on: columns in
 * typed arrays, since sorting and counting them is all the work there is.
 */

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

/** Text values to codes. Equal text has one code; null is −1. */
export function encodeCategories(values: readonly (string | null)[]): CategoricalValues {
  const codes = new Int32Array(values.length);
  const names: string[] = [];
  const known = new Map<string, number>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null || value === undefined) {
      codes[row] = -1;
      continue;
    }
    let code = known.get(value);
    if (code === undefined) {
      code = names.length;
      names.push(value);
      known.set(value, code);
    }
    codes[row] = code;
  }
  return { kind: 'categorical', codes, names };
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
  for (let row = 0; row < values.length; row++) {
    if (Number.isFinite(values[row])) kept[count++] = values[row]!;
  }
  return kept.subarray(0, count).sort();
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

/** Several ascending arrays as one, in pairs. */
export function mergeSorted(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 0) return new Float64Array(0);
  let level = [...parts];
  while (level.length > 1) {
    const next: Float64Array[] = [];
    for (let pair = 0; pair < level.length; pair += 2) {
      const second = level[pair + 1];
      next.push(second ? mergePair(level[pair]!, second) : level[pair]!);
    }
    level = next;
  }
  return level[0]!;
}

function mergePair(first: Float64Array, second: Float64Array): Float64Array {
  const merged = new Float64Array(first.length + second.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < merged.length; at++) {
    merged[at] =
      j >= second.length || (i < first.length && first[i]! <= second[j]!) ? first[i++]! : second[j++]!;
  }
  return merged;
}
