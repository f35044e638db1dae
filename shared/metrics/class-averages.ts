/** Metrics of more than two classes, or of labels, from the counts per class, each with its derivatives. */
import { type ClassCounts, emptyGradient, fromGradient, type Gradient } from './class-counts.ts';
import { type MetricValue, noValue, type Rows } from './rows.ts';

export const AVERAGES = ['macro', 'micro', 'weighted'] as const;
export type Average = (typeof AVERAGES)[number];

/** factor·hit / (truth·a + predicted·b − hit·c) of one class. */
interface Ratio {
  factor: number;
  truth: 0 | 1;
  predicted: 0 | 1;
  hit: 0 | 1;
  /** Said where nothing at all is in the denominator. */
  empty: string;
}

const NOTHING = 'no row has a class or label, and none is predicted';

export const CLASS_RATIOS = {
  precision: {
    factor: 1,
    truth: 0,
    predicted: 1,
    hit: 0,
    empty: 'no row is predicted as any class or label',
  },
  recall: { factor: 1, truth: 1, predicted: 0, hit: 0, empty: 'no row has any class or label' },
  f1: { factor: 2, truth: 1, predicted: 1, hit: 0, empty: NOTHING },
  jaccard: { factor: 1, truth: 1, predicted: 1, hit: 1, empty: NOTHING },
} satisfies Record<string, Ratio>;
export type ClassRatio = keyof typeof CLASS_RATIOS;

interface Quotient {
  value: number;
  hit: number;
  truth: number;
  predicted: number;
}

