import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RecordFolder } from '../../shared/records/folder.ts';
import { renderSection } from '../../shared/report/section.ts';
import { contractText, type Kit, testKit } from './judge.test-kit.ts';
import { report } from './report.ts';

let kit: Kit;
beforeEach(() => {
  kit = testKit();
});
afterEach(() => kit.remove());

const FLIGHTS = `flight_id,date,delay,distance,origin
1,2001-01-01 10:00:00,5,300,ORD
2,2001-01-02 11:00:00,-3,2500,JFK
3,2001-01-03 12:00:00,0,150,ABE
`;
const PROPERTIES = `- { name: flight_id, logicalType: integer, required: true, unique: true }
- { name: date, logicalType: timestamp, required: true }
- { name: delay, logicalType: number, required: true }
- { name: distance, logicalType: number, logicalTypeOptions: { minimum: 20, maximum: 5000 } }
- { name: origin, logicalType: string, quality: [{ metric: invalidValues, mustBe: 0, arguments: { validValues: [ORD, JFK, ABE] } }] }`;

describe('the records', () => {
  test('speak of the data, name contract and reference, and are written and read again', async () => {
    const reference = [kit.file('reference.csv', FLIGHTS)];
    const { record, profile } = await kit.judge({ csv: FLIGHTS, properties: PROPERTIES, reference });
    expect(record).toMatchObject({
      verdict: 'pass',
      rowCount: 3,
      contract: { id: 'trips', version: '1.0.0', object: 'trips' },
    });
    expect(record.subject).toEqual(profile.subject);
    expect(record.inputs.map(({ role }) => role)).toEqual(['data', 'contract', 'reference']);
    const records = new RecordFolder(join(kit.folder, 'records'), 'model');
    await records.write(profile);
    await records.write(record);
    expect(await records.read('DataProfile', record.subject.digest)).toEqual(profile);
    expect(await records.read('DataValidation', record.subject.digest)).toEqual(record);
  });

  test('of two runs over the same bytes are the same', async () => {
    const first = await kit.judge({ csv: FLIGHTS, properties: PROPERTIES });
    const second = await kit.judge({ csv: FLIGHTS, properties: PROPERTIES });
    expect(second.record).toEqual(first.record);
    expect(second.profile).toEqual(first.profile);
  });

  test('without a contract only profile', async () => {
    const { record, profile } = await kit.judge({ csv: FLIGHTS });
    expect(record).toMatchObject({
      verdict: 'pass',
      contract: null,
      checks: [],
      reason: '3 rows were profiled; no contract was given.',
    });
    expect(profile.columns).toHaveLength(5);
  });

  test('of no row, or by a contract without a rule that is judged, are no pass', async () => {
    const header = await kit.judge({ csv: `${FLIGHTS.split('\n')[0]}\n`, properties: PROPERTIES });
    expect(header.record).toMatchObject({ verdict: 'inconclusive', reason: 'There is no row to judge.' });
    const promising = (properties: string) =>
      kit.judge({ csv: 'x\n1\n', properties, rest: 'quality: [{ type: text, description: tidy }]' });
    expect((await promising('- { name: x }')).record).toMatchObject({
      verdict: 'pass',
      reason:
        '1 rows were profiled; the columns of the contract are there, and it has no other rule that is judged.',
    });
    const words = await promising('[]');
    expect(words.record).toMatchObject({
      verdict: 'inconclusive',
      reason: '1 rows were profiled; the contract has no rule that is judged.',
    });
    expect(report(words.record)).toMatchObject({
      cell: 'inconclusive',
      heading: 'the data could not be judged',
    });
  });

  test('name columns that the contract is silent on', async () => {
    expect(
      (await kit.judge({ csv: FLIGHTS, properties: '- { name: delay }' })).record.uncoveredColumns,
    ).toEqual(['flight_id', 'date', 'distance', 'origin']);
  });

  test('hold a sketch per chunk where asked', async () => {
    const byRows = await kit.judge({ csv: FLIGHTS, chunk: { rows: 2 } });
    expect(byRows.profile.chunks.map(({ rowCount }) => rowCount)).toEqual([2, 1]);
    const byDay = await kit.judge({ csv: FLIGHTS, chunk: { milliseconds: 86_400_000 } });
    expect(byDay.profile.chunks.map(({ label }) => label)).toEqual([
      '2001-01-01',
      '2001-01-02',
      '2001-01-03',
    ]);
  });

  test('a period needs a time column', async () => {
    const chunk = { milliseconds: 86_400_000 };
    await expect(kit.judge({ csv: 'x\n1\n', chunk })).rejects.toThrow('which column');
    await expect(kit.judge({ csv: FLIGHTS, chunk, timestamp: 'dat' })).rejects.toMatchObject({
      fix: 'Did you mean date?',
    });
    await expect(kit.judge({ csv: FLIGHTS, timestamp: 'date' })).rejects.toThrow('no meaning without chunk');
  });
});

