/**
 * Weighted counts per class (multiclass) or label (multilabel). Every metric of labels here is a function of three
 * numbers per class, so that thousands of classes need no matrix; its influences follow from the derivative by each.
 */
import { type MetricValue, type Rows, tabulate, totalWeight } from './rows.ts';

export interface ClassCounts {
  /** Weight of the rows that are of the class and predicted as it. */
  hit: Float64Array;
  /** Weight of the rows that are of the class. */
  truth: Float64Array;
  /** Weight of the rows that are predicted as the class. */
  predicted: Float64Array;
  /** Classes that occur among the true or the predicted labels; of labels all. The mean over classes is over these. */
  occurs: boolean[];
  /** Weight of all rows. */
  total: number;
}

/** Derivatives by the counts; `each` is that by the weight of any row, whatever its classes. */
export interface Gradient {
  hit: Float64Array;
  truth: Float64Array;
  predicted: Float64Array;
  each: number;
}

export const emptyGradient = (classes: number): Gradient => ({
  hit: new Float64Array(classes),
  truth: new Float64Array(classes),
  predicted: new Float64Array(classes),
  each: 0,
});

const weightOf = (rows: Rows, row: number): number => (rows.weight ? rows.weight[row]! : 1);

/** Columns of predictions are never changed, so what was counted once for one metric is true for all. */
const counted = new WeakMap<Rows, ClassCounts>();

function once(rows: Rows, count: (rows: Rows) => ClassCounts): ClassCounts {
  const known = counted.get(rows) ?? count(rows);
  counted.set(rows, known);
  return known;
}

/** Of a multiclass task. */
export const countClasses = (rows: Rows): ClassCounts => once(rows, classCounts);

/** Of a multilabel task. */
export const countLabels = (rows: Rows): ClassCounts => once(rows, labelCounts);

function classCounts(rows: Rows): ClassCounts {
  const classes = rows.classes?.length ?? 0;
  const { hit, truth, predicted } = emptyGradient(classes);
  const occurs = new Array<boolean>(classes).fill(false);
  for (let row = 0; row < rows.truth.length; row++) {
    const own = rows.truth[row]!;
    const given = rows.predicted![row]!;
    const weight = weightOf(rows, row);
    occurs[own] = true;
    occurs[given] = true;
    truth[own]! += weight;
    predicted[given]! += weight;
    if (own === given) hit[own]! += weight;
  }
  return { hit, truth, predicted, occurs, total: totalWeight(rows) };
}

function labelCounts(rows: Rows): ClassCounts {
  const labels = rows.labels ?? [];
  const { hit, truth, predicted } = emptyGradient(labels.length);
  labels.forEach((label, index) => {
    for (let row = 0; row < rows.truth.length; row++) {
      const own = label.truth[row]!;
      const given = label.predicted![row]!;
      const weight = weightOf(rows, row);
      truth[index]! += weight * own;
      predicted[index]! += weight * given;
      hit[index]! += weight * own * given;
    }
  });
  return { hit, truth, predicted, occurs: labels.map(() => true), total: totalWeight(rows) };
}

/** The value with the influence of each row, its weight times the derivative (Efron's infinitesimal jackknife). */
export function fromGradient(rows: Rows, value: number, gradient: Gradient): MetricValue {
  const ofRow = rows.labels ? derivativeOfLabels(rows, gradient) : derivativeOfClasses(rows, gradient);
  return {
    value,
    spread: {
      kind: 'influence',
      influence: () =>
        tabulate(rows.truth.length, (row) => weightOf(rows, row) * (gradient.each + ofRow(row))),
    },
  };
}

function derivativeOfClasses(rows: Rows, { hit, truth, predicted }: Gradient): (row: number) => number {
  return (row) => {
    const own = rows.truth[row]!;
    const given = rows.predicted![row]!;
    return truth[own]! + predicted[given]! + (own === given ? hit[own]! : 0);
  };
}

function derivativeOfLabels(rows: Rows, { hit, truth, predicted }: Gradient): (row: number) => number {
  return (row) =>
    rows.labels!.reduce((sum, label, index) => {
      const own = label.truth[row]!;
      const given = label.predicted![row]!;
      return sum + truth[index]! * own + predicted[index]! * given + hit[index]! * own * given;
    }, 0);
}
