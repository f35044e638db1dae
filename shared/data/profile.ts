import type { ChunkSketch, ColumnSketch, TopValues } from '../records/data-profile.ts';
import { type ChunkRule, chunkedSource, chunkLabel } from './chunks.ts';
import { columnKind } from './columns.ts';
import { type Engine, quoteIdentifier } from './engine.ts';
import { byCountThenValue, type TableSketch } from './merge-profiles.ts';
import { columnQuantiles, type SharedQuantiles } from './quantiles.ts';
import { roundToScale } from './round-to-scale.ts';
import {
  chunkValuesQuery,
  extremesQuery,
  HUGE,
  hasQuantiles,
  histogramsQuery,
  LISTED_VALUES,
  momentsQuery,
  type ProfiledColumn,
  topValuesQuery,
} from './sketch-queries.ts';

export interface ProfileOptions {
  /** Histogram edges by column, from an earlier profile; a column without any gets edges of its own. */
  edges?: ReadonlyMap<string, readonly number[]>;
  /** Asks for a sketch per chunk as well. */
  chunk?: ChunkRule;
  /** Rows up to which quantiles are exact. */
  exactQuantileRows?: number;
  progress?: (message: string) => void;
}

export interface TableProfile extends TableSketch {
  chunks: ChunkSketch[];
  /** What is not exact, one sentence each. */
  approximate: string[];
}

const EXACT_QUANTILE_ROWS = 5_000_000;
/** Of numbers and times with more distinct values than a sketch lists, only the most frequent say anything. */
const LISTED_NUMBERS = 10;

type Row = Record<string, unknown>;

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
  const { moments, huge } = await wholeMoments(engine, from, columns);
  const rowCount = Number(moments.rows);
  const step = Math.max(1, Math.ceil(rowCount / (options.exactQuantileRows ?? EXACT_QUANTILE_ROWS)));
  const sample = step === 1 ? from : everyNthRow(from, step);
  const distributions: Distribution[] = [];
  for (const [index, column] of columns.entries()) {
    options.progress?.(`Profiling column ${index + 1} of ${columns.length}`);
    distributions.push(await distributionOf(engine, from, sample, column, Number(moments[`n${index}`] ?? 0)));
  }
  const edges = new Map(
    columns.map(({ name }, index) => [name, edgesOf(name, distributions[index]!, options)]),
  );
  const query = histogramsQuery(from, columns, edges, false);
  const [histograms = {}] = query ? await engine.rows(query) : [];
  const sketches = columns.map((column, index): ColumnSketch => {
    const { distinct, values, quantiles } = distributions[index]!;
    const sketch = baseSketch(column, index, moments, histograms, edges);
    const top = listedValues(column, distinct, values, sketch.count);
    return { ...sketch, distinct, quantiles: quantiles?.reported ?? null, top };
  });
  const chunks = options.chunk
    ? await sketchChunks(engine, from, columns, sketches, { edges, huge }, options.chunk)
    : [];
  const approximate =
    step > 1
      ? [`Quantiles and histogram edges come from every ${step}th row; the counts in the bins are exact.`]
      : [];
  return { rowCount, columns: sketches, chunks, approximate };
}

/** Moments of all columns in one pass; a second one, which is rarely needed, where squares overflow. */
async function wholeMoments(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
): Promise<{ moments: Row; huge: ReadonlySet<string> }> {
  try {
    const [moments = {}] = await engine.rows(momentsQuery(from, columns, false));
    return { moments, huge: new Set() };
  } catch (error) {
    if (!(error instanceof Error) || !/out of range/i.test(error.message)) throw error;
    const [extremes = {}] = await engine.rows(extremesQuery(from, columns));
    const largest = (index: number): number =>
      Math.max(
        Math.abs(Number(extremes[`min${index}`] ?? 0)),
        Math.abs(Number(extremes[`max${index}`] ?? 0)),
      );
    const huge = new Set(columns.filter((_, index) => largest(index) > HUGE).map((column) => column.name));
    const [moments = {}] = await engine.rows(momentsQuery(from, columns, false, huge));
    return { moments, huge };
  }
}

