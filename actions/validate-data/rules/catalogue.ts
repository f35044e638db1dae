/**
 * Every check of validate-data: what it is called in a contract, what it judges, and by which names people know it from
 * other tools. `docs/checks.md` is made of it, and a test holds each row to a passing and a failing case.
 */
export const CHECK_GROUPS = [
  'schema',
  'completeness',
  'uniqueness',
  'validity',
  'statistics',
  'cross-column',
  'referential',
  'freshness and volume',
  'history',
  'machine learning',
  'privacy',
] as const;
export type CheckGroup = (typeof CHECK_GROUPS)[number];

const TOOLS = {
  gx: 'Great Expectations',
  pandera: 'pandera',
  soda: 'Soda',
  deequ: 'deequ',
  dbt: 'dbt',
  frictionless: 'Frictionless',
  deepchecks: 'deepchecks',
  tfdv: 'TFDV',
} as const;
export type KnownTool = keyof typeof TOOLS;
export const toolName = (tool: KnownTool): string => TOOLS[tool];

export interface CatalogueEntry {
  group: CheckGroup;
  /** Its key or rule in the contract; of cases in tests the first words. */
  check: string;
  /** As it stands in a contract. */
  words: string;
  what: string;
  known: Partial<Record<KnownTool, string>>;
}

type Row = [check: string, words: string, what: string, known: CatalogueEntry['known']];

