/** The parts of a sketch that the engine's answers become in the same way for a whole table and for a chunk of it. */
import type { ColumnSketch, TopValues } from '../records/data-profile.ts';
import { columnKind } from './columns.ts';
import { byCountThenValue } from './merge-profiles.ts';
import { roundToScale } from './round-to-scale.ts';
import { hasQuantiles, LISTED_VALUES, type ProfiledColumn } from './sketch-queries.ts';

/** Of numbers and times with more distinct values than a sketch lists, only the most frequent say anything. */
const LISTED_NUMBERS = 10;
/** Of more characters a value is no category, and would swell the record. */
const LONGEST_LISTED = 1000;

export type Row = Record<string, unknown>;

/** @param moments, histograms the answers to `momentsQuery` and `histogramsQuery`. @param index of the column in them. */
export function baseSketch(
  column: ProfiledColumn,
  index: number,
  moments: Row,
  histograms: Row,
  edges: ReadonlyMap<string, readonly number[]>,
): Omit<ColumnSketch, 'distinct' | 'quantiles' | 'top'> {
  const count = Number(moments[`c${index}`]);
  const finite = Number(moments[`n${index}`] ?? 0);
  const [minimum, maximum] = [Number(moments[`min${index}`]), Number(moments[`max${index}`])];
  const scale = Math.max(Math.abs(minimum), Math.abs(maximum));
  const bounds = edges.get(column.name) ?? [];
  const counts = histograms[`h${index}`];
  const noCounts = Array.from({ length: bounds.length + 1 }, () => 0);
  return {
    name: column.name,
    type: column.type,
    kind: columnKind(column.type),
    count,
    nulls: Number(moments.rows) - count,
    moments:
      finite === 0
        ? null
        : {
            count: finite,
            mean: roundToScale(Number(moments[`mean${index}`]), scale),
            standardDeviation: roundToScale(Number(moments[`sd${index}`] ?? 0), scale),
            minimum,
            maximum,
          },
    histogram: bounds.length === 0 ? null : { edges: [...bounds], counts: binCounts(counts, noCounts) },
  };
}

/** The engine leaves out the last bin when nothing falls into it. */
function binCounts(counts: unknown, none: number[]): number[] {
  if (!Array.isArray(counts)) return none;
  return none.map((_, bin) => Number(counts[bin] ?? 0));
}

/** Those of a column's most frequent values that may be listed. @param values all of them, or more than are listed. */
export function listable<Value extends { count: number }>(
  column: ProfiledColumn,
  distinct: number,
  values: readonly Value[],
): readonly Value[] {
  if (distinct <= LISTED_VALUES) return values;
  const limit = hasQuantiles(column) ? LISTED_NUMBERS : LISTED_VALUES;
  // A value that occurs once among many says nothing about the column, and may be about a person.
  return values.slice(0, limit).filter((entry) => entry.count > 1);
}

/** @param listed the listable values. @param count of the rows that have a value. */
export function topValues(listed: readonly { value: string; count: number }[], count: number): TopValues {
  const values = listed
    .filter(({ value }) => value.length <= LONGEST_LISTED)
    .map(({ value, count }) => ({ value, count }))
    .sort(byCountThenValue);
  return { values, otherCount: count - values.reduce((sum, entry) => sum + entry.count, 0) };
}
