/** The whole action on files as they should not be, as data and as reference: what is said, and that nothing breaks. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestEngine, temporaryFolder } from '../../shared/data/test-engine.ts';
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { renderSection } from '../../shared/report/section.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { readInputs } from '../../shared/runtime/inputs.ts';
import { numbersThatAreNone, type OddPaths, writeOddData } from '../../shared/testing/odd-data.ts';
import { silentLog } from '../../shared/testing/silent-log.ts';
import { definition } from './main.ts';

const LARGEST_RECORD = 50_000;
const LARGEST_REPORT = 20_000;

let odd: OddPaths;
let folder: ReturnType<typeof temporaryFolder>;
let checks = 0;
beforeAll(async () => {
  folder = temporaryFolder();
  const engine = await openTestEngine(folder.path);
  odd = await writeOddData(engine, folder.path);
  engine.close();
});
afterAll(() => folder.remove());

async function check(reference: string, data: string): Promise<DriftCheck> {
  const given: Record<string, string> = { name: 'model', reference, data };
  const records = new RecordFolder(join(folder.path, `records-${++checks}`), 'model');
  const deps: Deps = {
    log: silentLog,
    signal: new AbortController().signal,
    env: { ...process.env, GITHUB_REPOSITORY: '' },
    now: () => new Date('2001-07-01T00:00:00Z'),
    source: { repository: null, commit: null, runUrl: null },
    records,
    temporaryFolder: folder.path,
    cacheFolder: process.env.RUNNER_TOOL_CACHE ?? join(homedir(), '.cache', 'mlops-actions'),
    saveState: () => undefined,
  };
  const { record } = await definition.run(
    readInputs(definition.inputs, (name) => given[name]),
    deps,
  );
  const written = record as DriftCheck;
  await records.write(written);
  expect(await records.read('DriftCheck')).toEqual(written);
  expect(numbersThatAreNone(written)).toEqual([]);
  expect(JSON.stringify(written).length).toBeLessThan(LARGEST_RECORD);
  expect(renderSection(definition.report(written)).length).toBeLessThan(LARGEST_REPORT);
  return written;
}

/** The verdict, the columns that are not steady and why, unseen values and notes. */
function outcomeOf({ verdict, rows, columns, notes, unreadableLines: lines }: DriftCheck): string[] {
  const unreadable = lines ? `, unreadable ${lines.reference} and ${lines.data}` : '';
  return [
    `${verdict}: ${rows.reference} rows, then ${rows.data}${unreadable}`,
    ...columns
      .filter(({ status }) => status !== 'steady')
      .map(({ name, status, nulls, note }) => {
        const why = nulls?.drifts ? ' by its nulls' : '';
        return `${name} ${status}${why}${note ? `: ${note}` : ''}`;
      }),
    ...columns.filter((one) => one.unseenCount > 0).map((one) => `${one.name} has ${one.unseenCount} unseen`),
    ...notes,
  ];
}