interface Distribution {
  distinct: number;
  values: ListedValue[];
  quantiles: SharedQuantiles | undefined;
}

interface ListedValue {
  value: string;
  number: number | null;
  count: number;
}

async function distributionOf(
  engine: Engine,
  from: string,
  sample: string,
  column: ProfiledColumn,
  finite: number,
): Promise<Distribution> {
  const [row = {}] = await engine.rows(topValuesQuery(from, column));
  const entries: Row[] = Array.isArray(row.top) ? row.top : [];
  const values = entries.map((entry) => ({
    value: String(entry.value),
    number: entry.number === null ? null : Number(entry.number),
    count: Number(entry.n),
  }));
  const distinct = Number(row.distinct_count);
  if (!hasQuantiles(column) || finite === 0) return { distinct, values, quantiles: undefined };
  const all = distinct <= LISTED_VALUES ? values : undefined;
  return { distinct, values, quantiles: await columnQuantiles(engine, sample, column, all) };
}

/** Every n-th row in the order of the files: a sample that is the same each time. */
function everyNthRow(from: string, step: number): string {
  return `(SELECT * FROM (SELECT *, row_number() OVER () AS position_in_files FROM ${from})
    WHERE position_in_files % ${step} = 0)`;
}

async function sketchChunks(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
  whole: readonly ColumnSketch[],
  { edges, huge }: { edges: ReadonlyMap<string, readonly number[]>; huge: ReadonlySet<string> },
  rule: ChunkRule,
): Promise<ChunkSketch[]> {
  const source = chunkedSource(from, rule);
  const moments = await engine.rows(momentsQuery(source, columns, true, huge));
  const query = histogramsQuery(source, columns, edges, true);
  const histograms = query ? await engine.rows(query) : [];
  const counts = new Map<string, Map<string, number>>();
  const keyOf = (chunk: unknown, index: number): string => `${index}:${chunkLabel(chunk, rule)}`;
  for (const [index, column] of columns.entries()) {
    const listed = whole[index]!.top?.values.map((entry) => entry.value) ?? [];
    if (listed.length === 0) continue;
    for (const row of await engine.rows(chunkValuesQuery(source, column, listed))) {
      const key = keyOf(row.chunk, index);
      if (!counts.has(key)) counts.set(key, new Map());
      counts.get(key)!.set(String(row.value), Number(row.n));
    }
  }
  return moments.map((row, chunkIndex) => ({
    label: chunkLabel(row.chunk, rule),
    rowCount: Number(row.rows),
    columns: columns.map((column, index): ColumnSketch => {
      const sketch = baseSketch(column, index, row, histograms[chunkIndex] ?? {}, edges);
      const values = [...(counts.get(keyOf(row.chunk, index)) ?? [])].map(([value, count]) => ({
        value,
        count,
      }));
      const otherCount = sketch.count - values.reduce((sum, entry) => sum + entry.count, 0);
      const top = whole[index]!.top && { values: values.sort(byCountThenValue), otherCount };
      return { ...sketch, distinct: top && otherCount === 0 ? values.length : null, quantiles: null, top };
    }),
  }));
}

function baseSketch(
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

function edgesOf(name: string, distribution: Distribution, options: ProfileOptions): readonly number[] {
  const given = options.edges?.get(name);
  return given && given.length > 0 ? given : (distribution.quantiles?.edges ?? []);
}

function listedValues(
  column: ProfiledColumn,
  distinct: number,
  all: ListedValue[],
  count: number,
): TopValues {
  const limit = hasQuantiles(column) ? LISTED_NUMBERS : LISTED_VALUES;
  // A value that occurs once among many says nothing about the column, and may be about a person.
  const listed = distinct <= LISTED_VALUES ? all : all.slice(0, limit).filter((entry) => entry.count > 1);
  const values = listed.map(({ value, count }) => ({ value, count })).sort(byCountThenValue);
  return { values, otherCount: count - values.reduce((sum, entry) => sum + entry.count, 0) };
}
