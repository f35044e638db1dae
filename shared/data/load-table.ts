import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { describeTable } from './columns.ts';
import type { DataFiles } from './data-files.ts';
import type { Engine } from './engine.ts';
import { loadCsv } from './load-csv.ts';
import { loadJsonLines } from './load-json-lines.ts';
import { quoteIdentifier } from './sql-text.ts';
import { quotePaths, type RejectedLine, requireSameColumns } from './table-files.ts';

export interface LoadedTable {
  columns: { name: string; type: string }[];
  rowCount: number;
  /** Lines that could not be read and are in no row: the first hundred. */
  rejected: RejectedLine[];
  rejectedCount: number;
  /** Absolute paths that the table still reads from (Parquet); what `engine.lock` must leave readable. */
  readsFrom: string[];
}

export interface LoadOptions {
  /** Columns whose text must be kept as it is written (leading zeros, `true`, dates). CSV only. */
  textColumns?: readonly string[];
  /** Where cleaned copies may be written. JSON Lines with broken lines need it. */
  temporaryFolder?: string;
}

/**
 * Makes data files a table: CSV and JSON Lines are parsed once into memory, Parquet is read where it lies. Rows keep
 * the order of the files. Lines that cannot be read are reported; the others are loaded.
 * @throws UserError when the files cannot be read together as one table.
 */
export async function loadTable(
  engine: Engine,
  data: DataFiles,
  table: string,
  options: LoadOptions = {},
): Promise<LoadedTable> {
  const paths = data.files.map((file) => file.path);
  let rejected: { lines: RejectedLine[]; count: number } = { lines: [], count: 0 };
  try {
    if (data.format === 'csv') rejected = await loadCsv(engine, paths, table, options.textColumns ?? []);
    else if (data.format === 'jsonl')
      rejected = await loadJsonLines(engine, paths, table, options.temporaryFolder);
    else await openParquet(engine, paths, table);
  } catch (error) {
    throw readingError(error, paths);
  }
  const columns = await describeTable(engine, table);
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${quoteIdentifier(table)}`);
  return {
    columns,
    rowCount: Number(row?.n),
    rejected: rejected.lines,
    rejectedCount: rejected.count,
    readsFrom: data.format === 'parquet' ? paths.map((path) => resolve(path)) : [],
  };
}

async function openParquet(engine: Engine, paths: string[], table: string): Promise<void> {
  const reader = `read_parquet(${quotePaths(paths)}, hive_partitioning = false)`;
  if (paths.length > 1) {
    const shapes = await Promise.all(
      paths.map((path) => engine.rows(`DESCRIBE SELECT * FROM read_parquet(${quotePaths([path])})`)),
    );
    requireSameColumns(
      paths,
      shapes.map((rows) => rows.map((row) => String(row.column_name))),
    );
  }
  await engine.run(`CREATE OR REPLACE VIEW ${quoteIdentifier(table)} AS SELECT * FROM ${reader}`);
}

function readingError(error: unknown, paths: string[]): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  // DuckDB's messages begin with a kind and end in advice for SQL authors; the sentence between is what helps.
  const sentence = error.message
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('Original Line'))
    .slice(0, 2)
    .join(' ');
  const isAboutData =
    /^(Invalid Input|Conversion|IO|Binder|Parser|Serialization|Invalid type|Not implemented) ?Error/i.test(
      sentence,
    );
  if (!isAboutData) return error;
  const names = paths.length === 1 ? paths[0] : `${paths[0]} and ${paths.length - 1} more`;
  return new UserError(`Cannot read ${names}: ${sentence.replace(/^[\w ]+Error: /, '')}`, {
    where: { file: paths[0] },
    cause: error,
  });
}
