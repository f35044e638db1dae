import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { testKit } from '../judge.test-kit.ts';

const kit = testKit();
afterAll(() => kit.remove());

const NAMES = new Map([
  [Infinity, '.inf'],
  [Number.NaN, '.nan'],
]);
const contract = (name: string, value: unknown) =>
  // JSON has no infinite number and no NaN, YAML has.
  kit.file(
    name,
    JSON.stringify(
      value,
      (_, one) => (Number.isFinite(one) || typeof one !== 'number' ? one : NAMES.get(one)),
      2,
    )
      .replace('".inf"', '.inf')
      .replace('".nan"', '.nan'),
  );

async function verdictOf(contract: string, csv: string) {
  const { record, broken } = await kit.judge({ contract, csv });
  return {
    verdict: record.verdict,
    broken: broken.filter((check) => check.verdict !== 'not_judged').map((check) => check.rule),
    left: broken.filter((check) => check.verdict === 'not_judged'),
  };
}

describe('a Table Schema of Frictionless', () => {
  const field = (more: Record<string, unknown>) =>
    contract('schema.json', { fields: [{ name: 'x', ...more }] });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['a type', { type: 'integer' }, 'x\n1\n', 'x\nred\n'],
    ['required', { constraints: { required: true } }, 'x,y\n1,1\n', 'x,y\n,1\n'],
    ['unique', { constraints: { unique: true } }, 'x\n1\n2\n', 'x\n1\n1\n'],
    ['minimum', { type: 'number', constraints: { minimum: 1 } }, 'x\n1\n', 'x\n0\n'],
    ['maximum', { type: 'number', constraints: { maximum: 1 } }, 'x\n1\n', 'x\n2\n'],
    ['exclusiveMinimum', { type: 'number', constraints: { exclusiveMinimum: 1 } }, 'x\n2\n', 'x\n1\n'],
    ['exclusiveMaximum', { type: 'number', constraints: { exclusiveMaximum: 1 } }, 'x\n0\n', 'x\n1\n'],
    ['minLength', { type: 'string', constraints: { minLength: 2 } }, 'x\nab\n', 'x\na\n'],
    ['maxLength', { type: 'string', constraints: { maxLength: 2 } }, 'x\nab\n', 'x\nabc\n'],
    [
      'pattern of the whole value',
      { type: 'string', constraints: { pattern: '[a-z]' } },
      'x\na\n',
      'x\nab\n',
    ],
    ['enum', { constraints: { enum: ['a', 'b'] } }, 'x\na\n', 'x\nc\n'],
    ['format email', { type: 'string', format: 'email' }, 'x\na@b.org\n', 'x\nab\n'],
    ['format of a date', { type: 'date', format: '%d.%m.%Y' }, 'x\n03.02.2001\n', 'x\n2001-02-30\n'],
  ])('judges %s', async (_, more, good, bad) => {
    expect(await verdictOf(field(more), good)).toMatchObject({ verdict: 'pass', broken: [], left: [] });
    expect((await verdictOf(field(more), bad)).verdict).toBe('fail');
  });

  test('judges keys, and in a package the table that is named', async () => {
    const schema = { fields: [{ name: 'a' }, { name: 'b' }], primaryKey: ['a', 'b'], uniqueKeys: [['b']] };
    const file = contract('package.json', {
      resources: [
        { name: 'other', schema: { fields: [] } },
        { name: 'rides', schema },
      ],
    });
    expect((await verdictOf(`${file}#rides`, 'a,b\n1,1\n1,2\n')).verdict).toBe('pass');
    expect((await verdictOf(`${file}#rides`, 'a,b\n1,1\n2,1\n')).broken).toEqual([
      expect.stringContaining('uniqueKeys'),
    ]);
    await expect(verdictOf(file, 'a,b\n1,1\n')).rejects.toThrow(UserError);
    await expect(verdictOf(`${file}#ride`, 'a,b\n1,1\n')).rejects.toThrow('has no table "ride"');
  });

  test('lists what it has beyond that', async () => {
    const schema = {
      fields: [{ name: 'x', type: 'geopoint', constraints: { jsonSchema: {} } }],
      foreignKeys: [{}],
      missingValues: ['', 'NA'],
      fieldsMatch: 'partial',
    };
    const { left } = await verdictOf(contract('rich.json', schema), 'x\n1\n');
    expect(left.map((check) => check.rule)).toEqual([
      'type: geopoint',
      'jsonSchema: {}',
      'missingValues',
      'foreignKeys',
      'fieldsMatch: partial',
    ]);
  });
});

