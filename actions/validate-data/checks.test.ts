import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Kit, testKit } from './judge.test-kit.ts';

let kit: Kit;
beforeEach(() => {
  kit = testKit();
});
afterEach(() => kit.remove());

/** Name, property or object rule, data that keep it, data that break it, what the broken check says. */
type Case = [
  string,
  { properties: string; rest?: string; top?: string },
  string,
  string,
  Record<string, unknown>,
];

const x = (rest: string, type = 'number') => ({ properties: `- { name: x, logicalType: ${type}, ${rest} }` });
const options = (rest: string, type?: string) => x(`logicalTypeOptions: { ${rest} }`, type);
const quality = (rest: string, type?: string) => x(`quality: [{ ${rest} }]`, type);

const CASES: Case[] = [
  [
    'required',
    x('required: true'),
    'x,k\n1,a\n',
    'x,k\n1,a\n,b\n',
    { rule: 'required: true', failing: 1, total: 2, examples: ['row 2: x = null'] },
  ],
  [
    'unique',
    x('unique: true'),
    'x\n1\n2\n""\n""\n',
    'x\n1\n2\n1\n1\n',
    { rule: 'unique: true', failing: 2, examples: ['x = 1 occurs 3 times'] },
  ],
  [
    'minimum',
    options('minimum: 0'),
    'x\n0\n',
    'x\n-1\n-0.5\n0\n',
    {
      rule: 'minimum: 0',
      failing: 2,
      problem: 'value is below 0',
      examples: ['row 1: x = -1.0', 'row 2: x = -0.5'],
    },
  ],
  ['minimum of NaN', options('minimum: 0'), 'x\n0.5\n', 'x\n0.5\nnan\n', { rule: 'minimum: 0', failing: 1 }],
  ['maximum', options('maximum: 10'), 'x\n10\n', 'x\n10.01\n', { rule: 'maximum: 10', failing: 1 }],
  [
    'exclusiveMinimum',
    options('exclusiveMinimum: 0'),
    'x\n0.1\n',
    'x\n0\n',
    { rule: 'exclusiveMinimum: 0', failing: 1 },
  ],
  [
    'exclusiveMaximum',
    options('exclusiveMaximum: 10'),
    'x\n9.9\n',
    'x\n10\n',
    { rule: 'exclusiveMaximum: 10', failing: 1 },
  ],
  [
    'a boolean exclusiveMaximum of 3.0',
    options('maximum: 10, exclusiveMaximum: true'),
    'x\n9.9\n',
    'x\n10\n',
    { rule: 'maximum: 10', failing: 1 },
  ],
  [
    'multipleOf',
    options('multipleOf: 0.1'),
    'x\n0.3\n1e6\n-0.7\n',
    'x\n0.35\n',
    { rule: 'multipleOf: 0.1', failing: 1 },
  ],
  [
    'minimum of a date',
    options('minimum: "2001-01-01"', 'date'),
    'x\n2001-01-01\n',
    'x\n2000-12-31\n',
    { rule: 'minimum: "2001-01-01"', failing: 1 },
  ],
  [
    'maximum of a timestamp',
    options('maximum: "2001-01-01T12:00:00"', 'timestamp'),
    'x\n2001-01-01 12:00:00\n',
    'x\n2001-01-01 12:00:01\n',
    { failing: 1 },
  ],
  [
    'maximum of a time',
    options('maximum: "12:00:00"', 'time'),
    'x\n11:59:00\n',
    'x\n12:01:00\n',
    { failing: 1 },
  ],
  [
    'minLength',
    options('minLength: 3', 'string'),
    'x\nabc\n',
    'x\nab\nabc\n',
    { rule: 'minLength: 3', failing: 1 },
  ],
  [
    'maxLength',
    options('maxLength: 3', 'string'),
    'x\nabé\n',
    'x\nabcd\n',
    { rule: 'maxLength: 3', failing: 1 },
  ],
  [
    'pattern',
    options('pattern: "^[A-Z]{3}$"', 'string'),
    'x\nABC\n',
    'x\nABC\nabc\n',
    { rule: 'pattern: "^[A-Z]{3}$"', failing: 1, examples: ['row 2: x = abc'] },
  ],
  [
    'format email',
    options('format: email', 'string'),
    'x\na.b@example.org\n',
    'x\nno mail\n',
    { rule: 'format: "email"', failing: 1 },
  ],
  [
    'format uuid',
    options('format: uuid', 'string'),
    'x\n123e4567-e89b-12d3-a456-426614174000\n',
    'x\n123e4567\n',
    { failing: 1 },
  ],
  [
    'format uri',
    options('format: uri', 'string'),
    'x\nhttps://example.org/x?y\n',
    'x\nnot a uri\n',
    { failing: 1 },
  ],
  ['format hostname', options('format: hostname', 'string'), 'x\nexample.org\n', 'x\n-a_b\n', { failing: 1 }],
  [
    'format ipv4',
    options('format: ipv4', 'string'),
    'x\n192.168.0.1\n',
    'x\n192.168.0.256\n',
    { failing: 1 },
  ],
  [
    'format ipv6',
    options('format: ipv6', 'string'),
    'x\n2001:db8::1\n::1\n::\n',
    'x\n1::2::3\n2001:db8\n',
    { failing: 2 },
  ],
  ['format byte', options('format: byte', 'string'), 'x\naGVsbG8=\n', 'x\naGVsbG8\n', { failing: 1 }],
  [
    'format i8',
    options('format: i8', 'integer'),
    'x\n-128\n127\n',
    'x\n128\n',
    { problem: 'value does not fit i8', failing: 1 },
  ],
  [
    'logicalType number',
    x('required: false'),
    'x\n1\n2.5\n',
    'x\n1\nsix\n',
    { rule: 'logicalType: number', failing: 1, examples: ['row 2: x = six'] },
  ],
  [
    'logicalType integer',
    x('required: false', 'integer'),
    'x\n1\n',
    'x\n1\n1.5\n',
    { rule: 'logicalType: integer', failing: 1 },
  ],
  [
    'logicalType integer in text',
    x('required: false', 'integer'),
    'x\n1\n',
    'x\n1.5\nabc\n3\n',
    { failing: 2 },
  ],
  [
    'logicalType boolean',
    x('required: false', 'boolean'),
    'x\ntrue\n0\n',
    'x\nmaybe\n',
    { rule: 'logicalType: boolean', failing: 1 },
  ],
  [
    'logicalType date',
    x('required: false', 'date'),
    'x\n2001-01-31\n',
    'x\n2001-02-30\n2001-01-01\n',
    { rule: 'logicalType: date', failing: 1 },
  ],
  [
    'logicalType timestamp',
    x('required: false', 'timestamp'),
    'x\n2001-01-31 10:00:00\n',
    'x\nyesterday\n',
    { failing: 1 },
  ],
  [
    'nullValues',
    quality('metric: nullValues, mustBe: 0'),
    'x,k\n1,a\n',
    'x,k\n,a\n',
    { rule: 'nullValues mustBe: 0', failing: 1 },
  ],
  [
    'nullValues in percent',
    quality('metric: nullValues, mustBeLessThan: 50, unit: percent'),
    'x,k\n1,a\n1,a\n,a\n',
    'x,k\n1,a\n,a\n',
    { rule: 'nullValues mustBeLessThan: 50 percent', failing: 1 },
  ],
  [
    'missingValues',
    quality('metric: missingValues, mustBe: 0, arguments: { missingValues: ["N/A", -999] }', 'string'),
    'x\n1\n',
    'x\n-999\nN/A\n',
    { failing: 2 },
  ],
  [
    'missingValues with null',
    quality('metric: missingValues, mustBe: 0', 'string'),
    'x,k\na,1\n',
    'x,k\n,1\n"",2\n',
    { failing: 2 },
  ],
  [
    'invalidValues of texts',
    quality('metric: invalidValues, mustBe: 0, arguments: { validValues: [kg, pounds] }', 'string'),
    'x,k\nkg,1\n,2\n',
    'x,k\ng,1\nkg,2\n',
    { rule: 'invalidValues mustBe: 0, valid are kg, pounds', failing: 1, examples: ['row 1: x = g'] },
  ],
  [
    'invalidValues of numbers',
    quality('metric: invalidValues, mustBe: 0, arguments: { validValues: [1, 2.5] }'),
    'x\n1.0\n2.50\n',
    'x\n3\n1\n',
    { failing: 1 },
  ],
  [
    'invalidValues by pattern',
    quality('metric: invalidValues, mustBeLessThan: 2, arguments: { pattern: "^a" }', 'string'),
    'x\na\nb\n',
    'x\nb\nc\n',
    { failing: 2 },
  ],
  [
    'duplicateValues',
    quality('metric: duplicateValues, mustBeLessOrEqualTo: 1'),
    'x\n1\n1\n',
    'x\n1\n1\n1\n',
    { failing: 2 },
  ],
  [
    'duplicateValues in percent',
    quality('metric: duplicateValues, mustBeLessThan: 50, unit: percent'),
    'x\n1\n1\n2\n',
    'x\n1\n1\n',
    { failing: 1 },
  ],
  [
    'a row expression',
    { properties: '- { name: x }\n- { name: y }', rest: 'quality: [{ type: sql, query: "x <> y" }]' },
    'x,y\n1,2\n,2\n',
    'x,y\n1,2\n3,3\n',
    { rule: 'x <> y', problem: 'expression is false', failing: 1, examples: ['row 2: x = 3, y = 3'] },
  ],
  [
    'a row expression with a limit',
    { properties: '- { name: x }', rest: 'quality: [{ type: sql, query: "x > 0", mustBeLessThan: 2 }]' },
    'x\n-1\n',
    'x\n-1\n-2\n',
    { failing: 2 },
  ],
  [
    'a query of the object',
    {
      properties:
        '- name: x\n  quality: [{ type: sql, query: "SELECT sum({property}) FROM {object};", mustBe: 3 }]',
    },
    'x\n1\n2\n',
    'x\n1\n',
    { observed: '1' },
  ],
  [
    'a query by the name of the object',
    {
      properties: '- { name: x }',
      rest: 'quality: [{ type: sql, query: "SELECT count(*) FROM trips", mustBeBetween: [1, 2] }]',
    },
    'x\n1\n2\n',
    'x\n1\n2\n3\n',
    { observed: '3' },
  ],
  [
    'a query that gives a boolean',
    {
      properties: '- { name: x }',
      rest: 'quality: [{ type: sql, query: "select bool_and(x > 0) from ${table}", mustBe: true }]',
    },
    'x\n1\n',
    'x\n-1\n',
    { observed: 'false' },
  ],
  [
    'rowCount',
    { properties: '- { name: x }', rest: 'quality: [{ metric: rowCount, mustBeGreaterThan: 1 }]' },
    'x\n1\n2\n',
    'x\n1\n',
    { rule: 'rowCount mustBeGreaterThan: 1', observed: '1 rows' },
  ],
  [
    'mustNotBeBetween',
    { properties: '- { name: x }', rest: 'quality: [{ metric: rowCount, mustNotBeBetween: [1, 2] }]' },
    'x\n1\n2\n3\n',
    'x\n1\n2\n',
    { observed: '2 rows' },
  ],
  [
    'mustNotBe',
    { properties: '- { name: x }', rest: 'quality: [{ metric: rowCount, mustNotBe: 1 }]' },
    'x\n1\n2\n',
    'x\n1\n',
    {},
  ],
  [
    'mustBeGreaterOrEqualTo',
    { properties: '- { name: x }', rest: 'quality: [{ metric: rowCount, mustBeGreaterOrEqualTo: 2 }]' },
    'x\n1\n2\n',
    'x\n1\n',
    {},
  ],
  [
    'a compound key',
    {
      properties: '- { name: x }\n- { name: y }',
      rest: 'quality: [{ metric: duplicateValues, mustBe: 0, arguments: { properties: [x, y] } }]',
    },
    'x,y\n1,1\n1,2\n',
    'x,y\n1,1\n1,1\n,\n,\n',
    {
      failing: 2,
      columns: ['x', 'y'],
      examples: ['x = 1, y = 1 occurs 2 times', 'x = null, y = null occurs 2 times'],
    },
  ],
  [
    'duplicate rows',
    { properties: '- { name: x }\n- { name: y }', rest: 'quality: [{ metric: duplicateValues, mustBe: 0 }]' },
    'x,y\n1,1\n1,2\n',
    'x,y\n1,1\n1,1\n',
    { failing: 1 },
  ],
  [
    'a primary key of two properties',
    {
      properties:
        '- { name: x, primaryKey: true, primaryKeyPosition: 2 }\n- { name: y, primaryKey: true, primaryKeyPosition: 1 }',
    },
    'x,y\n1,1\n1,2\n',
    'x,y\n1,1\n1,1\n',
    { rule: 'primaryKey: true of y, x', failing: 1 },
  ],
  [
    'a null in a primary key',
    { properties: '- { name: x, primaryKey: true }\n- { name: y }' },
    'x,y\n1,1\n',
    'x,y\n,1\n',
    { rule: 'primaryKey: true', problem: 'value is null', failing: 1 },
  ],
  [
    'a duplicate primary key',
    { properties: '- { name: x, primaryKey: true }' },
    'x\n1\n2\n',
    'x\n1\n1\n',
    { rule: 'primaryKey: true', failing: 1 },
  ],
  [
    'a missing column',
    { properties: '- { name: distance }' },
    'distance\n1\n',
    'distanse\n1\n',
    { rule: 'name: distance', observed: expect.stringContaining('there is a column "distanse"') },
  ],
  [
    'a physical name',
    { properties: '- { name: x, physicalName: col_x, required: true }' },
    'col_x\n1\n',
    'x\n1\n',
    { rule: 'name: col_x' },
  ],
  [
    'strictColumns',
    { properties: '- { name: x }', rest: 'customProperties: [{ property: strictColumns, value: true }]' },
    'x\n1\n',
    'x,y\n1,2\n',
    { rule: 'strictColumns: true', observed: 'not in the contract: "y"' },
  ],
  [
    'freshness',
    {
      properties: '- { name: x, logicalType: timestamp }',
      top: 'slaProperties: [{ property: freshness, value: 24, unit: h, element: trips.x }]',
    },
    'x\n2001-01-31 00:00:00\n2000-01-01 00:00:00\n',
    'x\n2001-01-30 23:00:00\n',
    { rule: 'freshness: 24 h', observed: '2001-01-30T23:00:00 UTC, 25.0 h ago' },
  ],
  [
    'freshness without any time',
    {
      properties: '- { name: x, logicalType: timestamp }\n- { name: y }',
      top: 'slaProperties: [{ property: freshness, value: 1, unit: d, element: x }]',
    },
    'x,y\n2001-01-31 12:00:00,1\n',
    'x,y\n,1\n',
    { observed: 'no time in the data' },
  ],
];

