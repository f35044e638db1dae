/** Checks of validity in the catalogue: what a single value may be. */
import type { Row } from './catalogue-entry.ts';

export const VALIDITY: Row[] = [
  [
    'minimum',
    'logicalTypeOptions: {minimum: 0}',
    'at least; the bound is allowed. Numbers, dates and times',
    {
      gx: 'expect_column_values_to_be_between',
      pandera: 'Check.ge',
      deequ: 'hasMin',
      dbt: 'accepted_range',
      frictionless: 'minimum',
    },
  ],
  [
    'maximum',
    'logicalTypeOptions: {maximum: 100}',
    'at most; the bound is allowed',
    {
      gx: 'expect_column_values_to_be_between',
      pandera: 'Check.le',
      deequ: 'hasMax',
      frictionless: 'maximum',
    },
  ],
  [
    'exclusiveMinimum',
    'logicalTypeOptions: {exclusiveMinimum: 0}',
    'above; the bound is not allowed',
    { gx: 'expect_column_values_to_be_between(strict_min)', pandera: 'Check.gt' },
  ],
  [
    'exclusiveMaximum',
    'logicalTypeOptions: {exclusiveMaximum: 100}',
    'below; the bound is not allowed',
    { gx: 'expect_column_values_to_be_between(strict_max)', pandera: 'Check.lt' },
  ],
  ['multipleOf', 'logicalTypeOptions: {multipleOf: 0.5}', 'a multiple of a number', {}],
  [
    'minLength',
    'logicalTypeOptions: {minLength: 3}',
    'characters of a text at least',
    {
      gx: 'expect_column_value_lengths_to_be_between',
      pandera: 'Check.str_length',
      soda: 'valid min length',
      deequ: 'hasMinLength',
    },
  ],
  [
    'maxLength',
    'logicalTypeOptions: {maxLength: 3}',
    'characters of a text at most',
    { gx: 'expect_column_value_lengths_to_be_between', pandera: 'Check.str_length', deequ: 'hasMaxLength' },
  ],
  [
    'pattern',
    'logicalTypeOptions: {pattern: "^[A-Z]{3}$"}',
    'a text has the pattern (RE2) in it',
    {
      gx: 'expect_column_values_to_match_regex',
      pandera: 'Check.str_matches',
      deequ: 'hasPattern',
      frictionless: 'pattern',
    },
  ],
  [
    'format',
    'logicalTypeOptions: {format: email}',
    'a text is an `email`, `uuid`, `uri`, `hostname`, `ipv4`, `ipv6`, `byte`; an integer fits `i8` to `u64`',
    { soda: 'valid format', deequ: 'containsEmail, containsURL' },
  ],
  [
    'invalidValues',
    'metric: invalidValues, mustBe: 0, arguments: {validValues: [kg, g]}',
    'rows whose value is not of a set, or not of a pattern',
    {
      gx: 'expect_column_values_to_be_in_set',
      pandera: 'Check.isin',
      deequ: 'isContainedIn',
      dbt: 'accepted_values',
      frictionless: 'enum',
      tfdv: 'ENUM_TYPE_UNEXPECTED_STRING_VALUES',
    },
  ],
  [
    'valueSet',
    'valueSet: {values: [a, b], set: exact}',
    'the distinct values are exactly, at most (subset) or at least (superset) those of a set',
    {
      gx: 'expect_column_distinct_values_to_equal_set, …_contain_set, …_be_in_set',
      pandera: 'Check.unique_values_eq',
    },
  ],
  [
    'mostCommonValue',
    'mostCommonValue: {values: [a, b]}',
    'the most common value, each of them where several are, is one of these',
    { gx: 'expect_column_most_common_value_to_be_in_set' },
  ],
  [
    'dateFormat',
    'dateFormat: {pattern: "%d.%m.%Y"}',
    'a text is a date as strptime writes it',
    { gx: 'expect_column_values_to_match_strftime_format', frictionless: 'format' },
  ],
  [
    'json',
    'json: {required: [id], properties: {id: integer}}',
    'a text is JSON, with these keys, of these types',
    { gx: 'expect_column_values_to_match_json_schema, …_be_json_parseable' },
  ],
  [
    'increasing',
    'increasing: {strictly: true, groupBy: [series]}',
    'no value is below the one before, in the order of the files',
    {
      gx: 'expect_column_values_to_be_increasing',
      dbt: 'sequential_values',
      frictionless: 'sequential-value',
    },
  ],
  [
    'decreasing',
    'decreasing: {}',
    'no value is above the one before',
    { gx: 'expect_column_values_to_be_decreasing' },
  ],
];
