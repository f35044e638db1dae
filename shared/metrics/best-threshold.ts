/** Over all thresholds of the scores, that at which a metric of labels is best: one pass over the sorted scores. */
import { type ConfusionCounts, type LabelMetric, ofCounts } from './confusion.ts';
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
  for (let position = order.length - 1; position >= 0; position--) {
    const own = weight ? weight[position]! : 1;
    if (positive[position] === 1) truePositives += own;
    else falsePositives += own;
    if (position > 0 && endsTie[position - 1] === 0) continue;
    const counts: ConfusionCounts = [
      truePositives,
      falsePositives,
      Math.max(0, classes.positive - truePositives),
      Math.max(0, classes.negative - falsePositives),
    ];
    const found = ofCounts(metric, counts);
    if ('why' in found) continue;
    const threshold = rows.score![order[position]!]!;
    const gain = best === undefined ? 1 : sign * (found.value - best.value);
    const isNearer = best !== undefined && Math.abs(threshold - near) < Math.abs(best.threshold - near);
    if (gain > 0 || (gain === 0 && isNearer)) best = { threshold, value: found.value };
  }
  return best;
}
