import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import type { CsvDialect } from './csv-dialect.ts';
import type { DataAccess, FoundFile } from './data-access.ts';
import { commonFormat, type DataFormat } from './data-formats.ts';
import type { DatabaseColumn } from './database/database-rows.ts';
import { hashFile, inspectFile } from './hash-file.ts';
import { filesOf } from './local-files.ts';
import { publicName, type SourceKind, sourceKind } from './source-address.ts';

export interface FoundDataFile extends FoundFile {
  bytes: number;
}

export interface DataFile extends FoundDataFile {
  /** 64 hexadecimal digits, of the file as it lies (compressed where it is). */
  sha256: string;
}

/** Data that can be read. */
export interface FoundData {
  /** Sorted by path, bytewise. */
  files: FoundDataFile[];
  format: DataFormat;
  /** How CSV files are written, where the user says it. */
  dialect?: CsvDialect;
  /** The columns of a database's rows as it names their types; the file is then a CSV of their texts. */
  columns?: DatabaseColumn[];
}

export interface DataFiles extends FoundData {
  files: DataFile[];
  /** `sha256:` of the one file, or of the sorted hashes of several, joined by newlines. */
  digest: string;
}

/** What was found, and how it is hashed: which can be done while something else waits for the engine. */
export interface UnhashedData extends FoundData {
  /** @throws UserError when a packed file is not whole. */
  hash(): Promise<DataFiles>;
}

/** Where the bytes of a data file lie. */
export const localPath = (file: FoundDataFile): string => file.fetchedTo ?? file.path;

/** {@link findData}, and its bytes read. @throws UserError as that does, and when a packed file is not whole. */
export async function resolveData(patterns: string[], access?: DataAccess): Promise<DataFiles> {
  return (await findData(patterns, access)).hash();
}

/**
 * Finds and fetches the data of an input.
 * @param patterns paths, globs or folders (of a folder, every readable file below it); with `access` also addresses
 * that begin with https://, s3://, postgresql:// or sqlite:.
 * @throws UserError when nothing matches, formats are mixed, or a file is empty, cut off or not what its name says.
 */
export async function findData(patterns: string[], access?: DataAccess): Promise<UnhashedData> {
  const kinds = patterns.map(sourceKind);
  const database = kinds.find((kind) => kind === 'postgresql' || kind === 'sqlite');
  if (database) return readDatabase(patterns, database, requireAccess(access, patterns));
  if (access?.query !== undefined)
    throw new UserError('A query has no meaning for files.', {
      where: { key: 'inputs.query' },
      fix: 'Give the data as postgresql://… or sqlite:…, or leave the query out.',
    });
  const found = new Map<string, FoundFile>();
  for (const pattern of new Set(patterns)) {
    const kind = sourceKind(pattern);
    for (const file of await find(pattern, kind, access)) {
      // Of a web address the name leaves out what tells it from another.
      const isWeb = kind === 'https' && file.fetchedTo !== undefined;
      found.set(isWeb ? file.fetchedTo! : kind === 's3' ? file.path : resolve(file.path), file);
    }
  }
  const sorted = [...found.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  if (sorted.length === 0)
    throw new UserError('No data is given', { fix: 'Give a file, a folder or a glob.' });
  const format = commonFormat(sorted.map((file) => file.fetchedTo ?? file.path));
  const files: FoundDataFile[] = [];
  for (const file of sorted)
    files.push({ ...file, bytes: await inspectFile(file.fetchedTo ?? file.path, file.path, format) });
  const dialect = access?.dialect;
  if (dialect && format !== 'csv' && !access.dialectIsShared)
    throw new UserError(`The input dialect is about CSV, and the data is ${format}.`, {
      where: { key: 'inputs.dialect' },
      fix: 'Leave dialect out.',
    });
  return hashable({ files, format, ...(dialect && format === 'csv' && { dialect }) }, access?.signal);
}

function hashable(found: FoundData, signal: AbortSignal | undefined): UnhashedData {
  const hash = async (): Promise<DataFiles> => {
    const files: DataFile[] = [];
    for (const file of found.files)
      files.push({ ...file, sha256: await hashFile(localPath(file), file.path, signal) });
    return { ...found, files, digest: combineDigests(files.map(({ sha256 }) => sha256)) };
  };
  return { ...found, hash };
}

/** The rule by which several files have one digest; the order of the files does not matter. */
export function combineDigests(hashes: readonly string[]): string {
  if (hashes.length === 1) return `sha256:${hashes[0]}`;
  return sha256([...hashes].sort().join('\n'));
}

async function find(pattern: string, kind: SourceKind, access: DataAccess | undefined): Promise<FoundFile[]> {
  if (kind === 'file') return (await filesOf(pattern)).map((path) => ({ path }));
  const allowed = requireAccess(access, [pattern]);
  if (kind === 's3') return (await import('./remote/fetch-objects.ts')).fetchObjects(pattern, allowed);
  return [await (await import('./remote/fetch-web.ts')).fetchWeb(pattern, allowed)];
}

async function readDatabase(
  patterns: readonly string[],
  kind: 'postgresql' | 'sqlite',
  access: DataAccess,
): Promise<UnhashedData> {
  const [address] = patterns;
  if (address === undefined || patterns.length > 1)
    throw new UserError('A database is read alone, and the data has several sources.', {
      fix: 'Give one table or one query; a query can join tables.',
    });
  if (access.dialect && !access.dialectIsShared)
    throw new UserError('The input dialect is about CSV files, and the data is in a database.', {
      where: { key: 'inputs.dialect' },
      fix: 'Leave dialect out.',
    });
  const { path, fetchedTo, columns } =
    kind === 'sqlite'
      ? await (await import('./database/sqlite.ts')).readSqlite(address, access)
      : await (await import('./database/postgresql.ts')).readPostgresql(address, access);
  const file = { path, fetchedTo, bytes: await inspectFile(fetchedTo, path, 'database') };
  return hashable({ files: [file], format: 'database', columns }, access.signal);
}

function requireAccess(access: DataAccess | undefined, given: readonly string[]): DataAccess {
  if (access) return access;
  throw new UserError(`${given.map(publicName).join(', ')} cannot be fetched here: only files are read.`, {
    fix: 'Fetch the data in a step before this one, and give its files.',
  });
}
