import type { ChunkSketch, ColumnSketch } from '../records/data-profile.ts';
import { sketchChunks } from './chunk-sketches.ts';
import type { ChunkRule } from './chunks.ts';
import { type Engine, quoteIdentifier } from './engine.ts';
import { sketchByEngine } from './engine-sketches.ts';
import type { TableSketch } from './merge-profiles.ts';
import type { ProfiledColumn } from './sketch-queries.ts';
import { countColumns, sketchBySorting } from './sorted-sketches.ts';

export interface ProfileOptions {
  /** Histogram edges by column, from an earlier profile; a column without any gets edges of its own. */
  edges?: ReadonlyMap<string, readonly number[]>;
  /** Asks for a sketch per chunk as well. */
  chunk?: ChunkRule;
  /** Rows up to which quantiles are exact. */
  exactQuantileRows?: number;
  /** Rows up to which numbers are sorted in this process, which is faster than in the engine. */
  sortedRows?: number;
  progress?: (message: string) => void;
}

export interface TableProfile extends TableSketch {
  chunks: ChunkSketch[];
  /** What is not exact, one sentence each. */
  approximate: string[];
}

const EXACT_QUANTILE_ROWS = 5_000_000;

/**
 * Sketches every column of a table: counts, moments, quantiles, a histogram, the most frequent values. Sums differ in
 * their last digits between thread schedules, so means and deviations are rounded to 12 digits of the column's
 * magnitude: the same bytes give the same sketch.
 */
export async function profileTable(
  engine: Engine,
  table: string,
  columns: readonly ProfiledColumn[],
  options: ProfileOptions = {},
): Promise<TableProfile> {
  const from = quoteIdentifier(table);
  if (columns.length === 0) return { rowCount: 0, columns: [], chunks: [], approximate: [] };
  const exactRows = options.exactQuantileRows ?? EXACT_QUANTILE_ROWS;
  const { rowCount, sortable } = await countColumns(engine, from, columns);
  const isSorted = rowCount <= Math.min(exactRows, options.sortedRows ?? exactRows);
  const byEngine = columns.filter(({ name }) => !(isSorted && sortable.has(name)));
  const step = Math.max(1, Math.ceil(rowCount / exactRows));
  let profiled = 0;
  const progress = (): void => {
    profiled += 1;
    options.progress?.(`Profiling column ${profiled} of ${columns.length}`);
  };
  const { edges } = options;
  const counting = (): Promise<ColumnSketch[]> =>
    sketchByEngine(engine, from, byEngine, { edges, step, progress });
  const sorting = (): Promise<ColumnSketch[]> =>
    sketchBySorting(engine, from, isSorted ? [...sortable.values()] : [], { edges, rowCount, progress });
  // While this process sorts one column, the engine counts the values of another, if there is memory for both.
  const ways = engine.savesMemory
    ? [await settled(counting()), await settled(sorting())]
    : await Promise.allSettled([counting(), sorting()]);
  const found = new Map<string, ColumnSketch>();
  for (const way of ways) {
    if (way.status === 'rejected') throw way.reason;
    for (const sketch of way.value) found.set(sketch.name, sketch);
  }
  const sketches = columns.map(({ name }) => found.get(name)!);
  const chunks = options.chunk ? await sketchChunks(engine, from, columns, sketches, options.chunk) : [];
  const approximate =
    step > 1
      ? [`Quantiles and histogram edges come from every ${step}th row; the counts in the bins are exact.`]
      : [];
  return { rowCount, columns: sketches, chunks, approximate };
}

async function settled<Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> {
  return (await Promise.allSettled([promise]))[0];
}
