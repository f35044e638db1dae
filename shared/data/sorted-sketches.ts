/** Sketches columns of numbers and times from their sorted values, which are read out of the engine one by one. */
import type { ColumnSketch } from '../records/data-profile.ts';
import { sortNumbers } from '../stats/sort-numbers.ts';
import { listable, topValues } from './base-sketch.ts';
import { columnKind } from './columns.ts';
import { type Engine, quoteIdentifier } from './engine.ts';
import { sharedQuantiles } from './quantiles.ts';
import { roundToScale } from './round-to-scale.ts';
import { LISTED_VALUES, type ProfiledColumn } from './sketch-queries.ts';
import { countBetween, countValues, finitePart, momentsOf, type RepeatedValue } from './sorted-sketch.ts';
import { quoteNumber } from './sql-text.ts';

/** A column of which each value is a DOUBLE of its own. */
export interface SortableColumn extends ProfiledColumn {
  /** Rows with a value. */
  count: number;
  reading: Reading;
}

/** How a type is read as DOUBLE, in the same order and without making two values one. */
interface Reading {
  /** SQL of a column's name; null where the value cannot be read so. */
  number(name: string): string;
  /** The number on which statistics are computed; without, that which was read. */
  statistic?(number: number): number;
  /** SQL of the number's text as the engine writes the column's values. */
  text(number: string): string;
  /** Whether larger numbers than 2^53 would be rounded. */
  isWhole: boolean;
}

const LARGEST_EXACT = 2 ** 53;
const DAY_SECONDS = 86_400;

function readingOf(type: string): Reading | undefined {
  const plain = {
    number: (name: string) => `${name}::DOUBLE`,
    text: (number: string) => `${number}::${type}::VARCHAR`,
  };
  if (type === 'DOUBLE' || type === 'FLOAT') return { ...plain, isWhole: false };
  if (/^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type)) return { ...plain, isWhole: true };
  // 15 digits is what a DOUBLE always holds.
  const digits = /^DECIMAL\((\d+),\d+\)$/.exec(type)?.[1];
  if (digits && Number(digits) <= 15) return { ...plain, isWhole: false };
  if (type === 'DATE')
    return {
      number: (name) => `CASE WHEN isfinite(${name}) THEN (${name} - DATE '1970-01-01')::DOUBLE END`,
      statistic: (days) => days * DAY_SECONDS,
      text: (days) => `(DATE '1970-01-01' + ${days}::INTEGER)::VARCHAR`,
      isWhole: true,
    };
  if (type === 'TIMESTAMP')
    return {
      number: (name) => `epoch_us(${name})::DOUBLE`,
      statistic: (microseconds) => microseconds / 1e6,
      text: (microseconds) => `make_timestamp(${microseconds}::BIGINT)::VARCHAR`,
      isWhole: true,
    };
  return undefined;
}

/** How many rows there are, and which columns can be sketched from sorted numbers. */
export async function countColumns(
  engine: Engine,
  from: string,
  columns: readonly ProfiledColumn[],
): Promise<{ rowCount: number; sortable: Map<string, SortableColumn> }> {
  const candidates = columns.flatMap((column) => {
    const reading = readingOf(column.type);
    return reading ? [{ column, reading }] : [];
  });
  const parts = candidates.flatMap(({ column, reading }, index) => {
    const name = quoteIdentifier(column.name);
    const counted = `count(${name}) AS c${index}`;
    if (!reading.isWhole) return [counted];
    if (/INT/.test(column.type))
      return [counted, `greatest(max(${name})::DOUBLE, -(min(${name})::DOUBLE)) AS m${index}`];
    const number = reading.number(name);
    return [counted, `count(${number}) AS n${index}`, `max(abs(${number})) AS m${index}`];
  });
  const [row = {}] = await engine.rows(`SELECT ${['count(*) AS rows', ...parts].join(', ')} FROM ${from}`);
  const sortable = candidates.flatMap(({ column, reading }, index): [string, SortableColumn][] => {
    const count = Number(row[`c${index}`]);
    const isExact =
      !reading.isWhole ||
      (Number(row[`n${index}`] ?? count) === count && Number(row[`m${index}`] ?? 0) < LARGEST_EXACT);
    return isExact ? [[column.name, { ...column, count, reading }]] : [];
  });
  return { rowCount: Number(row.rows), sortable: new Map(sortable) };
}