describe('every check passes and fails', () => {
  test.each(CASES)('%s', async (_, contract, good, bad, expected) => {
    const passing = await kit.judge({ ...contract, csv: good });
    expect(passing.broken).toEqual([]);
    expect(passing.record.verdict).toBe('pass');
    const failing = await kit.judge({ ...contract, csv: bad });
    expect(failing.record.verdict).toBe('fail');
    const fails = failing.broken.filter((check) => check.verdict === 'fail');
    expect(fails[0]).toMatchObject({ severity: 'error', ...expected });
    expect(fails[0]?.where?.line).toBeGreaterThan(5);
  });
});

describe('verdicts', () => {
  test('a rule of severity warning warns, one of severity info only reports', async () => {
    const warned = await kit.judge({
      ...quality('metric: nullValues, mustBe: 0, severity: warning'),
      csv: 'x,y\n,1\n',
    });
    expect([warned.record.verdict, warned.broken[0]?.verdict]).toEqual(['warn', 'warn']);
    expect(warned.result.annotations?.[0]).toMatchObject({ level: 'warning', where: { line: 10 } });
    const informed = await kit.judge({
      ...quality('metric: nullValues, mustBe: 0, severity: info'),
      csv: 'x,y\n,1\n',
    });
    expect([informed.record.verdict, informed.broken[0]?.verdict]).toEqual(['pass', 'warn']);
  });

  test('rules of a column that is not there are missing and decide nothing themselves', async () => {
    const properties =
      '- { name: gone, logicalType: number, required: true, logicalTypeOptions: { minimum: 0 } }\n- { name: x }';
    const rest =
      'quality: [{ type: sql, query: "gone > 0" }, { metric: duplicateValues, mustBe: 0, arguments: { properties: [gone, x] } }]';
    const { broken } = await kit.judge({ properties, rest, csv: 'x\n1\n' });
    expect(broken.map((check) => check.verdict)).toEqual([
      'fail',
      'missing',
      'missing',
      'missing',
      'missing',
    ]);
  });

  test('what cannot be judged is listed', async () => {
    const properties = `- name: x
  logicalType: string
  logicalTypeOptions: { format: password }
  quality: [{ type: text, description: looks nice }, { type: custom, engine: soda, implementation: "x" }]
- { name: o, logicalType: object, properties: [] }`;
    const file = kit.file('a.jsonl', '{"x":"a","o":{"p":1}}\n');
    const { broken } = await kit.judge({
      properties,
      data: [file],
      top: 'slaProperties: [{ property: retention, value: 1, unit: y }]',
    });
    expect(broken.map((check) => [check.verdict, check.rule])).toEqual([
      ['not_judged', 'format: "password"'],
      ['not_judged', 'looks nice'],
      ['not_judged', 'engine: soda'],
      ['not_judged', 'properties'],
      ['not_judged', 'retention: 1 y'],
    ]);
  });

  test('a line that cannot be read fails, and the others are judged', async () => {
    const { record, result } = await kit.judge({ ...x('required: true'), csv: 'x,y\n1,1\n2\n,3\n' });
    expect(record.verdict).toBe('fail');
    const fine = await kit.judge({ ...x('required: true'), csv: 'x,y\n1,1\n2\n' });
    expect(fine.record.reason).toBe('1 line cannot be read; the other 1 rows break no rule.');
    expect(record.rejectedLines).toMatchObject({ count: 1, examples: [{ line: 3 }] });
    expect(record.checks.find((check) => check.rule === 'required: true')).toMatchObject({
      failing: 1,
      total: 2,
    });
    expect(result.annotations?.[0]).toMatchObject({ level: 'error', where: { line: 3 } });
  });

  test('text columns keep leading zeros', async () => {
    const { broken } = await kit.judge({ ...options('minLength: 4', 'string'), csv: 'x\n0012\n0345\n' });
    expect(broken).toEqual([]);
  });
});

