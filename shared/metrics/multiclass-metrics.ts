/** The metrics of more than two classes. */
import {
  AVERAGES,
  averagedRatio,
  type ClassRatio,
  classAccuracy,
  classBalancedAccuracy,
  classCorrelation,
  classKappa,
} from './class-averages.ts';
import { countClasses } from './class-counts.ts';
import {
  multiclassBrier,
  multiclassLogLoss,
  oneVersusOneAuc,
  oneVersusRestAuc,
  topKAccuracy,
  topKHits,
} from './class-scores.ts';
import { CORRELATION, type Entry, type IntervalMethod, SHARE } from './metric-definition.ts';
import type { MetricValue } from './rows.ts';
import { ROWS_PER_CLASS, ROWS_PER_WEIGHTED_CLASS } from './sufficiency.ts';

const EACH = { leastPerClass: ROWS_PER_CLASS, ...SHARE };
const LEAST = { macro: EACH, micro: SHARE, weighted: { ...EACH, leastPerClass: ROWS_PER_WEIGHTED_CLASS } };
const HITS = { rate: { hit: 'correct' }, ...SHARE } as const;

/** Per class the ratio, then the mean over classes; over all rows at once each is the accuracy. */
const averaged = (name: ClassRatio): Entry[] =>
  AVERAGES.map((average) => {
    // Of all rows together precision, recall and F1 are each the accuracy; jaccard is not.
    const isAccuracy = average === 'micro' && name !== 'jaccard';
    const method: IntervalMethod = isAccuracy ? 'score interval' : 'infinitesimal jackknife';
    return [
      `${name}_${average}`,
      'higher',
      'labels',
      method,
      `${name}_score(average="${average}", zero_division=0)`,
      (rows) => averagedRatio(rows, countClasses(rows), name, average),
      [],
      isAccuracy ? HITS : LEAST[average],
    ];
  });

/** 1 − a value, whose influences change their sign. */
function complement(found: MetricValue): MetricValue {
  if (found.value === undefined || found.spread.kind !== 'influence') return found;
  const { influence } = found.spread;
  return {
    value: 1 - found.value,
    spread: { kind: 'influence', influence: () => influence().map((part) => -part) },
  };
}

const area = (name: string, source: string, compute: Entry[5]): Entry => [
  name,
  'higher',
  'scores',
  'DeLong',
  `roc_auc_score(${source})`,
  compute,
  [],
  EACH,
];

export const MULTICLASS: Entry[] = [
  [
    'accuracy',
    'higher',
    'labels',
    'score interval',
    'accuracy_score',
    (rows) => classAccuracy(rows, countClasses(rows)),
    [],
    HITS,
  ],
  [
    'zero_one_loss',
    'lower',
    'labels',
    'score interval',
    'zero_one_loss',
    (rows) => complement(classAccuracy(rows, countClasses(rows))),
    ['error_rate'],
    { rate: { hit: 'wrong' }, ...SHARE },
  ],
  [
    'balanced_accuracy',
    'higher',
    'labels',
    'infinitesimal jackknife',
    'balanced_accuracy_score',
    (rows) => classBalancedAccuracy(rows, countClasses(rows)),
    [],
    EACH,
  ],
  [
    'matthews_corrcoef',
    'higher',
    'labels',
    'infinitesimal jackknife',
    'matthews_corrcoef',
    (rows) => classCorrelation(rows, countClasses(rows)),
    ['mcc'],
    CORRELATION,
  ],
  [
    'cohen_kappa',
    'higher',
    'labels',
    'infinitesimal jackknife',
    'cohen_kappa_score',
    (rows) => classKappa(rows, countClasses(rows)),
    [],
    CORRELATION,
  ],
  ...averaged('precision'),
  ...averaged('recall'),
  ...averaged('f1'),
  ...averaged('jaccard'),
  area('roc_auc_ovr', 'multi_class="ovr"', (rows) => oneVersusRestAuc(rows, 'macro')),
  area('roc_auc_ovr_weighted', 'multi_class="ovr", average="weighted"', (rows) =>
    oneVersusRestAuc(rows, 'weighted'),
  ),
  area('roc_auc_ovo', 'multi_class="ovo"', (rows) => oneVersusOneAuc(rows, 'macro')),
  area('roc_auc_ovo_weighted', 'multi_class="ovo", average="weighted"', (rows) =>
    oneVersusOneAuc(rows, 'weighted'),
  ),
  [
    'top_k_accuracy',
    'higher',
    'scores',
    'score interval',
    'top_k_accuracy_score; of equal scores the later class comes first',
    topKAccuracy,
    [],
    { ...HITS, parameters: ['k'], required: ['k'], prepare: topKHits },
  ],
  ['log_loss', 'lower', 'probabilities', 'paired mean', 'log_loss', multiclassLogLoss, []],
  [
    'brier_score_loss',
    'lower',
    'probabilities',
    'paired mean',
    'brier_score_loss: the sum over classes, halved for two',
    multiclassBrier,
    ['brier_score', 'brier'],
  ],
];
