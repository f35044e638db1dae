/** Metrics of predicted numbers. */

import { ascendingOrder } from '../stats/sort-order.ts';
import { counted } from './counted.ts';
import {
  countNotFinite,
  type MetricValue,
  meanOfLoss,
  NO_SPREAD,
  noValue,
  type Rows,
  tabulate,
  totalWeight,
} from './rows.ts';

/** A truth nearer to 0 than this, the machine epsilon, is 0 to a percentage (scikit-learn divides by this instead). */
const EPSILON = 2 ** -52;

/** Why numbers cannot be compared; undefined where they can. */
export function whyNotFinite(rows: Rows): string | undefined {
  const predicted = countNotFinite(rows.predicted!);
  if (predicted > 0) return `y_pred is not a finite number in ${counted(predicted, 'row')}`;
  const truth = countNotFinite(rows.truth);
  return truth > 0 ? `y_true is not a finite number in ${counted(truth, 'row')}` : undefined;
}

/** The mean of a loss of (truth, prediction), after the checks that all regression metrics share. */
function meanLoss(rows: Rows, loss: (truth: number, predicted: number) => number): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  return meanOfLoss(rows, (row) => loss(rows.truth[row]!, rows.predicted![row]!));
}

/** Number of rows for which the condition holds. */
function countWhere(rows: Rows, condition: (truth: number, predicted: number) => boolean): number {
  let count = 0;
  for (let row = 0; row < rows.truth.length; row++) {
    if (condition(rows.truth[row]!, rows.predicted![row]!)) count++;
  }
  return count;
}

/** The root of a mean, with its influences by the delta method. */
function rootOf(mean: MetricValue): MetricValue {
  if (mean.value === undefined) return mean;
  const value = Math.sqrt(mean.value);
  const { spread } = mean;
  if (spread.kind !== 'influence') return { value, spread };
  const slope = value === 0 ? 0 : 1 / (2 * value);
  return {
    value,
    spread: { kind: 'influence', influence: () => spread.influence().map((part) => part * slope) },
  };
}

export const meanAbsoluteError = (rows: Rows): MetricValue => meanLoss(rows, (y, p) => Math.abs(y - p));
export const meanSquaredError = (rows: Rows): MetricValue => meanLoss(rows, (y, p) => (y - p) ** 2);
export const rootMeanSquaredError = (rows: Rows): MetricValue => rootOf(meanSquaredError(rows));

/** Mean squared difference of ln(1 + value). */
export function meanSquaredLogError(rows: Rows): MetricValue {
  const bad = countWhere(rows, (y, p) => y <= -1 || p <= -1);
  if (bad > 0) return noValue(`the logarithm of 1 + value does not exist in ${counted(bad, 'row')}`);
  return meanLoss(rows, (y, p) => (Math.log1p(y) - Math.log1p(p)) ** 2);
}
export const rootMeanSquaredLogError = (rows: Rows): MetricValue => rootOf(meanSquaredLogError(rows));

/** Mean of |error| / |truth|. */
export function meanAbsolutePercentageError(rows: Rows): MetricValue {
  const zeros = countWhere(rows, (y) => Math.abs(y) < EPSILON);
  if (zeros > 0)
    return noValue(`y_true is 0 in ${counted(zeros, 'row')}, and a percentage of 0 has no meaning`);
  return meanLoss(rows, (y, p) => Math.abs(y - p) / Math.abs(y));
}

/** Mean of 2 (y ln(y/p) − y + p). */
export function meanPoissonDeviance(rows: Rows): MetricValue {
  const bad = countWhere(rows, (y, p) => y < 0 || p <= 0);
  if (bad > 0)
    return noValue(`the Poisson deviance needs y_true ≥ 0 and y_pred > 0, unlike ${counted(bad, 'row')}`);
  return meanLoss(rows, (y, p) => 2 * ((y === 0 ? 0 : y * Math.log(y / p)) - y + p));
}

/** Mean of 2 (ln(p/y) + y/p − 1). */
export function meanGammaDeviance(rows: Rows): MetricValue {
  const bad = countWhere(rows, (y, p) => y <= 0 || p <= 0);
  if (bad > 0)
    return noValue(`the gamma deviance needs y_true > 0 and y_pred > 0, unlike ${counted(bad, 'row')}`);
  return meanLoss(rows, (y, p) => 2 * (Math.log(p / y) + y / p - 1));
}

