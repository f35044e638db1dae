import { afterAll, describe, expect, test } from 'vitest';
import { testKit } from '../judge.test-kit.ts';
import { COLUMN_EXPECTATIONS } from './great-expectations-columns.ts';
import { TABLE_EXPECTATIONS } from './great-expectations-tables.ts';

const kit = testKit();
afterAll(() => kit.remove());

type Given = Record<string, unknown>;

async function judge(type: string, kwargs: Given, csv: string, more: Given = {}) {
  const suite = { name: 'trips', expectations: [{ type, kwargs, ...more }] };
  return kit.judge({ contract: kit.file('suite.json', JSON.stringify(suite, null, 2)), csv });
}

const column = 'x';
const numbers = 'x\n1\n2\n3\n4\n';
const words = 'x\nred\nblue\nred\n';

/** Expectation, its arguments, data that meet it, data that do not. */
const CASES: [type: string, kwargs: Given, good: string, bad: string][] = [
  ['expect_column_to_exist', { column }, numbers, 'y\n1\n'],
  ['expect_column_values_to_not_be_null', { column }, numbers, 'x,y\n1,1\n,2\n'],
  ['expect_column_values_to_not_be_null', { column, mostly: 0.5 }, 'x,y\n1,1\n,2\n', 'x,y\n1,1\n,2\n,3\n'],
  ['expect_column_values_to_be_null', { column }, 'x,y\n,1\n,2\n', 'x,y\n,1\n5,2\n'],
  ['expect_column_values_to_be_unique', { column }, numbers, 'x\n1\n1\n'],
  ['expect_column_values_to_be_between', { column, min_value: 1, max_value: 4 }, numbers, 'x\n0\n1\n'],
  ['expect_column_values_to_be_between', { column, min_value: 1, strict_min: true }, 'x\n2\n', 'x\n1\n'],
  [
    'expect_column_values_to_be_between',
    { column, max_value: 4, mostly: 0.9 },
    'x\n1\n1\n1\n1\n1\n1\n1\n1\n1\n9\n',
    'x\n9\n1\n',
  ],
  ['expect_column_values_to_be_in_set', { column, value_set: ['red', 'blue'] }, words, 'x\ngreen\n'],
  [
    'expect_column_values_to_be_in_set',
    { column, value_set: [1, 2, 3, 4], mostly: 0.5 },
    'x\n1\n9\n',
    'x\n1\n9\n9\n',
  ],
  ['expect_column_values_to_not_be_in_set', { column, value_set: ['green'] }, words, 'x\ngreen\n'],
  ['expect_column_values_to_match_regex', { column, regex: '^[a-z]+$' }, words, 'x\nRed\n'],
  ['expect_column_values_to_not_match_regex', { column, regex: '[0-9]' }, words, 'x\nr2\n'],
  ['expect_column_values_to_match_regex_list', { column, regex_list: ['^r', '^b'] }, words, 'x\ngreen\n'],
  [
    'expect_column_values_to_match_regex_list',
    { column, regex_list: ['^r', 'd$'], match_on: 'all' },
    'x\nred\n',
    'x\nrat\n',
  ],
  [
    'expect_column_values_to_not_match_regex_list',
    { column, regex_list: ['^g', '[0-9]'] },
    words,
    'x\ngreen\n',
  ],
  ['expect_column_values_to_match_like_pattern', { column, like_pattern: '%e%' }, words, 'x\nok\n'],
  ['expect_column_values_to_not_match_like_pattern', { column, like_pattern: 'g%' }, words, 'x\ngreen\n'],
  [
    'expect_column_values_to_match_like_pattern_list',
    { column, like_pattern_list: ['r%', 'b%'] },
    words,
    'x\ngreen\n',
  ],
  [
    'expect_column_values_to_not_match_like_pattern_list',
    { column, like_pattern_list: ['g%'] },
    words,
    'x\ngreen\n',
  ],
  ['expect_column_values_to_be_of_type', { column, type_: 'int64' }, numbers, words],
  ['expect_column_values_to_be_in_type_list', { column, type_list: ['int64', 'float64'] }, 'x\n1.5\n', words],
  ['expect_column_value_lengths_to_be_between', { column, min_value: 3, max_value: 4 }, words, 'x\nok\n'],
  ['expect_column_value_lengths_to_equal', { column, value: 3 }, 'x\nred\n', 'x\nblue\n'],
  ['expect_column_values_to_be_dateutil_parseable', { column }, 'x\n2001-02-03\n', words],
  [
    'expect_column_values_to_match_strftime_format',
    { column, strftime_format: '%d.%m.%Y' },
    'x\n03.02.2001\n',
    'x\n2001-02-03\n',
  ],
  ['expect_column_values_to_be_json_parseable', { column }, 'x\n"{""a"": 1}"\n', 'x\n{a\n'],
  ['expect_column_values_to_be_increasing', { column }, 'x\n1\n2\n2\n', 'x\n2\n1\n'],
  ['expect_column_values_to_be_increasing', { column, strictly: true }, numbers, 'x\n1\n1\n'],
  ['expect_column_values_to_be_decreasing', { column }, 'x\n2\n1\n', 'x\n1\n2\n'],
  [
    'expect_column_value_z_scores_to_be_less_than',
    { column, threshold: 2, double_sided: true },
    numbers,
    `x\n${'1\n2\n'.repeat(20)}99\n`,
  ],
  [
    'expect_column_distinct_values_to_be_in_set',
    { column, value_set: ['red', 'blue', 'green'] },
    words,
    'x\nblack\n',
  ],
  ['expect_column_distinct_values_to_contain_set', { column, value_set: ['red'] }, words, 'x\nblack\n'],
  ['expect_column_distinct_values_to_equal_set', { column, value_set: ['red', 'blue'] }, words, 'x\nred\n'],
  [
    'expect_column_most_common_value_to_be_in_set',
    { column, value_set: ['red'] },
    words,
    'x\nblue\nblue\nred\n',
  ],
  ['expect_column_min_to_be_between', { column, min_value: 1, max_value: 2 }, numbers, 'x\n3\n'],
  ['expect_column_max_to_be_between', { column, max_value: 4 }, numbers, 'x\n5\n'],
  ['expect_column_mean_to_be_between', { column, min_value: 2, max_value: 3 }, numbers, 'x\n9\n'],
  ['expect_column_median_to_be_between', { column, min_value: 2.5, max_value: 2.5 }, numbers, 'x\n9\n'],
  ['expect_column_stdev_to_be_between', { column, max_value: 2 }, numbers, 'x\n1\n99\n'],
  ['expect_column_sum_to_be_between', { column, min_value: 10, max_value: 10 }, numbers, 'x\n9\n'],
  ['expect_column_unique_value_count_to_be_between', { column, min_value: 4 }, numbers, 'x\n9\n'],
  [
    'expect_column_proportion_of_unique_values_to_be_between',
    { column, min_value: 0.9 },
    numbers,
    'x\n9\n9\n',
  ],
  [
    'expect_column_proportion_of_non_null_values_to_be_between',
    { column, min_value: 0.9 },
    numbers,
    'x,y\n,1\n9,1\n',
  ],
  [
    'expect_column_quantile_values_to_be_between',
    {
      column,
      quantile_ranges: {
        quantiles: [0, 1],
        value_ranges: [
          [1, 1],
          [4, null],
        ],
      },
    },
    numbers,
    'x\n1\n3\n',
  ],
  ['expect_table_row_count_to_be_between', { min_value: 3, max_value: 5 }, numbers, 'x\n1\n'],
  ['expect_table_row_count_to_equal', { value: 4 }, numbers, 'x\n1\n'],
  ['expect_table_column_count_to_equal', { value: 1 }, numbers, 'x,y\n1,1\n'],
  ['expect_table_column_count_to_be_between', { max_value: 1 }, numbers, 'x,y\n1,1\n'],
  ['expect_table_columns_to_match_ordered_list', { column_list: ['a', 'b'] }, 'a,b\n1,1\n', 'b,a\n1,1\n'],
  ['expect_table_columns_to_match_set', { column_set: ['a', 'b'] }, 'b,a\n1,1\n', 'a,b,c\n1,1,1\n'],
  [
    'expect_column_pair_values_a_to_be_greater_than_b',
    { column_A: 'a', column_B: 'b' },
    'a,b\n2,1\n,\n',
    'a,b\n2,1\n2,\n',
  ],
  [
    'expect_column_pair_values_a_to_be_greater_than_b',
    { column_A: 'a', column_B: 'b', or_equal: true, ignore_row_if: 'either_value_is_missing' },
    'a,b\n2,2\n2,\n',
    'a,b\n1,2\n',
  ],
  ['expect_column_pair_values_to_be_equal', { column_A: 'a', column_B: 'b' }, 'a,b\n2,2\n', 'a,b\n1,2\n'],
  [
    'expect_column_pair_values_to_be_in_set',
    { column_A: 'a', column_B: 'b', value_pairs_set: [[1, 2]] },
    'a,b\n1,2\n',
    'a,b\n2,1\n',
  ],
  ['expect_compound_columns_to_be_unique', { column_list: ['a', 'b'] }, 'a,b\n1,2\n1,3\n', 'a,b\n1,2\n1,2\n'],
  ['expect_multicolumn_values_to_be_unique', { column_list: ['a', 'b'] }, 'a,b\n1,2\n', 'a,b\n1,1\n'],
  [
    'expect_select_column_values_to_be_unique_within_record',
    { column_list: ['a', 'b'] },
    'a,b\n1,2\n',
    'a,b\n1,1\n',
  ],
  ['expect_multicolumn_sum_to_equal', { column_list: ['a', 'b'], sum_total: 3 }, 'a,b\n1,2\n', 'a,b\n1,1\n'],
  [
    'unexpected_rows_expectation',
    { unexpected_rows_query: 'SELECT * FROM {batch} WHERE x > 4' },
    numbers,
    'x\n5\n',
  ],
];

