import { quoteIdentifier } from './sql-text.ts';

/** How rows are cut into chunks: every so many rows in their order, or by periods of a time column. */
export type ChunkRule = { rows: number } | { column: string; milliseconds: number };

/**
 * A subquery with all columns and `chunk`: the index of the chunk, or the start of the period. Periods are counted
 * from Monday 3 January 2000 (UTC), so that those of two data sets agree.
 */
export function chunkedSource(from: string, rule: ChunkRule): string {
  if ('rows' in rule) return `(SELECT *, (row_number() OVER () - 1) // ${rule.rows} AS chunk FROM ${from})`;
  const column = quoteIdentifier(rule.column);
  const period = `to_milliseconds(${rule.milliseconds})`;
  return `(SELECT *, time_bucket(${period}, ${column}::TIMESTAMP, TIMESTAMP '2000-01-03') AS chunk FROM ${from}
    WHERE ${column} IS NOT NULL)`;
}

/** The label of a chunk in records and reports. */
export function chunkLabel(chunk: unknown, rule: ChunkRule): string {
  if ('rows' in rule) {
    const first = Number(chunk) * rule.rows;
    return `rows ${first + 1} to ${first + rule.rows}`;
  }
  if (!(chunk instanceof Date)) throw new TypeError('A period begins with a time');
  const text = chunk.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
}