/** Why it cannot be read, or what is said of it as data and as reference beside the plain rows. */
const EXPECTED: Record<string, [asData: string[], asReference: string[]] | RegExp> = {
  plain: [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'no byte': /is empty/,
  'empty lines': /has no header: its first line is empty\./,
  'a byte order mark alone': /has no header: its first line is empty\./,
  'an empty line before the header': /has no header: its first line is empty\./,
  'a header alone': [
    [
      'inconclusive: 120 rows, then 0',
      'id not_judged: no value in the data',
      'x not_judged: no value in the data',
      'c not_judged: no row in the data',
    ],
    [
      'inconclusive: 0 rows, then 120',
      'id not_judged: no value in the reference',
      'x not_judged: no value in the reference',
      'c not_judged: no row in the reference',
      'c has 4 unseen',
    ],
  ],
  'one row': [
    [
      'inconclusive: 120 rows, then 1',
      'id not_judged: a single value in the data',
      'x not_judged: a single value in the data',
      'c not_judged: too few rows per category',
    ],
    [
      'inconclusive: 1 rows, then 120',
      'id not_judged: a single value in the reference',
      'x not_judged: a single value in the reference',
      'c not_judged: too few rows per category',
      'c has 3 unseen',
    ],
  ],
  constant: [
    ['warn: 120 rows, then 120', 'x drifts'],
    ['warn: 120 rows, then 120', 'x drifts'],
  ],
  'all null': [
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the data'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the reference'],
  ],
  'all null text': [
    ['warn: 120 rows, then 120', 'c drifts'],
    ['warn: 120 rows, then 120', 'c drifts', 'c has 4 unseen'],
  ],
  'nothing but nulls': [
    [
      'warn: 120 rows, then 120',
      'id drifts by its nulls: no value in the data',
      'x drifts by its nulls: no value in the data',
      'c drifts',
    ],
    [
      'warn: 120 rows, then 120',
      'id drifts by its nulls: no value in the reference',
      'x drifts by its nulls: no value in the reference',
      'c drifts',
      'c has 4 unseen',
    ],
  ],
  'one category': [
    ['warn: 120 rows, then 120', 'c drifts'],
    ['warn: 120 rows, then 120', 'c drifts', 'c has 3 unseen'],
  ],
  infinities: [
    ['warn: 120 rows, then 120', 'x drifts by its nulls'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls'],
  ],
  'all infinite': [
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the data'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the reference'],
  ],
  'no number at all': [
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the data'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the reference'],
  ],
  'numbers at the end of what a number can be': [
    ['warn: 120 rows, then 120', 'x drifts'],
    ['warn: 120 rows, then 120', 'x drifts'],
  ],
  'numbers beyond what a number can be': [
    ['warn: 120 rows, then 120', 'x drifts by its nulls'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls'],
  ],
  'mixed types': [
    ['fail: 120 rows, then 120', 'x type_changed: held numbers in the reference and holds text now'],
    ['fail: 120 rows, then 120', 'x type_changed: held text in the reference and holds numbers now'],
  ],
  'a word among numbers': [
    ['fail: 120 rows, then 120', 'x type_changed: held numbers in the reference and holds text now'],
    ['fail: 120 rows, then 120', 'x type_changed: held text in the reference and holds numbers now'],
  ],
  'unseen categories': [
    ['warn: 120 rows, then 120', 'c drifts', 'c has 1 unseen'],
    ['warn: 120 rows, then 120', 'c drifts'],
  ],
  'a removed column': [
    ['fail: 120 rows, then 120', 'x missing: is missing from the data'],
    ['pass: 120 rows, then 120', 'x new: is not in the reference'],
  ],
  'a renamed column': [
    [
      'fail: 120 rows, then 120',
      'x missing: is missing from the data; perhaps it was renamed to amount, whose values look the same',
      'amount new: is not in the reference',
    ],
    [
      'fail: 120 rows, then 120',
      'amount missing: is missing from the data; perhaps it was renamed to x, whose values look the same',
      'x new: is not in the reference',
    ],
  ],
  'duplicate headers': [
    [
      'fail: 120 rows, then 120',
      'c missing: is missing from the data; perhaps it was renamed to x_1, whose values look the same',
      'x_1 new: is not in the reference',
      'The header of the data has x more than once; the later columns are read as name_1, name_2 ….',
    ],
    [
      'fail: 120 rows, then 120',
      'x_1 missing: is missing from the data; perhaps it was renamed to c, whose values look the same',
      'c new: is not in the reference',
      'The header of the reference has x more than once; the later columns are read as name_1, name_2 ….',
    ],
  ],
  'a header without a name': [
    [
      'fail: 120 rows, then 120',
      'x missing: is missing from the data; perhaps it was renamed to column1, whose values look the same',
      'column1 new: is not in the reference',
    ],
    [
      'fail: 120 rows, then 120',
      'column1 missing: is missing from the data; perhaps it was renamed to x, whose values look the same',
      'x new: is not in the reference',
    ],
  ],
  'a byte order mark': [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'carriage returns and line feeds': [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'carriage returns': [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'lines that end now so, now so': [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'the same, with ends of lines in quotes': [
    ['warn: 120 rows, then 120', 'c drifts', 'c has 1 unseen'],
    ['warn: 120 rows, then 120', 'c drifts', 'c has 1 unseen'],
  ],
  'UTF-16': [
    ['pass: 120 rows, then 120', 'the data: Read as utf-16le.'],
    ['pass: 120 rows, then 120', 'the reference: Read as utf-16le.'],
  ],
  'UTF-16 without a mark': /holds zero bytes, as UTF-16 does, and no byte order mark\./,
  'quotes in quotes': [
    ['warn: 120 rows, then 120', 'c drifts', 'c has 1 unseen'],
    ['warn: 120 rows, then 120', 'c drifts', 'c has 1 unseen'],
  ],
  'a quote that is not closed': [
    [
      'warn: 120 rows, then 60, unreadable 0 and 1',
      'id drifts',
      '1 line of the data could not be read and was left out.',
    ],
    [
      'warn: 60 rows, then 120, unreadable 1 and 0',
      'id drifts',
      '1 line of the reference could not be read and was left out.',
    ],
  ],
  'short and long lines': [
    [
      'warn: 120 rows, then 118, unreadable 0 and 2',
      '2 lines of the data could not be read and were left out.',
    ],
    [
      'warn: 118 rows, then 120, unreadable 2 and 0',
      '2 lines of the reference could not be read and were left out.',
    ],
  ],
  'a zero byte': [['pass: 120 rows, then 120', 'c has 1 unseen'], ['pass: 120 rows, then 120']],
  '10 MB in a cell': [['pass: 120 rows, then 120', 'c has 1 unseen'], ['pass: 120 rows, then 120']],
  '10 MB in a quoted cell': [['pass: 120 rows, then 120', 'c has 1 unseen'], ['pass: 120 rows, then 120']],
  '10 MB of digits': [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  '10 MB in the header':
    /has a column whose name is longer than 10,000 characters: abababababababababababababababababa/,
  gzip: [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'a truncated gzip': /is not a whole gzip file: unexpected end of file/,
  'a gzip without its checksum': /is not a whole gzip file: unexpected end of file/,
  'text named gzip': /is not a whole gzip file: incorrect header check/,
  'gzip named text': /is packed with gzip, and its name says that it is text\./,
  'a gzip of nothing': /has no header: its first line is empty\./,
  'a truncated zstd': /is not a whole zstd file: unexpected end of file/,
  'a zstd of nothing': /has no header: its first line is empty\./,
  'a spreadsheet named text':
    /is a ZIP archive \(as spreadsheets are, too\), and its name says that it is text\./,
  'text named Parquet': /is not a Parquet file/,
  'objects without keys': /holds no objects, so that there are no columns\./,
  'a key twice': /an object has the key "x" twice, in line 1/,
  'types that change from object to object': [
    ['fail: 120 rows, then 120', 'x type_changed: held numbers in the reference and holds text now'],
    ['fail: 120 rows, then 120', 'x type_changed: held text in the reference and holds numbers now'],
  ],
  'truncated lines of JSON': [
    [
      'warn: 120 rows, then 119, unreadable 0 and 1',
      '1 line of the data could not be read and was left out.',
    ],
    [
      'warn: 119 rows, then 120, unreadable 1 and 0',
      '1 line of the reference could not be read and was left out.',
    ],
  ],
  parquet: [['pass: 120 rows, then 120'], ['pass: 120 rows, then 120']],
  'Parquet without rows': [
    [
      'inconclusive: 120 rows, then 0',
      'id not_judged: no value in the data',
      'x not_judged: no value in the data',
      'c not_judged: no row in the data',
    ],
    [
      'inconclusive: 0 rows, then 120',
      'id not_judged: no value in the reference',
      'x not_judged: no value in the reference',
      'c not_judged: no row in the reference',
      'c has 4 unseen',
    ],
  ],
  'Parquet with infinities': [
    ['warn: 120 rows, then 120', 'x drifts by its nulls'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls'],
  ],
  'Parquet of nulls': [
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the data'],
    ['warn: 120 rows, then 120', 'x drifts by its nulls: no value in the reference'],
  ],
  'Parquet with lists and structures': [
    [
      'fail: 120 rows, then 120',
      'c drifts',
      'x type_changed: held numbers in the reference and holds text now',
      'c has 4 unseen',
    ],
    [
      'fail: 120 rows, then 120',
      'c drifts',
      'x type_changed: held text in the reference and holds numbers now',
      'c has 4 unseen',
    ],
  ],
  'Parquet with bytes': [
    ['warn: 120 rows, then 120', 'c drifts', 'c has 1 unseen'],
    ['warn: 120 rows, then 120', 'c drifts', 'c has 4 unseen'],
  ],
  'a truncated Parquet file': /is cut off: its end is missing/,
  'a Parquet file with a hole': /it is damaged \(TProtocolException: Invalid data\)/,
  'Parquet named text': /is a Parquet file, and its name says that it is text\./,
  'Parquet with duplicate names': [
    [
      'fail: 120 rows, then 120',
      'x missing: is missing from the data; perhaps it was renamed to name_x, whose values look the same',
      'c missing: is missing from the data; perhaps it was renamed to name_x_1, whose values look the same',
      'name_x new: is not in the reference',
      'name_x_1 new: is not in the reference',
      'The header of the data has name_x more than once; the later columns are read as name_1, name_2 ….',
    ],
    [
      'fail: 120 rows, then 120',
      'name_x missing: is missing from the data; perhaps it was renamed to x, whose values look the same',
      'name_x_1 missing: is missing from the data; perhaps it was renamed to c, whose values look the same',
      'x new: is not in the reference',
      'c new: is not in the reference',
      'The header of the reference has name_x more than once; the later columns are read as name_1, name_2 ….',
    ],
  ],
};

describe('odd data', () => {
  test('each has an expectation', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(Object.keys(odd).sort());
  });

  test.each(Object.entries(EXPECTED))('%s', async (name, expected) => {
    const path = odd[name]!;
    if (expected instanceof RegExp) {
      for (const sides of [[odd.plain!, path] as const, [path, odd.plain!] as const]) {
        const error = await check(...sides).catch((caught: unknown) => caught);
        // Everything else would be shown with a stack, as a bug.
        expect(error).toMatchObject({ name: 'UserError', message: expect.stringMatching(expected) });
        expect(error).toMatchObject({ where: { file: path }, fix: expect.stringMatching(/[.?]$/) });
      }
      return;
    }
    const asData = await check(odd.plain!, path);
    const asReference = await check(path, odd.plain!);
    expect([outcomeOf(asData), outcomeOf(asReference)]).toEqual(expected);
  });
});
