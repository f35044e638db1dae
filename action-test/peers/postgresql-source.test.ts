/** Tables and queries of a real PostgreSQL server: types, read-only, and no password anywhere. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../shared/data/engine.ts';
import { loadTable, resolveData } from '../../shared/data/source.ts';
import {
  type PostgresqlServer,
  postgresqlPrograms,
  requirePostgresql,
  startPostgresql,
} from './postgresql-server.ts';

requirePostgresql();

describe.skipIf(!postgresqlPrograms)('PostgreSQL', () => {
  let server: PostgresqlServer;
  let engine: Engine;
  let folder: string;
  let masked: string[];
  let tables = 0;
  const hostile = 'odd"name; DROP TABLE rides; --';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postgresql-source-'));
    engine = await openEngine({ cacheFolder: folder, temporaryFolder: folder, env: {} });
    server = await startPostgresql();
    server.run(`
      CREATE SCHEMA lake;
      CREATE TYPE mood AS ENUM ('sad', 'happy');
      CREATE TABLE lake.rides (
        id bigint PRIMARY KEY, small smallint, fare numeric(10,2), plain numeric, ratio double precision, part real,
        paid boolean, day date, at timestamp, atz timestamptz, clock time, who text, code char(3), feeling mood,
        key uuid, doc jsonb, tags text[], counts int[], raw bytea, span interval, empty text);
      INSERT INTO lake.rides VALUES
        (9007199254740993, 1, 12.30, 123456789012345678901.5, 0.1, 1.5, true, '2024-01-31', '2024-01-31 06:30:00.25',
         '2024-01-31 06:30:00+02', '06:30', E'a "b", c\\nü', 'ab', 'happy', '0b7d1b39-6a0e-4f27-8a52-5f3f4bb5a3b1',
         '{"a": [1, 2]}', ARRAY['x,y', NULL, 'say "hi"'], '{1,NULL,3}', '\\x00ff', '1 day 2 hours', ''),
        (2, NULL, NULL, NULL, 'NaN', 'Infinity', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
         NULL, NULL, NULL, NULL);
      CREATE TABLE odd (n numeric(5,1), d date, l int[]);
      INSERT INTO odd VALUES ('NaN', 'infinity', '{{1,2},{3,4}}'), (1.5, '2024-01-01', '{5}');
      CREATE TABLE "${hostile.replaceAll('"', '""')}" ("a""; b" int);
      INSERT INTO "${hostile.replaceAll('"', '""')}" VALUES (7);
      CREATE TABLE "dots.in.name" (x int);
      INSERT INTO "dots.in.name" VALUES (8);`);
  });
  afterAll(async () => {
    engine?.close();
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function load(
    fragment: string,
    options: { query?: string; password?: string; address?: string } = {},
  ) {
    const name = `t${++tables}`;
    masked = [];
    const address = options.address ?? `postgresql://postgres@127.0.0.1:${server.port}/postgres`;
    const data = await resolveData([fragment === '' ? address : `${address}#${fragment}`], {
      env: { PGPASSWORD: options.password ?? server.password, HOME: folder },
      temporaryFolder: folder,
      query: options.query,
      mask: (secret) => masked.push(secret),
    });
    const loaded = await loadTable(engine, data, name, { temporaryFolder: folder });
    const types = Object.fromEntries(loaded.columns.map((column) => [column.name, column.type]));
    return { ...loaded, data, types, name };
  }

  test('every type comes out as itself', async () => {
    const { types, name, notes, data } = await load('lake.rides');
    expect(types).toEqual({
      ...{
        id: 'BIGINT',
        small: 'BIGINT',
        fare: 'DECIMAL(10,2)',
        plain: 'DECIMAL(38,1)',
        ratio: 'DOUBLE',
        part: 'FLOAT',
      },
      ...{ paid: 'BOOLEAN', day: 'DATE', at: 'TIMESTAMP', atz: 'TIMESTAMP WITH TIME ZONE', clock: 'TIME' },
      ...{
        who: 'VARCHAR',
        code: 'VARCHAR',
        feeling: 'VARCHAR',
        key: 'UUID',
        doc: 'VARCHAR',
        tags: 'VARCHAR[]',
      },
      ...{ counts: 'BIGINT[]', raw: 'VARCHAR', span: 'VARCHAR', empty: 'VARCHAR' },
    });
    const [row] = await engine.rows(`SELECT COLUMNS(*)::VARCHAR FROM ${name} WHERE id > 2`);
    expect(row).toEqual({
      ...{
        id: '9007199254740993',
        small: '1',
        fare: '12.30',
        plain: '123456789012345678901.5',
        ratio: '0.1',
      },
      ...{ part: '1.5', paid: 'true', day: '2024-01-31', at: '2024-01-31 06:30:00.25' },
      ...{
        atz: '2024-01-31 04:30:00+00',
        clock: '06:30:00',
        who: 'a "b", c\nü',
        code: 'ab ',
        feeling: 'happy',
      },
      ...{ key: '0b7d1b39-6a0e-4f27-8a52-5f3f4bb5a3b1', doc: '{"a": [1, 2]}', counts: '[1, NULL, 3]' },
      ...{ tags: `['x,y', NULL, 'say "hi"']`, raw: '\\x00ff', span: 'P1DT2H', empty: '' },
    });
    const [bare] = await engine.rows(
      `SELECT ratio::VARCHAR AS ratio, part::VARCHAR AS part, who FROM ${name} WHERE id = 2`,
    );
    expect(bare).toEqual({ ratio: 'nan', part: 'inf', who: null });
    expect(notes).toEqual([]);
    expect(data).toMatchObject({
      format: 'database',
      files: [{ path: `postgresql://127.0.0.1:${server.port}/postgres#lake.rides` }],
    });
  });

  test('values beyond the engine make a column wider, which is said', async () => {
    const { types, notes } = await load('odd');
    expect(types).toEqual({ n: 'DOUBLE', d: 'DATE', l: 'VARCHAR' });
    expect(notes.map((note) => note.split(' ')[2])).toEqual(['n', 'l']);
  });

  test('hostile and dotted names are names', async () => {
    const { name, types } = await load(encodeURIComponent(hostile));
    expect([await engine.rows(`FROM ${name}`), types]).toEqual([[{ 'a"; b': 7 }], { 'a"; b': 'BIGINT' }]);
    expect((await load('dots.in.name')).rowCount).toBe(1);
    expect((await load('lake.rides')).rowCount).toBe(2);
  });

  test('a query is read, and the same rows have the same digest', async () => {
    const query = 'SELECT id, fare FROM lake.rides ORDER BY id -- all of them';
    const first = await load('', { query });
    expect([first.rowCount, first.types]).toEqual([2, { id: 'BIGINT', fare: 'DECIMAL(10,2)' }]);
    expect((await load('', { query: `${query}\n;` })).data.digest).toBe(first.data.digest);
    expect((await load('', { query: 'SELECT id, fare FROM lake.rides WHERE id = 2' })).data.digest).not.toBe(
      first.data.digest,
    );
  });

  test.each([
    ['a change', 'DELETE FROM lake.rides RETURNING *', /syntax error/],
    [
      'a change in a WITH',
      'WITH gone AS (DELETE FROM lake.rides RETURNING *) SELECT * FROM gone',
      /must be at the top level/,
    ],
    ['a function that changes', "SELECT setval('pg_catalog.counter', 1)", /does not exist|read-only/],
    ['several statements', 'SELECT 1; DELETE FROM lake.rides', /syntax error/],
    [
      'a way out of brackets and transaction',
      'SELECT 1) AS a; COMMIT; DROP TABLE lake.rides; SELECT * FROM (SELECT 2',
      /multiple commands/,
    ],
    ['columns of one name', 'SELECT 1 AS a, 2 AS a', /two columns named "a"/],
    ['nonsense', 'SELECT none FROM lake.rides', /column "none" does not exist/],
  ])('%s is refused', async (_, query, message) => {
    await expect(load('', { query })).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
    });
    expect((await load('lake.rides')).rowCount).toBe(2);
  });

  test('what a function would change is not changed', async () => {
    server.run(
      `CREATE FUNCTION empty_rides() RETURNS int LANGUAGE sql AS 'DELETE FROM lake.rides; SELECT 1';`,
    );
    await expect(load('', { query: 'SELECT empty_rides()' })).rejects.toThrow(/read-only transaction/);
    expect((await load('lake.rides')).rowCount).toBe(2);
  });

  test('a wrong password and an unknown table are errors, without the password', async () => {
    const password = 'hunter-two';
    const failures = [
      await load('lake.rides', { password }).catch((error: unknown) => error),
      await load('none').catch((error: unknown) => error),
      await load('t', { address: `postgresql://u:${password}@127.0.0.1:1/postgres` }).catch(
        (error: unknown) => error,
      ),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject({ name: 'UserError' });
      expect(
        JSON.stringify(failure, [...Object.getOwnPropertyNames(failure), 'message', 'stack', 'cause']),
      ).not.toContain(password);
    }
    expect(String(failures[0])).toMatch(/password authentication failed/);
    expect(String(failures[1])).toMatch(/no table "none"/);
    expect(String(failures[2])).toMatch(/ECONNREFUSED/);
  });

  test('the password in the address is masked, as written and as it is, and in no name', async () => {
    const written = encodeURIComponent(server.password);
    const { data } = await load('lake.rides', {
      password: '',
      address: `postgresql://postgres:${written}@127.0.0.1:${server.port}/postgres`,
    });
    expect(masked).toEqual([server.password, new URL(`http://u:${written}@h`).password]);
    expect(JSON.stringify(data)).not.toMatch(/p'w|p%27w/);
  });

  test('a run that is cancelled stops', async () => {
    const stop = new AbortController();
    const work = resolveData([`postgresql://postgres@127.0.0.1:${server.port}/postgres`], {
      env: { PGPASSWORD: server.password },
      temporaryFolder: folder,
      query: 'SELECT pg_sleep(60)',
      signal: stop.signal,
      mask: () => setTimeout(() => stop.abort(), 200),
    });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });
});