describe('constraints of SageMaker', () => {
  const constraints = (feature: Record<string, unknown>, monitoring_config: Record<string, unknown> = {}) =>
    contract('constraints.json', { version: 0, features: [{ name: 'x', ...feature }], monitoring_config });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['completeness', { completeness: 0.5 }, 'x,y\n1,1\n,1\n', 'x,y\n1,1\n,1\n,1\n'],
    [
      'a type, by the share of other values',
      { inferred_type: 'Integral' },
      `x\n${'1\n'.repeat(9)}a\n`,
      'x\n1\na\n',
    ],
    [
      'non-negative numbers',
      { inferred_type: 'Fractional', num_constraints: { is_non_negative: true } },
      'x\n0\n',
      'x\n-1\n',
    ],
    [
      'domains, by the share of unknown values',
      { inferred_type: 'String', string_constraints: { domains: ['a'] } },
      `x\n${'a\n'.repeat(9)}b\n`,
      'x\na\nb\n',
    ],
  ])('judge %s', async (_, feature, good, bad) => {
    expect(await verdictOf(constraints(feature), good)).toMatchObject({
      verdict: 'pass',
      broken: [],
      left: [],
    });
    expect((await verdictOf(constraints(feature), bad)).verdict).toBe('fail');
  });

  test('take their thresholds from the file, and list the rest', async () => {
    const feature = { string_constraints: { domains: ['a'] }, monitoringConfigOverrides: { x: 1 } };
    const file = constraints(feature, { domain_content_threshold: 0.6, distribution_constraints: {} });
    const { verdict, left } = await verdictOf(file, 'x\na\nb\n');
    expect(verdict).toBe('pass');
    expect(left.map((check) => check.rule)).toEqual([
      'monitoringConfigOverrides',
      'distribution_constraints',
    ]);
  });
});

