import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { readCsvHeader } from './csv-header.ts';
import type { Engine } from './engine.ts';
import { quoteIdentifier, quoteText } from './sql-text.ts';
import { LISTED_REJECTS, quotePaths, type Rejects, requireSameColumns } from './table-files.ts';

/** RFC 4180, nothing skipped: the engine would guess comments and titles, and drop such lines in silence. */
const DIALECT = `header = true, quote = '"', escape = '"', comment = '', skip = 0, hive_partitioning = false`;
const WRONG_TYPE_SHARE = 0.01;
/** Above 2^53 a DOUBLE no longer holds every whole number. */
const LARGEST_EXACT = 2 ** 53;

/**
 * Loads CSV files into a table. The types come from the first 20,480 lines and are then mistrusted: whole numbers are
 * read as DOUBLE (reading `5.5` as BIGINT rounds it silently) and made BIGINT afterwards where all of them are whole;
 * a column whose values often do not fit its type becomes text.
 * @returns the lines that fit no row, by file and line.
 */
export async function loadCsv(
  engine: Engine,
  paths: readonly string[],
  table: string,
  textColumns: readonly string[],
): Promise<Rejects> {
  const header = await readCsvHeader(paths[0]!);
  const dialect = `${DIALECT}, delim = ${quoteText(header.delimiter)}`;
  const guessed = await guessTypes(engine, paths, dialect);
  if (!guessed) return loadAsText(engine, paths, table, textColumns, dialect);
  const types = guessed;
  for (const name of textColumns) if (types.has(name)) types.set(name, 'VARCHAR');
  const option = (): string => `types = ${typeList(types)}`;
  let rejects = await load(engine, paths, table, dialect, option());
  const wrong = await wronglyTyped(engine, table);
  const inexact = await inexactColumns(engine, table, types);
  if (wrong.length + inexact.length > 0) {
    for (const name of [...wrong, ...inexact]) types.set(name, 'VARCHAR');
    rejects = await load(engine, paths, table, dialect, option());
    for (const name of inexact) await narrowText(engine, table, name);
  }
  await narrowNumbers(engine, table, types);
  return rejects;
}

/** So many of the first lines are broken that the engine makes nothing of the file: the header alone is believed. */
async function loadAsText(
  engine: Engine,
  paths: readonly string[],
  table: string,
  textColumns: readonly string[],
  dialect: string,
): Promise<Rejects> {
  const headers = await Promise.all(paths.map(readCsvHeader));
  requireSameColumns(
    paths,
    headers.map((header) => header.names),
  );
  const types = new Map(headers[0]!.names.map((name) => [name, 'VARCHAR']));
  const other = headers.findIndex((header) => header.names.join('\n') !== headers[0]!.names.join('\n'));
  if (other !== -1) {
    throw new UserError(
      `${paths[other]} has its columns in another order than ${paths[0]}, and many broken lines`,
      {
        where: { file: paths[other] },
        fix: 'Mend the lines, or give the files one by one.',
      },
    );
  }
  const rejects = await load(
    engine,
    paths,
    table,
    dialect,
    `auto_detect = false, columns = ${typeList(types)}`,
  );
  for (const name of types.keys()) if (!textColumns.includes(name)) await narrowText(engine, table, name);
  return rejects;
}

function typeList(types: ReadonlyMap<string, string>): string {
  return `{${[...types].map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')}}`;
}

async function guessTypes(
  engine: Engine,
  paths: readonly string[],
  dialect: string,
): Promise<Map<string, string> | undefined> {
  const describe = (path: string): Promise<Record<string, unknown>[]> =>
    engine.rows(`DESCRIBE SELECT * FROM read_csv(${quotePaths([path])}, ${dialect}, ignore_errors = true)`);
  const shapes = await Promise.all(paths.map(describe)).catch((error: Error) => {
    if (/detect the CSV parsing dialect/.test(error.message)) return undefined;
    throw error;
  });
  if (!shapes) return undefined;
  requireSameColumns(
    paths,
    shapes.map((rows) => rows.map((row) => String(row.column_name))),
  );
  const types = new Map<string, string>();
  for (const { column_name, column_type } of shapes.flat()) {
    const name = String(column_name);
    const type = column_type === 'BIGINT' ? 'DOUBLE' : String(column_type);
    const known = types.get(name);
    types.set(name, known === undefined || known === type ? type : 'VARCHAR');
  }
  return types;
}

