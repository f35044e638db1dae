import { columnKind, columnValue } from './columns.ts';
import { quoteIdentifier, quoteNumber, quoteText } from './sql-text.ts';

/** The SQL of a profile: each function makes one statement, `profile.ts` reads the answers. */

export interface ProfiledColumn {
  name: string;
  /** DuckDB type. */
  type: string;
}

/** How many values a sketch lists at most. */
export const LISTED_VALUES = 256;

/** Of larger values the sum of squares may be no number any more. */
export const HUGE = 2 ** 450;
export const HUGE_SCALE = 2 ** 600;

/** `min<i> max<i>` of the finite values of each column with numbers. */
export function extremesQuery(from: string, columns: readonly ProfiledColumn[]): string {
  const parts = columns.flatMap((column, index) => {
    if (columnKind(column.type) === 'text') return [];
    const value = finiteValue(column);
    return [`min(${value}) AS min${index}`, `max(${value}) AS max${index}`];
  });
  return grouped(from, ['count(*) AS rows', ...parts], false);
}

/**
 * Counts, nulls and moments of all columns in one pass.
 * @param from a table name or subquery that also yields `chunk`, where `byChunk`.
 * @param huge columns whose values are so large that their squares overflow: their moments are taken of values
 * divided by a power of two, which is exact, and given back multiplied.
 * @returns columns `rows`, and per column i: `c<i>` count, and for numbers `n<i> mean<i> sd<i> min<i> max<i>`.
 */
export function momentsQuery(
  from: string,
  columns: readonly ProfiledColumn[],
  byChunk: boolean,
  huge: ReadonlySet<string> = new Set(),
): string {
  const parts = columns.flatMap((column, index) => {
    const counted = `count(${quoteIdentifier(column.name)}) AS c${index}`;
    if (columnKind(column.type) === 'text') return [counted];
    const value = finiteValue(column);
    const isHuge = huge.has(column.name);
    const scaled = isHuge ? `${value} / ${quoteNumber(HUGE_SCALE)}` : value;
    const whole = (moment: string): string =>
      isHuge ? `least(${moment} * ${quoteNumber(HUGE_SCALE)}, ${quoteNumber(Number.MAX_VALUE)})` : moment;
    return [
      counted,
      `count(${value}) AS n${index}`,
      `${whole(`avg(${scaled})`)} AS mean${index}`,
      `${whole(`stddev_samp(${scaled})`)} AS sd${index}`,
      `min(${value}) AS min${index}`,
      `max(${value}) AS max${index}`,
    ];
  });
  return grouped(from, ['count(*) AS rows', ...parts], byChunk);
}

/** `value, position` of the finite values of a column at 1-based positions of their ascending order. */
export function positionsQuery(from: string, column: ProfiledColumn, positions: readonly number[]): string {
  return `SELECT value, position FROM (
      SELECT value, row_number() OVER (ORDER BY value) AS position
      FROM (SELECT ${finiteValue(column)} AS value FROM ${from}) WHERE value IS NOT NULL)
    WHERE position IN (${positions.join(', ')})`;
}

/** `n`: how many finite values a column has. */
export function finiteCountQuery(from: string, column: ProfiledColumn): string {
  return `SELECT count(${finiteValue(column)}) AS n FROM ${from}`;
}

/** `h<i>`: the bin counts by the given edges, one list per column that has edges. */
export function histogramsQuery(
  from: string,
  columns: readonly ProfiledColumn[],
  edges: ReadonlyMap<string, readonly number[]>,
  byChunk: boolean,
): string | undefined {
  const parts = columns.flatMap((column, index) => {
    const bounds = edges.get(column.name);
    if (!bounds || bounds.length === 0 || !hasQuantiles(column)) return [];
    const list = `[${bounds.map(quoteNumber).join(', ')}]`;
    return [`map_values(histogram(${finiteValue(column)}, ${list})) AS h${index}`];
  });
  return parts.length === 0 ? undefined : grouped(from, parts, byChunk);
}

/**
 * `distinct_count` and `top`: the most frequent values as a list of {value, number, n}, in a fixed order, those that
 * occur once only where all values are listed; `number` is the value on which statistics are computed, null for text
 * and where it is not finite.
 */
export function topValuesQuery(from: string, column: ProfiledColumn): string {
  const name = quoteIdentifier(column.name);
  const number = hasQuantiles(column) ? finiteValue({ name: 'v', type: column.type }) : 'NULL::DOUBLE';
  return `WITH g AS MATERIALIZED (SELECT ${name} AS v, count(*) AS n FROM ${from} WHERE ${name} IS NOT NULL GROUP BY 1)
    SELECT (SELECT count(*) FROM g) AS distinct_count,
      (SELECT list({'value': v::VARCHAR, 'number': ${number}, 'n': n} ORDER BY n DESC, v)
       FROM (SELECT v, n FROM g WHERE n > 1 OR (SELECT count(*) FROM g) <= ${LISTED_VALUES}
         ORDER BY n DESC, v LIMIT ${LISTED_VALUES})) AS top`;
}

/** `chunk, value, n` of the listed values of one column in each chunk. */
export function chunkValuesQuery(from: string, column: ProfiledColumn, listed: readonly string[]): string {
  const value = `${quoteIdentifier(column.name)}::VARCHAR`;
  return `SELECT chunk, ${value} AS value, count(*) AS n FROM ${from}
    WHERE ${value} IN (${listed.map(quoteText).join(', ')}) GROUP BY ALL`;
}

/** Whether quantiles and a histogram are kept for a column. */
export function hasQuantiles(column: ProfiledColumn): boolean {
  const kind = columnKind(column.type);
  return kind === 'numeric' || kind === 'time';
}

/** The value as DOUBLE; NaN and infinities become null, so that they are in no moment. */
function finiteValue(column: ProfiledColumn): string {
  const value = columnValue(column.name, column.type);
  if (column.type !== 'DOUBLE' && column.type !== 'FLOAT') return value;
  return `(CASE WHEN isfinite(${value}) THEN ${value} END)`;
}

function grouped(from: string, parts: readonly string[], byChunk: boolean): string {
  const select = byChunk ? ['chunk', ...parts] : parts;
  return `SELECT ${select.join(', ')} FROM ${from}${byChunk ? ' GROUP BY chunk ORDER BY chunk' : ''}`;
}
