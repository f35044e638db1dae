/** The whole action on files as they should not be: what is said of each, and that nothing breaks or passes in silence. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestEngine, temporaryFolder } from '../../shared/data/test-engine.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { renderSection } from '../../shared/report/section.ts';
import { numbersThatAreNone, type OddPaths, writeOddData } from '../../shared/testing/odd-data.ts';
import { type Judged, type Kit, testKit } from './judge.test-kit.ts';
import { report } from './report.ts';

const CONTRACT = `- { name: id, logicalType: integer, required: true, unique: true }
- name: x
  logicalType: number
  required: true
  logicalTypeOptions: { minimum: 0, maximum: 100 }
  quality: [{ type: custom, engine: mlops-actions, implementation: { statistic: { of: mean, mustBeBetween: [0, 100] } } }]
- name: c
  logicalType: string
  required: true
  quality: [{ metric: invalidValues, mustBe: 0, arguments: { validValues: [red, green, blue, grey] } }]`;

const LARGEST_RECORD = 50_000;
const LARGEST_REPORT = 20_000;

/** Rows, lines that cannot be read, and every check that does not hold with how often or why. */
function outcomeOf({ record, broken }: Judged): string[] {
  const head = `${record.verdict}: ${record.rowCount} rows, ${record.rejectedLines.count} unreadable`;
  return [
    head,
    ...broken
      .filter(({ verdict }) => verdict !== 'missing')
      .map(({ verdict, columns, rule, failing, observed }) =>
        `${verdict} ${columns.join(', ')} ${rule}: ${failing ?? observed}`.replace(/ {2,}/g, ' '),
      ),
  ];
}