describe('a pandera schema', () => {
  const schema = (column: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    contract('pandera.yaml', {
      schema_type: 'dataframe',
      version: '0.26.1',
      columns: { x: { nullable: false, ...column } },
      checks: null,
      index: null,
      ...more,
    });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['a type', { dtype: 'int64' }, 'x\n1\n', 'x\na\n'],
    ['null, which is not allowed unless it is said', {}, 'x,y\n1,1\n', 'x,y\n,1\n'],
    ['unique', { unique: true }, 'x\n1\n2\n', 'x\n1\n1\n'],
    ['greater_than', { checks: { greater_than: 1 } }, 'x\n2\n', 'x\n1\n'],
    [
      'less_than_or_equal_to with options',
      { checks: { less_than_or_equal_to: { value: 1, options: { raise_warning: false } } } },
      'x\n1\n',
      'x\n2\n',
    ],
    ['equal_to', { checks: { equal_to: 1 } }, 'x\n1\n', 'x\n2\n'],
    [
      'in_range',
      { checks: { in_range: { min_value: 1, max_value: 2, include_max: false } } },
      'x\n1\n',
      'x\n2\n',
    ],
    ['isin', { checks: { isin: ['a'] } }, 'x\na\n', 'x\nb\n'],
    ['isin with options', { checks: { isin: { value: ['a'], options: {} } } }, 'x\na\n', 'x\nb\n'],
    ['notin', { checks: { notin: ['b'] } }, 'x\na\n', 'x\nb\n'],
    ['str_matches from the beginning', { dtype: 'str', checks: { str_matches: 'a' } }, 'x\nab\n', 'x\nba\n'],
    ['str_contains', { dtype: 'str', checks: { str_contains: 'a' } }, 'x\nba\n', 'x\nb\n'],
    ['str_startswith', { dtype: 'str', checks: { str_startswith: 'a' } }, 'x\nab\n', 'x\nba\n'],
    ['str_endswith', { dtype: 'str', checks: { str_endswith: 'a' } }, 'x\nba\n', 'x\nab\n'],
    [
      'str_length',
      { dtype: 'str', checks: { str_length: { min_value: 2, max_value: null } } },
      'x\nab\n',
      'x\na\n',
    ],
    ['unique_values_eq', { dtype: 'str', checks: { unique_values_eq: ['a'] } }, 'x\na\n', 'x\na\nb\n'],
    [
      'str_length of digits',
      { dtype: 'str', str_length: { min_value: 2, error: 'short' } },
      'x\n12\n',
      'x\n1\n',
    ],
    ['str_matches of digits', { str_matches: '[12]+$', str_startswith: '1' }, 'x\n12\n', 'x\n31\n'],
    ['str_contains of digits', { str_contains: '1', str_endswith: '2' }, 'x\n12\n', 'x\n21\n'],
    ['a check beside the type', { dtype: 'int64', greater_than: 1 }, 'x\n2\n', 'x\n1\n'],
    [
      'a check of several values beside the type',
      { dtype: 'str', isin: ['a'], str_length: { max_value: 1, error: 'too long' } },
      'x\na\n',
      'x\nb\n',
    ],
    [
      'bounds without an end',
      { dtype: 'float64', in_range: { min_value: 0, max_value: Infinity } },
      'x\n1e300\n',
      'x\n-1\n',
    ],
    ['a comparison by its short name', { checks: { ge: 1 } }, 'x\n1\n', 'x\n0\n'],
  ])('judges %s', async (_, column, good, bad) => {
    expect(await verdictOf(schema(column), good)).toMatchObject({ verdict: 'pass', broken: [], left: [] });
    expect((await verdictOf(schema(column), bad)).verdict).toBe('fail');
  });

  test('judges what is asked of the whole frame', async () => {
    expect((await verdictOf(schema({}, { strict: true }), 'x,y\n1,1\n')).broken).toEqual([
      'strictColumns: true',
    ]);
    expect((await verdictOf(schema({}, { unique: ['x'] }), 'x\n1\n1\n')).verdict).toBe('fail');
    const ordered = contract('ordered.yaml', {
      schema_type: 'dataframe',
      columns: { x: {}, y: {} },
      ordered: true,
    });
    expect((await verdictOf(ordered, 'z,x,w,y\n1,1,1,1\n')).verdict).toBe('pass');
    expect((await verdictOf(ordered, 'y,x\n1,1\n')).broken).toEqual([
      expect.stringMatching(/^ordered: .*superset, ordered/),
    ]);
  });

  test('warns where the check only warns, and lists checks in code', async () => {
    const checks = [
      { value: 1, options: { check_name: 'greater_than', raise_warning: true } },
      { options: { check_name: 'my_check' } },
    ];
    const { verdict, left } = await verdictOf(schema({ checks }), 'x\n1\n');
    expect(verdict).toBe('warn');
    expect(left.map((check) => check.rule)).toEqual(['x: my_check']);
  });
});

describe('a pandera schema with more than is carried over', () => {
  const rulesLeft = async (schema: object) => {
    const file = contract('more.yaml', { schema_type: 'dataframe', ...schema });
    return (await verdictOf(file, 'x\n1\n')).left.map((check) => check.rule);
  };

  test('lists checks that ask of null or of groups, and lengths that may be any bound', async () => {
    const x = { in_range: { min_value: 0, max_value: 2, ignore_na: false }, str_length: 3 };
    const y = { greater_than: { min_value: 0, groupby: ['y'] } };
    expect(await rulesLeft({ columns: { x } })).toEqual(['x: in_range', 'x: str_length']);
    expect(await rulesLeft({ columns: { x: y } })).toEqual(['x: greater_than']);
  });

  test('lists what changes the data, and one type for all columns', async () => {
    const schema = { strict: 'filter', add_missing_columns: true, drop_invalid_rows: true, dtype: 'int64' };
    expect(await rulesLeft({ columns: { x: { default: 1, drop_invalid_rows: true } }, ...schema })).toEqual([
      'strict: filter',
      'add_missing_columns',
      'drop_invalid_rows',
      'x: default',
      'x: drop_invalid_rows',
      'dtype: int64',
    ]);
  });

  test('lists what is compared with no value', async () => {
    const x = { greater_than: { min_value: Number.NaN }, isin: { allowed_values: [1, [2]] } };
    const y = { less_than: { max_value: [3] } };
    const file = contract('more.yaml', { schema_type: 'dataframe', columns: { x, y } });
    const { left } = await verdictOf(file, 'x,y\n1,1\n');
    expect(left.map(({ rule, observed }) => [rule, observed])).toEqual([
      ['x: greater_than', expect.stringContaining('NaN is no value of a column')],
      ['x: isin', expect.stringContaining('[2] is no value of a column')],
      ['y: less_than', expect.stringContaining('[3] is no value of a column')],
    ]);
  });

  test('warns where a check beside the type only warns', async () => {
    const x = { greater_than: { min_value: 1, raise_warning: true } };
    const file = contract('warn.yaml', { schema_type: 'dataframe', columns: { x } });
    expect((await verdictOf(file, 'x\n1\n')).verdict).toBe('warn');
  });
});

