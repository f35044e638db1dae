import type { CsvDialect } from './csv-dialect.ts';
import { formatOf } from './data-formats.ts';
import { publicName } from './source-address.ts';

/** What it takes to read data from elsewhere, and how the files are written where they do not say. */
export interface DataAccess {
  /** Proxies, credentials, regions. */
  env: NodeJS.ProcessEnv;
  /** What is fetched is kept here until the action ends. */
  temporaryFolder: string;
  signal?: AbortSignal;
  progress?: (message: string) => void;
  /** Told every password before it is used. */
  mask?: (secret: string) => void;
  /** One SELECT, in place of a table's name, for a database. */
  query?: string;
  /** How CSV files are written; without it, it is found out. */
  dialect?: CsvDialect;
}

/** What was found for a source, before it is read. */
export interface FoundFile {
  path: string;
  fetchedTo?: string;
}

/** The access that an action has. @param extra what the user gives beside the data. */
export function accessOf(
  deps: {
    env: NodeJS.ProcessEnv;
    temporaryFolder: string;
    signal: AbortSignal;
    log: { progress(message: string): void; mask(secret: string): void };
  },
  extra: Pick<DataAccess, 'query' | 'dialect'> = {},
): DataAccess {
  const { env, temporaryFolder, signal, log } = deps;
  return { env, temporaryFolder, signal, progress: log.progress, mask: log.mask, ...extra };
}

/** The access to data beside those that `query` is about: the dialect counts there as far as they are CSV. */
export function accessToOther(access: DataAccess, given: readonly string[]): DataAccess {
  const { query: _, dialect, ...rest } = access;
  const isCsv = given.some((source) => formatOf(publicName(source)) === 'csv');
  return isCsv && dialect ? { ...rest, dialect } : rest;
}
