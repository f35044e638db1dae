/** A table or a query of a PostgreSQL server, copied in a read-only transaction. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client, QueryConfig } from 'pg';
import { UserError } from '../../errors.ts';
import type { DataAccess } from '../data-access.ts';
import { splitOnce } from '../source-address.ts';
import { quoteIdentifier } from '../sql-text.ts';
import type { DatabaseColumn } from './database-rows.ts';
import { type PostgresqlAddress, postgresqlAddress } from './postgresql-address.ts';
import { postgresqlColumn } from './postgresql-types.ts';
import { CLOSING, OPENING, wanted } from './select-text.ts';
import { requireDistinct } from './sqlite.ts';

const CONNECT_MILLISECONDS = 15_000;

/**
 * Writes the rows to a temporary file, as the server streams them. They are those of one moment: the transaction is
 * repeatable read, and read only, so that no query changes anything.
 * @param given `postgresql://user@host:port/database#schema.table`, or without the table where there is a query.
 * @throws UserError for a server that cannot be reached, and SQL that it refuses; never with the password.
 */
export async function readPostgresql(
  given: string,
  access: DataAccess,
): Promise<{ path: string; fetchedTo: string; columns: DatabaseColumn[] }> {
  const address = await postgresqlAddress(given, access.env);
  for (const secret of [address.password, address.writtenPassword]) if (secret) access.mask?.(secret);
  const source = wanted(address.table, access.query, 'postgresql://user@host:5432/database#schema.table');
  const name = `${address.name}#${'table' in source ? source.table : 'query'}`;
  const fetchedTo = join(access.temporaryFolder, `rows-${randomUUID()}.csv`);
  const client = await connect(address, access.signal);
  const stop = (): void => {
    client.connection.stream.destroy();
  };
  access.signal?.addEventListener('abort', stop, { once: true });
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const setting of [
      "DateStyle = 'ISO'",
      "TimeZone = 'UTC'",
      "IntervalStyle = 'iso_8601'",
      "bytea_output = 'hex'",
    ])
      await client.query(`SET LOCAL ${setting}`);
    const inside =
      'table' in source ? `SELECT * FROM ${await tableName(client, source.table)}` : source.query;
    const columns = await describeRows(client, inside);
    await copyRows(client, inside, columns, fetchedTo, access);
    return { path: name, fetchedTo, columns };
  } catch (error) {
    access.signal?.throwIfAborted();
    throw serverError(error, name, address, 'query' in source);
  } finally {
    access.signal?.removeEventListener('abort', stop);
    await client.end().catch(() => undefined);
  }
}

async function connect(address: PostgresqlAddress, signal: AbortSignal | undefined): Promise<Client> {
  signal?.throwIfAborted();
  const { default: postgres } = await import('pg');
  const { host, port, user, database, password, tls } = address;
  const client = new postgres.Client({
    ...{ host, port, user, database, ssl: tls ?? false, application_name: 'mlops-actions' },
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    keepAlive: true,
    // Without one the library would look into files and variables by itself.
    password: password ?? '',
  });
  // A connection that breaks between two queries is told by the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw serverError(cause, address.name, address, false);
  }
}

/** `schema.table`, or a name alone, as PostgreSQL's own identifiers, whatever is in them. @throws UserError for none. */
async function tableName(client: Client, written: string): Promise<string> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND (n.nspname || '.' || c.relname = $1 OR (c.relname = $1 AND pg_table_is_visible(c.oid)))`,
    [written],
  );
  const [found] = rows;
  if (found && rows.length === 1) return `${quoteIdentifier(found.schema)}.${quoteIdentifier(found.name)}`;
  const [schema, table] = splitOnce(written, '.');
  throw new UserError(
    found
      ? `Several tables are called ${JSON.stringify(written)}.`
      : `There is no table ${JSON.stringify(written)}.`,
    {
      where: { key: 'inputs.data' },
      fix: `Write schema.table after #, in the letter case of the server${table === undefined ? '' : `; ${schema} is taken for the schema`}, or give a query.`,
    },
  );
}

/** The server itself parses the query here, as one statement: it refuses several in this protocol. */
async function describeRows(client: Client, inside: string): Promise<DatabaseColumn[]> {
  const text = `${OPENING}${inside}${CLOSING} LIMIT 0`;
  const described: QueryConfig & { queryMode: string } = { text, queryMode: 'extended' };
  const { fields } = await client.query(described);
  requireDistinct(fields.map((field) => field.name));
  const { rows } = await client.query<{ type: string }>(
    `SELECT format_type(oid, modifier) AS type FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS t(oid, modifier, place)
     ORDER BY place`,
    [fields.map((field) => field.dataTypeID), fields.map((field) => field.dataTypeModifier)],
  );
  return fields.map((field, index) => postgresqlColumn(field.name, rows[index]!.type));
}

async function copyRows(
  client: Client,
  inside: string,
  columns: readonly DatabaseColumn[],
  path: string,
  { signal, progress }: DataAccess,
): Promise<void> {
  const { to } = await import('pg-copy-streams');
  const select = columns.map(({ name, written }, index) => {
    const column = quoteIdentifier(name);
    return `${written === 'json' ? `to_json(${column})` : column} AS c${index}`;
  });
  const rows = `SELECT ${select.join(', ')} FROM (\n${inside}${CLOSING}`;
  const copy = client.query(
    to(`COPY (${rows}) TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *, ENCODING 'UTF8')`),
  );
  let received = 0;
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      received += part.length;
      progress?.(`Read ${(received / 1e6).toFixed(1)} MB of rows`);
      done(null, part);
    },
  });
  await pipeline(copy, counted, createWriteStream(path, { flags: 'wx' }), { signal });
}

/** What the server or the connection said, without the password wherever it may stand in it. */
function serverError(error: unknown, name: string, address: PostgresqlAddress, isQuery: boolean): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const { password } = address;
  const said = error.message || String(Reflect.get(error, 'code') ?? error.name);
  const message = password ? said.replaceAll(password, '***') : said;
  if (/does not support SSL/i.test(said))
    return new UserError(`The server at ${address.name} speaks no TLS, and it is not on this machine.`, {
      fix: 'Let it speak TLS, or add ?sslmode=disable to the address: rows and password are then readable on the way.',
    });
  const refused = /password|SASL|SCRAM|authentication/i.test(said);
  return new UserError(`PostgreSQL cannot be read at ${name}: ${message}`, {
    ...(isQuery && { where: { key: 'inputs.query' } }),
    fix: refused
      ? 'Give the password as PGPASSWORD in env, or in the file that PGPASSFILE names.'
      : isQuery
        ? 'Write one SELECT that the user of the address may run.'
        : 'Check host, port, user and database, and that the server is reached from here.',
    cause: new Error(message),
  });
}
