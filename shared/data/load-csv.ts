import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { CsvDialect } from './csv-dialect.ts';
import { type CsvHeader, readCsvHeader } from './csv-header.ts';
import { guessTypes, inexactColumns, narrowNumbers, narrowText, wronglyTyped } from './csv-types.ts';
import { type CsvWriting, csvWriting, describeWriting, LARGEST_LINE_BYTES } from './csv-writing.ts';
import type { Engine } from './engine.ts';
import { hasUnclosedQuotes, isAboutLineEnds, unifyLineEnds } from './line-ends.ts';
import { plainText } from './plain-text.ts';
import { quoteIdentifier, quoteText } from './sql-text.ts';
import {
  LISTED_REJECTS,
  type Loading,
  quotePaths,
  type Rejects,
  refuseLongNames,
  requireSameColumns,
} from './table-files.ts';

/** So many lines that are not UTF-8 are no accident: the file is written in another encoding. */
const OTHER_ENCODING_SHARE = 0.01;

export interface CsvOptions {
  textColumns: readonly string[];
  temporaryFolder: string;
  /** What the user says of how the files are written; the rest is found out from the first lines. */
  dialect: CsvDialect;
}

/**
 * Loads CSV files into a table. The types come from the first 20,480 lines and are then mistrusted: whole numbers are
 * read as DOUBLE (reading `5.5` as BIGINT rounds it silently) and made BIGINT afterwards where all of them are whole;
 * a column whose values often do not fit its type becomes text.
 * @returns the lines that fit no row, by file and line; names that the header repeats; how the files are written
 * where that is unusual.
 */
export async function loadCsv(
  engine: Engine,
  given: readonly string[],
  table: string,
  { textColumns, temporaryFolder, dialect }: CsvOptions,
): Promise<Loading> {
  const plain = await Promise.all(
    given.map((path) => plainText(path, { temporaryFolder, encoding: dialect.encoding })),
  );
  let paths = plain.map(({ path }) => path);
  const headers = await Promise.all(paths.map((path) => readCsvHeader(path, dialect)));
  requireHeaders(headers, given);
  // The engine would take half a minute over such a header.
  for (const [index, { names }] of headers.entries()) refuseLongNames(names, given[index]!);
  const [header] = headers as [CsvHeader];
  const ordinary = csvWriting(header, dialect);
  const loadWith = async (writing: CsvWriting): Promise<Rejects> => {
    const types = await guessTypes(engine, paths, writing, headers);
    if (!types) return loadAsText(engine, paths, table, { textColumns, writing, headers });
    return loadTyped(engine, paths, table, { textColumns, writing, types });
  };
  /** Again with lines that end in one way, where that may have been the trouble. */
  const loadAnyLines = async (writing: CsvWriting): Promise<Rejects> => {
    const found = await loadWith(writing).catch((error: unknown) => {
      if (!isAboutLineEnds(error)) throw error;
      return { error };
    });
    if (!('error' in found) && !hasUnclosedQuotes(found)) return found;
    const quoting = { quote: header.quote, escape: dialect.escapeChar ?? header.quote, temporaryFolder };
    const unified = await Promise.all(paths.map((path) => unifyLineEnds(path, quoting)));
    if (unified.every((path, index) => path === paths[index])) {
      if ('error' in found) throw found.error;
      return found;
    }
    paths = unified;
    return loadWith(writing);
  };
  // Room for long lines costs memory, so it is made only where a line needs it.
  const rejects = await loadAnyLines(ordinary).catch((error: unknown) => {
    if (!isTooLong(error)) throw error;
    return loadAnyLines(csvWriting(header, dialect, true)).catch((again: unknown) => {
      throw isTooLong(again) ? tooLong(given) : again;
    });
  });
  const original = new Map(paths.map((path, index) => [resolve(path), given[index]!]));
  return {
    rejects: {
      count: rejects.count,
      lines: rejects.lines.map((line) => ({ ...line, file: original.get(resolve(line.file)) ?? line.file })),
    },
    duplicateColumns: [...new Set(headers.flatMap(({ duplicates }) => duplicates))],
    notes: describeWriting(
      header,
      dialect,
      plain.map(({ encoding }) => encoding),
    ),
  };
}

