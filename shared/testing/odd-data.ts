/** Files as they should not be, and some that only look so: what validate-data and drift-check are held to. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Engine } from '../data/engine.ts';

const ROWS = 120;
const COLOURS = ['red', 'green', 'blue', 'grey'] as const;
const LARGE = 10_000_000;

interface Row {
  id: number;
  x: number;
  c: string;
}

const rowOf = (id: number): Row => ({ id, x: ((id * 37) % 101) / 4, c: COLOURS[(id * 7) % 4]! });

/** A header and a line of each row, given as `id,x,c`. */
function csv(cells: (row: Row) => string, header = 'id,x,c'): string {
  const lines = Array.from({ length: ROWS }, (_, id) => cells(rowOf(id)));
  return `${header}\n${lines.join('\n')}\n`;
}
const lines = (value: (row: Row) => object): string =>
  `${Array.from({ length: ROWS }, (_, id) => JSON.stringify(value(rowOf(id)))).join('\n')}\n`;

/** Rows without anything odd: 120 of a number of its own, a number and one of four words. */
export const PLAIN = csv(({ id, x, c }) => `${id},${x},${c}`);

const withNumber = (number: (row: Row) => unknown) => csv((row) => `${row.id},${number(row)},${row.c}`);
const withText = (text: (row: Row) => string) => csv((row) => `${row.id},${row.x},${text(row)}`);
const quotedText = ({ id, c }: Row): string => `"${id % 4 === 0 ? `say ""${c}"",\nor\r\nnot` : c}"`;
const everyOther = (row: Row, one: unknown, other: unknown) => (row.id % 2 === 0 ? one : other);

/** Text files by what is odd about them: the ending of the name, and the content. */
const TEXTS: Record<string, [ending: string, content: string | Uint8Array]> = {
  plain: ['csv', PLAIN],
  'no byte': ['csv', ''],
  'empty lines': ['csv', '\n\n\n'],
  'a byte order mark alone': ['csv', '\ufeff'],
  'an empty line before the header': ['csv', `\n${PLAIN}`],
  'a header alone': ['csv', 'id,x,c\n'],
  'one row': ['csv', 'id,x,c\n1,2.5,red\n'],
  constant: ['csv', withNumber(() => 5)],
  'all null': ['csv', withNumber(() => '')],
  'all null text': ['csv', withText(() => '')],
  'nothing but nulls': ['csv', csv(() => ',,')],
  'one category': ['csv', withText(() => 'red')],
  infinities: ['csv', withNumber(({ id, x }) => ['inf', '-Infinity', 'NaN', '+inf'][id % 20] ?? x)],
  'all infinite': ['csv', withNumber((row) => everyOther(row, 'inf', '-inf'))],
  'no number at all': ['csv', withNumber(() => 'nan')],
  'numbers at the end of what a number can be': [
    'csv',
    withNumber((row) => everyOther(row, 1.7e308, -1.7e308)),
  ],
  'numbers beyond what a number can be': ['csv', withNumber((row) => everyOther(row, row.x, '1e400'))],
  'mixed types': ['csv', withNumber((row) => everyOther(row, row.x, 'n/a'))],
  'a word among numbers': ['csv', withNumber(({ id, x }) => (id === 60 ? 'oops' : x))],
  'unseen categories': ['csv', withText(({ id, c }) => (id % 3 === 0 ? 'purple' : c))],
  'a removed column': ['csv', csv(({ id, c }) => `${id},${c}`, 'id,c')],
  'a renamed column': ['csv', csv(({ id, x, c }) => `${id},${x},${c}`, 'id,amount,c')],
  'duplicate headers': ['csv', csv(({ id, x, c }) => `${id},${x},${c}`, 'id,x,x')],
  'a header without a name': ['csv', csv(({ id, x, c }) => `${id},${x},${c}`, 'id,,c')],
  'a byte order mark': ['csv', `\ufeff${PLAIN}`],
  'carriage returns and line feeds': ['csv', PLAIN.replaceAll('\n', '\r\n')],
  'carriage returns': ['csv', PLAIN.replaceAll('\n', '\r')],
  'lines that end now so, now so': ['csv', withText(({ id, c }) => c + (id % 3 === 0 ? '\r' : ''))],
  'the same, with ends of lines in quotes': [
    'csv',
    withText((row) => quotedText(row) + (row.id % 3 === 0 ? '\r' : '')),
  ],
  'UTF-16': ['csv', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(PLAIN, 'utf16le')])],
  'UTF-16 without a mark': ['csv', Buffer.from(PLAIN, 'utf16le')],
  'quotes in quotes': ['csv', withText(quotedText)],
  'a quote that is not closed': ['csv', withText(({ id, c }) => (id === 60 ? `"${c}` : c))],
  'short and long lines': [
    'csv',
    csv(({ id, x, c }) =>
      id === 60 ? `${id},${x}` : id === 61 ? `${id},${x},${c},more` : `${id},${x},${c}`,
    ),
  ],
  'a zero byte': ['csv', withText(({ id, c }) => (id === 60 ? '\0' : c))],
  '10 MB in a cell': ['csv', withText(({ id, c }) => (id === 60 ? 'ab'.repeat(LARGE / 2) : c))],
  '10 MB in a quoted cell': [
    'csv',
    withText(({ id, c }) => (id === 60 ? `"${'a,""b""\n'.repeat(LARGE / 8)}"` : c)),
  ],
  '10 MB of digits': ['csv', withNumber(({ id, x }) => (id === 60 ? '1'.repeat(LARGE) : x))],
  '10 MB in the header': ['csv', csv(({ id, x, c }) => `${id},${x},${c}`, `id,x,${'ab'.repeat(LARGE / 2)}`)],
  gzip: ['csv.gz', gzipSync(PLAIN)],
  'a truncated gzip': ['csv.gz', gzipSync(PLAIN).subarray(0, -30)],
  'a gzip without its checksum': ['csv.gz', gzipSync(PLAIN).subarray(0, -4)],
  'text named gzip': ['csv.gz', PLAIN],
  'gzip named text': ['csv', gzipSync(PLAIN)],
  'a gzip of nothing': ['csv.gz', gzipSync('')],
  'a truncated zstd': ['csv.zst', zstdCompressSync(PLAIN).subarray(0, -30)],
  'a zstd of nothing': ['csv.zst', zstdCompressSync('')],
  'a spreadsheet named text': ['csv', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(500, 7)])],
  'text named Parquet': ['parquet', PLAIN],
  'objects without keys': ['jsonl', '{}\n{}\n'],
  'a key twice': ['jsonl', '{"id":1,"x":1,"x":2,"c":"red"}\n'],
  'types that change from object to object': [
    'jsonl',
    lines((row) => ({ ...row, x: everyOther(row, row.x, row.id % 4 === 1 ? 'n/a' : null) })),
  ],
  'truncated lines of JSON': ['jsonl', lines((row) => row).slice(0, -6)],
};

