/** How well a column tells the label: counts from the engine, one query per column, scored by `shared/metrics`. */

import type { Engine } from '../../../shared/data/engine.ts';
import { quoteIdentifier, quoteNumber } from '../../../shared/data/sql-text.ts';
import {
  predictivePowerOfClasses,
  predictivePowerOfNumbers,
} from '../../../shared/metrics/predictive-power.ts';
import type { ColumnOfRule } from './rule-context.ts';

const FOLDS = 4;
/** A label with more distinct numbers is a quantity, not a class. */
const MOST_NUMBER_CLASSES = 20;
const MOST_CLASSES = 256;
/** A column with more distinct numbers is cut at the edges of its histogram. */
const MOST_NUMBER_CELLS = 64;
/** Of text with more values the rest is one cell. */
const MOST_TEXT_CELLS = 1000;
const CELLS_OF_POSITION = 40;

/** The label as it is predicted. */
export type Label =
  | { kind: 'classes'; sql: string; classes: ReadonlyMap<string, number> }
  | { kind: 'number'; sql: string };

/** What the label is; undefined where it has too many classes or no value. */
export async function labelOf(
  engine: Engine,
  table: string,
  column: ColumnOfRule,
): Promise<Label | undefined> {
  const from = quoteIdentifier(table);
  const distinct = column.sketch?.distinct ?? (await distinctOf(engine, from, column));
  if (distinct === 0) return undefined;
  if (column.kind === 'numeric' && distinct > MOST_NUMBER_CLASSES && column.number) {
    const [row] = await engine.rows(`SELECT avg(${column.number}) AS mean FROM ${from}`);
    const mean = Number(row?.mean);
    return Number.isFinite(mean)
      ? { kind: 'number', sql: `(${column.number} - ${quoteNumber(mean)})` }
      : undefined;
  }
  if (distinct > MOST_CLASSES) return undefined;
  const sql = `${column.sql}::VARCHAR`;
  const rows = await engine.rows(
    `SELECT DISTINCT ${sql} AS v FROM ${from} WHERE ${column.sql} IS NOT NULL ORDER BY 1`,
  );
  return { kind: 'classes', sql, classes: new Map(rows.map((row, index) => [String(row.v), index])) };
}

async function distinctOf(engine: Engine, from: string, column: ColumnOfRule): Promise<number> {
  const [row] = await engine.rows(`SELECT count(DISTINCT ${column.sql}) AS n FROM ${from}`);
  return Number(row?.n);
}

/** What the label is told by: a column, or the row's position in the files. */
export type Teller = { column: ColumnOfRule } | { rowCount: number };

/**
 * The predictive power score of a column (or of the order of rows) for the label, 0 to 1; null where it is undefined.
 * A null of the column is a cell of its own; rows without a label are left out.
 */
export async function predictivePower(
  engine: Engine,
  table: string,
  teller: Teller,
  label: Label,
): Promise<number | null> {
  const cell = 'column' in teller ? cellOf(teller.column, table) : positionCell(teller.rowCount);
  // A fixed mix of the position, so that the folds are the same each time and follow no period of the rows.
  const fold = `((position * 2654435761) % 4294967296) // ${4294967296 / FOLDS}`;
  const rows = `(SELECT *, row_number() OVER () AS position FROM ${quoteIdentifier(table)})`;
  const from = `SELECT COALESCE((${cell})::VARCHAR, '(null)') AS cell, ${fold} AS fold, ${label.sql} AS label FROM ${rows} AS told`;
  if (label.kind === 'number') {
    const found =
      await engine.rows(`SELECT cell, fold, count(*) AS n, sum(label) AS s, sum(label * label) AS q
      FROM (${from}) WHERE label IS NOT NULL GROUP BY ALL ORDER BY ALL`);
    const cells = found.map((row) => ({
      cell: String(row.cell),
      fold: Number(row.fold),
      count: Number(row.n),
      sum: Number(row.s),
      sumOfSquares: Number(row.q),
    }));
    return rounded(predictivePowerOfNumbers(cells, FOLDS));
  }
  const found = await engine.rows(
    `SELECT cell, fold, label, count(*) AS n FROM (${from}) WHERE label IS NOT NULL GROUP BY ALL`,
  );
  const cells = found.map((row) => ({
    cell: String(row.cell),
    fold: Number(row.fold),
    label: label.classes.get(String(row.label))!,
    count: Number(row.n),
  }));
  return rounded(predictivePowerOfClasses(cells, label.classes.size, FOLDS));
}

const rounded = (power: number | null): number | null => (power === null ? null : Number(power.toFixed(12)));

function positionCell(rowCount: number): string {
  return `((position - 1) * ${CELLS_OF_POSITION}) // ${Math.max(1, rowCount)}`;
}

function cellOf({ sketch, kind, sql, number }: ColumnOfRule, table: string): string {
  const edges = sketch?.histogram?.edges ?? [];
  const distinct = sketch?.distinct ?? Number.POSITIVE_INFINITY;
  if (edges.length > 0 && distinct > MOST_NUMBER_CELLS) {
    const value = kind === 'time' ? `epoch(${sql})::DOUBLE` : number;
    if (value) return `CASE WHEN ${sql} IS NULL THEN NULL ELSE ${binOf(value, edges, 0, edges.length)} END`;
  }
  if (distinct <= MOST_TEXT_CELLS) return sql;
  return `CASE WHEN ${sql} IN (SELECT ${sql} FROM ${quoteIdentifier(table)} WHERE ${sql} IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ${MOST_TEXT_CELLS}) THEN ${sql}::VARCHAR WHEN ${sql} IS NOT NULL THEN '(rest)' END`;
}

/** The number of edges below a value, by halving: the upper edge belongs to its bin. */
function binOf(value: string, edges: readonly number[], from: number, to: number): string {
  if (from === to) return String(from);
  const middle = (from + to) >> 1;
  const edge = quoteNumber(edges[middle]!);
  return `CASE WHEN ${value} <= ${edge} THEN ${binOf(value, edges, from, middle)} ELSE ${binOf(value, edges, middle + 1, to)} END`;
}
