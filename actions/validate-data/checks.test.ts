import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Kit, testKit } from './judge.test-kit.ts';
import { options, quality, STANDARD_CASES, x } from './standard-cases.test-kit.ts';

let kit: Kit;
beforeEach(() => {
  kit = testKit();
});
afterEach(() => kit.remove());

describe('every check passes and fails', () => {
  test.each(STANDARD_CASES)('%s', async (_, contract, good, bad, expected) => {
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