/** Why it cannot be read, or what is said of it. */
const EXPECTED: Record<string, string[] | RegExp> = {
  plain: ['pass: 120 rows, 0 unreadable'],
  'no byte': /is empty/,
  'empty lines': /has no header: its first line is empty\./,
  'a byte order mark alone': /has no header: its first line is empty\./,
  'an empty line before the header': /has no header: its first line is empty\./,
  'a header alone': [
    'fail: 0 rows, 0 unreadable',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
    'warn between half and twice the rows of the reference: 0 rows against 120',
  ],
  'one row': [
    'warn: 1 rows, 0 unreadable',
    'warn between half and twice the rows of the reference: 1 rows against 120',
  ],
  constant: ['pass: 120 rows, 0 unreadable'],
  'all null': [
    'fail: 120 rows, 0 unreadable',
    'fail x required: true: 120',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
  ],
  'all null text': ['fail: 120 rows, 0 unreadable', 'fail c required: true: 120'],
  'nothing but nulls': [
    'fail: 120 rows, 0 unreadable',
    'fail id required: true: 120',
    'fail x required: true: 120',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
    'fail c required: true: 120',
  ],
  'one category': ['pass: 120 rows, 0 unreadable'],
  infinities: ['fail: 120 rows, 0 unreadable', 'fail x minimum: 0: 12', 'fail x maximum: 100: 18'],
  'all infinite': [
    'fail: 120 rows, 0 unreadable',
    'fail x minimum: 0: 60',
    'fail x maximum: 100: 60',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
  ],
  'no number at all': [
    'fail: 120 rows, 0 unreadable',
    'fail x minimum: 0: 120',
    'fail x maximum: 100: 120',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
  ],
  'numbers at the end of what a number can be': [
    'fail: 120 rows, 0 unreadable',
    'fail x minimum: 0: 60',
    'fail x maximum: 100: 60',
  ],
  'numbers beyond what a number can be': ['fail: 120 rows, 0 unreadable', 'fail x maximum: 100: 60'],
  'mixed types': [
    'fail: 120 rows, 0 unreadable',
    'fail x logicalType: number: 60',
    'warn columns of the same kind as in the reference: x: numeric there, text here',
  ],
  'a word among numbers': [
    'fail: 120 rows, 0 unreadable',
    'fail x logicalType: number: 1',
    'warn columns of the same kind as in the reference: x: numeric there, text here',
  ],
  'unseen categories': [
    'fail: 120 rows, 0 unreadable',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 40',
    'warn c one of the 4 values of the reference: 40',
  ],
  'a removed column': [
    'fail: 120 rows, 0 unreadable',
    'fail x name: x: not in the data; there is a column "c"',
    'warn every column of the reference: "x"',
  ],
  'a renamed column': [
    'fail: 120 rows, 0 unreadable',
    'fail x name: x: not in the data; there is a column "c"',
    'warn no column that the reference lacks: "amount"',
    'warn every column of the reference: "x"',
  ],
  'duplicate headers': [
    'fail: 120 rows, 0 unreadable',
    'fail x every column has a name of its own: the header has it 2 times; the later ones are read as x_1',
    'fail c name: c: not in the data; there is a column "x"',
    'warn no column that the reference lacks: "x_1"',
    'warn every column of the reference: "c"',
  ],
  'a header without a name': [
    'fail: 120 rows, 0 unreadable',
    'fail x name: x: not in the data; there is a column "c"',
    'warn no column that the reference lacks: "column1"',
    'warn every column of the reference: "x"',
  ],
  'a byte order mark': ['pass: 120 rows, 0 unreadable'],
  'carriage returns and line feeds': ['pass: 120 rows, 0 unreadable'],
  'carriage returns': ['pass: 120 rows, 0 unreadable'],
  'lines that end now so, now so': ['pass: 120 rows, 0 unreadable'],
  'the same, with ends of lines in quotes': [
    'fail: 120 rows, 0 unreadable',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 30',
    'warn c one of the 4 values of the reference: 30',
  ],
  'UTF-16': ['pass: 120 rows, 0 unreadable'],
  'UTF-16 without a mark': /holds zero bytes, as UTF-16 does, and no byte order mark\./,
  'quotes in quotes': [
    'fail: 120 rows, 0 unreadable',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 30',
    'warn c one of the 4 values of the reference: 30',
  ],
  'a quote that is not closed': ['fail: 60 rows, 1 unreadable'],
  'short and long lines': ['fail: 118 rows, 2 unreadable'],
  'a zero byte': [
    'fail: 120 rows, 0 unreadable',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 1',
    'warn c one of the 4 values of the reference: 1',
  ],
  '10 MB in a cell': [
    'fail: 120 rows, 0 unreadable',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 1',
    'warn c one of the 4 values of the reference: 1',
  ],
  '10 MB in a quoted cell': [
    'fail: 120 rows, 0 unreadable',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 1',
    'warn c one of the 4 values of the reference: 1',
  ],
  '10 MB of digits': ['fail: 120 rows, 0 unreadable', 'fail x maximum: 100: 1'],
  '10 MB in the header':
    /has a column whose name is longer than 10,000 characters: abababababababababababababababababa/,
  gzip: ['pass: 120 rows, 0 unreadable'],
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
    'fail: 120 rows, 0 unreadable',
    'fail x logicalType: number: VARCHAR',
    'fail x required: true: 30',
    'warn columns of the same kind as in the reference: x: numeric there, text here',
  ],
  'truncated lines of JSON': ['fail: 119 rows, 1 unreadable'],
  parquet: ['pass: 120 rows, 0 unreadable'],
  'Parquet without rows': [
    'fail: 0 rows, 0 unreadable',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
    'warn between half and twice the rows of the reference: 0 rows against 120',
  ],
  'Parquet with infinities': [
    'fail: 120 rows, 0 unreadable',
    'fail x minimum: 0: 12',
    'fail x maximum: 100: 24',
  ],
  'Parquet of nulls': [
    'fail: 120 rows, 0 unreadable',
    'fail x required: true: 120',
    'fail x mean mustBeBetween: [0, 100], both ends included: there is none',
  ],
  'Parquet with lists and structures': [
    'fail: 120 rows, 0 unreadable',
    'fail x logicalType: number: DOUBLE[]',
    'fail x mean mustBeBetween: [0, 100], both ends included: the column is of type DOUBLE[] and holds no numbers',
    'fail c logicalType: string: STRUCT(k VARCHAR)',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 120',
    'warn columns of the same kind as in the reference: x: numeric there, text here',
    'warn c one of the 4 values of the reference: 120',
  ],
  'Parquet with bytes': [
    'fail: 120 rows, 0 unreadable',
    'fail c logicalType: string: BLOB',
    'fail c invalidValues mustBe: 0, valid are red, green, blue, grey: 120',
    'warn c one of the 4 values of the reference: 120',
  ],
  'a truncated Parquet file': /is cut off: its end is missing/,
  'a Parquet file with a hole': /it is damaged \(TProtocolException: Invalid data\)/,
  'Parquet named text': /is a Parquet file, and its name says that it is text\./,
  'Parquet with duplicate names': [
    'fail: 120 rows, 0 unreadable',
    'fail name_x every column has a name of its own: the header has it 2 times; the later ones are read as name_x_1',
    'fail x name: x: not in the data',
    'fail c name: c: not in the data',
    'warn no column that the reference lacks: "name_x", "name_x_1"',
    'warn every column of the reference: "x", "c"',
  ],
};

let kit: Kit;
let odd: OddPaths;
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  kit = testKit();
  folder = temporaryFolder();
  const engine = await openTestEngine(folder.path);
  odd = await writeOddData(engine, folder.path);
  engine.close();
});
afterAll(() => {
  kit.remove();
  folder.remove();
});

describe('odd data', () => {
  test('each has an expectation', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(Object.keys(odd).sort());
  });

  test.each(Object.entries(EXPECTED))('%s', async (name, expected) => {
    const judged = kit.judge({ data: [odd[name]!], reference: [odd.plain!], properties: CONTRACT });
    if (expected instanceof RegExp) {
      const error = await judged.catch((caught: unknown) => caught);
      // Everything else would be shown with a stack, as a bug.
      expect(error).toMatchObject({ name: 'UserError', message: expect.stringMatching(expected) });
      expect(error).toMatchObject({ where: { file: odd[name] }, fix: expect.stringMatching(/[.?]$/) });
      return;
    }
    const found = await judged;
    expect(outcomeOf(found)).toEqual(expected);
    expect(numbersThatAreNone([found.record, found.profile])).toEqual([]);
    expect(JSON.stringify([found.record, found.profile]).length).toBeLessThan(LARGEST_RECORD);
    expect(renderSection(report(found.record)).length).toBeLessThan(LARGEST_REPORT);
    const records = new RecordFolder(`${kit.folder}/records-of-${Object.keys(odd).indexOf(name)}`, 'model');
    await records.write(found.profile);
    await records.write(found.record);
    expect(await records.read('DataProfile', found.profile.subject.digest)).toEqual(found.profile);
  });
});
