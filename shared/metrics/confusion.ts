/** Binary metrics of labels: all are functions of the weighted counts of the confusion matrix. */
import { type MetricValue, noValue, type Rows } from './rows.ts';

/** Weighted true positives, false positives, false negatives, true negatives. */
export type ConfusionCounts = [number, number, number, number];

/** A value with its derivative by each count, or why there is none. */
type Found = { value: number; gradient: ConfusionCounts } | { why: string };

/** A metric that is one linear form of the counts divided by another. */
interface Ratio {
  numerator: ConfusionCounts;
  denominator: ConfusionCounts;
  /** Said when the denominator is zero. */
  empty: string;
}

const NO_POSITIVE = 'only one class: no row is positive';
const NO_NEGATIVE = 'only one class: no row is negative';
const NONE_PREDICTED = 'no row is predicted positive';
const ALL_PREDICTED = 'no row is predicted negative';
const NO_WEIGHT = 'there is no row with weight';

const RATIOS = {
  accuracy: { numerator: [1, 0, 0, 1], denominator: [1, 1, 1, 1], empty: NO_WEIGHT },
  zero_one_loss: { numerator: [0, 1, 1, 0], denominator: [1, 1, 1, 1], empty: NO_WEIGHT },
  precision: { numerator: [1, 0, 0, 0], denominator: [1, 1, 0, 0], empty: NONE_PREDICTED },
  false_discovery_rate: { numerator: [0, 1, 0, 0], denominator: [1, 1, 0, 0], empty: NONE_PREDICTED },
  negative_predictive_value: { numerator: [0, 0, 0, 1], denominator: [0, 0, 1, 1], empty: ALL_PREDICTED },
  false_omission_rate: { numerator: [0, 0, 1, 0], denominator: [0, 0, 1, 1], empty: ALL_PREDICTED },
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

interface Counted {
  cells: Uint8Array;
  counts: ConfusionCounts;
}

const countedRows = new WeakMap<Rows, Counted>();

/** The cell of each row and their weights, found once for all the metrics that are made of them. */
function countCells(rows: Rows): Counted {
  const known = countedRows.get(rows);
  if (known) return known;
  const { truth, predicted, weight } = rows;
  const cells = new Uint8Array(truth.length);
  const weights = new Float64Array(4);
  for (let row = 0; row < cells.length; row++) {
    const cell = cellOf(truth[row]!, predicted![row]!);
    cells[row] = cell;
    weights[cell]! += weight ? weight[row]! : 1;
  }
  const counted: Counted = { cells, counts: [...weights] as ConfusionCounts };
  countedRows.set(rows, counted);
  return counted;
}

/** The weighted confusion matrix. `rows.predicted` must be there. */
export const confusionCounts = (rows: Rows): ConfusionCounts => countCells(rows).counts;

/** The value with the influence of each row: its weight times the gradient at its cell (Efron's infinitesimal jackknife). */
function fromGradient(rows: Rows, value: number, gradient: ConfusionCounts): MetricValue {
  const { cells } = countCells(rows);
  const { weight } = rows;
  return {
    value,
    spread: {
      kind: 'influence',
      cells: weight ? undefined : { of: cells, influence: gradient },
      influence: () => {
        const influences = new Float64Array(cells.length);
        for (let row = 0; row < cells.length; row++) {
          influences[row] = (weight ? weight[row]! : 1) * gradient[cells[row]!]!;
        }
        return influences;
      },
    },
  };
}

const product = (form: ConfusionCounts, counts: ConfusionCounts): number =>
  form[0] * counts[0] + form[1] * counts[1] + form[2] * counts[2] + form[3] * counts[3];

const map = (counts: ConfusionCounts, change: (value: number, index: number) => number): ConfusionCounts =>
  counts.map(change) as ConfusionCounts;

function ratio({ numerator, denominator, empty }: Ratio, counts: ConfusionCounts): Found {
  const below = product(denominator, counts);
  if (!(below > 0)) return { why: empty };
  const value = product(numerator, counts) / below;
  const slope = (cell: 0 | 1 | 2 | 3): number => (numerator[cell] - value * denominator[cell]) / below;
  return { value, gradient: [slope(0), slope(1), slope(2), slope(3)] };
}

/** The mean of recall and true-negative rate (`balanced_accuracy_score`). */
function balancedAccuracy(counts: ConfusionCounts): Found {
  const recall = ratio(RATIOS.recall as Ratio, counts);
  const negative = ratio(RATIOS.true_negative_rate as Ratio, counts);
  if ('why' in recall) return recall;
  if ('why' in negative) return negative;
  return {
    value: (recall.value + negative.value) / 2,
    gradient: map(recall.gradient, (part, cell) => (part + negative.gradient[cell]!) / 2),
  };
}

/** The correlation of truth and prediction (`matthews_corrcoef`). */
function matthewsCorrelation(counts: ConfusionCounts): Found {
  const [tp, fp, fn, tn] = counts;
  const margins = { positive: tp + fn, negative: fp + tn, predicted: tp + fp, rejected: fn + tn };
  if (!(margins.positive > 0)) return { why: NO_POSITIVE };
  if (!(margins.negative > 0)) return { why: NO_NEGATIVE };
  if (!(margins.predicted > 0)) return { why: NONE_PREDICTED };
  if (!(margins.rejected > 0)) return { why: ALL_PREDICTED };
  const scale =
    Math.sqrt(margins.positive) *
    Math.sqrt(margins.negative) *
    Math.sqrt(margins.predicted) *
    Math.sqrt(margins.rejected);
  const value = (tp * tn - fp * fn) / scale;
  const slope = (margin: number, other: number): number => (-value / 2) * (1 / margin + 1 / other);
  return {
    value,
    gradient: [
      tn / scale + slope(margins.positive, margins.predicted),
      -fn / scale + slope(margins.negative, margins.predicted),
      -fp / scale + slope(margins.positive, margins.rejected),
      tp / scale + slope(margins.negative, margins.rejected),
    ],
  };
}

/** Agreement of truth and prediction beyond that of chance (`cohen_kappa_score`). */
function cohenKappa(counts: ConfusionCounts): Found {
  const [tp, fp, fn, tn] = counts;
  const [positive, negative, predicted, rejected] = [tp + fn, fp + tn, tp + fp, fn + tn];
  const below = predicted * negative + positive * rejected;
  if (!(positive + negative > 0)) return { why: NO_WEIGHT };
  if (!(below > 0)) return { why: 'only one class, among the true and the predicted labels alike' };
  const value = (2 * (tp * tn - fp * fn)) / below;
  const above: ConfusionCounts = [2 * tn, -2 * fn, -2 * fp, 2 * tp];
  const belows = [negative + rejected, negative + predicted, positive + rejected, positive + predicted];
  return { value, gradient: map(above, (part, cell) => (part - value * belows[cell]!) / below) };
}

export type LabelMetric = keyof typeof RATIOS | 'balanced_accuracy' | 'matthews_corrcoef' | 'cohen_kappa';

const OTHERS: Partial<Record<LabelMetric, (counts: ConfusionCounts) => Found>> = {
  balanced_accuracy: balancedAccuracy,
  matthews_corrcoef: matthewsCorrelation,
  cohen_kappa: cohenKappa,
};

/** Whether a metric of two classes is one of the counts. */
export const isLabelMetric = (name: string): name is LabelMetric =>
  Object.hasOwn(RATIOS, name) || Object.hasOwn(OTHERS, name);

/** A metric of labels from the counts alone. */
export function ofCounts(name: LabelMetric, counts: ConfusionCounts): Found {
  return OTHERS[name]?.(counts) ?? ratio(RATIOS[name as keyof typeof RATIOS], counts);
}

/** The value alone, without the gradient that `ofCounts` gives too; undefined where there is none. */
export function valueOfCounts(name: LabelMetric, counts: ConfusionCounts): number | undefined {
  const other = OTHERS[name]?.(counts);
  if (other) return 'why' in other ? undefined : other.value;
  const { numerator, denominator } = RATIOS[name as keyof typeof RATIOS];
  const whole = product(denominator, counts);
  return whole > 0 ? product(numerator, counts) / whole : undefined;
}

/** A metric of labels, as scikit-learn computes it. */
export function labelMetric(rows: Rows, name: LabelMetric): MetricValue {
  const found = ofCounts(name, confusionCounts(rows));
  return 'why' in found ? noValue(found.why) : fromGradient(rows, found.value, found.gradient);
}
