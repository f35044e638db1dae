import type { ColumnSketch } from '../records/data-profile.ts';
import { baseSketch, listable, type Row, topValues } from './base-sketch.ts';
import type { Engine } from './engine.ts';
import { columnQuantiles, type SharedQuantiles } from './quantiles.ts';
import {
  extremesQuery,
  HUGE,
  hasQuantiles,
  histogramsQuery,
  LISTED_VALUES,
  momentsQuery,
  type ProfiledColumn,
  topValuesQuery,
} from './sketch-queries.ts';

export interface EngineSketchOptions {
  /** Histogram edges by column; a column without any gets edges of its own. */
  edges: ReadonlyMap<string, readonly number[]> | undefined;
  /** Quantiles come from every so-many-th row. */
  step: number;
  progress(column: string): void;
}

/** Sketches columns by the engine alone: it needs no more memory than it is given, whatever the number of rows. */
export async function sketchByEngine(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
  { edges: given, step, progress }: EngineSketchOptions,
): Promise<ColumnSketch[]> {
  if (columns.length === 0) return [];
  const moments = await wholeMoments(engine, from, columns);
  const sample = step === 1 ? from : everyNthRow(from, step);
  const distributions: Distribution[] = [];
  for (const [index, column] of columns.entries()) {
    progress(column.name);
    distributions.push(await distributionOf(engine, from, sample, column, Number(moments[`n${index}`] ?? 0)));
  }
  const edges = new Map(
    columns.map(({ name }, index) => [name, edgesOf(name, distributions[index]!, given)]),
  );
  const query = histogramsQuery(from, columns, edges, false);
  const [histograms = {}] = query ? await engine.rows(query) : [];
  return columns.map((column, index): ColumnSketch => {
    const { distinct, values, quantiles } = distributions[index]!;
    const sketch = baseSketch(column, index, moments, histograms, edges);
    const top = topValues(listable(column, distinct, values), sketch.count);
    return { ...sketch, distinct, quantiles: quantiles?.reported ?? null, top };
  });
}

/** Moments of all columns in one pass; a second one, which is rarely needed, where squares overflow. */
async function wholeMoments(engine: Engine, from: string, columns: readonly ProfiledColumn[]): Promise<Row> {
  try {
    const [moments = {}] = await engine.rows(momentsQuery(from, columns, false));
    return moments;
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
    return moments;
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

function edgesOf(
  name: string,
  distribution: Distribution,
  all: ReadonlyMap<string, readonly number[]> | undefined,
): readonly number[] {
  const given = all?.get(name);
  return given && given.length > 0 ? given : (distribution.quantiles?.edges ?? []);
}