describe('types of typed formats', () => {
  const parquet = async (sql: string): Promise<string> => {
    const { openTestEngine } = await import('../../shared/data/test-engine.ts');
    const engine = await openTestEngine(kit.folder);
    await engine.run(`COPY (${sql}) TO '${kit.folder}/a.parquet'`);
    engine.close();
    return `${kit.folder}/a.parquet`;
  };

  test('a number written as text is of the wrong type in Parquet, whatever the values', async () => {
    const data = [await parquet("SELECT '1' AS x")];
    expect((await kit.judge({ ...x('required: true'), data })).broken).toMatchObject([
      { rule: 'logicalType: number', observed: 'VARCHAR' },
    ]);
  });

  test('lists, structs, decimals, dates and whole doubles', async () => {
    const data = [
      await parquet(`SELECT [1, 1] AS l, {'a': 1} AS s, 1.50::DECIMAL(9,2) AS d, 2.0::DOUBLE AS w,
      TIMESTAMP '2001-01-01 00:00:00' AS m, TIMESTAMP '2001-01-01 01:00:00' AS n`),
    ];
    const properties = `- { name: l, logicalType: array, logicalTypeOptions: { minItems: 3, maxItems: 1, uniqueItems: true } }
- { name: s, logicalType: object }
- { name: d, logicalType: number, logicalTypeOptions: { maximum: 1.5 } }
- { name: w, logicalType: integer }
- { name: m, logicalType: date }
- { name: n, logicalType: date }`;
    const { broken } = await kit.judge({ properties, data });
    expect(broken.map((check) => check.rule)).toEqual([
      'minItems: 3',
      'maxItems: 1',
      'uniqueItems: true',
      'logicalType: date',
    ]);
  });

  test('SQL of the contract reads Parquet data and no other file', async () => {
    const data = [await parquet('SELECT 1 AS x')];
    const secret = kit.file('secret.txt', 'secret');
    const good = { properties: '- { name: x }', rest: 'quality: [{ type: sql, query: "x = 1" }]', data };
    expect((await kit.judge(good)).record.verdict).toBe('pass');
    const query = `SELECT count(*) FROM read_text('${secret}')`;
    const bad = { ...good, rest: `quality: [{ type: sql, query: "${query}", mustBe: 1 }]` };
    await expect(kit.judge(bad)).rejects.toThrow(/cannot be run.*disabled by configuration/);
  });
});
