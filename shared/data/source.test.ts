import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readColumns } from './columns.ts';
import type { Engine } from './engine.ts';
import { loadTable, resolveData } from './source.ts';
import { openTestEngine, temporaryFolder } from './test-engine.ts';

let engine: Engine;
let folder: ReturnType<typeof temporaryFolder>;
let spill: ReturnType<typeof temporaryFolder>;
let tables = 0;

beforeAll(async () => {
  spill = temporaryFolder();
  engine = await openTestEngine(spill.path);
});
afterAll(() => {
  engine.close();
  spill.remove();
});
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

async function load(patterns: string[], textColumns: string[] = []) {
  const table = `t${++tables}`;
  const data = await resolveData(patterns);
  const loaded = await loadTable(engine, data, table, { textColumns, temporaryFolder: spill.path });
  const columns = await readColumns(
    engine,
    table,
    loaded.columns.map((column) => column.name),
  );
  const values = Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, [...column.values]]),
  );
  const types = Object.fromEntries(loaded.columns.map((column) => [column.name, column.type]));
  return { ...loaded, values, types };
}

describe('resolveData', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  test('digests one file by its bytes and several by their sorted hashes', async () => {
    const one = folder.file('b.csv', 'x\n1\n');
    const two = folder.file('a.csv', 'x\n2\n');
    const [first, second] = [sha256('x\n1\n'), sha256('x\n2\n')];
    expect((await resolveData([one])).digest).toBe(`sha256:${first}`);
    const both = await resolveData([one, two]);
    expect(both.files.map((file) => file.path)).toEqual([two, one]);
    expect(both.digest).toBe(`sha256:${sha256([first, second].sort().join('\n'))}`);
    expect((await resolveData([two, one])).digest).toBe(both.digest);
  });

  test('takes files, globs and folders, each file once, nothing hidden', async () => {
    mkdirSync(join(folder.path, 'deep'));
    writeFileSync(join(folder.path, 'deep', 'c.csv'), 'x\n3\n');
    folder.file('.hidden.csv', 'x\n4\n');
    folder.file('notes.txt', 'hello');
    const file = folder.file('a.csv', 'x\n1\n');
    const names = async (...patterns: string[]) =>
      (await resolveData(patterns)).files.map(({ path }) => path.slice(folder.path.length + 1));
    expect(await names(folder.path, file, join(folder.path, '*.csv'))).toEqual(['a.csv', 'deep/c.csv']);
    expect(await names(join(folder.path, '**/*.csv'))).toEqual(['a.csv', 'deep/c.csv']);
  });

  test('takes a path with the characters of a glob as it is', async () => {
    expect((await load([folder.file('w[1]*.csv', 'x\n1\n')])).values).toEqual({ x: [1] });
  });

  test.each([
    ['no match', () => [join(folder.path, '*.csv')], /No data file matches/],
    ['an empty folder', () => [folder.path], /holds no data file/],
    ['mixed formats', () => [folder.file('a.csv', 'x\n'), folder.file('a.jsonl', '{}\n')], /mixes formats/],
    ['an unknown format', () => [folder.file('a.xlsx', 'x')], /Cannot tell the format/],
    ['an empty file', () => [folder.file('a.csv', '')], /is empty/],
    [
      'truncated gzip',
      () => [folder.file('a.csv.gz', gzipSync('x\n'.repeat(9999)).subarray(0, -5))],
      /not a whole gzip/,
    ],
    ['no gzip at all', () => [folder.file('a.csv.gz', 'x\n1\n')], /not a whole gzip/],
    ['truncated Parquet', () => [folder.file('a.parquet', 'PAR1 and then nothing')], /is cut off/],
    ['no Parquet at all', () => [folder.file('a.parquet', 'x,y\n1,2\n')], /is not a Parquet file/],
  ])('%s is an error for people', async (_, patterns, message) => {
    await expect(resolveData(patterns())).rejects.toThrow(message);
    await expect(resolveData(patterns())).rejects.toMatchObject({ name: 'UserError' });
  });
});