interface Found {
  sketch: ColumnSketch;
  column: SortableColumn;
  listed: readonly RepeatedValue[];
}

/** @param rowCount of the table: so many numbers are held twice. */
export async function sketchBySorting(
  engine: Engine,
  from: string,
  columns: readonly SortableColumn[],
  options: {
    edges: ReadonlyMap<string, readonly number[]> | undefined;
    rowCount: number;
    progress(column: string): void;
  },
): Promise<ColumnSketch[]> {
  if (columns.length === 0) return [];
  const [values, spare] = [new Float64Array(options.rowCount), new Float64Array(options.rowCount)];
  const found: Found[] = [];
  for (const column of columns) {
    options.progress(column.name);
    const name = quoteIdentifier(column.name);
    const select = `SELECT ${column.reading.number(name)} FROM ${from} WHERE ${name} IS NOT NULL`;
    const sorted = await engine.numbers(select, values);
    sortNumbers(sorted, spare);
    found.push(sketchOf(column, sorted, options.rowCount, options.edges?.get(column.name)));
  }
  const texts = await textsOf(engine, found);
  return found.map(({ sketch, column, listed }, index) => {
    const values = listed.map(({ count }, place) => ({ value: texts[index]![place]!, count }));
    return { ...sketch, top: topValues(values, column.count) };
  });
}

function sketchOf(
  column: SortableColumn,
  sorted: Float64Array,
  rowCount: number,
  given: readonly number[] | undefined,
): Found {
  const { distinct, top } = countValues(sorted, LISTED_VALUES);
  const finite = finitePart(sorted);
  const { statistic } = column.reading;
  if (statistic)
    for (let index = 0; index < finite.length; index++) finite[index] = statistic(finite[index]!);
  const moments = momentsOf(finite);
  const scale = moments ? Math.max(Math.abs(moments.minimum), Math.abs(moments.maximum)) : 0;
  const quantiles = sharedQuantiles({ count: finite.length, at: (position) => finite[position - 1]! + 0 });
  const edges = given && given.length > 0 ? given : (quantiles?.edges ?? []);
  const sketch: ColumnSketch = {
    name: column.name,
    type: column.type,
    kind: columnKind(column.type),
    count: column.count,
    nulls: rowCount - column.count,
    distinct,
    moments: moments && {
      ...moments,
      mean: roundToScale(moments.mean, scale),
      standardDeviation: roundToScale(moments.standardDeviation, scale),
    },
    quantiles: quantiles?.reported ?? null,
    histogram: edges.length === 0 ? null : { edges: [...edges], counts: countBetween(finite, edges) },
    top: null,
  };
  return { sketch, column, listed: listable(column, distinct, top) };
}

/** The listed values as the engine writes them. */
async function textsOf(engine: Engine, found: readonly Found[]): Promise<string[][]> {
  const lists = found.map(({ column, listed }, index) => {
    const texts = listed.map(({ value }) => column.reading.text(literal(value)));
    return `[${texts.join(', ')}]::VARCHAR[] AS t${index}`;
  });
  const [row = {}] = await engine.rows(`SELECT ${lists.join(', ')}`);
  return found.map((_, index) => row[`t${index}`] as string[]);
}

function literal(value: number): string {
  // In brackets, since a cast binds before a minus.
  return Number.isFinite(value) ? `(${quoteNumber(value)})` : `'${value}'::DOUBLE`;
}
