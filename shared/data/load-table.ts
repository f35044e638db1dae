import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describeTable } from './columns.ts';
import { type FoundData, localPath } from './data-files.ts';
import type { Engine } from './engine.ts';
import { loadCsv } from './load-csv.ts';
import { loadJson } from './load-json.ts';
import { openParquet } from './load-parquet.ts';
import { readingError } from './reading-error.ts';
import { quoteIdentifier } from './sql-text.ts';
import { type Loading, type RejectedLine, refuseLongNames } from './table-files.ts';

export interface LoadedTable {
  columns: { name: string; type: string }[];
  rowCount: number;
  /** Lines that could not be read and are in no row: the first hundred. */
  rejected: RejectedLine[];
  rejectedCount: number;
  /** Absolute paths that the table still reads from (Parquet); what `engine.lock` must leave readable. */
  readsFrom: string[];
  /** Names that a CSV header has twice or more (letter case aside); the later columns are `name_1`, `name_2` … */
  duplicateColumns: string[];
  /** What was found out or done on the way to a table, one sentence each: encoding, decimal commas, partitions. */
  notes: string[];
}

export interface LoadOptions {
  /** Columns whose text must be kept as it is written (leading zeros, `true`, dates). CSV only. */
  textColumns?: readonly string[];
  /** Where cleaned copies may be written. */
  temporaryFolder?: string;
}

/**
 * Makes data a table: text is parsed once into memory, Parquet is read where it lies. Rows keep the order of the
 * files. Lines that cannot be read are reported; the others are loaded. Logs of a model's requests and answers (of
 * SageMaker's Data Capture, and of the V2 inference protocol) become a table of features and predictions.
 * @throws UserError when the files cannot be read together as one table.
 */
export async function loadTable(
  engine: Engine,
  data: FoundData,
  table: string,
  options: LoadOptions = {},
): Promise<LoadedTable> {
  const paths = data.files.map(localPath);
  const named = new Map(data.files.map((file) => [resolve(localPath(file)), file.path]));
  const nameOf = (path: string): string => named.get(resolve(path)) ?? path;
  let loading: Loading;
  try {
    loading = await load(engine, data, table, options);
  } catch (error) {
    throw readingError(error, data);
  }
  const columns = await describeTable(engine, table);
  refuseLongNames(
    columns.map(({ name }) => name),
    data.files[0]!.path,
  );
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${quoteIdentifier(table)}`);
  const { rejects, duplicateColumns = [], notes = [] } = loading;
  return {
    columns,
    rowCount: Number(row?.n),
    rejected: rejects.lines.map((line) => ({ ...line, file: nameOf(line.file) })),
    rejectedCount: rejects.count,
    readsFrom: data.format === 'parquet' ? paths.map((path) => resolve(path)) : [],
    duplicateColumns,
    notes,
  };
}

async function load(
  engine: Engine,
  data: FoundData,
  table: string,
  { textColumns = [], temporaryFolder = tmpdir() }: LoadOptions,
): Promise<Loading> {
  const paths = data.files.map(localPath);
  const noRejects = { lines: [], count: 0 };
  switch (data.format) {
    case 'csv':
      return loadCsv(engine, paths, table, { textColumns, temporaryFolder, dialect: data.dialect ?? {} });
    case 'jsonl':
    case 'json':
      return loadJson(engine, paths, table, { temporaryFolder, format: data.format });
    case 'parquet': {
      const files = data.files.map((file) => ({ path: localPath(file), name: file.path }));
      return { rejects: noRejects, ...(await openParquet(engine, files, table)) };
    }
    case 'database': {
      const { loadDatabaseRows } = await import('./database/database-rows.ts');
      const notes = await loadDatabaseRows(engine, paths[0]!, data.columns ?? [], table);
      return { rejects: noRejects, notes };
    }
  }
}
