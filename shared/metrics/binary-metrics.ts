/** The metrics of two classes. */
import { type LabelMetric, labelMetric } from './confusion.ts';
import {
  AT_MOST_ONE,
  CORRELATION,
  type Direction,
  type Entry,
  type IntervalMethod,
  type Rate,
  SHARE,
} from './metric-definition.ts';
import { brierScore, expectedCalibrationError, logLoss } from './probability.ts';
import { averagePrecision, rocAuc } from './ranking.ts';

const CORRELATIONS: LabelMetric[] = ['matthews_corrcoef', 'cohen_kappa'];

/** @param rate of a share of rows; without it the interval is the infinitesimal jackknife's. */
function label(
  name: LabelMetric,
  direction: Direction,
  source: string,
  aliases: string[] = [],
  rate?: Rate,
): Entry {
  const range = CORRELATIONS.includes(name) ? CORRELATION : SHARE;
  const method: IntervalMethod = rate ? 'score interval' : 'infinitesimal jackknife';
  return [
    name,
    direction,
    'labels',
    method,
    source,
    (rows) => labelMetric(rows, name),
    aliases,
    { rate, ...range },
  ];
}

export const BINARY: Entry[] = [
  label('accuracy', 'higher', 'accuracy_score', [], { hit: 'correct' }),
  label('zero_one_loss', 'lower', 'zero_one_loss', ['error_rate'], { hit: 'wrong' }),
  label('balanced_accuracy', 'higher', 'balanced_accuracy_score'),
  label('precision', 'higher', 'precision_score', ['positive_predictive_value']),
  label('recall', 'higher', 'recall_score', ['true_positive_rate', 'sensitivity'], {
    truth: 1,
    hit: 'correct',
  }),
  label('f1', 'higher', 'f1_score'),
  label('jaccard', 'higher', 'jaccard_score'),
  label('matthews_corrcoef', 'higher', 'matthews_corrcoef', ['mcc']),
  label('cohen_kappa', 'higher', 'cohen_kappa_score'),
  label('true_negative_rate', 'higher', 'recall_score(pos_label=0)', ['specificity'], {
    truth: 0,
    hit: 'correct',
  }),
  label('false_positive_rate', 'lower', '1 − recall_score(pos_label=0)', [], { truth: 0, hit: 'wrong' }),
  label('false_negative_rate', 'lower', '1 − recall_score', [], { truth: 1, hit: 'wrong' }),
  label('negative_predictive_value', 'higher', 'precision_score(pos_label=0)'),
  label('false_discovery_rate', 'lower', '1 − precision_score'),
  label('false_omission_rate', 'lower', '1 − precision_score(pos_label=0)'),
  ['roc_auc', 'higher', 'scores', 'DeLong', 'roc_auc_score', rocAuc, [], SHARE],
  [
    'average_precision',
    'higher',
    'scores',
    '20-group jackknife',
    'average_precision_score',
    averagePrecision,
    [],
    AT_MOST_ONE,
  ],
  ['log_loss', 'lower', 'probabilities', 'paired mean', 'log_loss', logLoss, []],
  [
    'brier_score_loss',
    'lower',
    'probabilities',
    'paired mean',
    'brier_score_loss',
    brierScore,
    ['brier_score', 'brier'],
  ],
  [
    'expected_calibration_error',
    'lower',
    'probabilities',
    'none',
    'Naeini et al. 2015, over the ten bins of calibration_curve; it is biased upwards near 0, so it has no interval',
    expectedCalibrationError,
    ['ece'],
  ],
];
