/** Files of a stranger: each trick has its own words, and none of them costs time or memory. */
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyUntrusted } from './copy-untrusted.ts';
import { readCsvHeader } from './csv-header.ts';
import { requirePlainFiles, UNTRUSTED_LIMITS } from './untrusted-files.ts';

let folder: string;
const before = process.cwd();
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'untrusted-')));
  await mkdir(join(folder, 'home'));
  process.chdir(join(folder, 'home'));
});
afterEach(async () => {
  process.chdir(before);
  await rm(folder, { recursive: true, force: true });
});

describe('what may be looked at', () => {
  test('plain CSV and JSON Lines in the working directory', async () => {
    for (const name of ['a.csv', 'b.jsonl', 'c.ndjson']) await writeFile(name, 'id\n1\n');
    await expect(
      requirePlainFiles(['a.csv', 'b.jsonl', join(folder, 'home/c.ndjson')]),
    ).resolves.toBeUndefined();
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a file that is not there', async () => undefined, /p\.csv is not there/],
    ['a link', () => symlink('/etc/passwd', 'p.csv'), /is a link/],
    ['a link that leads nowhere', () => symlink('nowhere', 'p.csv'), /is a link/],
    ['a folder', () => mkdir('p.csv'), /is no plain file/],
  ])('not %s', async (_, make, message) => {
    await make();
    await expect(requirePlainFiles(['p.csv'])).rejects.toThrow(message);
  });

  test('not a place outside, by dots, by an absolute path or by a folder that is a link', async () => {
    await writeFile(join(folder, 'p.csv'), 'id\n1\n');
    await symlink('..', 'up');
    for (const path of ['../p.csv', join(folder, 'p.csv'), 'up/p.csv']) {
      await expect(requirePlainFiles([path])).rejects.toThrow(/lies outside the working directory/);
    }
  });

  test('not another format, compressed or not', async () => {
    for (const name of ['p.parquet', 'p.csv.gz', 'p.zip', 'p']) {
      await writeFile(name, gzipSync('id\n1\n'));
      await expect(requirePlainFiles([name])).rejects.toThrow(/neither CSV nor JSON Lines/);
    }
  });

  test('not more bytes than allowed, all files together', async () => {
    for (const name of ['a.csv', 'b.csv']) {
      await writeFile(name, '');
      await truncate(name, UNTRUSTED_LIMITS.bytes / 2 + 1);
    }
    await expect(requirePlainFiles(['a.csv'])).resolves.toBeUndefined();
    await expect(requirePlainFiles(['a.csv', 'b.csv'])).rejects.toThrow(/more than 200 MB/);
  });
});

