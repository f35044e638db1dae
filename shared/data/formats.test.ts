/** How files may be written: dialects, encodings, packings, partitions, and what is wrong with them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DataAccess } from './data-access.ts';
import type { Engine } from './engine.ts';
import { loadTable, parseDialect, resolveData } from './source.ts';
import { openTestEngine, temporaryFolder } from './test-engine.ts';

let engine: Engine;
let folder: ReturnType<typeof temporaryFolder>;
let spill: ReturnType<typeof temporaryFolder>;
let table = '';
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

async function load(patterns: string[], dialect?: string) {
  const access: DataAccess = { env: {}, temporaryFolder: spill.path };
  if (dialect !== undefined) access.dialect = await parseDialect(dialect);
  table = `rows${++tables}`;
  const loaded = await loadTable(engine, await resolveData(patterns, access), table, {
    temporaryFolder: spill.path,
  });
  const types = Object.fromEntries(loaded.columns.map(({ name, type }) => [name, type]));
  return { ...loaded, types, rows: await engine.rows(`FROM ${table}`) };
}

const csv = (content: string | Uint8Array, name = 'a.csv'): string[] => [folder.file(name, content)];

describe('CSV that is found out', () => {
  test.each([
    ['pipes', 'a|b\n1|x\n', [{ a: 1, b: 'x' }]],
    ['delimiters in a quoted header', '"a;b";c\n1;2\n', [{ 'a;b': 1, c: 2 }]],
    ['an end of a line in a quoted header', '"a\nb",c\n1,2\n', [{ 'a\nb': 1, c: 2 }]],
    ['quotes in quotes', 'a,b\n"say ""hi"", you",1\n', [{ a: 'say "hi", you', b: 1 }]],
    ['one column', 'a\n1\n2\n', [{ a: 1 }, { a: 2 }]],
    [
      'carriage returns alone',
      'a,b\r1,2\r3,4\r',
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    ['no end of the last line', 'a,b\n1,2', [{ a: 1, b: 2 }]],
  ])('%s', async (_, content, rows) => {
    expect((await load(csv(content))).rows).toEqual(rows);
  });

  test('decimal commas, with and without groups of digits', async () => {
    const found = await load(csv('a;b;c\n1,5;x;2\n-22,25;y;3\n'));
    expect(found.rows).toEqual([
      { a: 1.5, b: 'x', c: 2 },
      { a: -22.25, b: 'y', c: 3 },
    ]);
    expect(found.notes).toEqual([expect.stringContaining('decimal commas')]);
    const grouped = await load(csv('a;b\n1.234.567,5;x\n2,5;y\n'), '{decimalChar: ",", groupChar: "."}');
    expect(grouped.rows.map((row) => row.a)).toEqual([1234567.5, 2.5]);
  });

  test.each([
    ['a decimal point beside them', 'a;b\n1,5;1.5\n2,5;2.5\n', 'VARCHAR'],
    ['text among them', 'a;b\n1,5;x\nn/a;y\n', 'VARCHAR'],
  ])('no decimal commas: %s', async (_, content, type) => {
    const found = await load(csv(content));
    expect([found.types.a, found.notes]).toEqual([type, []]);
  });

  test('whole numbers beyond 2^53 beside decimal commas stay exact', async () => {
    await load(csv('a;b\n9007199254740993;1,5\n1;2,5\n'));
    const [row] = await engine.rows(`SELECT a::VARCHAR AS a, b FROM ${table} LIMIT 1`);
    expect(row).toEqual({ a: '9007199254740993', b: 1.5 });
  });

  test('single quotation marks where columns are put in them, and nowhere else', async () => {
    const found = await load(csv("a,b\n'x, y',1\n'it''s',2\n"));
    expect(found.rows.map((row) => row.a)).toEqual(['x, y', "it's"]);
    expect(found.notes).toEqual([expect.stringContaining('single quotation marks')]);
    expect((await load(csv("a,b\n'tis,1\nit's,2\n"))).rows.map((row) => row.a)).toEqual(["'tis", "it's"]);
  });

  test('names that the header repeats are told', async () => {
    const found = await load(csv('id,x,X,id,y,id\n1,2,3,4,5,6\n'));
    expect(found.duplicateColumns).toEqual(['id', 'x']);
    expect(found.columns.map(({ name }) => name)).toEqual(['id', 'x', 'X_1', 'id_1', 'y', 'id_2']);
  });
});

describe('CSV whose dialect is given', () => {
  test.each([
    ['delimiter', '{delimiter: "::"}', 'a::b\n1::2\n', [{ a: 1, b: 2 }]],
    ['quoteChar', '{quoteChar: "~"}', 'a,b\n~x, y~,1\n', [{ a: 'x, y', b: 1 }]],
    ['no quoteChar', '{quoteChar: null}', 'a,b\n"x,1\n', [{ a: '"x', b: 1 }]],
    ['escapeChar', '{escapeChar: "\\\\"}', 'a,b\n"x \\"y\\"",1\n', [{ a: 'x "y"', b: 1 }]],
    [
      'header: false',
      '{header: false}',
      '1,x\n2,y\n',
      [
        { field1: 1, field2: 'x' },
        { field1: 2, field2: 'y' },
      ],
    ],
    [
      'nullSequence',
      '{nullSequence: [NA, "-"]}',
      'a,b\nNA,x\n2,-\n',
      [
        { a: null, b: 'x' },
        { a: 2, b: null },
      ],
    ],
    ['commentChar', '{commentChar: "#"}', '# made today\na,b\n1,2\n# end\n', [{ a: 1, b: 2 }]],
    ['decimalChar', '{decimalChar: ","}', 'a;b\n1,5;1.5\n', [{ a: 1.5, b: '1.5' }]],
    ['JSON', '{"delimiter": ";"}', 'a;b\n1;2\n', [{ a: 1, b: 2 }]],
  ])('%s', async (_, dialect, content, rows) => {
    expect((await load(csv(content), dialect)).rows).toEqual(rows);
  });

  test.each([
    ['an unknown word', '{delimeter: ";"}', /unknown word "delimeter"/],
    ['no map', 'semicolon', /dialect: /],
    ['no YAML', '{a: ', /dialect is no map/],
    ['a word twice', '{header: true, header: false}', /no map/],
    ['a text for a boolean', '{header: "no"}', /dialect\.header/],
    ['a long quotation mark', '{quoteChar: "ab"}', /dialect\.quoteChar/],
    ['one character for two things', '{decimalChar: ",", groupChar: ","}', /decimals and for groups/],
    ['an unknown encoding', '{encoding: klingon}', /no encoding "klingon"/],
  ])('%s is an error for people', async (_, dialect, message) => {
    await expect(parseDialect(dialect)).rejects.toThrow(message);
    await expect(parseDialect(dialect)).rejects.toMatchObject({ name: 'UserError' });
  });

  test('names the nearest known word', async () => {
    await expect(parseDialect('{delimeter: ";"}')).rejects.toMatchObject({ fix: 'Did you mean delimiter?' });
  });

  test('has no meaning for other formats', async () => {
    await expect(load([folder.file('a.jsonl', '{}\n')], '{header: true}')).rejects.toThrow(
      /dialect is about CSV/,
    );
  });
});

describe('encodings', () => {
  const text = 'name,n\nZürich,1\nÉvora,2\n';
  const rows = [
    { name: 'Zürich', n: 1 },
    { name: 'Évora', n: 2 },
  ];
  const wide = Buffer.from(text, 'utf16le');

  test('latin-1 where it is named, packed or not', async () => {
    const bytes = Buffer.from(text, 'latin1');
    const found = await load(csv(bytes), '{encoding: latin-1}');
    expect([found.rows, found.notes]).toEqual([rows, ['Read as windows-1252.']]);
    expect((await load(csv(gzipSync(bytes), 'a.csv.gz'), '{encoding: latin-1}')).rows).toEqual(rows);
  });

  test('latin-1 that nobody names is an error that says so', async () => {
    await expect(load(csv(Buffer.from(text, 'latin1')))).rejects.toMatchObject({
      message: expect.stringContaining('is not UTF-8: 2 lines'),
      where: { line: 2 },
      fix: expect.stringContaining('latin-1'),
    });
  });

  test('a single line that is not UTF-8 is left out, the others are read', async () => {
    const many = Array.from({ length: 300 }, (_, row) => `ü${row},${row}\n`).join('');
    const bytes = Buffer.concat([Buffer.from(`a,b\n${many}`), Buffer.from('caf\xe9,1\n', 'latin1')]);
    const found = await load(csv(bytes));
    expect([found.rowCount, found.rejected[0]?.line]).toEqual([300, 302]);
  });

  test.each([
    ['little', Buffer.concat([Buffer.from([0xff, 0xfe]), wide]), undefined],
    ['big', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(wide).swap16()]), undefined],
    ['named', wide, '{encoding: utf-16le}'],
  ])('UTF-16, %s', async (_, bytes, dialect) => {
    expect((await load(csv(bytes), dialect)).rows).toEqual(rows);
  });

  test('UTF-16 without a mark or a name is an error that says so', async () => {
    await expect(load(csv(wide))).rejects.toMatchObject({ fix: expect.stringContaining('utf-16le') });
  });

  test('bytes that are not of the named encoding are an error', async () => {
    await expect(load(csv(Buffer.from('a\n\x82\xff\n', 'latin1')), '{encoding: shift_jis}')).rejects.toThrow(
      /not written in shift_jis/,
    );
  });

  test('a byte order mark before JSON', async () => {
    expect((await load([folder.file('a.json', '\ufeff[{"a":1}]')])).rows).toEqual([{ a: 1 }]);
    expect((await load([folder.file('b.jsonl', '\ufeff{"a":1}\n')])).rows).toEqual([{ a: 1 }]);
  });
});

describe('packed and large', () => {
  test('zstd', async () => {
    expect((await load(csv(zstdCompressSync('a,b\n1,2\n'), 'a.csv.zst'))).rows).toEqual([{ a: 1, b: 2 }]);
    expect((await load([folder.file('a.jsonl.zst', zstdCompressSync('{"a":1}\n'))])).rows).toEqual([
      { a: 1 },
    ]);
  });

  test.each([
    ['cut off', zstdCompressSync('x\n'.repeat(9999)).subarray(0, -5)],
    ['no zstd at all', Buffer.from('x\n1\n')],
  ])('zstd that is %s', async (_, bytes) => {
    await expect(resolveData(csv(bytes, 'a.csv.zst'))).rejects.toThrow(/not a whole zstd file/);
  });

  test('several gzip members in one file', async () => {
    const bytes = Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n')]);
    expect((await load(csv(bytes, 'a.csv.gz'))).rows).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('ten megabytes in one cell, in CSV and in JSON', async () => {
    const cell = 'ab'.repeat(5_000_000);
    const found = await load(csv(`a,b\n1,${cell}\n2,c\n3\n`));
    expect([found.rowCount, found.rejected[0]?.line]).toEqual([2, 4]);
    expect(await engine.rows(`SELECT length(b) AS n FROM ${table}`)).toEqual([{ n: 10_000_000 }, { n: 1 }]);
    await load([folder.file('a.jsonl', `{"a":1,"b":"${cell}"}\n`)]);
    expect(await engine.rows(`SELECT length(b) AS n FROM ${table}`)).toEqual([{ n: 10_000_000 }]);
  });

  test.each([
    ['CSV', 'a.csv', (name: string) => `a,${name}\n1,2\n`],
    ['JSON', 'a.jsonl', (name: string) => `{"a":1,"${name}":2}\n`],
  ])('the name of a column that is longer than any, in %s', async (_, file, content) => {
    const name = 'ab'.repeat(5_000);
    expect((await load([folder.file(file, content(name))])).columns[1]?.name).toBe(name);
    await expect(load([folder.file(file, content(`${name}c`))])).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('longer than 10,000 characters: abababab'),
      fix: expect.stringContaining('quotation mark'),
    });
  });

  test('a line beyond the largest names what makes such lines', async () => {
    const content = `a,b\n1,${'x'.repeat(65 * 2 ** 20)}\n`;
    await expect(load(csv(content))).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining('longer than 64 MiB'),
      fix: expect.stringContaining('quotation mark'),
    });
  });
});

describe('JSON', () => {
  test.each([
    [
      'an array',
      '[{"a":1,"b":"x"},{"a":2}]',
      [
        { a: 1, b: 'x' },
        { a: 2, b: null },
      ],
    ],
    ['one object', '{"a":1}', [{ a: 1 }]],
    ['objects one after the other', '{\n"a":1\n}\n{"a":2}', [{ a: 1 }, { a: 2 }]],
    ['lines', '{"a":1}\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
  ])('%s', async (_, content, rows) => {
    expect((await load([folder.file('a.json', content)])).rows).toEqual(rows);
  });

  test.each([
    ['cut off', '[{"a":1},{"a":'],
    ['numbers', '[1,2]'],
    ['an empty array', '[]'],
  ])('%s is an error for people', async (_, content) => {
    const path = folder.file('a.json', content);
    await expect(load([path])).rejects.toMatchObject({ name: 'UserError', where: { file: path } });
  });

  test('JSON beside other data in a folder describes it', async () => {
    folder.file('a.csv', 'x\n1\n');
    folder.file('schema.json', '{}');
    expect((await load([folder.path])).rows).toEqual([{ x: 1 }]);
  });
});

describe('partitions', () => {
  async function part(path: string, select: string): Promise<void> {
    mkdirSync(join(folder.path, path, '..'), { recursive: true });
    await engine.run(`COPY (${select}) TO '${join(folder.path, path)}' (FORMAT parquet)`);
  }

  test('folders become columns, typed, decoded, in the order of the files', async () => {
    await part('t/day=2024-01-02/n=7/city=S%C3%A3o%2FPaulo/a.parquet', 'SELECT 1 AS x');
    await part('t/day=2024-01-03/n=10/city=__HIVE_DEFAULT_PARTITION__/a.parquet', 'SELECT 2 AS x');
    const found = await load([join(folder.path, 't')]);
    expect(found.types).toEqual({ x: 'INTEGER', day: 'DATE', n: 'BIGINT', city: 'VARCHAR' });
    expect(await engine.rows(`SELECT x, n, city, day::VARCHAR AS day FROM ${table}`)).toEqual([
      { x: 1, n: 7, city: 'São/Paulo', day: '2024-01-02' },
      { x: 2, n: 10, city: null, day: '2024-01-03' },
    ]);
    expect(found.notes).toEqual(['Columns from the names of folders (key=value): day, n, city.']);
    expect(await engine.rows(`SELECT count(*) AS n FROM ${table} WHERE n = 10`)).toEqual([{ n: 1 }]);
  });

  test("a file's own column counts", async () => {
    await part('t/x=5/a.parquet', 'SELECT 1 AS x');
    const found = await load([join(folder.path, 't')]);
    expect([found.rows, found.notes]).toEqual([[{ x: 1 }], [expect.stringContaining('which count: x')]]);
  });

  test('files outside of the partitions are an error', async () => {
    await part('t/day=1/a.parquet', 'SELECT 1 AS x');
    await part('t/b.parquet', 'SELECT 2 AS x');
    await expect(load([join(folder.path, 't')])).rejects.toThrow(/lies in no folder day=/);
  });

  test('a Delta table is no folder of files', async () => {
    await part('t/a.parquet', 'SELECT 1 AS x');
    mkdirSync(join(folder.path, 't/_delta_log'));
    folder.file('t/_delta_log/00000000000000000000.json', '{}');
    await expect(load([join(folder.path, 't')])).rejects.toThrow(/is a Delta table/);
  });

  test('a truncated Parquet file and an empty one are named', async () => {
    await part('a.parquet', 'SELECT range AS x FROM range(1000)');
    const { readFileSync } = await import('node:fs');
    const cut = folder.file('b.parquet', readFileSync(join(folder.path, 'a.parquet')).subarray(0, -20));
    await expect(resolveData([cut])).rejects.toThrow(/b\.parquet is cut off/);
    await expect(resolveData([folder.file('c.parquet', '')])).rejects.toThrow(/is empty/);
  });
});