/** @throws UserError for a file whose first line is empty: its columns would have no names. */
function requireHeaders(headers: readonly CsvHeader[], given: readonly string[]): void {
  const index = headers.findIndex(({ isEmpty }) => isEmpty);
  if (index === -1) return;
  throw new UserError(`${given[index]} has no header: its first line is empty.`, {
    where: { file: given[index], line: 1 },
    fix: 'Let the first line name the columns. If nothing else is in the file, the step that made it may have been interrupted.',
  });
}

const isTooLong = (error: unknown): boolean =>
  error instanceof Error && /max(imum)?[_ ]line[_ ]size/i.test(error.message);

const tooLong = (paths: readonly string[]): UserError =>
  new UserError(`A line is longer than ${LARGEST_LINE_BYTES / 2 ** 20} MiB.`, {
    where: { file: paths[0] },
    fix: 'Give the data as Parquet. A quotation mark that is not closed makes such a line, too.',
  });

async function loadTyped(
  engine: Engine,
  paths: readonly string[],
  table: string,
  found: { textColumns: readonly string[]; writing: CsvWriting; types: Map<string, string> },
): Promise<Rejects> {
  const { textColumns, writing, types } = found;
  for (const name of textColumns) if (types.has(name)) types.set(name, 'VARCHAR');
  const option = (): string => `types = ${typeList(types)}`;
  let rejects = await load(engine, paths, table, writing, option());
  const wrong = await wronglyTyped(engine, table);
  const inexact = await inexactColumns(engine, table, types);
  if (wrong.length + inexact.length > 0) {
    for (const name of [...wrong, ...inexact]) types.set(name, 'VARCHAR');
    rejects = await load(engine, paths, table, writing, option());
    for (const name of inexact) await narrowText(engine, table, name, writing);
  }
  await narrowNumbers(engine, table, types);
  return rejects;
}

/** So many of the first lines are broken that the engine makes nothing of the file: the header alone is believed. */
async function loadAsText(
  engine: Engine,
  paths: readonly string[],
  table: string,
  found: { textColumns: readonly string[]; writing: CsvWriting; headers: readonly CsvHeader[] },
): Promise<Rejects> {
  const { textColumns, writing, headers } = found;
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
  const options = `auto_detect = false, columns = ${typeList(types)}`;
  const rejects = await load(engine, paths, table, writing, options);
  for (const name of types.keys())
    if (!textColumns.includes(name)) await narrowText(engine, table, name, writing);
  return rejects;
}

function typeList(types: ReadonlyMap<string, string>): string {
  return `{${[...types].map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')}}`;
}

async function load(
  engine: Engine,
  paths: readonly string[],
  table: string,
  { options, names }: CsvWriting,
  typeOption: string,
): Promise<Rejects> {
  await engine.run('DROP TABLE IF EXISTS rejected_lines');
  await engine.run('DROP TABLE IF EXISTS rejected_scans');
  await engine.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS SELECT * FROM read_csv(${quotePaths(paths)},
    ${options}${typeOption.startsWith('auto_detect') ? '' : names}, ${typeOption},
    store_rejects = true, rejects_table = 'rejected_lines', rejects_scan = 'rejected_scans')`);
  const [total] = await engine.rows('SELECT count(DISTINCT (file_id, line)) AS n FROM rejected_lines');
  const count = Number(total?.n ?? 0);
  if (count === 0) return { lines: [], count };
  await requireEncoding(engine, table, paths);
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

/** @throws UserError where so many lines are not UTF-8 that the file is written in another encoding. */
async function requireEncoding(engine: Engine, table: string, paths: readonly string[]): Promise<void> {
  const [found] = await engine.rows(`
    SELECT count(DISTINCT (file_id, line)) AS n, min(line) AS line, arg_min(file_path, line) AS file
    FROM rejected_lines JOIN rejected_scans USING (scan_id, file_id) WHERE error_type = 'INVALID ENCODING'`);
  const [total] = await engine.rows(`SELECT count(*) AS n FROM ${quoteIdentifier(table)}`);
  const [wrong, right] = [Number(found?.n ?? 0), Number(total?.n ?? 0)];
  if (wrong <= OTHER_ENCODING_SHARE * (wrong + right)) return;
  const file = paths.find((path) => resolve(path) === found?.file) ?? String(found?.file);
  throw new UserError(`${file} is not UTF-8: ${wrong} lines hold other bytes.`, {
    where: { file, line: Number(found?.line) },
    fix: 'Name its encoding, e.g. dialect: {encoding: latin-1}, or write the file as UTF-8.',
  });
}