describe('damaged data', () => {
  const DAMAGED = `flight_id,date,delay,distance,origin
1,2001-01-01 10:00:00,,300,ORD
2,2001-01-02 11:00:00,-3,4023360,JFK
3,2001-01-03 12:00:00,0,150,ZZZ
3,2001-01-03 12:00:00,0,150,ZZZ
`;

  test('has each damage named, with rows and the line of the contract', async () => {
    const { record, broken, result } = await kit.judge({ csv: DAMAGED, properties: PROPERTIES });
    expect(record.verdict).toBe('fail');
    expect(broken.map((check) => [check.columns[0], check.rule, check.failing, check.examples[0]])).toEqual([
      ['flight_id', 'unique: true', 1, 'flight_id = 3 occurs 2 times'],
      ['delay', 'required: true', 1, 'row 1: flight_id = 1, delay = null'],
      ['distance', 'maximum: 5000', 1, 'row 2: flight_id = 2, distance = 4023360'],
      ['origin', 'invalidValues mustBe: 0, valid are ORD, JFK, ABE', 2, 'row 3: flight_id = 3, origin = ZZZ'],
    ]);
    const contract = readFileSync(join(kit.folder, 'contract.yaml'), 'utf8').split('\n');
    for (const check of broken)
      expect(contract[check.where!.line - 1]).toContain(`name: ${check.columns[0]}`);
    expect(result.annotations?.map(({ level }) => level)).toEqual(['error', 'error', 'error', 'error']);
    expect(record.reason).toMatch(
      /^4 of 12 checks do not hold for 4 rows: flight_id: repeats an earlier value \(in 1 row\);/,
    );
  });

  test('reads the same from gzipped JSON Lines', async () => {
    const rows = DAMAGED.trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const lines = rows.map(([id, date, delay, distance, origin]) =>
      JSON.stringify({
        flight_id: Number(id),
        date,
        delay: delay === '' ? null : Number(delay),
        distance: Number(distance),
        origin,
      }),
    );
    const data = [kit.file('a.jsonl.gz', gzipSync(lines.join('\n')))];
    const { broken } = await kit.judge({ data, properties: PROPERTIES });
    expect(broken.map((check) => check.columns[0])).toEqual(['flight_id', 'delay', 'distance', 'origin']);
  });
});

describe('a reference', () => {
  const more = FLIGHTS + FLIGHTS.split('\n').slice(1).join('\n').repeat(2).replaceAll('ABE', 'XNA');

  test('warns of row counts and of new categories with their rows', async () => {
    const { record, broken } = await kit.judge({
      csv: more,
      reference: [kit.file('reference.csv', FLIGHTS)],
    });
    expect(record.verdict).toBe('warn');
    expect(broken).toMatchObject([
      { verdict: 'warn', where: null, observed: '9 rows against 3' },
      {
        verdict: 'warn',
        columns: ['origin'],
        failing: 2,
        examples: ['row 6: origin = XNA', 'row 9: origin = XNA'],
      },
    ]);
  });

  test('warns of new, missing and changed columns', async () => {
    const csv = 'flight_id,date,delay,origin,carrier\n1,yesterday,1,ORD,AA\n';
    const { broken } = await kit.judge({
      csv,
      reference: [kit.file('reference.csv', FLIGHTS.split('\n').slice(0, 2).join('\n'))],
    });
    expect(broken.map(({ observed }) => observed)).toEqual([
      '"carrier"',
      '"distance"',
      'date: time there, text here',
    ]);
  });

  test('lends its histogram edges, from data and from a record', async () => {
    const csv = FLIGHTS.replaceAll('300', '900');
    const first = await kit.judge({ csv: FLIGHTS });
    const records = new RecordFolder(join(kit.folder, 'records'), 'model');
    const path = await records.write(first.profile);
    const edges = (columns: { name: string; histogram: { edges: number[] } | null }[]) =>
      columns.find(({ name }) => name === 'distance')?.histogram?.edges;
    const expected = edges(first.profile.columns);
    expect(edges((await kit.judge({ csv })).profile.columns)).not.toEqual(expected);
    expect(edges((await kit.judge({ csv, reference: [path] })).profile.columns)).toEqual(expected);
    expect(
      edges((await kit.judge({ csv, reference: [kit.file('r.csv', FLIGHTS)] })).profile.columns),
    ).toEqual(expected);
  });

  test('that is another record is refused', async () => {
    const { record } = await kit.judge({ csv: FLIGHTS });
    const path = await new RecordFolder(join(kit.folder, 'records'), 'model').write(record);
    await expect(kit.judge({ csv: FLIGHTS, reference: [path] })).rejects.toThrow('is a DataValidation');
  });
});

