/** Over all thresholds of the scores, that at which a metric of labels is best: one pass over the sorted scores. */
import { type ConfusionCounts, type LabelMetric, valueOfCounts } from './confusion.ts';
import type { Direction } from './metric-definition.ts';
import { classWeights } from './ranking.ts';
import type { Rows } from './rows.ts';
import { rankRows } from './score-order.ts';

export interface BestThreshold {
  /** A score that occurs; rows of at least this count as predicted positive. */
  threshold: number;
  value: number;
}

/**
 * @param near of several thresholds that are equally good the one nearest to this.
 * @returns undefined where the metric has no value at any threshold.
 */
export function bestThreshold(
  rows: Rows,
  metric: LabelMetric,
  direction: Direction,
  near: number,
): BestThreshold | undefined {
  const classes = classWeights(rows);
  if ('why' in classes) return undefined;
  const { order, positive, endsTie, weight } = rankRows(rows);
  const sign = direction === 'higher' ? 1 : -1;
  let [truePositives, falsePositives] = [0, 0];
  let best: BestThreshold | undefined;
  // One array for all thresholds: there may be as many of them as rows.
  const counts: ConfusionCounts = [0, 0, 0, 0];
  for (let position = order.length - 1; position >= 0; position--) {
    const own = weight ? weight[position]! : 1;
    if (positive[position] === 1) truePositives += own;
    else falsePositives += own;
    if (position > 0 && endsTie[position - 1] === 0) continue;
    counts[0] = truePositives;
    counts[1] = falsePositives;
    counts[2] = Math.max(0, classes.positive - truePositives);
    counts[3] = Math.max(0, classes.negative - falsePositives);
    const value = valueOfCounts(metric, counts);
    if (value === undefined) continue;
    const gain = best === undefined ? 1 : sign * (value - best.value);
    if (gain < 0) continue;
    const threshold = rows.score![order[position]!]!;
    const isNearer = best !== undefined && Math.abs(threshold - near) < Math.abs(best.threshold - near);
    if (gain > 0 || isNearer) best = { threshold, value };
  }
  return best;
}
