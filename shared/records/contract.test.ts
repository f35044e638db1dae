import { describe, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { contractSchema } from './contract.ts';
import { parseYamlDocument } from './document.ts';

const HEAD = `apiVersion: v3.1.0
kind: DataContract
id: trips
version: 1.0.0
status: active
`;

const parse = (text: string) => parseYamlDocument(text, 'contract.yaml', contractSchema);
const object = (text: string) => parse(`${HEAD}schema:\n  - name: trips\n${text.replace(/^/gm, '    ')}`);
const property = (text: string) => object(`properties:\n  - name: x\n${text.replace(/^/gm, '    ')}`);
const quality = (text: string) => property(`quality: [${text}]`);

async function mistake(reading: Promise<unknown>): Promise<UserError> {
  const error = await reading.then(
    () => undefined,
    (caught) => caught,
  );
  if (!(error instanceof UserError)) throw new Error(`no mistake was found: ${error}`);
  return error;
}

describe('a contract', () => {
  test('of the standard, with every descriptive key, is read', async () => {
    const { value } = await parse(`apiVersion: v3.1.0
kind: DataContract
id: taxi-train
name: Taxi
version: 1.0.0
status: active
tenant: acme
tags: [a]
domain: rides
dataProduct: rides
description: { purpose: training, usage: any, limitations: none }
servers: [{ server: local, type: local, path: ./data }]
team: { name: rides, members: [{ username: a@example.org }] }
roles: [{ role: reader }]
support: [{ channel: c, url: "https://example.org" }]
price: { priceAmount: 1, priceCurrency: USD, priceUnit: row }
contractCreatedTs: "2026-01-01T00:00:00Z"
authoritativeDefinitions: [{ type: x, url: "https://example.org" }]
customProperties: [{ property: a, value: b }]
schema:
  - name: trips
    physicalType: file
    logicalType: object
    dataGranularityDescription: a ride a row
    properties:
      - { name: ride_id, logicalType: string, required: true, unique: true, primaryKey: true, classification: public, examples: [a] }
      - name: fare
        logicalType: number
        logicalTypeOptions: { minimum: 0, maximum: 1000 }
        quality: [{ metric: nullValues, mustBeLessThan: 1, unit: percent, severity: warning, dimension: completeness, schedule: "0 20 * * *", scheduler: cron }]
      - { name: pickup_at, logicalType: timestamp }
    quality:
      - { metric: rowCount, mustBeGreaterThan: 9000 }
      - { type: text, description: nice }
      - { type: custom, engine: soda, implementation: "checks" }
slaProperties: [{ property: freshness, value: 24, unit: h, element: trips.pickup_at }, { property: retention, value: 3, unit: y }]
`);
    expect(value.schema[0]?.properties.map(({ name }) => name)).toEqual(['ride_id', 'fare', 'pickup_at']);
  });

  test.each(['v3.0.0', 'v3.0.2', 'v3.1.0', 'v3.2.0'])('of version %s is read', async (version) => {
    await parse(
      `${HEAD.replace('v3.1.0', version)}schema: [{ name: t, properties: [{ name: x, quality: [{ rule: duplicateCount, mustBe: 0 }] }] }]`,
    );
  });

  test.each(['v2.2.2', 'v3.3.0', '3.1.0'])('of version %s is refused', async (version) => {
    const error = await mistake(parse(`${HEAD.replace('v3.1.0', version)}schema: [{ name: t }]`));
    expect(error.message).toContain('only v3.0, v3.1 and v3.2');
    expect(error.where.line).toBe(1);
  });
});

describe('a mistake in a contract', () => {
  test.each([
    ['an unknown key at the top', () => parse(`${HEAD}shcema: []`), 'shcema', '"schema"'],
    ['an unknown key of an object', () => object('qualty: []'), 'qualty', '"quality"'],
    ['an unknown key of a property', () => property('requird: true'), 'requird', '"required"'],
    [
      'an unknown key of a rule',
      () => quality('{ metric: nullValues, mustBeLesThan: 1 }'),
      'mustBeLesThan',
      '"mustBeLessThan"',
    ],
    ['an unknown metric', () => quality('{ metric: nullValue, mustBe: 0 }'), 'metric', '"nullValues"'],
    [
      'an unknown unit',
      () => quality('{ metric: nullValues, mustBe: 0, unit: percents }'),
      'unit',
      '"percent"',
    ],
    [
      'an unknown severity',
      () => quality('{ metric: nullValues, mustBe: 0, severity: warnig }'),
      'severity',
      '"warning"',
    ],
    ['an unknown type', () => property('logicalType: strng'), 'logicalType', '"string"'],
    [
      'an unknown option',
      () => property('logicalType: number\nlogicalTypeOptions: { minimun: 0 }'),
      'minimun',
      '"minimum"',
    ],
    [
      'an unknown argument',
      () => quality('{ metric: invalidValues, mustBe: 0, arguments: { validValue: [1] } }'),
      'validValue',
      '"validValues"',
    ],
    [
      'an unknown promise',
      () => parse(`${HEAD}schema: [{ name: t }]\nslaProperties: [{ property: freshnes, value: 1 }]`),
      'property',
      '"freshness"',
    ],
    [
      'an unknown unit of time',
      () =>
        parse(
          `${HEAD}schema: [{ name: t }]\nslaProperties: [{ property: freshness, value: 1, unit: hour s }]`,
        ),
      'unit',
      'hours',
    ],
  ])('%s names the nearest known one', async (_, reading, what, fix) => {
    const error = await mistake(reading());
    expect(error.message).toContain(what);
    expect(error.fix).toContain(fix);
    expect(error.where).toMatchObject({
      file: 'contract.yaml',
      line: expect.any(Number),
      column: expect.any(Number),
    });
  });

  test.each([
    ['no metric', '{ mustBe: 0 }', 'needs a metric'],
    ['no operator', '{ metric: nullValues }', 'needs an operator'],
    [
      'two operators',
      '{ metric: nullValues, mustBe: 0, mustBeLessThan: 2 }',
      'one operator too many beside mustBe',
    ],
    [
      'an interval upside down',
      '{ metric: nullValues, mustBeBetween: [3, 1] }',
      'the smaller number comes first',
    ],
    ['a count compared with a text', '{ metric: nullValues, mustBe: "0" }', 'compared with a number'],
    ['SQL without a query', '{ type: sql, mustBe: 0 }', 'needs a query'],
    ['a SELECT without an operator', '{ type: sql, query: SELECT 1 }', 'a SELECT needs an operator'],
    [
      'a query in a library rule',
      '{ metric: nullValues, mustBe: 0, query: SELECT 1 }',
      'belongs to type sql',
    ],
    ['a metric in an SQL rule', '{ type: sql, query: a > 0, metric: nullValues }', 'belongs to type library'],
    ['a custom rule without an engine', '{ type: custom, implementation: x }', 'needs an engine'],
  ])('%s is named', async (_, rule, message) => {
    expect((await mistake(quality(rule))).message).toContain(message);
  });

  test('an option of another type is named with both', async () => {
    const error = await mistake(property('logicalType: string\nlogicalTypeOptions: { minimum: 0 }'));
    expect(error.message).toContain('minimum has no meaning for logicalType string');
    const untyped = await mistake(property('logicalTypeOptions: { minimum: 0 }'));
    expect(untyped.message).toContain('needs a logicalType');
  });
});
