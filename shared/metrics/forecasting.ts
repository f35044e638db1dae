/** Metrics of forecasts that regression has not. */

import { counted } from './counted.ts';
import type { MetricParameters } from './metric-definition.ts';
import { whyNotFinite } from './regression.ts';
import { type MetricValue, meanOfLoss, noValue, type Rows, tabulate, totalWeight } from './rows.ts';

const errorOf = (rows: Rows, row: number): number => Math.abs(rows.truth[row]! - rows.predicted![row]!);
const weightOf = (rows: Rows, row: number): number => (rows.weight ? rows.weight[row]! : 1);

/** Mean of 2·|error| / (|truth| + |forecast|), from 0 to 2; a forecast of 0 that is met has no error. */
export function symmetricPercentageError(rows: Rows): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  return meanOfLoss(rows, (row) => {
    const size = Math.abs(rows.truth[row]!) + Math.abs(rows.predicted![row]!);
    return size === 0 ? 0 : (2 * errorOf(rows, row)) / size;
  });
}

/** Mean of |error| / the mean error in training of the forecast "as one season before" (Hyndman & Koehler 2006). */
export function scaledError(rows: Rows): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  const scale = rows.naiveError;
  if (!scale) return noValue('there are no rows of training to scale the error by');
  const unknown = scale.reduce((count, value) => count + (value > 0 && Number.isFinite(value) ? 0 : 1), 0);
  if (unknown > 0)
    return noValue(
      `in ${counted(unknown, 'row')} the series did not change in training, or has too few rows there`,
    );
  return meanOfLoss(rows, (row) => errorOf(rows, row) / scale[row]!);
}

/** Σ |error| / Σ |truth|, with influences by the delta method. */
export function weightedPercentageError(rows: Rows): MetricValue {
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  const count = rows.truth.length;
  if (count === 0) return noValue('there is no row');
  if (!(totalWeight(rows) > 0)) return noValue('all sample weights are 0');
  let errors = 0;
  let truths = 0;
  for (let row = 0; row < count; row++) {
    errors += weightOf(rows, row) * errorOf(rows, row);
    truths += weightOf(rows, row) * Math.abs(rows.truth[row]!);
  }
  if (!(truths > 0)) return noValue('y_true is 0 in every row, and a percentage of 0 has no meaning');
  const value = errors / truths;
  return {
    value,
    spread: {
      kind: 'influence',
      influence: () => {
        const scale = Math.sqrt(count / Math.max(1, count - 1)) / truths;
        return tabulate(
          count,
          (row) => scale * weightOf(rows, row) * (errorOf(rows, row) - value * Math.abs(rows.truth[row]!)),
        );
      },
    },
  };
}

/** Mean of quantile·error where the truth lies above, (quantile − 1)·error below (`mean_pinball_loss`). */
export function pinballLoss(rows: Rows, { quantile }: MetricParameters = {}): MetricValue {
  if (quantile === undefined) return noValue('quantile is not given');
  const why = whyNotFinite(rows);
  if (why) return noValue(why);
  return meanOfLoss(rows, (row) => {
    const above = rows.truth[row]! - rows.predicted![row]!;
    return above >= 0 ? quantile * above : (quantile - 1) * above;
  });
}