/** 1 − (mean squared error about `errorMean`) / (variance of the truth), with influences by the delta method. */
function explained(rows: Rows, errorMean: (weightedMean: number) => number): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  const count = rows.truth.length;
  if (count < 2) return noValue('fewer than two rows');
  const total = totalWeight(rows);
  if (!(total > 0)) return noValue('all sample weights are 0');
  const weightOf = (row: number): number => (rows.weight ? rows.weight[row]! : 1);
  const errorOf = (row: number): number => rows.truth[row]! - rows.predicted![row]!;
  let truthSum = 0;
  let errorSum = 0;
  for (let row = 0; row < count; row++) {
    truthSum += weightOf(row) * rows.truth[row]!;
    errorSum += weightOf(row) * errorOf(row);
  }
  const centre = truthSum / total;
  const shift = errorMean(errorSum / total);
  let left = 0;
  let variance = 0;
  for (let row = 0; row < count; row++) {
    left += (weightOf(row) * (errorOf(row) - shift) ** 2) / total;
    variance += (weightOf(row) * (rows.truth[row]! - centre) ** 2) / total;
  }
  if (!(variance > 0) || isConstant(rows)) return noValue('y_true is the same in every row');
  const share = left / variance;
  return {
    value: 1 - share,
    spread: {
      kind: 'influence',
      influence: () => {
        const scale = Math.sqrt(count / (count - 1)) / (total * variance);
        return tabulate(
          count,
          (row) =>
            -scale * weightOf(row) * ((errorOf(row) - shift) ** 2 - share * (rows.truth[row]! - centre) ** 2),
        );
      },
    },
  };
}

/** True where all rows with weight have one truth; a variance by rounding alone is none. */
function isConstant(rows: Rows): boolean {
  const counted = rows.truth.filter((_, row) => !rows.weight || rows.weight[row]! > 0);
  return counted.every((truth) => truth === counted[0]);
}

/** Coefficient of determination. */
export const r2 = (rows: Rows): MetricValue => explained(rows, () => 0);
/** As r2, but a constant bias is forgiven. */
export const explainedVariance = (rows: Rows): MetricValue => explained(rows, (mean) => mean);

/** The largest |error|; it has no interval, since it speaks of one row. */
export function maxError(rows: Rows): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  if (rows.truth.length === 0) return noValue('there is no row');
  let largest = 0;
  for (let row = 0; row < rows.truth.length; row++) {
    largest = Math.max(largest, Math.abs(rows.truth[row]! - rows.predicted![row]!));
  }
  return { value: largest, spread: NO_SPREAD };
}

/**
 * The median of |error|; weighted: the point where half the weight lies on each side, averaged on a tie. A row's
 * influence is w(½ − [its error lies below]) / (f·W), with the density f at the median from the distance between two
 * quantiles beside it (Siddiqui 1960), which are as far apart as Hall & Sheather (1988) advise for intervals.
 */
export function medianAbsoluteError(rows: Rows): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  if (rows.truth.length === 0) return noValue('there is no row');
  const total = totalWeight(rows);
  if (!(total > 0)) return noValue('all sample weights are 0');
  const errors = tabulate(rows.truth.length, (row) => Math.abs(rows.truth[row]! - rows.predicted![row]!));
  const order = ascendingOrder(errors);
  const value = weightedQuantile(rows, errors, order, total / 2);
  return {
    value,
    spread: {
      kind: 'influence',
      influence: () => {
        const apart = quantileDistance(rows, total);
        const [low, high] = [0.5 - apart, 0.5 + apart].map((share) =>
          weightedQuantile(rows, errors, order, share * total),
        );
        const scale = (high! - low!) / (2 * apart) / total;
        return tabulate(errors.length, (row) => {
          const weight = rows.weight ? rows.weight[row]! : 1;
          return scale * weight * (errors[row]! < value ? -0.5 : errors[row]! > value ? 0.5 : 0);
        });
      },
    },
  };
}

/** Hall & Sheather's bandwidth at the median for intervals of 95 %, by the effective number of rows. */
function quantileDistance(rows: Rows, total: number): number {
  const squares = rows.weight ? rows.weight.reduce((sum, weight) => sum + weight * weight, 0) : total;
  const effective = (total * total) / squares;
  return Math.min(0.45, 0.9715 * effective ** (-1 / 3));
}

/** The value up to which this much weight lies, averaged with the next one where it is met exactly. */
function weightedQuantile(rows: Rows, values: Float64Array, order: Uint32Array, weight: number): number {
  const weightAt = (position: number): number => (rows.weight ? rows.weight[order[position]!]! : 1);
  let passed = 0;
  for (let position = 0; position < order.length; position++) {
    passed += weightAt(position);
    if (passed < weight || weightAt(position) === 0) continue;
    const value = values[order[position]!]!;
    if (passed - weight > 2 ** -52) return value;
    for (let next = position + 1; next < order.length; next++) {
      if (weightAt(next) > 0) return (value + values[order[next]!]!) / 2;
    }
    return value;
  }
  return values[order[order.length - 1]!]!;
}
