/** Binary metrics of labels: all are functions of the weighted counts of the confusion matrix. */
import { type MetricValue, noValue, type Rows } from './rows.ts';

/** Weighted true positives, false positives, false negatives, true negatives. */
export type ConfusionCounts = [number, number, number, number];

/** A metric that is one linear form of the counts divided by another. */
interface Ratio {
  numerator: ConfusionCounts;
  denominator: ConfusionCounts;
  /** Said when the denominator is zero. */
  empty: string;
}

const NO_POSITIVE = 'only one class: no row is positive';
const NO_NEGATIVE = 'only one class: no row is negative';

export const RATIOS = {
  accuracy: { numerator: [1, 0, 0, 1], denominator: [1, 1, 1, 1], empty: 'there is no row with weight' },
  precision: { numerator: [1, 0, 0, 0], denominator: [1, 1, 0, 0], empty: 'no row is predicted positive' },
  recall: { numerator: [1, 0, 0, 0], denominator: [1, 0, 1, 0], empty: NO_POSITIVE },
  f1: {
    numerator: [2, 0, 0, 0],
    denominator: [2, 1, 1, 0],
    empty: 'no row is positive and none is predicted positive',
  },
  jaccard: {
    numerator: [1, 0, 0, 0],
    denominator: [1, 1, 1, 0],
    empty: 'no row is positive and none is predicted positive',
  },
  true_negative_rate: { numerator: [0, 0, 0, 1], denominator: [0, 1, 0, 1], empty: NO_NEGATIVE },
  false_positive_rate: { numerator: [0, 1, 0, 0], denominator: [0, 1, 0, 1], empty: NO_NEGATIVE },
  false_negative_rate: { numerator: [0, 0, 1, 0], denominator: [1, 0, 1, 0], empty: NO_POSITIVE },
} satisfies Record<string, Ratio>;

/** The place in ConfusionCounts of a row. */
function cellOf(truth: number, predicted: number): number {
  if (truth === 1) return predicted === 1 ? 0 : 2;
  return predicted === 1 ? 1 : 3;
}

/** The weighted confusion matrix. `rows.predicted` must be there. */
export function confusionCounts(rows: Rows): ConfusionCounts {
  const counts: ConfusionCounts = [0, 0, 0, 0];
  const predicted = rows.predicted!;
  for (let row = 0; row < rows.truth.length; row++) {
    counts[cellOf(rows.truth[row]!, predicted[row]!)]! += rows.weight ? rows.weight[row]! : 1;
  }
  return counts;
}

/** The value with the influence of each row: its weight times the gradient at its cell (Efron's infinitesimal jackknife). */
function fromGradient(rows: Rows, value: number, gradient: ConfusionCounts): MetricValue {
  return {
    value,
    spread: {
      kind: 'influence',
      influence: () => {
        const predicted = rows.predicted!;
        return rows.truth.map((truth, row) => {
          const weight = rows.weight ? rows.weight[row]! : 1;
          return weight * gradient[cellOf(truth, predicted[row]!)]!;
        });
      },
    },
  };
}

const product = (form: ConfusionCounts, counts: ConfusionCounts): number =>
  form[0] * counts[0] + form[1] * counts[1] + form[2] * counts[2] + form[3] * counts[3];

const map = (counts: ConfusionCounts, change: (value: number, index: number) => number): ConfusionCounts =>
  counts.map(change) as ConfusionCounts;

function ratioWithGradient(
  ratio: Ratio,
  counts: ConfusionCounts,
): { value: number; gradient: ConfusionCounts } | undefined {
  const denominator = product(ratio.denominator, counts);
  if (!(denominator > 0)) return undefined;
  const value = product(ratio.numerator, counts) / denominator;
  return {
    value,
    gradient: map(ratio.numerator, (part, index) => (part - value * ratio.denominator[index]!) / denominator),
  };
}

/** One of RATIOS, as scikit-learn computes it. */
export function ratioMetric(rows: Rows, name: keyof typeof RATIOS): MetricValue {
  const ratio: Ratio = RATIOS[name];
  const found = ratioWithGradient(ratio, confusionCounts(rows));
  return found ? fromGradient(rows, found.value, found.gradient) : noValue(ratio.empty);
}

/** The mean of recall and true-negative rate (`balanced_accuracy_score`). */
export function balancedAccuracy(rows: Rows): MetricValue {
  const counts = confusionCounts(rows);
  const recall = ratioWithGradient(RATIOS.recall as Ratio, counts);
  const negative = ratioWithGradient(RATIOS.true_negative_rate as Ratio, counts);
  if (!recall) return noValue(NO_POSITIVE);
  if (!negative) return noValue(NO_NEGATIVE);
  return fromGradient(
    rows,
    (recall.value + negative.value) / 2,
    map(recall.gradient, (part, index) => (part + negative.gradient[index]!) / 2),
  );
}

/** The correlation of truth and prediction (`matthews_corrcoef`). */
export function matthewsCorrelation(rows: Rows): MetricValue {
  const counts = confusionCounts(rows);
  const [tp, fp, fn, tn] = counts;
  const margins = { positive: tp + fn, negative: fp + tn, predicted: tp + fp, rejected: fn + tn };
  if (!(margins.positive > 0)) return noValue(NO_POSITIVE);
  if (!(margins.negative > 0)) return noValue(NO_NEGATIVE);
  if (!(margins.predicted > 0)) return noValue('no row is predicted positive');
  if (!(margins.rejected > 0)) return noValue('no row is predicted negative');
  const scale =
    Math.sqrt(margins.positive) *
    Math.sqrt(margins.negative) *
    Math.sqrt(margins.predicted) *
    Math.sqrt(margins.rejected);
  const value = (tp * tn - fp * fn) / scale;
  const slope = (margin: number, other: number): number => (-value / 2) * (1 / margin + 1 / other);
  return fromGradient(rows, value, [
    tn / scale + slope(margins.positive, margins.predicted),
    -fn / scale + slope(margins.negative, margins.predicted),
    -fp / scale + slope(margins.positive, margins.rejected),
    tp / scale + slope(margins.negative, margins.rejected),
  ]);
}
