/** The metrics of any number of labels per row. */
import { AVERAGES, averagedRatio, type ClassRatio } from './class-averages.ts';
import { countLabels } from './class-counts.ts';
import { averagedScore, type LabelScoreMetric } from './label-scores.ts';
import { AT_MOST_ONE, type Entry, SHARE } from './metric-definition.ts';
import { exactMatches, hammingLoss, samplesRatio, subsetAccuracy } from './multilabel.ts';
import { ROWS_PER_CLASS, ROWS_PER_WEIGHTED_CLASS } from './sufficiency.ts';

const LEAST = {
  macro: { leastPerClass: ROWS_PER_CLASS },
  micro: {},
  weighted: { leastPerClass: ROWS_PER_WEIGHTED_CLASS },
};

const averaged = (name: ClassRatio): Entry[] => [
  ...AVERAGES.map(
    (average): Entry => [
      `${name}_${average}`,
      'higher',
      'labels',
      'infinitesimal jackknife',
      `${name}_score(average="${average}", zero_division=0)`,
      (rows) => averagedRatio(rows, countLabels(rows), name, average),
      [],
      { ...LEAST[average], ...SHARE },
    ],
  ),
  [
    `${name}_samples`,
    'higher',
    'labels',
    'paired mean',
    `${name}_score(average="samples", zero_division=0)`,
    (rows) => samplesRatio(rows, name),
    [],
    SHARE,
  ],
];

/** Without an average in the name it is scikit-learn's default, the mean over labels. */
const scored = (name: LabelScoreMetric): Entry[] =>
  AVERAGES.map((average) => [
    `${name}_${average}`,
    'higher',
    'scores',
    name === 'roc_auc' ? 'DeLong' : '20-group jackknife',
    `${name}_score(average="${average}")`,
    (rows) => averagedScore(rows, name, average),
    average === 'macro' ? [name] : [],
    { ...LEAST[average], ...(name === 'roc_auc' ? SHARE : AT_MOST_ONE) },
  ]);

export const MULTILABEL: Entry[] = [
  [
    'accuracy',
    'higher',
    'labels',
    'score interval',
    'accuracy_score: all labels of the row are met',
    subsetAccuracy,
    ['subset_accuracy'],
    { rate: { hit: 'correct' }, ...SHARE, prepare: exactMatches },
  ],
  ['hamming_loss', 'lower', 'labels', 'paired mean', 'hamming_loss', hammingLoss, [], SHARE],
  ...averaged('precision'),
  ...averaged('recall'),
  ...averaged('f1'),
  ...averaged('jaccard'),
  ...scored('roc_auc'),
  ...scored('average_precision'),
];
