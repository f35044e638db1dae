import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RecordFolder } from '../../shared/records/folder.ts';
import { renderSection } from '../../shared/report/section.ts';
import { readInputs } from '../../shared/runtime/inputs.ts';
import { type Kit, testKit } from './judge.test-kit.ts';
import { definition } from './main.ts';
import { report } from './report.ts';

let kit: Kit;
beforeEach(() => {
  kit = testKit();
});
afterEach(() => kit.remove());

const PROPERTIES =
  '- { name: x, logicalType: integer, unique: true }\n- { name: name, logicalType: string, logicalTypeOptions: { maxLength: 3 } }';
const CSV = 'x,name\n1,Grace\n2,Grace\n3,Alan\n';

describe('examples', () => {
  test('are hashes by default, equal where values are, and other ones in other data', async () => {
    const { broken, record } = await kit.judge({ csv: CSV, properties: PROPERTIES, examples: undefined });
    const shown = broken[0]!.examples.map(
      (example) => /^row (\d): x = (#[0-9a-f]{8}), name = (#[0-9a-f]{8})$/.exec(example)!,
    );
    expect(shown.map((match) => match[1])).toEqual(['1', '2', '3']);
    expect(shown[0]![3]).toBe(shown[1]![3]);
    expect(shown[0]![3]).not.toBe(shown[2]![3]);
    expect(JSON.stringify(record)).not.toMatch(/Grace|Alan/);
    const other = await kit.judge({ csv: `${CSV}4,Grace\n`, properties: PROPERTIES, examples: 'masked' });
    expect(other.broken[0]!.examples[0]).not.toContain(shown[0]![3]);
    expect(renderSection(report(record))).toContain('values in examples are hashes');
  });

  test('are hashed with a key where one is given, alike in each run', async () => {
    const shown = async (examplesKey?: string) =>
      (await kit.judge({ csv: CSV, properties: PROPERTIES, examples: 'masked', examplesKey })).broken[0]!
        .examples;
    const keyed = await shown('a secret of 24 letters..');
    expect(keyed).toEqual(await shown('a secret of 24 letters..'));
    for (const others of [await shown('another secret of letters'), await shown()])
      expect(others.filter((example) => keyed.includes(example))).toEqual([]);
    const given = { csv: CSV, properties: PROPERTIES, examplesKey: 'a secret of 24 letters..' };
    await expect(kit.judge({ ...given, examples: 'full' })).rejects.toThrow('no meaning with examples: full');
    const input = (name: string) => ({ name: 'x', data: 'x.csv', 'examples-key': 'short' })[name];
    expect(() => readInputs(definition.inputs, input)).toThrow('at least 16 characters');
  });

  test('are of the right rows where a column has the name by which the engine numbers rows', async () => {
    const csv = 'RowID,name\nb,Grace\na,Alan\nc,Ada\n';
    const properties = '- { name: name, logicalType: string, logicalTypeOptions: { maxLength: 3 } }';
    const { broken, record } = await kit.judge({ csv, properties, examples: 'full' });
    expect(broken[0]!.examples).toEqual(['row 1: name = Grace', 'row 2: name = Alan']);
    const mails = `RowID,mail\n${Array.from({ length: 9 }, (_, row) => `r${row},m${row}@example.org`).join('\n')}\n`;
    const found = await kit.judge({ csv: mails, properties: '- { name: mail }' });
    expect([record, found.record].map(({ personalColumns }) => personalColumns)).toEqual([
      [],
      [{ column: 'mail', kinds: ['email'] }],
    ]);
  });

  test('can be left out, or show the values', async () => {
    expect(
      (await kit.judge({ csv: CSV, properties: PROPERTIES, examples: 'none' })).broken[0]!.examples,
    ).toEqual([]);
    const full = await kit.judge({ csv: CSV, properties: PROPERTIES, examples: 'full' });
    expect(full.broken[0]!.examples[0]).toBe('row 1: x = 1, name = Grace');
  });

  test.each(['full', 'masked', 'none'] as const)('never show a classified column (%s)', async (examples) => {
    const properties = PROPERTIES.replace('name: name,', 'name: name, classification: confidential,');
    const { record, profile } = await kit.judge({ csv: CSV, properties, examples });
    expect(JSON.stringify([record, profile])).not.toMatch(/Grace|Alan/);
    if (examples === 'full') expect(record.checks.at(-1)!.examples[0]).toBe('row 1: x = 1, name = (masked)');
  });

  test('of lines that cannot be read quote no value', async () => {
    const properties = '- { name: a, logicalType: integer }';
    const lines = Array.from({ length: 30_000 }, (_, index) => `${index},1`);
    const csv = `a,b\n${lines.join('\n')}\n5,Grace\n`;
    const masked = await kit.judge({ csv, properties, examples: 'masked' });
    expect(masked.record.rejectedLines.count).toBe(1);
    expect(JSON.stringify(masked.record)).not.toContain('Grace');
    const full = await kit.judge({ csv, properties, examples: 'full' });
    expect(full.record.rejectedLines.examples[0]!.message).toContain('Grace');
  });
});

describe('columns that look personal', () => {
  const header = 'id,mail,phone,card,iban,ssn,address,note,code';
  const row = (index: number) =>
    [
      index,
      `p${index}@example.org`,
      `+1 212-555-01${10 + index}`,
      '4242424242424242',
      'DE89 3704 0044 0532 0130 00',
      `219-09-99${10 + index}`,
      `10.0.0.${index}`,
      'a note',
      `A-${index}`,
    ].join(',');
  const csv = `${header}\n${Array.from({ length: 20 }, (_, index) => row(index)).join('\n')}\n`;

  test('are named in record and report, and their values are in no profile', async () => {
    const { record, profile } = await kit.judge({ csv });
    expect(record.personalColumns).toEqual([
      { column: 'mail', kinds: ['email'] },
      { column: 'phone', kinds: ['phone'] },
      { column: 'card', kinds: ['card'] },
      { column: 'iban', kinds: ['iban'] },
      { column: 'ssn', kinds: ['nationalNumber'] },
      { column: 'address', kinds: ['ipAddress'] },
    ]);
    expect(record.verdict).toBe('pass');
    expect(renderSection(report(record))).toContain('Columns that look personal · 6');
    const listed = profile.columns.filter(({ top }) => top!.values.length > 0).map(({ name }) => name);
    expect(listed).toEqual(['id', 'note', 'code']);
  });
});

test('a broken rule says since when it is broken', async () => {
  const at = async (day: string, csv: string) => {
    const other = testKit(new Date(`2001-02-${day}T00:00:00Z`));
    const { record } = await other.judge({ csv, properties: PROPERTIES, records: kit.folder });
    await new RecordFolder(kit.folder, 'model').write(record);
    other.remove();
    return record;
  };
  expect((await at('01', CSV)).checks.at(-1)!.since).toBeUndefined();
  expect((await at('02', `${CSV}4,Ada\n`)).checks.at(-1)!.since).toBe('2001-02-01T00:00:00.000Z');
  const third = await at('03', `${CSV}5,Ada\n`);
  expect(third.checks.at(-1)!.since).toBe('2001-02-01T00:00:00.000Z');
  expect(renderSection(report(third))).toContain('since 2001-02-01');
  await at('04', 'x,name\n1,Ada\n');
  expect((await at('05', CSV)).checks.at(-1)!.since).toBeUndefined();
});

test('a newest time after now is not fresh', async () => {
  const properties = '- { name: x, logicalType: timestamp }';
  const top = 'slaProperties: [{ property: freshness, value: 24, unit: h, element: trips.x }]';
  const { broken } = await kit.judge({
    properties,
    top,
    csv: 'x\n2001-01-31 23:00:00\n2001-02-01 03:00:00\n',
  });
  expect(broken).toMatchObject([{ verdict: 'fail', observed: '2001-02-01T03:00:00 UTC, 3.0 h after now' }]);
});

describe('a header with a name twice', () => {
  test('fails, and says how the columns are read', async () => {
    const { broken } = await kit.judge({ csv: 'a,b,a\n1,2,3\n' });
    expect(broken).toMatchObject([
      {
        verdict: 'fail',
        columns: ['a'],
        observed: 'the header has it 2 times; the later ones are read as a_1',
      },
    ]);
  });

  test('is allowed by a contract that knows of it', async () => {
    expect(
      (await kit.judge({ csv: 'a,b,a\n1,2,3\n', properties: '- { name: a }\n- { name: a_1 }' })).broken,
    ).toEqual([]);
  });
});

describe('mistakes in rules of ours', () => {
  const rule = (implementation: string) =>
    `quality: [{ type: custom, engine: mlops-actions, implementation: ${implementation} }]`;

  test.each([
    ['{ overlp: { with: a.csv } }', 'has no rule "overlp"', 'Did you mean "overlap"?'],
    ['{ drift: { max: 1 } }', 'has no rule "drift"', 'drift-check'],
    ['{ overlap: { wth: a.csv } }', 'has no key "wth"', 'Did you mean "with"?'],
    ['{ classBalance: { label: y, minShare: 2 } }', 'minShare', ''],
    ['{ outliers: { method: iqrr } }', 'method', 'Did you mean "iqr"?'],
    [
      '{ nullsTogether: { columns: [x, yy] } }',
      'Neither the contract nor the data have "yy"',
      'Did you mean "y"?',
    ],
    ['{ overlap: { with: gone.csv } }', 'No data file matches "gone.csv"', ''],
    ['{ newCategories: { with: reference } }', 'none is given', 'Give the input reference'],
    ['{ zScore: { max: 3 } }', 'is about one property', 'Move it under a property'],
    ['{ columnCount: { mustBe: 1, mustNotBe: 2 } }', 'one operator too many', ''],
    ['{ columnCount: { mustBe: 1 } }, mustBe: 2', 'has its bounds inside', 'inside the implementation'],
    ['{ columnCount: {} }', 'needs an operator', ''],
    ['{ conflictingLabels: { label: y, unit: rows } }', 'needs an operator', ''],
    ['{ overlap: { with: reference }, columnCount: { mustBe: 1 } }', 'names 2 rules', 'Its rules are'],
  ])('%s', async (implementation, what, fix) => {
    const properties = '- { name: x, logicalType: integer }\n- { name: y, logicalType: integer }';
    const error = await kit
      .judge({ csv: 'x,y\n1,2\n', properties, rest: rule(implementation) })
      .catch((caught) => caught);
    expect(error.name).toBe('UserError');
    expect(error.message).toContain(what);
    expect(error.fix).toContain(fix);
    expect(error.where.line).toBe(12);
  });
});
