/** Rules of validate-data on made-up rows, each asked of pandas as well: what `rules_oracle.py` answers by the same names. */
import { randomGenerator } from '../../shared/stats/random.ts';

export interface RuleCase {
  /** The check's name in the catalogue, and what is special. */
  name: string;
  /** YAML beside the name of the property that it is about, and instead of its type where it says one. */
  of?: Record<string, string>;
  /** An item of the object's quality. */
  object?: string;
  /** Other YAML of the object, and of the contract. */
  beside?: string;
  top?: string;
  /** It would break rules of other cases. */
  alone?: true;
}

const TYPES: Record<string, string> = {
  id: 'integer',
  n: 'number',
  w: 'number',
  q: 'number',
  i: 'integer',
  s: 'integer',
  a: 'number',
  b: 'number',
  total: 'number',
  d: 'date',
  at: 'timestamp',
};

/** Cases that one contract can hold: no two say something of the same property, or beside the rules of the object. */
export function batchesOf(cases: readonly RuleCase[]): RuleCase[][] {
  const batches: RuleCase[][] = [];
  const places = ({ of = {}, beside, top }: RuleCase): string[] => [
    ...Object.keys(of),
    ...(beside ? ['beside'] : []),
    ...(top ? ['top'] : []),
  ];
  for (const one of cases) {
    const own = places(one);
    const fitting = batches.find(
      (batch) => !batch[0]!.alone && !batch.flatMap(places).some((place) => own.includes(place)),
    );
    if (fitting && !one.alone) fitting.push(one);
    else batches.push([one]);
  }
  return batches;
}

/** A contract's parts for the cases, and where in it the rule of each stands. */
export function contractOf(batch: readonly RuleCase[]) {
  const said = Object.assign({}, ...batch.map(({ of }) => of)) as Record<string, string>;
  const names = [...new Set([...COLUMNS, ...Object.keys(said)])];
  const properties = names.map((name) => {
    const type = said[name]?.includes('logicalType:') ? '' : `, logicalType: ${TYPES[name] ?? 'string'}`;
    return `- { name: ${name}${type}${said[name] ? `, ${said[name]}` : ''} }`;
  });
  const items = batch.flatMap(({ object }) => object ?? []);
  const texts = (parts: (string | undefined)[]): string => parts.filter(Boolean).join('\n');
  return {
    properties: properties.join('\n'),
    rest: texts([
      ...batch.map(({ beside }) => beside),
      items.length > 0 ? `quality: [${items.join(', ')}]` : '',
    ]),
    top: texts(batch.map(({ top }) => top)),
    placeOf: ({ of, object, top }: RuleCase): string =>
      of
        ? `schema[0].properties[${names.indexOf(Object.keys(of)[0]!)}]`
        : top
          ? 'slaProperties[0]'
          : object
            ? `schema[0].quality[${items.indexOf(object)}]`
            : 'schema[0].customProperties',
  };
}

const COLUMNS = [
  ...['id', 'n', 'w', 'q', 'i', 's', 'a', 'b', 'total', 'd', 'at', 't', 'c', 'f', 'v', 'j'],
  ...['g', 'y', 'u', 'm', 'p', 'stamp'],
] as const;

const FORMATTED = [
  ...['ada@example.org', 'no mail', '192.168.0.1', '192.168.0.256', '2001:db8::1', '1::2::3'],
  ...['123e4567-e89b-12d3-a456-426614174000', '123e4567', 'aGVsbG8=', 'aGVsbG8'],
];
const PERSONAL = [
  ...['ada@example.org', '4111 1111 1111 1111', '4111 1111 1111 1112', 'GB82 WEST 1234 5698 7654 32'],
  ...['GB82 WEST 1234 5698 7654 33', '192.168.0.1', 'nothing', '2001:db8::1', '378282246310005'],
];
const JSONS = ['{"a": 1}', '{"a": 1.5}', '{"b": 2}', '[1, 2]', '{a', 'null', '{"a": 3, "b": "x"}'];
const WORDS = ['a', 'bc', 'Zürich', '東京都', 'e\u0301é', '👍🏽', 'north west', 'AB1', 'XY22', ' x '];
const DISGUISED = ['word', 'N/A', ' none ', '-999', '?', 'value', 'nil', '7', '-'];
const KINDS = ['4', '2001-02-03', 'true', 'word', 'more words', '5.5', 'FALSE', 'x-y'];

