/** Sketches columns of numbers and times from their sorted values, which are read out of the engine one by one. */
import type { ColumnSketch } from '../records/data-profile.ts';
import { topValues } from './base-sketch.ts';
import { type Engine, quoteIdentifier } from './engine.ts';
import { type Reading, readingOf } from './number-reading.ts';
import { type NumbersColumn, type NumbersSketch, sketchNumbers } from './sketch-numbers.ts';
import type { ProfiledColumn } from './sketch-queries.ts';
import { quoteNumber } from './sql-text.ts';

const LARGEST_EXACT = 2 ** 53;

export interface SortableColumn extends NumbersColumn {
  reading: Reading;
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

interface Found extends NumbersSketch {
  column: SortableColumn;
}

/** Read together: each step of reading takes the engine as long as hundreds of numbers do. */
const READ_TOGETHER = 5;

/** @param options.rowCount of the table: so many numbers are held six times, twice where memory is scarce. */
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
  const { edges, rowCount, progress } = options;
  const together = engine.savesMemory ? 1 : Math.min(READ_TOGETHER, columns.length);
  const rooms = Array.from({ length: together }, () => new Float64Array(rowCount));
  const spare = new Float64Array(rowCount);
  const found: Found[] = [];
  for (let first = 0; first < columns.length; first += together) {
    const part = columns.slice(first, first + together);
    const texts = part.map(({ name, reading }) => reading.number(quoteIdentifier(name)));
    const numbers = await engine.numbers(`SELECT ${texts.join(', ')} FROM ${from}`, rooms);
    for (const [index, column] of part.entries()) {
      progress(column.name);
      const own = { spare, rowCount, edges: edges?.get(column.name) };
      found.push({ column, ...sketchNumbers(column, numbers[index]!, own) });
    }
  }
  // Given back now: until it is collected it would add to the peak of whatever comes next.
  for (const { buffer } of [...rooms, spare]) buffer.transfer(0);
  const texts = await textsOf(engine, found);
  return found.map(({ sketch, column, listed }, index) => {
    const values = listed.map(({ count }, place) => ({ value: texts[index]![place]!, count }));
    return { ...sketch, top: topValues(values, column.count) };
  });
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