const CAST = 'id::BIGINT AS id, x::DOUBLE AS x, c';
const QUERIES: Record<string, string> = {
  parquet: 'SELECT * FROM plain',
  'Parquet without rows': 'SELECT * FROM plain LIMIT 0',
  'Parquet with infinities': `SELECT id, CASE id % 10 WHEN 0 THEN 'inf'::DOUBLE WHEN 1 THEN 'nan' ELSE x END AS x, c FROM plain`,
  'Parquet of nulls': 'SELECT id, NULL::DOUBLE AS x, c FROM plain',
  'Parquet with lists and structures': `SELECT id, [x, x] AS x, {'k': c} AS c FROM plain`,
  'Parquet with bytes': String.raw`SELECT id, x, '\xFF\x00'::BLOB AS c FROM plain`,
};

export type OddPaths = Readonly<Record<string, string>>;

/** Writes all of them. @returns the path of each by what is odd about it. */
export async function writeOddData(engine: Engine, folder: string): Promise<OddPaths> {
  const paths: Record<string, string> = {};
  const write = (name: string, ending: string, content: string | Uint8Array): string => {
    const own = join(folder, String(Object.keys(paths).length));
    mkdirSync(own);
    paths[name] = join(own, `data.${ending}`);
    writeFileSync(paths[name], content);
    return paths[name];
  };
  for (const [name, [ending, content]] of Object.entries(TEXTS)) write(name, ending, content);
  await engine.run(
    `CREATE OR REPLACE TABLE plain AS SELECT ${CAST} FROM read_csv('${paths.plain}', header = true)`,
  );
  for (const [name, query] of Object.entries(QUERIES)) {
    const path = write(name, 'parquet', '');
    await engine.run(`COPY (${query}) TO '${path}' (FORMAT parquet, COMPRESSION uncompressed)`);
  }
  const whole = readFileSync(paths.parquet!);
  write('a truncated Parquet file', 'parquet', whole.subarray(0, -100));
  const hole = Buffer.concat([whole.subarray(0, 4), Buffer.alloc(200), whole.subarray(204)]);
  write('a Parquet file with a hole', 'parquet', hole);
  write('Parquet named text', 'csv', whole);
  const twins = write('Parquet with duplicate names', 'parquet', '');
  // No writer of the engine's makes such a file, so that a name is changed where it stands.
  await engine.run(`COPY (SELECT id, x AS name_x, c AS name_y FROM plain) TO '${twins}' (FORMAT parquet)`);
  const text = readFileSync(twins).toString('latin1').replaceAll('name_y', 'name_x');
  writeFileSync(twins, Buffer.from(text, 'latin1'));
  await engine.run('DROP TABLE plain');
  return paths;
}

/** Paths of the numbers in a record that are none: JSON has no word for them. */
export function numbersThatAreNone(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersThatAreNone(inner, `${path}.${key}`));
}