describe('mistakes in a contract that only the data show', () => {
  test.each(
    [
      [
        'an unknown property',
        'quality: [{ metric: duplicateValues, mustBe: 0, arguments: { properties: [dely] } }]',
        '',
        'no property "dely"',
        '"delay"',
      ],
      [
        'an unknown element',
        '',
        'slaProperties: [{ property: freshness, value: 1, unit: d, element: trips.dte }]',
        'no property "dte"',
        '"date"',
      ],
      [
        'a column unknown to SQL',
        'quality: [{ type: sql, query: dely > 0 }]',
        '',
        'cannot be run',
        'Correct the rule',
      ],
      ['broken SQL', 'quality: [{ type: sql, query: delay > }]', '', 'cannot be run', 'Correct the rule'],
      [
        'several statements',
        'quality: [{ type: sql, query: "SELECT 1); DROP TABLE data; SELECT * FROM (SELECT 1", mustBe: 1 }]',
        '',
        'more than one statement',
        'Correct the rule',
      ],
      [
        'a query of many values',
        'quality: [{ type: sql, query: SELECT delay FROM data, mustBe: 1 }]',
        '',
        'several rows',
        'Correct the rule',
      ],
      [
        'a query of many columns',
        'quality: [{ type: sql, query: "SELECT 1, 2", mustBe: 1 }]',
        '',
        '2 columns',
        'Correct the rule',
      ],
      [
        'a misplaced row count',
        'quality: [{ metric: nullValues, mustBe: 0 }]',
        '',
        'about one property',
        'Move the rule',
      ],
      [
        'an unknown rule of ours',
        'quality: [{ type: custom, engine: mlops-actions, implementation: { drft: 1 } }]',
        '',
        'no rule "drft"',
        'type: sql',
      ],
    ].slice(0, -1),
  )('%s is named with its line', async (_, rest, top, what, fix) => {
    const error = await kit
      .judge({ csv: FLIGHTS, properties: PROPERTIES, rest, top })
      .catch((caught) => caught);
    expect(error.name).toBe('UserError');
    expect(error.message).toContain(what);
    expect(error.fix).toContain(fix);
    expect(error.where.line).toBeGreaterThan(5);
  });

  test.each([
    ['a pattern that RE2 cannot read', 'logicalType: string, logicalTypeOptions: { pattern: "(?=x)" }'],
    ['a date that is none', 'logicalType: timestamp, logicalTypeOptions: { minimum: "2001-02-30" }'],
    ['invalidValues that do not say what is valid', 'quality: [{ metric: invalidValues, mustBe: 0 }]'],
  ])('%s is named with its line', async (_, keys) => {
    const judged = kit.judge({ csv: FLIGHTS, properties: `- { name: date, ${keys} }` });
    await expect(judged).rejects.toMatchObject({ name: 'UserError', where: { line: 10 } });
  });

  test('several objects need a name', async () => {
    const text = `${contractText('- { name: x }')}  - name: other\n    properties: [{ name: delay }]\n`;
    const file = kit.file('two.yaml', text);
    const csv = FLIGHTS;
    await expect(kit.judge({ csv, contract: file })).rejects.toMatchObject({
      fix: `Name one: ${file}#trips or ${file}#other.`,
    });
    await expect(kit.judge({ csv, contract: `${file}#othr` })).rejects.toMatchObject({
      fix: 'Did you mean "other"?',
    });
    expect((await kit.judge({ csv, contract: `${file}#other` })).record.verdict).toBe('pass');
  });
});