/** A header and rows: numbers with nulls, ties and infinities, times, texts of many shapes, and a column that no contract has. */
export function madeUpRows(seed: number, rows = 160): string {
  const random = randomGenerator(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const one = <Value>(of: readonly Value[]): Value => of[Math.floor(random() * of.length)]!;
  const whole = (below: number): number => Math.floor(random() * below);
  const orNull = (value: unknown): unknown => (random() < 0.1 ? '' : value);
  const day = (days: number): string => new Date(Date.UTC(2001, 0, 1 + days)).toISOString().slice(0, 10);
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const usual = one(['a', 'b']);
  const lines = Array.from({ length: rows }, (_, row) => {
    const [a, b] = [whole(40) / 4, whole(40) / 4];
    const t = one(WORDS);
    const y = random() < 0.7 ? (t.length > 2 ? 'yes' : 'no') : one(['yes', 'no', 'maybe']);
    const cells: Record<(typeof COLUMNS)[number], unknown> = {
      id: orNull(row % 7 === 0 ? whole(rows) : row),
      n: orNull(random() < 0.04 ? 12 * normal() : normal()),
      w: orNull(random() < 0.05 ? one(['inf', '-inf']) : Math.exp(2 * normal())),
      q: orNull(random() < 0.8 ? whole(20) / 4 : whole(40) / 10),
      i: orNull(whole(300) - 20),
      s: orNull(random() < 0.9 ? row : whole(rows)),
      a: orNull(a),
      b,
      total: orNull(random() < 0.8 ? a + b : a + b + 1),
      d: orNull(day(whole(30))),
      at: orNull(`${day(whole(28))} ${String(whole(24)).padStart(2, '0')}:00:00`),
      t: orNull(quoted(t)),
      c: orNull(random() < 0.3 ? usual : one(['a', 'b', 'c', 'dd'])),
      f: orNull(one(FORMATTED)),
      v: orNull(quoted(one(DISGUISED))),
      j: orNull(quoted(one(JSONS))),
      g: orNull(one(['u', 'v', 'w'])),
      y: orNull(y),
      u: orNull(random() < 0.95 ? 'same' : 'other'),
      m: orNull(quoted(one(KINDS))),
      p: orNull(one(PERSONAL)),
      stamp: orNull(random() < 0.8 ? day(whole(300)).split('-').reverse().join('.') : '31.02.2001'),
    };
    return [...COLUMNS.map((name) => cells[name]), cells.c].join(',');
  });
  // Some rows come twice.
  const again = lines.filter(() => random() < 0.03);
  return `${[...COLUMNS, 'twin'].join(',')}\n${[...lines, ...again].join('\n')}\n`;
}

const own = (rule: string): string => `{ type: custom, engine: mlops-actions, implementation: { ${rule} } }`;
const metric = (rest: string): string => `{ metric: ${rest} }`;
const rule = (item: string): string => `quality: [${item}]`;
const options = (rest: string): string => `logicalTypeOptions: { ${rest} }`;
const NONE = 'mustBe: 0';

export const RULE_CASES: readonly RuleCase[] = [
  { name: 'a missing column', of: { nowhere: 'required: false' }, alone: true },
  { name: 'logicalType', of: { t: 'logicalType: number' } },
  { name: 'strictColumns', beside: 'customProperties: [{ property: strictColumns, value: true }]' },
  { name: 'columns', object: own('columns: { set: exact, ordered: true }') },
  { name: 'columnCount', object: own('columnCount: { mustBe: 1 }') },
  { name: 'mixedTypes', of: { m: rule(own('mixedTypes: {}')) } },
  { name: 'required', of: { n: 'required: true' } },
  { name: 'nullValues', of: { n: rule(metric(`nullValues, ${NONE}`)) } },
  {
    name: 'missingValues',
    of: { v: rule(metric(`missingValues, ${NONE}, arguments: { missingValues: [null, "?", "7"] }`)) },
  },
  { name: 'disguisedNulls', of: { v: rule(own('disguisedNulls: {}')) } },
  { name: 'nullsTogether', object: own('nullsTogether: { columns: [n, w, t] }') },
  { name: 'atLeastOne', object: own('atLeastOne: { columns: [n, w] }') },
  { name: 'unique', of: { id: 'unique: true' } },
  { name: 'a primary key', of: { id: 'primaryKey: true' } },
  {
    name: 'a compound key',
    object: metric(`duplicateValues, ${NONE}, arguments: { properties: [c, g] }`),
  },
  { name: 'duplicateValues', of: { q: rule(metric(`duplicateValues, ${NONE}`)) } },
  { name: 'duplicate rows', object: metric('duplicateValues, mustBe: 1') },
  { name: 'minimum', of: { w: options('minimum: 0.5') } },
  { name: 'maximum', of: { w: options('maximum: 0.5') } },
  { name: 'exclusiveMinimum', of: { q: options('exclusiveMinimum: 1.5') } },
  { name: 'exclusiveMaximum', of: { q: options('exclusiveMaximum: 1.5') } },
  { name: 'minimum of a date', of: { d: options('minimum: "2001-01-12"') } },
  { name: 'multipleOf', of: { q: options('multipleOf: 0.5') } },
  { name: 'multipleOf a decimal', of: { q: options('multipleOf: 0.1') } },
  { name: 'minLength', of: { t: options('minLength: 3') } },
  { name: 'maxLength', of: { t: options('maxLength: 2') } },
  { name: 'pattern', of: { t: options('pattern: "^[A-Z]{2}[0-9]+$"') } },
  ...['email', 'uuid', 'ipv4', 'ipv6', 'byte'].map((format) => ({
    name: `format ${format}`,
    of: { f: options(`format: ${format}`) },
  })),
  { name: 'format u8', of: { i: options('format: u8') } },
  {
    name: 'invalidValues',
    of: { c: rule(metric(`invalidValues, ${NONE}, arguments: { validValues: [a, dd] }`)) },
  },
  {
    name: 'invalidValues by pattern',
    of: { t: rule(metric(`invalidValues, ${NONE}, arguments: { pattern: "[a-z]" }`)) },
  },
  { name: 'valueSet', of: { c: rule(own('valueSet: { values: [a, b, zz], set: exact }')) } },
  { name: 'mostCommonValue', of: { c: rule(own('mostCommonValue: { values: [zz] }')) } },
  { name: 'dateFormat', of: { stamp: rule(own('dateFormat: { pattern: "%d.%m.%Y" }')) } },
  { name: 'json', of: { j: rule(own('json: { required: [a], properties: { a: integer } }')) } },
  { name: 'json of any shape', of: { j: rule(own('json: {}')) } },
  { name: 'increasing', of: { s: rule(own('increasing: {}')) } },
  {
    name: 'increasing strictly by group',
    of: { q: rule(own('increasing: { strictly: true, groupBy: [g] }')) },
  },
  { name: 'decreasing', of: { q: rule(own('decreasing: {}')) } },
  { name: 'zScore', of: { n: rule(own('zScore: { max: 2 }')) } },
  { name: 'zScore with infinities', of: { w: rule(own('zScore: { max: 3 }')) } },
  { name: 'outliers', of: { w: rule(own('outliers: { method: iqr }')) } },
  { name: 'outliers by zScore', of: { n: rule(own('outliers: { method: zScore, factor: 2.5 }')) } },
  { name: 'outliers by medianDeviation', of: { w: rule(own('outliers: { method: medianDeviation }')) } },
  { name: 'a row expression', object: '{ type: sql, query: "a <= b" }' },
  { name: 'a query', object: '{ type: sql, query: "SELECT sum(q) FROM {object}", mustBe: -1 }' },
  { name: 'sum', object: own('sum: { columns: [a, b], equals: total }') },
  {
    name: 'correlation by pearson',
    object: own('correlation: { columns: [a, total], method: pearson, mustBe: 9 }'),
  },
  {
    name: 'correlation by spearman',
    object: own('correlation: { columns: [a, total], method: spearman, mustBe: 9 }'),
  },
  {
    name: 'correlation by cramersV',
    object: own('correlation: { columns: [t, y], method: cramersV, mustBe: 9 }'),
  },
  { name: 'foreignKey', of: { q: rule(own('foreignKey: { data: "{other}", references: [q] }')) } },
  {
    name: 'freshness',
    top: 'slaProperties: [{ property: freshness, value: 1, unit: h, element: trips.at }]',
  },
  { name: 'rowCount', object: metric('rowCount, mustBe: 1') },
  { name: 'overlap', object: own('overlap: { with: "{other}", columns: [c, q] }') },
  { name: 'timeLeakage', object: own('timeLeakage: { column: d, with: "{other}" }') },
  { name: 'indexLeakage', object: own('indexLeakage: { label: y, max: 0 }') },
  { name: 'indexLeakage of a column', object: own('indexLeakage: { column: c, label: y, max: 0 }') },
  { name: 'targetLeakage', object: own('targetLeakage: { label: y, columns: [t], max: 0 }') },
  {
    name: 'labelCorrelationChange',
    object: own('labelCorrelationChange: { label: y, columns: [t], with: "{other}", max: 0 }'),
  },
  { name: 'conflictingLabels', object: own('conflictingLabels: { label: y, features: [t, c] }') },
  { name: 'classBalance', object: own('classBalance: { label: y, minShare: 1 }') },
  { name: 'newCategories', of: { q: rule(own('newCategories: { with: "{other}" }')) } },
  { name: 'nearConstant', of: { u: rule(own('nearConstant: { maxShare: 0.5 }')) } },
  { name: 'duplicateColumns', object: own('duplicateColumns: {}') },
  { name: 'servingSkew', object: own('servingSkew: { with: "{other}", columns: [c], max: 0 }') },
  { name: 'servingSkew of numbers', object: own('servingSkew: { with: "{other}", columns: [n], max: 0 }') },
  {
    name: 'servingSkew by key',
    object: own('servingSkew: { with: "{other}", columns: [c], join: [id], max: 0 }'),
  },
  ...['email', 'card', 'iban', 'ipAddress'].map((kind) => ({
    name: `personalData ${kind}`,
    of: { p: rule(own(`personalData: { kinds: [${kind}] }`)) },
  })),
];