describe('data tests of dbt', () => {
  const model = (tests: unknown[], more: Record<string, unknown> = {}) =>
    contract('schema.yml', {
      version: 2,
      models: [{ name: 'rides', columns: [{ name: 'x', data_tests: tests }], ...more }],
    });

  test.each<[string, unknown, string, string]>([
    ['not_null', 'not_null', 'x,y\n1,1\n', 'x,y\n,1\n'],
    ['unique', 'unique', 'x\n1\n2\n', 'x\n1\n1\n'],
    ['accepted_values', { accepted_values: { values: ['a'] } }, 'x\na\n', 'x\nb\n'],
    [
      'accepted_values with arguments',
      { accepted_values: { arguments: { values: ['a'] } } },
      'x\na\n',
      'x\nb\n',
    ],
    [
      'accepted_range',
      { 'dbt_utils.accepted_range': { min_value: 0, inclusive: false } },
      'x\n1\n',
      'x\n0\n',
    ],
    ['expression_is_true', { 'dbt_utils.expression_is_true': { expression: '>= 1' } }, 'x\n1\n', 'x\n0\n'],
    [
      'not_null_proportion',
      { 'dbt_utils.not_null_proportion': { at_least: 0.5 } },
      'x,y\n1,1\n,1\n',
      'x,y\n,1\n',
    ],
    ['not_empty_string', { 'dbt_utils.not_empty_string': {} }, 'x\na\n', 'x\n" "\n'],
    ['not_constant', 'dbt_utils.not_constant', 'x\n1\n2\n', 'x\n1\n1\n'],
    ['at_least_one', 'dbt_utils.at_least_one', 'x,y\n1,1\n', 'x,y\n,1\n'],
    ['not_accepted_values', { 'dbt_utils.not_accepted_values': { values: ['b'] } }, 'x\na\n', 'x\nb\n'],
    ['sequential_values', { 'dbt_utils.sequential_values': { interval: 2 } }, 'x\n3\n1\n', 'x\n1\n2\n'],
  ])('judge %s', async (_, asked, good, bad) => {
    expect(await verdictOf(model([asked]), good)).toMatchObject({ verdict: 'pass', broken: [], left: [] });
    expect((await verdictOf(model([asked]), bad)).verdict).toBe('fail');
  });

  test('warn where their severity says so, and judge combinations', async () => {
    expect(
      (await verdictOf(model([{ unique: { config: { severity: 'warn' } } }]), 'x\n1\n1\n')).verdict,
    ).toBe('warn');
    const tests = [{ 'dbt_utils.unique_combination_of_columns': { combination_of_columns: ['x'] } }];
    expect((await verdictOf(model([], { data_tests: tests }), 'x\n1\n1\n')).verdict).toBe('fail');
  });

  test('list what belongs to its project', async () => {
    const tests = [
      { relationships: { to: "ref('a')", field: 'id' } },
      { unique: { config: { where: 'x > 1' } } },
      { not_null: { config: { error_if: '>10' } } },
      'my_test',
    ];
    const { verdict, left } = await verdictOf(model(tests), 'x\n1\n');
    expect(verdict).toBe('pass');
    expect(left.map((check) => check.rule)).toEqual([
      'x: relationships',
      'x: unique',
      'x: not_null',
      'x: my_test',
    ]);
  });

  test('of several models one is named', async () => {
    const file = contract('two.yml', {
      models: [{ name: 'a' }, { name: 'b', columns: [{ name: 'x', tests: ['unique'] }] }],
    });
    await expect(verdictOf(file, 'x\n1\n')).rejects.toThrow('it is open which of them');
    expect((await verdictOf(`${file}#b`, 'x\n1\n1\n')).verdict).toBe('fail');
  });
});
