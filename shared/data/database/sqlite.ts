/** A table or a query of an SQLite file, by Node's own SQLite. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../errors.ts';
import type { DataAccess } from '../data-access.ts';
import { quoteIdentifier } from '../sql-text.ts';
import { csvField, type DatabaseColumn } from './database-rows.ts';
import { CLOSING, OPENING, wanted } from './select-text.ts';

const BATCH_CHARACTERS = 1 << 20;

/**
 * Writes the rows to a temporary file. The database is opened read-only, and no extension can be loaded.
 * @param given `sqlite:path.db#table`, or without the table where there is a query.
 * @throws UserError for a file that is no SQLite database, an unknown table, and SQL that cannot be run.
 */
export async function readSqlite(
  given: string,
  access: DataAccess,
): Promise<{ path: string; fetchedTo: string; columns: DatabaseColumn[] }> {
  const address = given.replace(/^sqlite:(\/\/(?=\/))?/i, '');
  const hash = address.lastIndexOf('#');
  const file = hash === -1 ? address : address.slice(0, hash);
  const source = wanted(
    hash === -1 ? undefined : address.slice(hash + 1),
    access.query,
    'sqlite:path.db#table',
  );
  const name = `sqlite:${file}#${'table' in source ? source.table : 'query'}`;
  const entry = await stat(file).catch(() => undefined);
  if (!entry?.isFile())
    throw new UserError(`There is no database file ${file}.`, {
      where: { file },
      fix: 'The path is relative to the working directory.',
    });
  const { DatabaseSync } = await loadSqlite();
  const fetchedTo = join(access.temporaryFolder, `rows-${randomUUID()}.csv`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(pathToFileURL(resolve(file)), { readOnly: true });
    const inside = 'table' in source ? `SELECT * FROM ${quoteIdentifier(source.table)}` : source.query;
    const statement = database.prepare(`${OPENING}${inside}${CLOSING}`);
    // In brackets a column whose name was there before gets another one.
    requireDistinct(
      database
        .prepare(inside)
        .columns()
        .map((column) => column.name),
    );
    return { path: name, fetchedTo, columns: await writeRows(statement, fetchedTo, access) };
  } catch (error) {
    if (error instanceof UserError || !isSqlite(error)) throw error;
    throw new UserError(`SQLite cannot read ${name}: ${error.message}`, {
      where: { file, ...('query' in source && { key: 'inputs.query' }) },
      fix: 'table' in source ? 'Check the name of the table.' : 'Write one SELECT in the SQL of SQLite.',
      cause: error,
    });
  } finally {
    database?.close();
  }
}

const isSqlite = (error: unknown): error is Error =>
  error instanceof Error && Reflect.get(error, 'code') === 'ERR_SQLITE_ERROR';

/** Node warns that its SQLite is experimental; that is of no use to those who read the log of an action. */
async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  const warn = process.emitWarning;
  process.emitWarning = () => {};
  try {
    return await import('node:sqlite');
  } catch (cause) {
    throw new UserError(`Node ${process.versions.node} has no SQLite.`, {
      fix: 'Use Node 24 or newer.',
      ...(cause instanceof Error && { cause }),
    });
  } finally {
    process.emitWarning = warn;
  }
}

/** What the values of a column have been so far: SQLite gives types to values, not to columns. */
interface Seen {
  whole: boolean;
  real: boolean;
  text: boolean;
  other: boolean;
}

async function writeRows(
  statement: StatementSync,
  path: string,
  { signal, progress }: DataAccess,
): Promise<DatabaseColumn[]> {
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const described = statement.columns();
  const seen = described.map((): Seen => ({ whole: false, real: false, text: false, other: false }));
  const file = openSync(path, 'wx');
  let rows = 0;
  try {
    let batch = `${described.map((_, index) => `c${index}`).join(',')}\n`;
    for (const row of statement.iterate() as Iterable<unknown>) {
      const values = row as unknown[];
      batch += `${values.map((value, index) => csvField(textOf(value, seen[index]!))).join(',')}\n`;
      rows += 1;
      if (batch.length < BATCH_CHARACTERS) continue;
      writeSync(file, batch);
      batch = '';
      progress?.(`Read ${rows} rows`);
      await setImmediate();
      signal?.throwIfAborted();
    }
    writeSync(file, batch);
  } finally {
    closeSync(file);
  }
  return described.map(({ name, type }, index) => columnOf(name, type ?? '', seen[index]!));
}

export function requireDistinct(names: readonly string[]): void {
  const lower = names.map((name) => name.toLowerCase());
  const repeated = names.find((name, index) => lower.indexOf(name.toLowerCase()) !== index);
  if (repeated === undefined) return;
  throw new UserError(`The rows have two columns named ${JSON.stringify(repeated)}.`, {
    where: { key: 'inputs.query' },
    fix: 'Name one of them otherwise in the query: … AS other_name.',
  });
}

function textOf(value: unknown, seen: Seen): string | null {
  if (value === null) return null;
  if (typeof value === 'bigint') {
    seen.whole = true;
    return String(value);
  }
  if (typeof value === 'number') {
    seen.real = true;
    return String(value);
  }
  if (typeof value === 'string') {
    seen.text = true;
    return value;
  }
  seen.other = true;
  return Buffer.from(value as Uint8Array).toString('hex');
}

/** Times and booleans have no type of their own in SQLite: there the declaration counts where the values fit it. */
function columnOf(name: string, declared: string, seen: Seen): DatabaseColumn {
  const column = (type: string, otherwise?: 'DOUBLE' | 'VARCHAR'): DatabaseColumn => ({
    ...{ name, declared: declared || 'no declared type', type, written: 'text' },
    ...(otherwise && { otherwise }),
  });
  if (seen.other) return column('VARCHAR');
  if (seen.text) {
    if (seen.whole || seen.real) return column('VARCHAR');
    if (/^DATE$/i.test(declared)) return column('DATE', 'VARCHAR');
    return /^(DATETIME|TIMESTAMP)/i.test(declared) ? column('TIMESTAMP', 'VARCHAR') : column('VARCHAR');
  }
  if (seen.real) return column('DOUBLE');
  if (seen.whole) return /^BOOL/i.test(declared) ? column('BOOLEAN') : column('BIGINT');
  return column(typeOfNothing(declared));
}

/** Without any value the declaration alone tells the type, by SQLite's rules of affinity. */
function typeOfNothing(declared: string): string {
  if (/INT/i.test(declared)) return 'BIGINT';
  if (/REAL|FLOA|DOUB|NUMERIC|DECIMAL/i.test(declared)) return 'DOUBLE';
  if (/^BOOL/i.test(declared)) return 'BOOLEAN';
  if (/^DATE$/i.test(declared)) return 'DATE';
  return /^(DATETIME|TIMESTAMP)/i.test(declared) ? 'TIMESTAMP' : 'VARCHAR';
}
