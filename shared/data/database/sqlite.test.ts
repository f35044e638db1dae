import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { loadTable, resolveData } from '../source.ts';
import { openTestEngine, temporaryFolder } from '../test-engine.ts';

let engine: Engine;
let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let tables = 0;

const HOSTILE = 'a"; DROP TABLE "rides';

beforeAll(async () => {
  folder = temporaryFolder();
  engine = await openTestEngine(folder.path);
  path = join(folder.path, 'a.db');
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TABLE rides (id INTEGER PRIMARY KEY, fare REAL, tip NUMERIC, who TEXT, paid BOOLEAN, day DATE, at DATETIME, mixed, raw BLOB, never INT);
    INSERT INTO rides VALUES
      (9007199254740993, 1.5, 2, 'a "b", c', 1, '2024-01-31', '2024-01-31 06:30:00', 1, x'00ff', NULL),
      (1, NULL, 2.5, '', 0, '2024-02-01', '2024-02-01 00:00:00.250', 'one', NULL, NULL),
      (2, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE odd (day DATE);
    INSERT INTO odd VALUES ('yesterday');
    CREATE TABLE "${HOSTILE.replaceAll('"', '""')}" (x INT);
    INSERT INTO "${HOSTILE.replaceAll('"', '""')}" VALUES (7);
    CREATE VIEW many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      SELECT i, 'row ' || i || '—' AS name FROM n;`);
  database.close();
});
afterAll(() => {
  engine.close();
  folder.remove();
});

async function load(table: string, query?: string) {
  const name = `t${++tables}`;
  const access = { env: {}, temporaryFolder: folder.path, query };
  const data = await resolveData([table === '' ? `sqlite:${path}` : `sqlite:${path}#${table}`], access);
  const loaded = await loadTable(engine, data, name, { temporaryFolder: folder.path });
  const types = Object.fromEntries(loaded.columns.map((column) => [column.name, column.type]));
  return { ...loaded, data, types, rows: await engine.rows(`FROM ${name}`) };
}

test('gives every column the type that its values have', async () => {
  const { types, rows, data } = await load('rides');
  expect(types).toEqual({
    ...{ id: 'BIGINT', fare: 'DOUBLE', tip: 'DOUBLE', who: 'VARCHAR', paid: 'BOOLEAN', day: 'DATE' },
    ...{ at: 'TIMESTAMP', mixed: 'VARCHAR', raw: 'VARCHAR', never: 'BIGINT' },
  });
  expect(rows[2]).toMatchObject({
    id: 9007199254740993n,
    who: 'a "b", c',
    paid: true,
    raw: '00ff',
    mixed: '1',
  });
  expect(rows[0]).toMatchObject({
    id: 1,
    fare: null,
    tip: 2.5,
    who: '',
    at: new Date('2024-02-01T00:00:00.250Z'),
  });
  expect(rows[1]).toMatchObject({ who: null, paid: null });
  expect([data.format, data.files[0]?.path]).toEqual(['database', `sqlite:${path}#rides`]);
});

test('the same rows have the same digest', async () => {
  const first = await load('rides');
  const asQuery = await load('', 'SELECT * FROM rides ORDER BY id');
  expect(asQuery.data.digest).toBe(first.data.digest);
  expect((await load('', 'SELECT * FROM rides WHERE id > 1 ORDER BY id')).data.digest).not.toBe(
    first.data.digest,
  );
});

test('a declaration that the values do not keep is said and is text', async () => {
  const { types, notes } = await load('odd');
  expect([types.day, notes]).toEqual([
    'VARCHAR',
    ['The column day (DATE) holds values beyond DATE and is read as VARCHAR.'],
  ]);
});

test('many rows stream', async () => {
  const { rowCount, rows } = await load('many');
  expect([rowCount, rows.at(-1)]).toEqual([100_000, { i: 100_000, name: 'row 100000—' }]);
});

test('a hostile name is a name', async () => {
  expect((await load(HOSTILE)).rows).toEqual([{ x: 7 }]);
  expect((await load('rides')).rowCount).toBe(3);
});

test.each([
  ['a change', 'DELETE FROM rides RETURNING *', /syntax error/],
  ['several statements', 'SELECT 1; SELECT 2', /syntax error/],
  ['columns of one name', 'SELECT 1 AS a, 2 AS A', /two columns named "A"/],
  ['an unknown table', 'SELECT * FROM none', /no such table/],
  ['nothing', ' ; ', /query is empty/],
])('%s is an error for people', async (_, query, message) => {
  const failure = load('', query);
  await expect(failure).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
});

test('what escapes the brackets is not run', async () => {
  await load('', 'SELECT 1 AS a) AS x; DELETE FROM rides; SELECT * FROM (SELECT 2 AS b').catch(
    () => undefined,
  );
  expect((await load('rides')).rowCount).toBe(3);
});

test.each([
  ['table and query', 'rides', 'SELECT 1', /Both a table and a query/],
  ['neither', '', undefined, /names no table/],
])('%s is an error', async (_, table, query, message) => {
  await expect(load(table, query)).rejects.toThrow(message);
});

test('a file that is no database is named', async () => {
  const other = folder.file('b.db', 'hello, I am no database at all, however long I am'.repeat(100));
  const access = { env: {}, temporaryFolder: folder.path };
  await expect(resolveData([`sqlite:${other}#t`], access)).rejects.toThrow(/file is not a database/);
  await expect(resolveData([`sqlite:${folder.path}/none.db#t`], access)).rejects.toThrow(/no database file/);
});

test('no warning of Node reaches the log', () => {
  const script = `import { readSqlite } from ${JSON.stringify(fileURLToPath(new URL('sqlite.ts', import.meta.url)))};
    await readSqlite(${JSON.stringify(`sqlite:${path}#rides`)}, { env: {}, temporaryFolder: ${JSON.stringify(folder.path)} });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect([status, stdout, stderr]).toEqual([0, '', '']);
});
