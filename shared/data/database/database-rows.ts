/** Rows of a database on their way to the engine: a CSV file of texts, and the types as the database names them. */
import { LARGEST_LINE_BYTES } from '../csv-writing.ts';
import type { Engine } from '../engine.ts';
import { quoteIdentifier, quoteText } from '../sql-text.ts';
import { quotePaths } from '../table-files.ts';

export interface DatabaseColumn {
  name: string;
  /** The type in the database's own words, e.g. `numeric(10,2)`; for messages and records. */
  declared: string;
  /** The engine's type. */
  type: string;
  /** How the text becomes that type: a list is written in JSON. */
  written: 'text' | 'json';
  /** What the column is where a value does not fit its type: infinities among decimals, years beyond the engine's. */
  otherwise?: 'DOUBLE' | 'VARCHAR';
}

/** The type of decimals of which the database says no size: as many digits as their texts have. */
export const ANY_DECIMAL = 'DECIMAL';
const MOST_DIGITS = 38;

/** A value as a field of such a file: null is empty, text is always in quotation marks. */
export const csvField = (value: string | null): string =>
  value === null ? '' : `"${value.replaceAll('"', '""')}"`;

/**
 * Loads the file into a table, every value as the type it has in the database.
 * @returns what a reader of the record must know.
 */
export async function loadDatabaseRows(
  engine: Engine,
  path: string,
  columns: readonly DatabaseColumn[],
  table: string,
): Promise<string[]> {
  // Room for long lines costs memory, so it is made only where a line needs it.
  try {
    return await load(engine, path, columns, table, '');
  } catch (error) {
    if (!(error instanceof Error) || !/max(imum)?[_ ]line[_ ]size/i.test(error.message)) throw error;
    const room = `, max_line_size = ${LARGEST_LINE_BYTES}, buffer_size = ${2 * LARGEST_LINE_BYTES}`;
    return load(engine, path, columns, table, room);
  }
}

async function load(
  engine: Engine,
  path: string,
  given: readonly DatabaseColumn[],
  table: string,
  room: string,
): Promise<string[]> {
  const names = given.map((_, index) => `c${index}`);
  const texts = names.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ');
  const reader = `read_csv(${quotePaths([path])}, header = true, auto_detect = false, delim = ',', quote = '"',
    escape = '"', nullstr = '', allow_quoted_nulls = false, columns = {${texts}}${room})`;
  const columns = await sizedDecimals(engine, reader, given, names);
  const create = (types: readonly DatabaseColumn[]): Promise<void> =>
    engine.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS SELECT
      ${types.map((column, index) => `${conversion(column, names[index]!)} AS ${quoteIdentifier(column.name)}`).join(', ')}
      FROM ${reader}`);
  try {
    await create(columns);
    return [];
  } catch (error) {
    if (!(error instanceof Error) || !/^(Conversion|Out of Range|Invalid Input) ?Error/i.test(error.message))
      throw error;
    const unfit = await unfitColumns(engine, reader, columns, names);
    if (unfit.size === 0) throw error;
    await create(
      columns.map((column) =>
        unfit.has(column) ? { ...column, type: column.otherwise ?? 'VARCHAR', written: 'text' } : column,
      ),
    );
    return [...unfit].map(
      ({ name, declared, type, otherwise }) =>
        `The column ${name} (${declared}) holds values beyond ${type} and is read as ${otherwise ?? 'VARCHAR'}.`,
    );
  }
}

/** Decimals without a size get one that holds all of them; infinities and more digits than 38 make them DOUBLE. */
async function sizedDecimals(
  engine: Engine,
  reader: string,
  columns: readonly DatabaseColumn[],
  names: readonly string[],
): Promise<DatabaseColumn[]> {
  const tests = columns.flatMap(({ type }, index) => {
    if (type !== ANY_DECIMAL) return [];
    const part = (group: number): string =>
      `regexp_extract(${names[index]}, '^-?([0-9]+)(?:\\.([0-9]+))?$', ${group})`;
    return [
      `min(length(${part(1)})) AS m${index}`,
      `max(length(${part(1)})) AS w${index}`,
      `max(length(${part(2)})) AS s${index}`,
    ];
  });
  if (tests.length === 0) return [...columns];
  const [row = {}] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${reader}`);
  return columns.map((column, index) => {
    if (column.type !== ANY_DECIMAL) return column;
    const [least, whole, scale] = ['m', 'w', 's'].map((key) => Number(row[`${key}${index}`] ?? 1)) as [
      number,
      number,
      number,
    ];
    if (least === 0 || whole + scale > MOST_DIGITS) return { ...column, type: 'DOUBLE' };
    if (scale === 0) return { ...column, type: whole <= 18 ? 'BIGINT' : 'HUGEINT' };
    return { ...column, type: `DECIMAL(${MOST_DIGITS},${scale})` };
  });
}

function conversion({ type, written }: DatabaseColumn, name: string, cast = 'CAST'): string {
  if (type === 'VARCHAR') return name;
  return written === 'json' ? `${cast}(${name}::JSON AS ${type})` : `${cast}(${name} AS ${type})`;
}

async function unfitColumns(
  engine: Engine,
  reader: string,
  columns: readonly DatabaseColumn[],
  names: readonly string[],
): Promise<Set<DatabaseColumn>> {
  const tests = columns.map((column, index) => {
    const name = names[index]!;
    // Of a list of lists each part would become null, not the whole.
    const isNested = column.written === 'json' ? ` OR ${name} LIKE '[[%'` : '';
    return `count_if(${name} IS NOT NULL AND (${conversion(column, name, 'TRY_CAST')} IS NULL${isNested})) AS n${index}`;
  });
  const [row = {}] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${reader}`);
  return new Set(columns.filter((_, index) => Number(row[`n${index}`]) > 0));
}
