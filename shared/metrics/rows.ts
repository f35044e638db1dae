/**
 * metrics/: the metrics of models from their predictions, pure functions in scikit-learn's names and to its
 * numbers; one file per family and a catalogue of all. Where scikit-learn answers with NaN, a made-up 0 or a
 * warning, the answer here is `{ value: undefined, why }`.
 *
 * This file: what a metric is given and what it answers.
 */

/**
 * The rows of one model. All arrays have one entry per row, and none is changed once it is here: what is known of one
 * (its order, the counts of its cells) is kept and used again.
 */
export interface Rows {
  /**
   * Binary: 1 positive, 0 negative. Multiclass: the number of the class in `classes`. Regression, forecasting: the
   * true number. Ranking: the relevance. Multilabel: how many labels are true (the labels stand in `labels`).
   */
  truth: Float64Array;
  /** Binary: the predicted label, 1 or 0. Multiclass: the class's number. Regression: the predicted number. */
  predicted?: Float64Array;
  /**
   * Binary: the larger, the more likely positive; a probability where the metric says so. Ranking: the larger, the
   * earlier.
   */
  score?: Float64Array;
  /** Multiclass: the names of the classes, sorted as scikit-learn sorts labels. */
  classes?: readonly string[];
  /** Multiclass: per class one column of scores (probabilities where the metric says so). */
  classScores?: readonly Float64Array[];
  /** Multilabel: per label one column each of truth and prediction (1 or 0) and of scores. */
  labels?: readonly LabelColumns[];
  /** Ranking: the query of each row. Forecasting: its series. */
  groups?: Clusters;
  /** Forecasting: the mean absolute error in training of the forecast "as one season before", per row's series. */
  naiveError?: Float64Array;
  /** Sample weights, none negative. Undefined: all 1. */
  weight?: Float64Array;
  /** The cluster of each row, numbered from 0. Undefined: rows are independent. */
  clusters?: Clusters;
}

export interface LabelColumns {
  name: string;
  truth: Float64Array;
  predicted?: Float64Array;
  score?: Float64Array;
}

export interface Clusters {
  of: Int32Array;
  count: number;
}

/** Influences that take few values. */
export interface CellInfluences {
  /** The cell of each row. */
  of: Uint8Array;
  /** By cell. */
  influence: readonly number[];
}

/** How a value would change from one draw of rows to the next. */
export type Spread =
  /** One number per row that sums to about zero; the sum of squares is the variance (see stats/paired-intervals). */
  | {
      kind: 'influence';
      influence(): Float64Array;
      /** Where the influence of a row is that of its cell: counting cells is then all there is to do. */
      cells?: CellInfluences;
      /** Of a ranking: the metric of each query. */
      perQuery?: Float64Array;
    }
  /** The metric without each group of rows in turn. */
  | { kind: 'replicates'; without(groups: Uint8Array, count: number): Float64Array }
  | { kind: 'unknown' };

export type MetricValue = { value: number; spread: Spread } | { value: undefined; why: string };

/** No number, and why. */
export const noValue = (why: string): MetricValue => ({ value: undefined, why });

export const NO_SPREAD: Spread = { kind: 'unknown' };

/** Sum of the weights, or the number of rows. */
export function totalWeight(rows: Rows): number {
  return rows.weight ? rows.weight.reduce((sum, weight) => sum + weight, 0) : rows.truth.length;
}

/** Columns of predictions are never changed, so what is known of one stays true. */
const notFinite = new WeakMap<Float64Array, number>();

/** Number of rows whose value is not finite; of each column found once. */
export function countNotFinite(values: Float64Array): number {
  const known = notFinite.get(values);
  if (known !== undefined) return known;
  let count = 0;
  // Over a million rows an index takes a fifth of the time of an iterator.
  for (let row = 0; row < values.length; row++) if (!Number.isFinite(values[row]!)) count++;
  notFinite.set(values, count);
  return count;
}

/** One number per row. Several times faster than `Float64Array.from({ length }, …)`, which iterates. */
export function tabulate(count: number, compute: (row: number) => number): Float64Array {
  const values = new Float64Array(count);
  for (let row = 0; row < count; row++) values[row] = compute(row);
  return values;
}

/**
 * The chosen rows of one model, in the order of `indices`; clusters are numbered anew.
 * @param picked what was chosen of columns before: models on the same rows share their truth.
 */
export function selectRows(
  rows: Rows,
  indices: Int32Array,
  picked = new Map<Float64Array, Float64Array>(),
): Rows {
  const pick = (values: Float64Array | undefined): Float64Array | undefined => {
    if (!values) return undefined;
    const chosen = picked.get(values) ?? pickValues(values, indices);
    picked.set(values, chosen);
    return chosen;
  };
  const regroup = (groups: Clusters | undefined): Clusters | undefined => groups && renumber(groups, indices);
  return {
    truth: pick(rows.truth)!,
    predicted: pick(rows.predicted),
    score: pick(rows.score),
    classes: rows.classes,
    classScores: rows.classScores?.map((column) => pick(column)!),
    labels: rows.labels?.map((label) => ({
      name: label.name,
      truth: pick(label.truth)!,
      predicted: pick(label.predicted),
      score: pick(label.score),
    })),
    groups: regroup(rows.groups),
    naiveError: pick(rows.naiveError),
    weight: pick(rows.weight),
    clusters: regroup(rows.clusters),
  };
}

function pickValues(values: Float64Array, indices: Int32Array): Float64Array {
  const picked = new Float64Array(indices.length);
  for (let at = 0; at < indices.length; at++) picked[at] = values[indices[at]!]!;
  return picked;
}

function renumber(groups: Clusters, indices: Int32Array): Clusters {
  const numbers = new Int32Array(groups.count).fill(-1);
  const of = new Int32Array(indices.length);
  let count = 0;
  for (let at = 0; at < indices.length; at++) {
    const group = groups.of[indices[at]!]!;
    if (numbers[group] === -1) numbers[group] = count++;
    of[at] = numbers[group]!;
  }
  return { of, count };
}

/** Numbers the distinct values from 0 in order of appearance. */
export function numberClusters(values: readonly unknown[]): Clusters {
  const numbers = new Map<unknown, number>();
  const of = new Int32Array(values.length);
  values.forEach((value, row) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    of[row] = number;
  });
  return { of, count: numbers.size };
}

/** The mean of a loss per row, weighted, with its influences: w(loss − mean)/W, scaled to the variance s²/n. */
export function meanOfLoss(rows: Rows, loss: (row: number) => number): MetricValue {
  const count = rows.truth.length;
  const total = totalWeight(rows);
  if (count === 0) return noValue('there is no row');
  if (!(total > 0)) return noValue('all sample weights are 0');
  // A row without weight may have no loss.
  const losses = tabulate(count, (row) => (rows.weight?.[row] === 0 ? 0 : loss(row)));
  let sum = 0;
  for (let row = 0; row < count; row++) sum += (rows.weight ? rows.weight[row]! : 1) * losses[row]!;
  const mean = sum / total;
  return {
    value: mean,
    spread: {
      kind: 'influence',
      influence: () => {
        const scale = Math.sqrt(count / Math.max(1, count - 1)) / total;
        const influences = new Float64Array(count);
        for (let row = 0; row < count; row++) {
          influences[row] = scale * (rows.weight ? rows.weight[row]! : 1) * (losses[row]! - mean);
        }
        return influences;
      },
    },
  };
}