/** 0 for 0/0 with derivative 0, as scikit-learn with zero_division=0: no weight of a row there can change it. */
function quotient(ratio: Ratio, hit: number, truth: number, predicted: number): Quotient {
  const below = ratio.truth * truth + ratio.predicted * predicted - ratio.hit * hit;
  if (!(below > 0)) return { value: 0, hit: 0, truth: 0, predicted: 0 };
  const value = (ratio.factor * hit) / below;
  return {
    value,
    hit: (ratio.factor + value * ratio.hit) / below,
    truth: (-value * ratio.truth) / below,
    predicted: (-value * ratio.predicted) / below,
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** {precision, recall, f1, jaccard}_{macro, micro, weighted}. */
export function averagedRatio(
  rows: Rows,
  counts: ClassCounts,
  name: ClassRatio,
  average: Average,
): MetricValue {
  const ratio: Ratio = CLASS_RATIOS[name];
  const all = { hit: sum(counts.hit), truth: sum(counts.truth), predicted: sum(counts.predicted) };
  if (!(counts.total > 0)) return noValue('there is no row with weight');
  if (!(ratio.truth * all.truth + ratio.predicted * all.predicted > 0)) return noValue(ratio.empty);
  if (average === 'micro') {
    const found = quotient(ratio, all.hit, all.truth, all.predicted);
    const gradient = emptyGradient(counts.hit.length);
    gradient.hit.fill(found.hit);
    gradient.truth.fill(found.truth);
    gradient.predicted.fill(found.predicted);
    return fromGradient(rows, found.value, gradient);
  }
  if (average === 'weighted' && !(all.truth > 0)) return noValue(CLASS_RATIOS.recall.empty);
  return overClasses(rows, counts, ratio, average);
}

function overClasses(
  rows: Rows,
  counts: ClassCounts,
  ratio: Ratio,
  average: 'macro' | 'weighted',
): MetricValue {
  const classes = counts.hit.length;
  const quotients = Array.from({ length: classes }, (_, index) =>
    quotient(ratio, counts.hit[index]!, counts.truth[index]!, counts.predicted[index]!),
  );
  const isWeighted = average === 'weighted';
  const shares = isWeighted ? counts.truth : Float64Array.from(counts.occurs, Number);
  const total = sum(shares);
  const value = quotients.reduce((mean, one, index) => mean + (shares[index]! * one.value) / total, 0);
  const gradient = emptyGradient(classes);
  quotients.forEach((one, index) => {
    const share = shares[index]! / total;
    gradient.hit[index] = share * one.hit;
    gradient.truth[index] = share * one.truth + (isWeighted ? (one.value - value) / total : 0);
    gradient.predicted[index] = share * one.predicted;
  });
  return fromGradient(rows, value, gradient);
}

const ONE_CLASS = 'only one class: all rows with weight are of it';

/** How many classes have rows with weight. */
const classesWithRows = (counts: ClassCounts): number =>
  counts.truth.reduce((classes, weight) => classes + (weight > 0 ? 1 : 0), 0);

/** Share of rows whose class is met (`accuracy_score`); the micro averages are the same number. */
export function classAccuracy(rows: Rows, counts: ClassCounts): MetricValue {
  if (!(counts.total > 0)) return noValue('there is no row with weight');
  const value = sum(counts.hit) / counts.total;
  const gradient = emptyGradient(counts.hit.length);
  gradient.hit.fill(1 / counts.total);
  gradient.each = -value / counts.total;
  return fromGradient(rows, value, gradient);
}

/** Mean recall of the classes that have rows (`balanced_accuracy_score`). */
export function classBalancedAccuracy(rows: Rows, counts: ClassCounts): MetricValue {
  const classes = classesWithRows(counts);
  if (classes < 2) return noValue(ONE_CLASS);
  const gradient = emptyGradient(counts.hit.length);
  let value = 0;
  counts.truth.forEach((truth, index) => {
    if (!(truth > 0)) return;
    const recall = counts.hit[index]! / truth;
    value += recall / classes;
    gradient.hit[index] = 1 / (truth * classes);
    gradient.truth[index] = -recall / (truth * classes);
  });
  return fromGradient(rows, value, gradient);
}

/** The derivatives of total·hits − Σ truth·predicted by any row, and of the sums of squares: shared by the two below. */
function agreement({ hit, truth, predicted, total }: ClassCounts) {
  const hits = sum(hit);
  let crossed = 0;
  let truthSquares = 0;
  let predictedSquares = 0;
  for (let index = 0; index < hit.length; index++) {
    crossed += truth[index]! * predicted[index]!;
    truthSquares += truth[index]! ** 2;
    predictedSquares += predicted[index]! ** 2;
  }
  return {
    hits,
    crossed,
    covariance: total * hits - crossed,
    truthVariance: total ** 2 - truthSquares,
    predictedVariance: total ** 2 - predictedSquares,
  };
}

/** The correlation of truth and prediction over all classes (`matthews_corrcoef`). */
export function classCorrelation(rows: Rows, counts: ClassCounts): MetricValue {
  const { hit, truth, predicted, total } = counts;
  if (classesWithRows(counts) < 2) return noValue(ONE_CLASS);
  if (predicted.filter((weight) => weight > 0).length < 2) return noValue('only one class is predicted');
  const { hits, covariance, truthVariance, predictedVariance } = agreement(counts);
  const scale = Math.sqrt(truthVariance) * Math.sqrt(predictedVariance);
  const value = covariance / scale;
  const gradient: Gradient = {
    hit: hit.map(() => total / scale),
    truth: truth.map((weight, index) => -predicted[index]! / scale + (value * weight) / truthVariance),
    predicted: predicted.map(
      (weight, index) => -truth[index]! / scale + (value * weight) / predictedVariance,
    ),
    each: hits / scale - value * total * (1 / truthVariance + 1 / predictedVariance),
  };
  return fromGradient(rows, value, gradient);
}

/** Agreement of truth and prediction beyond that of chance (`cohen_kappa_score`). */
export function classKappa(rows: Rows, counts: ClassCounts): MetricValue {
  const { hit, truth, predicted, total } = counts;
  if (!(total > 0)) return noValue('there is no row with weight');
  const { hits, crossed, covariance } = agreement(counts);
  const below = total ** 2 - crossed;
  const alone = truth.some((weight, index) => weight === total && predicted[index] === total);
  if (alone || !(below > 0)) return noValue('only one class, among the true and the predicted labels alike');
  const value = covariance / below;
  const slope = (value - 1) / below;
  return fromGradient(rows, value, {
    hit: hit.map(() => total / below),
    truth: predicted.map((weight) => slope * weight),
    predicted: truth.map((weight) => slope * weight),
    each: (hits - 2 * value * total) / below,
  });
}