describe('text from outside', () => {
  const HOSTILE = '</details><img src=x onerror=alert(1)>@everyone ::error::x `|"; DROP TABLE data; --';

  test('in names and values is shown as it is and does nothing', async () => {
    const quoted = JSON.stringify(HOSTILE);
    const csv = `"${HOSTILE.replaceAll('"', '""')}",k\n"${HOSTILE.replaceAll('"', '""')}",1\n,2\n`;
    const properties = `- { name: ${quoted}, logicalType: string, required: true, logicalTypeOptions: { maxLength: 5 } }
- { name: k, unique: true }`;
    const { record, profile } = await kit.judge({
      csv,
      properties,
      reference: [kit.file('r.csv', csv.replace(',2', 'new,2'))],
    });
    expect(record.checks.filter((check) => check.verdict === 'fail')).toMatchObject([
      { columns: [HOSTILE], failing: 1 },
      { columns: [HOSTILE], failing: 1 },
    ]);
    expect(profile.columns[0]?.name).toBe(HOSTILE);
    // Nothing in a fence is read as markup; the proposed edit quotes the contract there.
    const markdown = renderSection(report(record)).replace(/^```+diff\n[\s\S]*?^```+$/gm, '');
    expect(markdown).not.toContain('<img');
    expect(markdown).not.toMatch(/@everyone/);
    expect(markdown).not.toContain('::error');
    expect(markdown.match(/<\/details>/g)?.length ?? 0).toBe(markdown.match(/<details>/g)?.length ?? 0);
  });

  test('of a sensitive column is masked everywhere', async () => {
    const properties =
      '- { name: ssn, logicalType: string, unique: true, classification: Confidential, logicalTypeOptions: { maxLength: 3 } }';
    const { result } = await kit.judge({
      csv: 'ssn,k\n123456789,1\n123456789,2\n',
      properties,
      chunk: { rows: 1 },
    });
    expect(JSON.stringify(result)).not.toContain('123456789');
    expect(JSON.stringify(result)).toContain('(masked)');
  });

  test('that is long or holds control characters is shortened and escaped', async () => {
    const csv = `x\n${'a'.repeat(500)}\n"b\n\u001b[31m\u202e"\n`;
    const { broken } = await kit.judge({
      csv,
      properties: '- { name: x, logicalType: string, logicalTypeOptions: { maxLength: 1 } }',
    });
    expect(broken[0]?.examples).toEqual([
      `row 1: x = ${'a'.repeat(60)}…`,
      'row 2: x = b\\u000a\\u001b[31m\\u202e',
    ]);
  });
});

describe('the report', () => {
  test('of good data is one line', async () => {
    const { record } = await kit.judge({ csv: FLIGHTS, properties: PROPERTIES });
    expect(renderSection(report(record))).toContain('**12 of 12 checks hold** for 3 rows.');
    expect(report(record)).toMatchObject({
      cell: 'pass',
      heading: 'the data keep their contract (12 checks, 3 rows)',
      details: [],
    });
  });

  test('of broken data has a table with rule, share, examples and line', async () => {
    const { record } = await kit.judge({
      csv: `${FLIGHTS}4,2001-01-04 10:00:00,1,9,ORD\n5\n`,
      properties: PROPERTIES,
    });
    const markdown = renderSection(report(record));
    expect(markdown).toContain('**11 of 12 checks hold** for 4 rows. 1 line could not be read.');
    expect(markdown).toMatch(
      /\| ❌&nbsp;`distance` \| `minimum: 20`<br>`.*contract\.yaml:13` \| value is below 20<br>1 row \(25\.0\u00a0%\) \| `row 4: flight_id = 4, distance = 9` \|/,
    );
    expect(markdown).toContain('Lines that could not be read · 1');
  });
});
