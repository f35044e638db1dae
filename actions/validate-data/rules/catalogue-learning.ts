/** Checks for machine learning, of privacy and of earlier runs in the catalogue. */
import type { Row } from './catalogue-entry.ts';

export const MACHINE_LEARNING: Row[] = [
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

export const PRIVACY: Row[] = [
  [
    'personalData',
    'personalData: {kinds: [email, phone]}',
    'values that look like an e-mail address, a phone number, a payment card (Luhn), an IBAN (check digits), a US, UK or Italian national number, an IP address',
    { deequ: 'containsEmail, containsCreditCardNumber, containsSocialSecurityNumber', soda: 'valid format' },
  ],
];

export const HISTORY: Row[] = [
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
