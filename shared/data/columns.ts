import { UserError } from '../errors.ts';
import { nearest } from '../records/nearest.ts';
import { type Engine, quoteIdentifier, quoteText } from './engine.ts';

export type ColumnKind = 'numeric' | 'text' | 'time' | 'boolean';

export interface NumericColumn {
  kind: 'numeric' | 'time' | 'boolean';
  /** NaN for null; seconds since 1970 (UTC) for a time; 0 or 1 for a boolean. */
  values: Float64Array;
  /** 1 where the value is null. */
  nulls: Uint8Array;
}

export interface TextColumn {
  kind: 'text';
  values: (string | null)[];
  nulls: Uint8Array;
}

export type Column = NumericColumn | TextColumn;

/** What a DuckDB type is for statistics; lists, structs and blobs count as text. */
export function columnKind(type: string): ColumnKind {
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w+INT|UINTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(type))
    return 'numeric';
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return 'time';
  return type === 'BOOLEAN' ? 'boolean' : 'text';
}

const isDictionary = (type: string): boolean => type.startsWith('ENUM(');

/** The SQL that turns a column into what statistics are computed on: DOUBLE (of an ENUM its code), or text. */
export function columnValue(name: string, type: string): string {
  const column = quoteIdentifier(name);
  switch (columnKind(type)) {
    case 'numeric':
      return type === 'DOUBLE' ? column : `${column}::DOUBLE`;
    case 'boolean':
      return `${column}::INTEGER::DOUBLE`;
    case 'time':
      return `epoch(${column})::DOUBLE`;
    case 'text':
      if (isDictionary(type)) return `enum_code(${column})::DOUBLE`;
      return type === 'VARCHAR' ? column : `${column}::VARCHAR`;
  }
}

/**
 * Reads columns of a table whole into memory, in the order of the files' rows.
 * @throws UserError naming the nearest column when one does not exist.
 */
export async function readColumns(
  engine: Engine,
  table: string,
  names: string[],
): Promise<Record<string, Column>> {
  const types = new Map((await describeTable(engine, table)).map((column) => [column.name, column.type]));
  const expressions = names.map((name, index) => {
    const type = types.get(name);
    if (type === undefined) throw missingColumn(name, [...types.keys()]);
    return `${columnValue(name, type)} AS c${index}`;
  });
  if (expressions.length === 0) return {};
  const vectors = await engine.vectors(`SELECT ${expressions.join(', ')} FROM ${quoteIdentifier(table)}`);
  const columns: Record<string, Column> = {};
  for (const [index, name] of names.entries()) {
    const { values, nulls } = vectors[`c${index}`]!;
    const type = types.get(name)!;
    if (!(values instanceof Float64Array)) columns[name] = { kind: 'text', values, nulls };
    else if (isDictionary(type)) columns[name] = await spellOut(engine, type, values, nulls);
    else columns[name] = numeric(columnKind(type), values, nulls);
  }
  return columns;
}

/** The texts of an ENUM by its codes: one text per value, not per row, is made. */
async function spellOut(
  engine: Engine,
  type: string,
  codes: Float64Array,
  nulls: Uint8Array,
): Promise<TextColumn> {
  const rows = await engine.rows(`SELECT unnest(enum_range(NULL::${type})) AS value`);
  const texts = rows.map((row) => String(row.value));
  const values = new Array<string | null>(codes.length);
  for (let row = 0; row < codes.length; row++) values[row] = nulls[row] === 1 ? null : texts[codes[row]!]!;
  return { kind: 'text', values, nulls };
}

/** Names and DuckDB types of a table's columns, in their order. */
export async function describeTable(
  engine: Engine,
  table: string,
): Promise<{ name: string; type: string }[]> {
  const rows = await engine.rows(`DESCRIBE ${quoteIdentifier(table)}`);
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
}

/**
 * SQL of the place of each row in the files, from 0 on. A view on files knows none by itself, and a column may have the
 * name by which a table knows it: then rows are numbered.
 */
export async function placeOfRow(engine: Engine, table: string): Promise<string> {
  const found = await engine.rows(`
    SELECT 1 AS one FROM duckdb_views() WHERE view_name = ${quoteText(table)} UNION ALL
    SELECT 1 FROM duckdb_columns() WHERE table_name = ${quoteText(table)} AND lower(column_name) = 'rowid'`);
  return found.length > 0 ? '(row_number() OVER () - 1)' : 'rowid';
}

function numeric(kind: ColumnKind, values: Float64Array, nulls: Uint8Array): NumericColumn {
  return { kind: kind === 'text' ? 'numeric' : kind, values, nulls };
}

function missingColumn(name: string, known: string[]): UserError {
  const guess = nearest(name, known);
  return new UserError(`The data has no column ${JSON.stringify(name)}`, {
    where: { key: name },
    fix: `${guess ? `Did you mean ${JSON.stringify(guess)}? ` : ''}The columns are: ${known.join(', ')}.`,
  });
}