const SCHEMA: Row[] = [
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

const COMPLETENESS: Row[] = [
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

const UNIQUENESS: Row[] = [
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

const VALIDITY: Row[] = [
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
      pandera: 'Check.is_monotonic',
      dbt: 'sequential_values',
      frictionless: 'sequential-value',
    },
  ],
  [
    'decreasing',
    'decreasing: {}',
    'no value is above the one before',
    { gx: 'expect_column_values_to_be_decreasing', pandera: 'Check.is_monotonic' },
  ],
];

const bounds = 'mustBeBetween: [0, 9]';
const statistic = (of: string, what: string, known: CatalogueEntry['known'], more = ''): Row => [
  `statistic ${of}`,
  `statistic: {of: ${of}, ${more}${bounds}}`,
  what,
  known,
];

const STATISTICS: Row[] = [
  statistic('mean', 'mean of the finite values', {
    gx: 'expect_column_mean_to_be_between',
    soda: 'avg',
    deequ: 'hasMean',
  }),
  statistic('median', 'median', { gx: 'expect_column_median_to_be_between' }),
  statistic('standardDeviation', 'standard deviation, divisor n − 1', {
    gx: 'expect_column_stdev_to_be_between',
    soda: 'stddev',
    deequ: 'hasStandardDeviation',
  }),
  statistic('sum', 'sum', { gx: 'expect_column_sum_to_be_between', soda: 'sum', deequ: 'hasSum' }),
  statistic('minimum', 'smallest value', {
    gx: 'expect_column_min_to_be_between',
    soda: 'min',
    deequ: 'hasMin',
  }),
  statistic('maximum', 'largest value', {
    gx: 'expect_column_max_to_be_between',
    soda: 'max',
    deequ: 'hasMax',
  }),
  statistic(
    'quantile',
    'quantile, linear between neighbours',
    { gx: 'expect_column_quantile_values_to_be_between', soda: 'percentile', deequ: 'hasApproxQuantile' },
    'quantile: 0.95, ',
  ),
  statistic('skewness', 'sample skewness G₁, as pandas’ `skew`', { deequ: 'hasSkewness' }),
  statistic('kurtosis', 'sample excess kurtosis G₂, as pandas’ `kurt`', { deequ: 'hasKurtosis' }),
  statistic('entropy', 'Shannon’s entropy of the values, in nats', { deequ: 'hasEntropy' }),
  statistic('distinctCount', 'number of distinct values', {
    gx: 'expect_column_unique_value_count_to_be_between',
    deequ: 'hasNumberOfDistinctValues',
    dbt: 'not_constant',
  }),
  statistic('distinctShare', 'distinct values / values', {
    gx: 'expect_column_proportion_of_unique_values_to_be_between',
    deequ: 'hasDistinctness',
  }),
  statistic('uniqueShare', 'values that occur once / values', { deequ: 'hasUniqueness' }),
  statistic('nullShare', 'nulls / rows', {
    gx: 'expect_column_proportion_of_non_null_values_to_be_between',
    deequ: 'hasCompleteness',
    dbt: 'not_null_proportion',
  }),
  statistic('averageLength', 'mean number of characters', {
    soda: 'avg_length',
    tfdv: 'string stats avg_length',
  }),
  [
    'zScore',
    'zScore: {max: 3}',
    'rows farther than so many standard deviations from the mean',
    { gx: 'expect_column_value_z_scores_to_be_less_than', frictionless: 'deviated-value' },
  ],
  [
    'outliers',
    'outliers: {method: iqr, mustBeLessThan: 1, unit: percent}',
    'rows outside Tukey’s fences (`iqr`, factor 1.5), beyond 3 standard deviations (`zScore`) or 3.5 median deviations (`medianDeviation`)',
    { gx: 'expect_column_values_to_not_be_outliers', deepchecks: 'OutlierSampleDetection' },
  ],
];

const CROSS_COLUMN: Row[] = [
  [
    'a row expression',
    'type: sql, query: pickup_at < dropoff_at',
    'an expression that holds in every row; a null holds',
    {
      gx: 'expect_column_pair_values_a_to_be_greater_than_b',
      pandera: 'DataFrameSchema(checks)',
      deequ: 'satisfies',
      dbt: 'expression_is_true',
      frictionless: 'row-constraint',
    },
  ],
  [
    'a query',
    'type: sql, query: SELECT …, mustBe: 0',
    'the one value that a query gives',
    {
      gx: 'UnexpectedRowsExpectation',
      soda: 'user-defined metric',
      deequ: 'customSql',
      dbt: 'singular test',
    },
  ],
  [
    'sum',
    'sum: {columns: [a, b], equals: total}',
    'in every row columns add up to another, or to a number',
    { gx: 'expect_multicolumn_sum_to_equal' },
  ],
  [
    'correlation',
    'correlation: {columns: [a, b], method: spearman, mustBeLessThan: 0.9}',
    'Pearson’s or Spearman’s correlation, or Cramér’s V',
    { deequ: 'hasCorrelation', deepchecks: 'FeatureFeatureCorrelation' },
  ],
];

const REFERENTIAL: Row[] = [
  [
    'foreignKey',
    'foreignKey: {data: airports.csv, references: [code]}',
    'every value, or combination, occurs in another data set',
    {
      soda: 'values must exist in',
      deequ: 'ReferentialIntegrity.subsetCheck',
      dbt: 'relationships',
      frictionless: 'foreign-key',
    },
  ],
];

const FRESHNESS: Row[] = [
  [
    'freshness',
    'slaProperties: [{property: freshness, value: 24, unit: h, element: trips.at}]',
    'the newest time is not older, and not after now',
    { soda: 'freshness', dbt: 'source freshness, recency' },
  ],
  [
    'rowCount',
    'metric: rowCount, mustBeGreaterThan: 9000',
    'the number of rows',
    {
      gx: 'expect_table_row_count_to_be_between',
      soda: 'row_count',
      deequ: 'hasSize',
      frictionless: 'table-dimensions',
      tfdv: 'DATASET_LOW_NUM_EXAMPLES',
    },
  ],
  [
    'rows of the reference',
    'input `reference`',
    'between half and twice the rows of the reference',
    { soda: 'change for row_count', dbt: 'equal_rowcount' },
  ],
];

const MACHINE_LEARNING: Row[] = [
  [
    'overlap',
    'overlap: {with: test.csv, columns: [id]}',
    'whole rows, or keys, that another data set (the test set) has as well',
    { deepchecks: 'TrainTestSamplesMix' },
  ],
  [
    'timeLeakage',
    'timeLeakage: {column: at, with: train.csv}',
    'rows that are not later than all of the other data set',
    { deepchecks: 'DateTrainTestLeakageOverlap' },
  ],
  [
    'indexLeakage',
    'indexLeakage: {column: id, label: y, max: 0.2}',
    'an identifier, or without `column` the order of the rows, tells the label',
    { deepchecks: 'IdentifierLabelCorrelation' },
  ],
  [
    'targetLeakage',
    'targetLeakage: {label: y, max: 0.8}',
    'one column alone tells the label: its cross-validated predictive power',
    { deepchecks: 'FeatureLabelCorrelation' },
  ],
  [
    'labelCorrelationChange',
    'labelCorrelationChange: {label: y, with: train.csv, max: 0.2}',
    'a column’s predictive power differs from that in the other data set',
    { deepchecks: 'FeatureLabelCorrelationChange' },
  ],
  [
    'conflictingLabels',
    'conflictingLabels: {label: y, features: [a, b]}',
    'rows whose features equal those of a row with another label',
    { deepchecks: 'ConflictingLabels' },
  ],
  [
    'classBalance',
    'classBalance: {label: y, minShare: 0.05}',
    'the share of the rarest class',
    { deepchecks: 'ClassImbalance' },
  ],
  [
    'newCategories',
    'newCategories: {with: reference}',
    'values that the other data set does not have',
    { deepchecks: 'NewCategoryTrainTest', tfdv: 'ENUM_TYPE_UNEXPECTED_STRING_VALUES' },
  ],
  [
    'nearConstant',
    'nearConstant: {maxShare: 0.99}',
    'one value, or null, fills nearly all rows',
    { deepchecks: 'IsSingleValue', dbt: 'not_constant' },
  ],
  [
    'duplicateColumns',
    'duplicateColumns: {}',
    'two columns are the same in every row',
    { deepchecks: 'FeatureFeatureCorrelation' },
  ],
  [
    'servingSkew',
    'servingSkew: {with: served.jsonl, join: [id], max: 0.01}',
    'values of the same key that differ; without `join` the largest difference of a category’s share, or of numbers’ distribution functions',
    { tfdv: 'skew_comparator' },
  ],
];

const PRIVACY: Row[] = [
  [
    'personalData',
    'personalData: {kinds: [email, phone]}',
    'values that look like an e-mail address, a phone number, a payment card (Luhn), an IBAN (check digits), a US, UK or Italian national number, an IP address',
    { deequ: 'containsEmail, containsCreditCardNumber, containsSocialSecurityNumber', soda: 'valid format' },
  ],
];

const HISTORY: Row[] = [
  [
    'history relativeChange',
    'history: {of: rowCount, method: relativeChange, maxDecrease: 0.2, last: 3}',
    'a number of this run is at most so large a share below or above the mean of the last runs',
    {
      deequ: 'RelativeRateOfChangeStrategy',
      soda: 'change percent for row_count',
      dbt: 'elementary.volume_anomalies',
    },
  ],
  [
    'history absoluteChange',
    'history: {of: nullShare, method: absoluteChange, maxIncrease: 0.01}',
    'the same by an amount',
    { deequ: 'AbsoluteChangeStrategy', soda: 'change for row_count', tfdv: 'drift_comparator' },
  ],
  [
    'history threeSigma',
    'history: {of: mean, method: threeSigma}',
    'a number of this run is within the prediction interval of 99.73 % by all earlier runs',
    { deequ: 'OnlineNormalStrategy', soda: 'anomaly detection for row_count' },
  ],
  [
    'history seasonal',
    'history: {of: rowCount, method: seasonal, every: 1d, period: 7}',
    'the same around what additive Holt–Winters lets expect of this day of the week',
    { deequ: 'HoltWinters' },
  ],
];

const ROWS: Record<CheckGroup, Row[]> = {
  schema: SCHEMA,
  completeness: COMPLETENESS,
  uniqueness: UNIQUENESS,
  validity: VALIDITY,
  statistics: STATISTICS,
  'cross-column': CROSS_COLUMN,
  referential: REFERENTIAL,
  'freshness and volume': FRESHNESS,
  history: HISTORY,
  'machine learning': MACHINE_LEARNING,
  privacy: PRIVACY,
};

export const CATALOGUE: readonly CatalogueEntry[] = CHECK_GROUPS.flatMap((group) =>
  ROWS[group].map(([check, words, what, known]) => ({ group, check, words, what, known })),
);
