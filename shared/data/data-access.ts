import type { CsvDialect } from './csv-dialect.ts';

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
  /** Whether the dialect is that of several data, and counts for those of them that are CSV. */
  dialectIsShared?: boolean;
}

/** What was found for a source, before it is read. */
export interface FoundFile {
  /** As found from the pattern: relative where the pattern was; an address, without secrets, of what was fetched. */
  path: string;
  /** Where the bytes lie on this machine when `path` is an address. */
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
  extra: Pick<DataAccess, 'query' | 'dialect' | 'dialectIsShared'> = {},
): DataAccess {
  const { env, temporaryFolder, signal, log } = deps;
  return { env, temporaryFolder, signal, progress: log.progress, mask: log.mask, ...extra };
}

/** The access to data beside those that `query` is about: the dialect counts there as far as they are CSV. */
export function accessToOther({ query: _, ...rest }: DataAccess): DataAccess {
  return { ...rest, dialectIsShared: true };
}