describe('the copy', () => {
  const copy = async (text: string | Uint8Array, name = 'p.csv', mostRows = 3): Promise<string> => {
    await writeFile(name, text);
    await rm('copy.csv', { force: true });
    const choose = (names: readonly string[]) => names.filter((one) => ['id', 'y_score'].includes(one));
    await copyUntrusted([name], 'copy.csv', { choose, mostRows, mostRowsAre: `the data has ${mostRows}` });
    return readFile('copy.csv', 'utf8');
  };

  test('has the chosen columns and nothing else', async () => {
    const wanted = 'id,y_score\na,0.5\n"b,""c""",\n';
    expect(await copy('y_true,id,y_score\r\n1,a,0.5\r\n\r\n0,"b,""c""",\r\n')).toBe(wanted);
    expect(await copy('\ufeffid;y_true;y_score\na;1;0.5\n"b,""c""";0;')).toBe(wanted);
    expect(
      await copy('{"id":"a","y_score":0.5,"y_true":{"x":1}}\n\n{"y_score":null,"id":"b,\\"c\\""}', 'p.jsonl'),
    ).toBe(wanted);
    expect(await copy('{"id":1,"y_score":1e-7}\n{"id":true}\n', 'p.ndjson')).toBe(
      'id,y_score\n1,1e-7\ntrue,\n',
    );
  });

  test('keeps whatever text there is, cell by cell', async () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\r\n\0]/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 5 }), async (rows) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const fromCsv = await copy(
          ['id,y_score', ...rows.map((row) => row.map(quoted).join())].join('\n'),
          'p.csv',
          9,
        );
        const objects = rows.map(([id, y_score]) => JSON.stringify({ id, y_score }));
        expect(await copy(objects.join('\n'), 'p.jsonl', 9)).toBe(fromCsv);
      }),
      { numRuns: 50 },
    );
  });

  test('has no more columns for its reader than were chosen, whatever their names hold', async () => {
    for (const delimiter of [';', '|', '\t']) {
      const many = ['y_score_x', 'id', 'y_true', 'w'].join(delimiter);
      await writeFile('p.csv', `"id","${many}"\n1,"${['0.5', '1', '0', '9'].join(delimiter)}"\n`);
      await rm('copy.csv', { force: true });
      const choose = (names: readonly string[]) => [...names];
      await copyUntrusted(['p.csv'], 'copy.csv', { choose, mostRows: 3, mostRowsAre: '' });
      expect(await readCsvHeader('copy.csv')).toMatchObject({ delimiter: ',', names: ['id', many] });
    }
  });

  test('stops at the first row too many, however many follow', async () => {
    const rows = Buffer.alloc(10_000_000 * 4, '1,0\n');
    const header = Buffer.from('id,y_score\n');
    await expect(copy(Buffer.concat([header, rows]))).rejects.toThrow(
      'The untrusted predictions have more rows than there are to judge: the data has 3.',
    );
    // It was not read to its end.
    expect((await readFile('copy.csv')).length).toBeLessThan(100_000);
    await expect(copy('{"id":1}\n'.repeat(4), 'p.jsonl')).rejects.toThrow(/more rows than there are/);
  });

  test.each([
    ['a line without end', Buffer.alloc(1_000_000, 'x'), 'p.csv', /is longer than 65536 characters/],
    ['a long line among others', `id,y_score\n${'9'.repeat(70_000)},1\n`, 'p.csv', /is longer than 65536/],
    ['a long value', `id,y_score\n${'9'.repeat(300)},1\n`, 'p.csv', /value of more than 256 characters/],
    ['too many columns', `id,y_score${',a'.repeat(2000)}\n`, 'p.csv', /has 2002 columns/],
    ['too many keys', JSON.stringify({ ...Array(2000).fill(1), id: 1 }), 'p.jsonl', /has 2001 columns/],
    ['too few values', 'id,y_score\n1\n', 'p.csv', /has 1 values, and there are 2 columns/],
    ['a quotation mark without its pair', 'id,y_score\n"1,2\n', 'p.csv', /quotation mark that does not end/],
    ['text after a quotation mark', 'id,y_score\n"1"2,3\n', 'p.csv', /quotation mark that does not end/],
    ['a NUL', 'id,y_score\n1,\0\n', 'p.csv', /is no UTF-8 text/],
    ['a NUL that JSON writes', '{"id":"a\\u0000b"}', 'p.jsonl', /a line end or a NUL inside a value/],
    ['a line end that JSON writes', '{"id":"a\\n1,2"}', 'p.jsonl', /a line end or a NUL inside a value/],
    ['other bytes', Buffer.from([0x69, 0x64, 0x0a, 0xff, 0xfe]), 'p.csv', /is no UTF-8 text/],
    ['a list', '[1,2]', 'p.jsonl', /is not a JSON object/],
    ['nesting without end', '['.repeat(60_000), 'p.jsonl', /is not a JSON object/],
    ['an object as a value', '{"id":{"a":1}}', 'p.jsonl', /has a list or an object/],
    ['a number that is not exact', '{"id":12345678901234567890}', 'p.jsonl', /too large to be exact/],
  ])('refuses %s', async (_, text, name, message) => {
    await expect(copy(text, name)).rejects.toThrow(message);
  });

  test('reads keys of an object as names, never as its own', async () => {
    expect(await copy('{"__proto__":{"y_score":"1"},"id":"a","y_score":"b"}\n{"id":"b"}', 'p.jsonl')).toBe(
      'id,y_score\na,b\nb,\n',
    );
  });

  test('refuses a second file with other columns', async () => {
    await writeFile('a.csv', 'id,y_score\n1,2\n');
    await writeFile('b.csv', 'id,other\n2,3\n');
    const options = { choose: (names: readonly string[]) => [...names], mostRows: 9, mostRowsAre: '' };
    await expect(copyUntrusted(['a.csv', 'b.csv'], 'copy.csv', options)).rejects.toThrow(
      /without the columns of the first/,
    );
  });
});
