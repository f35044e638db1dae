/**
 * A column as counts per cell, either of a DataProfile or of rows counted into a profile's cells: what is compared
 * where the rows of one side are not there any more. All measures from cells are approximate.
 */
import type { ColumnSketch } from '../../shared/records/data-profile.ts';
import { countByUpperEdges } from '../../shared/stats/binned.ts';
import { type ColumnValues, countNames, sortedFinite } from './table.ts';

export interface NumericSketch {
  kind: 'numeric';
  rows: number;
  nulls: number;
  /** Ascending upper bounds of all cells but the last. */
  edges: readonly number[];
  counts: readonly number[];
  minimum: number;
  maximum: number;
  mean: number;
  deviation: number;
}

export interface CategoricalSketch {
  kind: 'categorical';
  rows: number;
  nulls: number;
  values: ReadonlyMap<string, number>;
  /** Rows of values that are not listed. */
  others: number;
}

export type SketchColumn = NumericSketch | CategoricalSketch;

/** A sketch of no row. */
export function withoutRows(kind: SketchColumn['kind']): SketchColumn {
  if (kind === 'categorical') return { kind, rows: 0, nulls: 0, values: new Map(), others: 0 };
  return emptyNumeric(0, []);
}

/** Numbers of which every row is null. */
function emptyNumeric(rows: number, edges: readonly number[]): NumericSketch {
  const counts = new Array<number>(edges.length + 1).fill(0);
  return { kind: 'numeric', rows, nulls: rows, edges, counts, minimum: 0, maximum: 0, mean: 0, deviation: 0 };
}

/** A column of nulls alone has whatever type its reader guessed: it takes that of the other side. */
export function alikeEmpty(sketch: SketchColumn, other: SketchColumn | undefined): SketchColumn {
  if (sketch.kind === 'numeric' || other?.kind !== 'numeric' || sketch.rows > sketch.nulls) return sketch;
  return emptyNumeric(sketch.rows, other.edges);
}

/** The sketch of a profile's column; undefined for times and for columns that a profile cannot describe. */
export function fromProfile(column: ColumnSketch): SketchColumn | undefined {
  const rows = column.count + column.nulls;
  if (column.kind === 'time') return undefined;
  if (column.kind === 'numeric' && column.histogram && column.moments) {
    const { moments, histogram } = column;
    return {
      kind: 'numeric',
      rows,
      // Values that are not finite count as nulls, as they do where rows are compared.
      nulls: rows - moments.count,
      edges: histogram.edges,
      counts: histogram.counts,
      minimum: moments.minimum,
      maximum: moments.maximum,
      mean: moments.mean,
      // Of the rows themselves, as everywhere in a comparison, and not of what they are a sample of.
      deviation: moments.standardDeviation * Math.sqrt((moments.count - 1) / moments.count),
    };
  }
  if (column.kind === 'numeric' && column.count === 0)
    return emptyNumeric(rows, column.histogram?.edges ?? []);
  if (!column.top) return undefined;
  return {
    kind: 'categorical',
    rows,
    nulls: column.nulls,
    values: new Map(column.top.values.map(({ value, count }) => [value, count])),
    others: column.top.otherCount,
  };
}

/** Rows counted into the cells of the other side; undefined where the kinds differ. */
export function fromRows(column: ColumnValues, cells: SketchColumn): SketchColumn | undefined {
  if (column.kind === 'numeric' && cells.kind === 'categorical') {
    // Nulls alone on the other side: they have no cells to count into.
    return cells.rows === cells.nulls ? fromRows(column, withoutRows('numeric')) : undefined;
  }
  if (column.kind === 'categorical') {
    if (cells.kind === 'numeric' && column.codes.some((code) => code >= 0)) return undefined;
    const counts = countNames(column);
    const nulls = column.codes.reduce((sum, code) => sum + (code < 0 ? 1 : 0), 0);
    return { kind: 'categorical', rows: column.codes.length, nulls, values: counts, others: 0 };
  }
  if (cells.kind !== 'numeric') return undefined;
  const sorted = sortedFinite(column.values);
  if (sorted.length === 0) return emptyNumeric(column.values.length, cells.edges);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    kind: 'numeric',
    rows: column.values.length,
    nulls: column.values.length - sorted.length,
    edges: cells.edges,
    counts: countByUpperEdges(sorted, cells.edges),
    minimum: sorted[0] ?? 0,
    maximum: sorted.at(-1) ?? 0,
    mean,
    deviation: Math.sqrt(squares / sorted.length),
  };
}