async function load(
  engine: Engine,
  paths: readonly string[],
  table: string,
  dialect: string,
  typeOption: string,
): Promise<Rejects> {
  await engine.run('DROP TABLE IF EXISTS rejected_lines');
  await engine.run('DROP TABLE IF EXISTS rejected_scans');
  await engine.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS SELECT * FROM read_csv(${quotePaths(paths)},
    ${dialect}, ${typeOption},
    store_rejects = true, rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')`);
  const [total] = await engine.rows('SELECT count(DISTINCT (file_id, line)) AS n FROM rejected_lines');
  const count = Number(total?.n ?? 0);
  if (count === 0) return { lines: [], count };
  const rows = await engine.rows(`
    SELECT file_path, line, min_by(error_message, column_idx) AS message
    FROM rejected_lines JOIN rejected_scans USING (scan_id, file_id)
    GROUP BY ALL ORDER BY file_path, line LIMIT ${LISTED_REJECTS}`);
  const asGiven = new Map(paths.map((path) => [resolve(path), path]));
  const lines = rows.map((row) => ({
    file: asGiven.get(String(row.file_path)) ?? String(row.file_path),
    line: Number(row.line),
    message: String(row.message).split('\n')[0] ?? '',
  }));
  return { lines, count };
}

/** Columns for which more than one line in a hundred was rejected because a value is not of the guessed type. */
async function wronglyTyped(engine: Engine, table: string): Promise<string[]> {
  const rows = await engine.rows(`
    SELECT regexp_extract(error_message, 'converting column "(.*)"\\. ', 1) AS name, count(DISTINCT (file_id, line)) AS n
    FROM rejected_lines WHERE error_type = 'CAST' GROUP BY 1
    HAVING n > ${WRONG_TYPE_SHARE} * (n + (SELECT count(*) FROM ${quoteIdentifier(table)}))`);
  const known = await engine.rows(`DESCRIBE ${quoteIdentifier(table)}`);
  return rows
    .map((row) => String(row.name))
    .filter((name) => known.some((column) => column.column_name === name));
}

/** Columns of whole numbers too large to be exact as DOUBLE. */
async function inexactColumns(
  engine: Engine,
  table: string,
  types: ReadonlyMap<string, string>,
): Promise<string[]> {
  const doubles = namesOfType(types, 'DOUBLE');
  if (doubles.length === 0) return [];
  const tests = doubles.map((name, index) => {
    const column = quoteIdentifier(name);
    return `count_if(abs(${column}) >= ${LARGEST_EXACT} AND isfinite(${column})) AS c${index}`;
  });
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${quoteIdentifier(table)}`);
  return doubles.filter((_, index) => Number(row?.[`c${index}`]) > 0);
}

/** Text that was read as text for exactness: whole numbers if all of it is, else DOUBLE. */
async function narrowText(engine: Engine, table: string, name: string): Promise<void> {
  const column = quoteIdentifier(name);
  const [row] = await engine.rows(`SELECT
      count(${column}) = count(TRY_CAST(${column} AS HUGEINT)) AND bool_and(regexp_full_match(${column}, '[+-]?[0-9]+')) AS whole,
      count(${column}) = count(TRY_CAST(${column} AS BIGINT)) AS fits,
      count(${column}) = count(TRY_CAST(${column} AS DOUBLE)) AS numeric
    FROM ${quoteIdentifier(table)}`);
  const type = row?.whole ? (row.fits ? 'BIGINT' : 'HUGEINT') : row?.numeric ? 'DOUBLE' : undefined;
  if (type) await engine.run(`ALTER TABLE ${quoteIdentifier(table)} ALTER ${column} TYPE ${type}`);
}

async function narrowNumbers(
  engine: Engine,
  table: string,
  types: ReadonlyMap<string, string>,
): Promise<void> {
  const doubles = namesOfType(types, 'DOUBLE');
  if (doubles.length === 0) return;
  const tests = doubles.map(
    (name, index) => `bool_and(${quoteIdentifier(name)} = trunc(${quoteIdentifier(name)})) AS c${index}`,
  );
  const [row] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${quoteIdentifier(table)}`);
  for (const [index, name] of doubles.entries()) {
    if (row?.[`c${index}`] !== true) continue;
    const finite = await engine.rows(
      `SELECT bool_and(isfinite(${quoteIdentifier(name)})) AS finite FROM ${quoteIdentifier(table)}`,
    );
    if (finite[0]?.finite === true) {
      await engine.run(`ALTER TABLE ${quoteIdentifier(table)} ALTER ${quoteIdentifier(name)} TYPE BIGINT`);
    }
  }
}

function namesOfType(types: ReadonlyMap<string, string>, type: string): string[] {
  return [...types].filter(([, known]) => known === type).map(([name]) => name);
}