describe('loadTable of CSV', () => {
  test('keeps order, types, empty fields as null and quoted newlines', async () => {
    const table = await load([
      folder.file('a.csv', 'n,f,s,d,b\n3,1.5,"a ""q"",\nb",2001-01-02,true\n1,,,,\n2,2,x,2001-01-03,false\n'),
    ]);
    expect(table.types).toEqual({ n: 'BIGINT', f: 'DOUBLE', s: 'VARCHAR', d: 'DATE', b: 'BOOLEAN' });
    expect(table.values.n).toEqual([3, 1, 2]);
    expect(table.values.f).toEqual([1.5, Number.NaN, 2]);
    expect(table.values.s).toEqual(['a "q",\nb', null, 'x']);
  });

  test('reports unreadable lines by file and line and loads the rest', async () => {
    const path = folder.file('a.csv', 'x,y\n1,2\n3\n4,5,6\n7,8\n9,"un"q\n');
    const table = await load([path]);
    expect(table.values).toEqual({ x: [1, 7], y: [2, 8] });
    expect(table.rejected.map(({ file, line }) => [file, line])).toEqual([
      [path, 3],
      [path, 4],
      [path, 6],
    ]);
    expect(table.rejectedCount).toBe(3);
  });

  test('reports a value that does not fit after the sample, and does not round a late fraction', async () => {
    const head = Array.from({ length: 30_000 }, (_, row) => `${row},${row % 5}`).join('\n');
    const path = folder.file('a.csv', `id,v\n${head}\n30000,1.5\n30001,bad\n30002,2\n`);
    const table = await load([path]);
    expect(table.rowCount).toBe(30_002);
    expect(table.values.v?.slice(-2)).toEqual([1.5, 2]);
    expect(table.rejected).toMatchObject([{ line: 30_003, message: expect.stringContaining('"bad"') }]);
  });

  test('makes a column text when its guessed type is wrong for many lines', async () => {
    const lines = Array.from({ length: 40_000 }, (_, row) => (row < 25_000 ? `${row}` : `c${row}`));
    const table = await load([folder.file('a.csv', `v\n${lines.join('\n')}\n`)]);
    expect(table.types.v).toBe('VARCHAR');
    expect([table.rowCount, table.rejectedCount]).toEqual([40_000, 0]);
  });

  test('keeps whole numbers beyond 2^53 exactly', async () => {
    await load([folder.file('a.csv', 'a,b\n9007199254740993,12345678901234567890123\n1,2\n')]);
    const rows = await engine.rows(`SELECT a::VARCHAR AS a, b::VARCHAR AS b FROM t${tables} LIMIT 1`);
    expect(rows).toEqual([{ a: '9007199254740993', b: '12345678901234567890123' }]);
  });

  test('keeps the text of columns that are asked for as text', async () => {
    const path = folder.file('a.csv', 'zip,n\n1234,1\n5678,2\n');
    expect((await load([path], ['zip', 'absent'])).values.zip).toEqual(['1234', '5678']);
  });

  test.each([
    ['semicolons', 'a;b\n1;2\n'],
    ['tabs', 'a\tb\n1\t2\n'],
    ['a byte order mark and CRLF', '\ufeffa,b\r\n1,2\r\n'],
  ])('reads %s', async (_, content) => {
    expect((await load([folder.file('a.csv', content)])).values).toEqual({ a: [1], b: [2] });
  });

  test('reads gzip and several files as one table, columns by name', async () => {
    const zipped = folder.file('a.csv.gz', gzipSync('x,y\n1,2\n'));
    const plain = folder.file('b.csv', 'y,x\n4,3\n');
    expect((await load([zipped, plain])).values).toEqual({ x: [1, 3], y: [2, 4] });
  });

  test('refuses files with different columns', async () => {
    const paths = [folder.file('a.csv', 'x,y\n1,2\n'), folder.file('b.csv', 'x,z\n1,2\n')];
    await expect(load(paths)).rejects.toThrow(/different columns.*lacks y and adds z/);
  });

  test('reads hostile column names', async () => {
    const name = 'a"; DROP TABLE x; --';
    const table = await load([folder.file('a.csv', `"${name.replaceAll('"', '""')}",<b>|\n1,2\n`)]);
    expect(table.columns.map((column) => column.name)).toEqual([name, '<b>|']);
    expect(table.values[name]).toEqual([1]);
  });

  test('drops no line that looks like a comment or a title', async () => {
    const table = await load([folder.file('a.csv', 'x,y\n# one,1\na,2\n# two,3\n')]);
    expect(table.values.x).toEqual(['# one', 'a', '# two']);
  });

  test('believes the header when most lines are broken', async () => {
    const path = folder.file('a.csv', '"x ""q"" z",y\n1\n2,3,4\n5\n6,7\n8,"9"9\n');
    const table = await load([path]);
    expect(table.values).toEqual({ 'x "q" z': [6], y: [7] });
    expect(table.rejectedCount).toBe(4);
  });

  test('loads a table without rows', async () => {
    expect((await load([folder.file('a.csv', 'x,y\n')])).rowCount).toBe(0);
  });
});

