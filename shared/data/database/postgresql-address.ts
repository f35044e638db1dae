/** How to reach a PostgreSQL server: an address, and what libpq's variables add to it. */
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { UserError } from '../../errors.ts';
import { publicName } from '../source-address.ts';

export interface PostgresqlAddress {
  host: string;
  port: number;
  user: string;
  database: string;
  password?: string;
  /** As it stands in the address, where it may be escaped. */
  writtenPassword?: string;
  /** Undefined for a connection without TLS. */
  tls?: ConnectionOptions;
  /** `schema.table`, as written after `#`. */
  table?: string;
  /** `postgresql://host:port/database`: without user and password. */
  name: string;
}

const FORM = 'postgresql://user@host:5432/database#schema.table';

/**
 * Reads an address. The password comes from it, or from PGPASSWORD, or from the file that PGPASSFILE names (else
 * `~/.pgpass`); user, host, port, database and sslmode fall back on libpq's variables.
 * @throws UserError for another form, and for settings that are not known.
 */
export async function postgresqlAddress(given: string, env: NodeJS.ProcessEnv): Promise<PostgresqlAddress> {
  const hash = given.indexOf('#');
  const text = hash === -1 ? given : given.slice(0, hash);
  const bad = (what: string): UserError =>
    new UserError(`${publicName(given)} ${what}.`, { where: { key: 'inputs.data' }, fix: `Write ${FORM}.` });
  if (!URL.canParse(text)) throw bad('is no address of a database');
  const url = new URL(text);
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw bad('holds a % that stands for no character (write %25)');
    }
  };
  const host = (url.hostname || env.PGHOST || 'localhost').replace(/^\[|\]$/g, '');
  const port = Number(url.port || env.PGPORT || 5432);
  const user = decoded(url.username) || env.PGUSER || env.USER || 'postgres';
  const database = decoded(url.pathname.slice(1)) || env.PGDATABASE || user;
  for (const key of url.searchParams.keys())
    if (key !== 'sslmode' && key !== 'sslrootcert') throw bad(`has the setting ${key}, which is not known`);
  const mode = url.searchParams.get('sslmode') ?? env.PGSSLMODE ?? 'prefer';
  const authority = url.searchParams.get('sslrootcert') ?? env.PGSSLROOTCERT;
  const password =
    decoded(url.password) || env.PGPASSWORD || (await passwordOf({ host, port, user, database }, env));
  const tls = await tlsOf(mode, authority, host);
  return {
    ...{ host, port, user, database, name: `postgresql://${url.host || `${host}:${port}`}/${database}` },
    ...(password && { password }),
    ...(url.password && { writtenPassword: url.password }),
    ...(tls && { tls }),
    ...(hash !== -1 && { table: decoded(given.slice(hash + 1)) }),
  };
}

/** libpq's modes. `prefer`, its default, would fall back on plain text: only towards this machine it is that here. */
async function tlsOf(
  mode: string,
  authority: string | undefined,
  host: string,
): Promise<ConnectionOptions | undefined> {
  const isHere = host.startsWith('/') || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  if (mode === 'disable' || ((mode === 'prefer' || mode === 'allow') && isHere)) return undefined;
  const ca =
    authority === undefined || authority === 'system' ? {} : { ca: await readFile(authority, 'utf8') };
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  switch (mode) {
    case 'allow':
    case 'prefer':
    case 'require':
      // As libpq does it: encrypted, and whose certificate it is matters only where an authority is named.
      return { rejectUnauthorized: authority !== undefined, ...ca, ...servername };
    case 'verify-ca':
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined, ...ca, ...servername };
    case 'verify-full':
      return { rejectUnauthorized: true, ...ca, ...servername };
    default:
      throw new UserError(`There is no sslmode ${JSON.stringify(mode)}.`, {
        fix: 'Write disable, prefer, require, verify-ca or verify-full.',
      });
  }
}

/** The first line of the password file that fits, `host:port:database:user:password`, where `*` fits all. */
async function passwordOf(
  at: { host: string; port: number; user: string; database: string },
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const path = env.PGPASSFILE ?? join(env.HOME ?? homedir(), '.pgpass');
  const entry = await stat(path).catch(() => undefined);
  if (!entry?.isFile()) return undefined;
  if (process.platform !== 'win32' && (entry.mode & 0o077) !== 0)
    throw new UserError(`The password file ${path} can be read by others.`, {
      where: { file: path },
      fix: `chmod 600 ${path}`,
    });
  const sought = [at.host, String(at.port), at.database, at.user];
  for (const line of (await readFile(path, 'utf8')).split(/\r?\n/)) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const parts = [...line.matchAll(/((?:\\.|[^\\:])*)(?::|$)/g)].map(([, part = '']) =>
      part.replace(/\\(.)/g, '$1'),
    );
    if (sought.every((value, index) => parts[index] === '*' || parts[index] === value)) return parts[4];
  }
  return undefined;
}