describe('an expectation', () => {
  test.each(CASES)('%s %o is judged as it says', async (type, kwargs, good, bad) => {
    const kept = await judge(type, kwargs, good);
    expect(kept.broken.map((check) => check.observed ?? check.problem)).toEqual([]);
    expect(kept.record.verdict).toBe('pass');
    const broken = await judge(type, kwargs, bad);
    expect(broken.record.verdict).toBe('fail');
    expect(broken.broken[0]?.where).toMatchObject({ file: expect.stringContaining('suite.json') });
    expect(broken.broken[0]?.where?.line).toBeGreaterThan(3);
  });

  test('of every kind that is read has a case, or is named as left over', () => {
    const known = [...Object.keys(COLUMN_EXPECTATIONS), ...Object.keys(TABLE_EXPECTATIONS)];
    const left = [
      'expect_column_kl_divergence_to_be_less_than',
      'expect_table_row_count_to_equal_other_table',
    ];
    const cases = new Set(CASES.map(([type]) => type));
    expect(known.filter((name) => !cases.has(name) && !left.includes(name))).toEqual([]);
  });
});

describe('what cannot be carried over', () => {
  test.each<[string, string, Given]>([
    ['an expectation of a plugin', 'expect_column_values_to_be_valid_isbn', { column }],
    ['rows by a condition', 'expect_column_values_to_be_unique', { column, row_condition: 'y==1' }],
    [
      'a parameter of the run',
      'expect_column_values_to_be_between',
      { column, min_value: { $PARAMETER: 'low' } },
    ],
    ['a pattern that looks ahead', 'expect_column_values_to_match_regex', { column, regex: '(?=a)b' }],
    ['a type without a like', 'expect_column_values_to_be_of_type', { column, type_: 'complex128' }],
    ['a distribution', 'expect_column_kl_divergence_to_be_less_than', { column, threshold: 0.1 }],
    ['another table', 'expect_table_row_count_to_equal_other_table', { other_table_name: 'y' }],
    ['no column', 'expect_column_values_to_be_unique', {}],
    ['no bound', 'expect_column_values_to_be_between', { column }],
  ])('is listed with its reason: %s', async (_, type, kwargs) => {
    const { record } = await judge(type, kwargs, numbers);
    const listed = record.checks.find((check) => check.rule === type);
    expect(listed).toMatchObject({ verdict: 'not_judged', where: { line: expect.any(Number) } });
    expect(listed?.observed).toBeTruthy();
  });
});

test('severity of 1.x decides, and names of 0.18 are read', async () => {
  const { record } = await judge('expect_column_values_to_be_unique', { column }, 'x\n1\n1\n', {
    severity: 'warning',
  });
  expect(record.verdict).toBe('warn');
  const old = {
    expectation_suite_name: 's',
    expectations: [{ expectation_type: 'expect_column_values_to_be_unique', kwargs: { column }, meta: {} }],
  };
  const judged = await kit.judge({ contract: kit.file('old.json', JSON.stringify(old)), csv: 'x\n1\n1\n' });
  expect(judged.record.verdict).toBe('fail');
  expect(judged.record.contract).toMatchObject({ id: 's' });
});
