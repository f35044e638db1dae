/** Tables and expectations on which Great Expectations and the importer of its suites are compared. */
import { randomGenerator } from '../../shared/stats/random.ts';

export interface Expectation {
  type: string;
  kwargs: Record<string, unknown>;
}

const HEADER = ['n', 'm', 'x', 'word', 'other', 'day', 'iso', 'json', 'up', 'key', 'a', 'b', 'gap'];

/** Rows of every kind of column, a tenth of the values of most of them null. */
function randomRows(rows: number, seed: number): string[][] {
  const random = randomGenerator(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const orNull = (value: unknown, share = 0.1): string => (random() < share ? '' : String(value));
  return Array.from({ length: rows }, (_, row) => [
    orNull(Math.floor(random() * 10)),
    String(Math.floor(random() * 10)),
    orNull((random() * 10 - 2).toFixed(3)),
    orNull(pick(['red', 'blue', 'green', 'Red', 'blue_50', 'x%y'])),
    pick(['red', 'blue', 'green']),
    orNull(pick(['2001-02-03', '2001-12-31', '03.02.2001', 'never'])),
    orNull(pick(['2001-02-03', '2001-12-31T08:00:00'])),
    orNull(pick(['"{""a"": 1}"', '"[1, 2]"', '{a'])),
    String(row + (random() < 0.05 ? -3 : 0)),
    String(row),
    orNull(Math.floor(random() * 4), 0.2),
    orNull(Math.floor(random() * 4), 0.2),
    orNull(pick([1, 2, 3]), 0.6),
  ]);
}

const csv = (rows: readonly string[][]) =>
  `${[HEADER, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;
const constant = [
  '5',
  '5',
  '1.5',
  'red',
  'red',
  '2001-02-03',
  '2001-02-03',
  '"{""a"": 1}"',
  '7',
  '1',
  '2',
  '2',
  '3',
];

/** By what is special about them. */
export const TABLES: Readonly<Record<string, string>> = {
  'random rows': csv(randomRows(120, 1)),
  'other random rows': csv(randomRows(31, 2)),
  'two rows': csv(randomRows(2, 3)),
  'one row': csv([constant]),
  'no value': csv(
    Array.from({ length: 3 }, (_, row) => HEADER.map((name) => (name === 'key' ? String(row) : ''))),
  ),
  'no row': csv([]),
  'one value a column': csv(Array.from({ length: 9 }, () => constant)),
};

const bounds = [
  { min_value: 2, max_value: 7 },
  { min_value: 0, max_value: 9 },
  { min_value: 2, strict_min: true },
  { max_value: 9, strict_max: true },
  { min_value: 1, max_value: 8, mostly: 0.7 },
  { min_value: 1, max_value: 8, mostly: 0.95 },
];
const sets = [
  { value_set: ['red', 'blue', 'green'] },
  { value_set: ['red', 'blue', 'green', 'Red', 'blue_50', 'x%y'] },
  { value_set: ['red'], mostly: 0.2 },
  { value_set: ['absent'] },
];
const statistics: [name: string, column: string][] = ['min', 'max', 'mean', 'median', 'stdev', 'sum'].flatMap(
  (of) => ['n', 'x', 'key'].map((column): [string, string] => [`expect_column_${of}_to_be_between`, column]),
);
const pairs = [{}, { ignore_row_if: 'either_value_is_missing' }, { ignore_row_if: 'neither' }];
const rows = [{}, { ignore_row_if: 'any_value_is_missing' }, { ignore_row_if: 'never' }];

const of = (type: string, columns: readonly string[], variants: readonly object[]): Expectation[] =>
  columns.flatMap((column) => variants.map((more) => ({ type, kwargs: { column, ...more } })));
const table = (type: string, variants: readonly object[]): Expectation[] =>
  variants.map((kwargs) => ({ type, kwargs: { ...kwargs } }));

/** Each kind of expectation that the importer carries over, with what may change its answer. */
export const EXPECTATIONS: readonly Expectation[] = [
  ...of('expect_column_to_exist', ['n', 'absent'], [{}]),
  ...of('expect_column_values_to_not_be_null', ['n', 'm', 'gap'], [{}, { mostly: 0.9 }, { mostly: 0.4 }]),
  ...of('expect_column_values_to_be_null', ['n', 'gap'], [{}, { mostly: 0.5 }, { mostly: 0.05 }]),
  ...of('expect_column_values_to_be_unique', ['key', 'n', 'word'], [{}]),
  ...of('expect_column_values_to_be_between', ['n', 'm', 'x'], bounds),
  ...of('expect_column_values_to_be_in_set', ['word', 'other'], sets),
  ...of(
    'expect_column_values_to_be_in_set',
    ['n', 'm'],
    [{ value_set: [1, 2, 3] }, { value_set: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }],
  ),
  ...of('expect_column_values_to_not_be_in_set', ['word', 'other'], sets),
  ...of(
    'expect_column_values_to_match_regex',
    ['word', 'other'],
    [{ regex: '^[a-z]+$' }, { regex: 'r' }, { regex: 'r', mostly: 0.5 }],
  ),
  ...of(
    'expect_column_values_to_not_match_regex',
    ['word'],
    [{ regex: '[0-9]' }, { regex: '^R', mostly: 0.8 }],
  ),
  ...of(
    'expect_column_values_to_match_regex_list',
    ['word'],
    [
      { regex_list: ['^r', '^b'] },
      { regex_list: ['^r', 'd$'], match_on: 'all' },
      { regex_list: ['^r', '^b'], mostly: 0.5 },
    ],
  ),
  ...of(
    'expect_column_values_to_not_match_regex_list',
    ['word'],
    [{ regex_list: ['^R', '%'] }, { regex_list: ['^q', '!'] }],
  ),
  ...of('expect_column_values_to_be_of_type', ['m', 'key'], [{ type_: 'int64' }]),
  ...of('expect_column_values_to_be_in_type_list', ['up', 'x'], [{ type_list: ['int64', 'float64'] }]),
  ...of(
    'expect_column_value_lengths_to_be_between',
    ['word', 'other'],
    [
      { min_value: 3, max_value: 4 },
      { max_value: 5, mostly: 0.6 },
      { min_value: 3, strict_min: true },
    ],
  ),
  ...of('expect_column_value_lengths_to_equal', ['word', 'other'], [{ value: 3 }, { value: 3, mostly: 0.3 }]),
  ...of(
    'expect_column_values_to_match_strftime_format',
    ['day'],
    [{ strftime_format: '%Y-%m-%d' }, { strftime_format: '%d.%m.%Y' }],
  ),
  ...of('expect_column_values_to_be_dateutil_parseable', ['iso', 'other'], [{}]),
  ...of('expect_column_values_to_be_json_parseable', ['json'], [{}, { mostly: 0.5 }]),
  ...of('expect_column_values_to_be_increasing', ['up', 'key'], [{}, { strictly: true }]),
  ...of('expect_column_values_to_be_decreasing', ['up', 'key'], [{}, { strictly: true }]),
  ...of(
    'expect_column_value_z_scores_to_be_less_than',
    ['n', 'x', 'key'],
    [
      { threshold: 1.1, double_sided: true },
      { threshold: 3, double_sided: true },
      { threshold: 1.1, double_sided: true, mostly: 0.5 },
      { threshold: 0.5, double_sided: true, mostly: 0.9 },
    ],
  ),
  ...of(
    'expect_column_distinct_values_to_be_in_set',
    ['word', 'other'],
    sets.map(({ value_set }) => ({ value_set })),
  ),
  ...of(
    'expect_column_distinct_values_to_contain_set',
    ['word', 'other'],
    sets.map(({ value_set }) => ({ value_set })),
  ),
  ...of(
    'expect_column_distinct_values_to_equal_set',
    ['word', 'other'],
    sets.map(({ value_set }) => ({ value_set })),
  ),
  ...of(
    'expect_column_most_common_value_to_be_in_set',
    ['other', 'gap'],
    [{ value_set: ['red', 'blue'] }, { value_set: [1, 2, 3] }],
  ),
  ...statistics.flatMap(([type, column]) =>
    of(
      type,
      [column],
      [{ min_value: 0, max_value: 5 }, { min_value: 4.5 }, { max_value: 1000, strict_max: true }],
    ),
  ),
  ...of(
    'expect_column_unique_value_count_to_be_between',
    ['n', 'word', 'key'],
    [{ min_value: 3, max_value: 10 }, { max_value: 1 }],
  ),
  ...of(
    'expect_column_proportion_of_unique_values_to_be_between',
    ['n', 'word', 'key'],
    [{ min_value: 0.9 }, { max_value: 0.3 }],
  ),
  ...of(
    'expect_column_proportion_of_non_null_values_to_be_between',
    ['n', 'gap', 'm'],
    [{ min_value: 0.8 }, { max_value: 0.5 }],
  ),
  ...of(
    'expect_column_quantile_values_to_be_between',
    ['n', 'x', 'key'],
    [
      {
        quantile_ranges: {
          quantiles: [0.25, 0.5, 0.9],
          value_ranges: [
            [0, 3],
            [2, 6],
            [null, 9],
          ],
        },
      },
      {
        quantile_ranges: {
          quantiles: [0, 1],
          value_ranges: [
            [0, 0],
            [0, 200],
          ],
        },
      },
    ],
  ),
  ...table('expect_table_row_count_to_be_between', [
    { min_value: 3, max_value: 50 },
    { max_value: 1 },
    { min_value: 2 },
  ]),
  ...table('expect_table_row_count_to_equal', [{ value: 1 }, { value: 31 }]),
  ...table('expect_table_column_count_to_equal', [{ value: HEADER.length }, { value: 3 }]),
  ...table('expect_table_column_count_to_be_between', [{ max_value: HEADER.length }, { min_value: 20 }]),
  ...table('expect_table_columns_to_match_ordered_list', [
    { column_list: HEADER },
    { column_list: [...HEADER].reverse() },
    { column_list: HEADER.slice(1) },
  ]),
  ...table('expect_table_columns_to_match_set', [
    { column_set: [...HEADER].reverse() },
    { column_set: HEADER.slice(1) },
    { column_set: HEADER.slice(1), exact_match: false },
  ]),
  ...table(
    'expect_column_pair_values_a_to_be_greater_than_b',
    pairs.flatMap((more) => [
      { column_A: 'a', column_B: 'b', ...more },
      { column_A: 'a', column_B: 'b', or_equal: true, mostly: 0.5, ...more },
    ]),
  ),
  ...table(
    'expect_column_pair_values_to_be_equal',
    pairs.map((more) => ({ column_A: 'a', column_B: 'b', ...more })),
  ),
  ...table(
    'expect_column_pair_values_to_be_in_set',
    pairs.map((more) => ({
      column_A: 'a',
      column_B: 'b',
      value_pairs_set: [
        [1, 2],
        [2, 2],
        [3, 0],
      ],
      ...more,
    })),
  ),
  ...table('expect_compound_columns_to_be_unique', [
    { column_list: ['a', 'b'] },
    { column_list: ['key', 'other'] },
  ]),
  ...table(
    'expect_select_column_values_to_be_unique_within_record',
    rows.map((more) => ({ column_list: ['a', 'b', 'm'], ...more })),
  ),
  ...table('expect_multicolumn_sum_to_equal', [
    ...rows.map((more) => ({ column_list: ['a', 'b'], sum_total: 4, ...more })),
    { column_list: ['m', 'key'], sum_total: 6 },
  ]),
];
