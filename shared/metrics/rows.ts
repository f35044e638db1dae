/**
 * metrics/: the metrics of models from their predictions, pure functions in scikit-learn's names and to its
 * numbers; one file per family and a catalogue of all. Where scikit-learn answers with NaN, a made-up 0 or a
 * warning, the answer here is `{ value: undefined, why }`.
 *
 * This file: what a metric is given and what it answers.
 */

/** The rows of one model. All arrays have one entry per row. */
export interface Rows {
  /** Binary: 1 positive, 0 negative. Regression: the true number. */
  truth: Float64Array;
  /** Binary: the predicted label, 1 or 0. Regression: the predicted number. */
  predicted?: Float64Array;
  /** Binary: the larger, the more likely positive; a probability where the metric says so. */
  score?: Float64Array;
  /** Sample weights, none negative. Undefined: all 1. */
  weight?: Float64Array;
  /** The cluster of each row, numbered from 0. Undefined: rows are independent. */
  clusters?: Clusters;
}

export interface Clusters {
  of: Int32Array;
  count: number;
}

/** How a value would change from one draw of rows to the next. */
export type Spread =
  /** One number per row that sums to about zero; the sum of squares is the variance (see stats/paired-intervals). */
  | { kind: 'influence'; influence(): Float64Array }
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

/** Number of rows whose value is not finite. */
export function countNotFinite(values: Float64Array): number {
  let count = 0;
  for (const value of values) if (!Number.isFinite(value)) count++;
  return count;
}

/** One number per row. Several times faster than `Float64Array.from({ length }, …)`, which iterates. */
export function tabulate(count: number, compute: (row: number) => number): Float64Array {
  const values = new Float64Array(count);
  for (let row = 0; row < count; row++) values[row] = compute(row);
  return values;
}

/** The chosen rows of one model, in the order of `indices`; clusters are numbered anew. */
export function selectRows(rows: Rows, indices: Int32Array): Rows {
  const pick = (values: Float64Array | undefined): Float64Array | undefined =>
    values && tabulate(indices.length, (at) => values[indices[at]!]!);
  return {
    truth: pick(rows.truth)!,
    predicted: pick(rows.predicted),
    score: pick(rows.score),
    weight: pick(rows.weight),
    clusters: rows.clusters && numberClusters(Array.from(indices, (index) => rows.clusters!.of[index]!)),
  };
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
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const weight = rows.weight ? rows.weight[row]! : 1;
    if (weight !== 0) sum += weight * loss(row);
  }
  const mean = sum / total;
  return {
    value: mean,
    spread: {
      kind: 'influence',
      influence: () => {
        const scale = Math.sqrt(count / Math.max(1, count - 1)) / total;
        return tabulate(count, (row) => {
          const weight = rows.weight ? rows.weight[row]! : 1;
          return weight === 0 ? 0 : scale * weight * (loss(row) - mean);
        });
      },
    },
  };
}