describe('loadTable of other formats', () => {
  test('reads Parquet where it lies', async () => {
    const path = join(folder.path, 'a.parquet');
    await engine.run(`COPY (SELECT range AS x, 'v' || range AS s FROM range(3)) TO '${path}'`);
    const table = await load([path]);
    expect(table.values).toEqual({ x: [0, 1, 2], s: ['v0', 'v1', 'v2'] });
    expect(table.readsFrom).toEqual([path]);
  });

  test('names a Parquet file with a broken footer', async () => {
    const path = folder.file('a.parquet', `PAR1${'x'.repeat(40)}PAR1`);
    await expect(load([path])).rejects.toMatchObject({ name: 'UserError', where: { file: path } });
  });

  test('reads JSON Lines with absent keys, mixed types and gzip', async () => {
    const path = folder.file('a.jsonl.gz', gzipSync('{"a":1,"b":"x"}\n{"a":"q"}\n'));
    expect((await load([path])).values).toEqual({ a: ['1', 'q'], b: ['x', null] });
  });

  test('names broken JSON lines and loads the rest', async () => {
    const path = folder.file('a.jsonl', '{"a":1}\nnot json\n{"a":2}\n[3]\n\n{"a":4\n');
    const table = await load([path]);
    expect(table.values).toEqual({ a: [1, 2] });
    expect(table.rejected.map(({ file, line }) => [file, line])).toEqual([
      [path, 2],
      [path, 4],
      [path, 6],
    ]);
  });
});

describe('readColumns', () => {
  test('spells a dictionary out, empty places included', async () => {
    await engine.run(`CREATE OR REPLACE TABLE dictionary AS SELECT value::ENUM('it''s', 'b') AS value, number
      FROM (VALUES ('b', 1), (NULL, 2), ('it''s', 3)) v(value, number) ORDER BY number`);
    const columns = await readColumns(engine, 'dictionary', ['value']);
    expect(columns.value).toEqual({
      kind: 'text',
      values: ['b', null, "it's"],
      nulls: Uint8Array.of(0, 1, 0),
    });
  });

  test('gives numbers, times in seconds, booleans and masks of nulls', async () => {
    await engine.run(`CREATE OR REPLACE TABLE c AS FROM (VALUES
      (1::INTEGER, 1.5::DECIMAL(4,1), TIMESTAMP '1970-01-01 00:00:01.5', true, [1, 2]), (NULL, NULL, NULL, NULL, NULL)) v(i, d, t, b, l)`);
    const columns = await readColumns(engine, 'c', ['i', 'd', 't', 'b', 'l']);
    expect(columns.i).toEqual({
      kind: 'numeric',
      values: Float64Array.of(1, Number.NaN),
      nulls: Uint8Array.of(0, 1),
    });
    expect(columns.d?.values).toEqual(Float64Array.of(1.5, Number.NaN));
    expect(columns.t).toEqual({
      kind: 'time',
      values: Float64Array.of(1.5, Number.NaN),
      nulls: Uint8Array.of(0, 1),
    });
    expect(columns.b?.values).toEqual(Float64Array.of(1, Number.NaN));
    expect(columns.l).toEqual({ kind: 'text', values: ['[1, 2]', null], nulls: Uint8Array.of(0, 1) });
  });

  test('names the nearest column when one does not exist', async () => {
    await engine.run('CREATE OR REPLACE TABLE c AS SELECT 1 AS distance');
    await expect(readColumns(engine, 'c', ['distanse'])).rejects.toMatchObject({
      fix: expect.stringContaining('"distance"'),
    });
  });

  test('keeps order over many vectors', async () => {
    await engine.run('CREATE OR REPLACE TABLE c AS SELECT range AS x FROM range(10000)');
    const { x } = await readColumns(engine, 'c', ['x']);
    expect(x?.values).toEqual(Float64Array.from({ length: 10_000 }, (_, index) => index));
  });
});
