/** Checks of schema, completeness and uniqueness in the catalogue. */
import type { Row } from './catalogue-entry.ts';

export const SCHEMA: Row[] = [
  [
    'a missing column',
    'properties: [{name: fare}]',
    'every property is a column of the data',
    {
      gx: 'expect_column_to_exist',
      pandera: 'Column(required=True)',
      frictionless: 'missing-label',
      deequ: 'hasColumn',
      tfdv: 'SCHEMA_MISSING_COLUMN',
    },
  ],
  [
    'logicalType',
    'logicalType: number',
    'every value is of the type',
    {
      gx: 'expect_column_values_to_be_of_type',
      pandera: 'Column(dtype)',
      deequ: 'hasDataType',
      frictionless: 'type-error',
    },
  ],
  [
    'strictColumns',
    'customProperties: [{property: strictColumns, value: true}]',
    'no column that the contract does not name',
    { pandera: 'strict=True', soda: 'schema', frictionless: 'extra-label', tfdv: 'SCHEMA_NEW_COLUMN' },
  ],
  [
    'columns',
    'columns: {set: exact, ordered: true}',
    'the column names are exactly, at most or at least those of the contract, in its order where it says so',
    {
      gx: 'expect_table_columns_to_match_ordered_list, …_match_set',
      pandera: 'ordered=True',
      soda: 'schema',
    },
  ],
  [
    'columnCount',
    'columnCount: {mustBeBetween: [3, 20]}',
    'the number of columns',
    {
      gx: 'expect_table_column_count_to_be_between',
      deequ: 'hasColumnCount',
      frictionless: 'table-dimensions',
    },
  ],
  [
    'mixedTypes',
    'mixedTypes: {mustBeLessThan: 1, unit: percent}',
    'in a column of text the rows that look like another type (number, time, boolean, text) than most',
    { deepchecks: 'MixedDataTypes' },
  ],
  [
    'duplicate headers',
    '–',
    'no two columns of a CSV or Parquet file have one name; allowed where the contract describes the second as `name_1`',
    { pandera: 'unique_column_names=True', frictionless: 'duplicate-label' },
  ],
];

export const COMPLETENESS: Row[] = [
  [
    'required',
    'required: true',
    'no value is null',
    {
      gx: 'expect_column_values_to_not_be_null',
      pandera: 'nullable=False',
      deequ: 'isComplete',
      dbt: 'not_null',
    },
  ],
  [
    'nullValues',
    'metric: nullValues, mustBeLessThan: 5, unit: percent',
    'rows, or their share, that are null',
    {
      gx: 'expect_column_values_to_not_be_null(mostly)',
      soda: 'missing_percent',
      deequ: 'hasCompleteness',
      tfdv: 'FEATURE_TYPE_LOW_FRACTION_PRESENT',
    },
  ],
  [
    'missingValues',
    'metric: missingValues, mustBe: 0, arguments: {missingValues: [null, "N/A"]}',
    'rows whose value is one of those that count as missing',
    { soda: 'missing_count(missing values)' },
  ],
  [
    'disguisedNulls',
    'disguisedNulls: {}',
    'values that only stand for nothing: `""`, `?`, `NA`, `none`, -999 …, or those of `values`',
    { deepchecks: 'MixedNulls', frictionless: 'forbidden-value' },
  ],
  [
    'nullsTogether',
    'nullsTogether: {columns: [a, b]}',
    'in every row all or none of the columns are null',
    { soda: 'failed rows', dbt: 'expression_is_true' },
  ],
  [
    'atLeastOne',
    'atLeastOne: {columns: [a, b]}',
    'in every row at least one of the columns has a value',
    { dbt: 'expression_is_true', deequ: 'areAnyComplete' },
  ],
];

export const UNIQUENESS: Row[] = [
  [
    'unique',
    'unique: true',
    'no value occurs twice',
    {
      gx: 'expect_column_values_to_be_unique',
      pandera: 'unique=True',
      deequ: 'isUnique',
      dbt: 'unique',
      frictionless: 'unique-error',
    },
  ],
  [
    'a primary key',
    'primaryKey: true',
    'no null, and no value or combination twice',
    { deequ: 'isPrimaryKey', frictionless: 'primary-key' },
  ],
  [
    'a compound key',
    'metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}',
    'no combination of values occurs twice',
    {
      gx: 'expect_compound_columns_to_be_unique',
      pandera: 'DataFrameSchema(unique=[…])',
      dbt: 'unique_combination_of_columns',
    },
  ],
  [
    'duplicateValues',
    'metric: duplicateValues, mustBeLessThan: 1, unit: percent',
    'rows that repeat an earlier value',
    { soda: 'duplicate_percent', deequ: 'hasUniqueness' },
  ],
  [
    'duplicate rows',
    'metric: duplicateValues, mustBe: 0 on the object',
    'no whole row occurs twice',
    {
      soda: 'duplicate_count',
      deequ: 'hasDuplicateRowCount',
      frictionless: 'duplicate-row',
      deepchecks: 'DataDuplicates',
    },
  ],
];
