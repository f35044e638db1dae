/** Columns of numbers as at most 255 bins each, by which trees are grown: splits are only looked for between bins. */
import { randomGenerator } from './random.ts';
import { ascendingOrder } from './sort-order.ts';

/** More rows than this do not move the quantiles; a sample stands for them. */
const ROWS_FOR_THRESHOLDS = 200_000;
const QUANTILE_TOLERANCE = 1e-12;

export interface BinnedColumn {
  /** Ascending; a value lies in the first bin whose threshold is not below it. */
  thresholds: Float64Array;
  /** The bin of each row; missing values have the bin after the last, `thresholds.length + 1`. */
  bins: Uint8Array;
  hasMissing: boolean;
}

/**
 * Bins each column by its own distinct values, or by quantiles (averaged inverse of the weighted distribution
 * function) where there are more of them than bins: the thresholds of scikit-learn's HistGradientBoosting.
 * @param columns NaN is missing. @param most bins of values, 2 to 255.
 * @param seed chooses the rows that are looked at where there are more than 200,000.
 */
export function binColumns(
  columns: readonly Float64Array[],
  weights: Float64Array | undefined,
  most: number,
  seed: number,
): BinnedColumn[] {
  const random = randomGenerator(seed);
  return columns.map((values) => {
    const kept = chooseRows(values, weights, random);
    const thresholds = findThresholds(values, weights, kept, most);
    const bins = new Uint8Array(values.length);
    let hasMissing = false;
    for (let row = 0; row < values.length; row++) {
      const value = values[row]!;
      if (Number.isNaN(value)) {
        bins[row] = thresholds.length + 1;
        hasMissing = true;
      } else {
        bins[row] = binOf(value, thresholds);
      }
    }
    return { thresholds, bins, hasMissing };
  });
}

function binOf(value: number, thresholds: Float64Array): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (thresholds[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows with a value and a weight, at most about as many as the quantiles need. */
function chooseRows(values: Float64Array, weights: Float64Array | undefined, random: () => number): number[] {
  const share = ROWS_FOR_THRESHOLDS / values.length;
  const kept: number[] = [];
  for (let row = 0; row < values.length; row++) {
    if (share < 1 && random() >= share) continue;
    if (!Number.isNaN(values[row]!) && weights?.[row] !== 0) kept.push(row);
  }
  return kept;
}

function findThresholds(
  values: Float64Array,
  weights: Float64Array | undefined,
  kept: readonly number[],
  most: number,
): Float64Array {
  const order = ascendingOrder(Float64Array.from(kept, (row) => values[row]!));
  const distinct: number[] = [];
  /** Weight up to and with each distinct value. */
  const until: number[] = [];
  let total = 0;
  for (const at of order) {
    const row = kept[at]!;
    const value = values[row]!;
    total += weights ? weights[row]! : 1;
    if (distinct.length === 0 || value !== distinct.at(-1)) {
      distinct.push(value);
      until.push(total);
    } else {
      until[until.length - 1] = total;
    }
  }
  const thresholds =
    distinct.length <= most
      ? distinct.slice(1).map((value, index) => between(distinct[index]!, value))
      : quantiles(distinct, until, most);
  return Float64Array.from(new Set(thresholds.map((value) => Math.min(value, Number.MAX_VALUE))));
}

/** Halfway, or the lower one where there is no half: next to infinity, or between neighbours of the same rounding. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

function quantiles(distinct: readonly number[], until: readonly number[], most: number): number[] {
  const total = until.at(-1)!;
  const found: number[] = [];
  let at = 0;
  for (let part = 1; part < most; part++) {
    const wanted = (part / most) * total;
    const slack = QUANTILE_TOLERANCE * total;
    while (until[at]! < wanted - slack) at++;
    const meets = Math.abs(until[at]! - wanted) <= slack && at + 1 < distinct.length;
    found.push(meets ? between(distinct[at]!, distinct[at + 1]!) : distinct[at]!);
  }
  return found;
}
