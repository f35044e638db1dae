/** Checks of statistics, columns together, other data, freshness and volume in the catalogue. */
import type { CatalogueEntry, Row } from './catalogue-entry.ts';

const bounds = 'mustBeBetween: [0, 9]';
const statistic = (of: string, what: string, known: CatalogueEntry['known'], more = ''): Row => [
  `statistic ${of}`,
  `statistic: {of: ${of}, ${more}${bounds}}`,
  what,
  known,
];

export const STATISTICS: Row[] = [
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

export const CROSS_COLUMN: Row[] = [
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

export const REFERENTIAL: Row[] = [
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

export const FRESHNESS: Row[] = [
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
