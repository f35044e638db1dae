/** Binary metrics of the order of scores: ROC AUC with DeLong's components, average precision. */

import { counted } from './counted.ts';
import { countNotFinite, type MetricValue, noValue, type Rows } from './rows.ts';
import { type RankedRows, rankRows } from './score-order.ts';

const ONE_CLASS = 'only one class';

const weightsOfRows = new WeakMap<Rows, { positive: number; negative: number }>();

/** Weights of positive and negative rows, or why there is no order to judge. */
export function classWeights(rows: Rows): { positive: number; negative: number } | { why: string } {
  const bad = countNotFinite(rows.score!);
  if (bad > 0) return { why: `y_score is not a finite number in ${counted(bad, 'row')}` };
  const known = weightsOfRows.get(rows);
  if (known) return known;
  const { truth, weight } = rows;
  let positive = 0;
  let negative = 0;
  for (let row = 0; row < truth.length; row++) {
    if (truth[row] === 1) positive += weight ? weight[row]! : 1;
    else negative += weight ? weight[row]! : 1;
  }
  const weights = { positive, negative };
  weightsOfRows.set(rows, weights);
  return weights;
}

/**
 * Area under the ROC curve, ties counting half, with DeLong's structural components as influences by the midranks
 * of Sun & Xu (2014): n log n, and without weights exactly DeLong's variance.
 */
export function rocAuc(rows: Rows): MetricValue {
  const classes = classWeights(rows);
  if ('why' in classes) return noValue(classes.why);
  if (!(classes.positive > 0)) return noValue(`${ONE_CLASS}: no row is positive`);
  if (!(classes.negative > 0)) return noValue(`${ONE_CLASS}: no row is negative`);
  const { order, positive, endsTie, weight } = rankRows(rows);
  // Of each row the weighted share of the other class that it beats, ties half.
  const beaten = new Float64Array(order.length);
  let [negativeBelow, positiveBelow, area] = [0, 0, 0];
  for (let from = 0; from < order.length; ) {
    let tiedNegative = 0;
    let tiedPositive = 0;
    let to = from;
    do {
      const own = weight ? weight[to]! : 1;
      if (positive[to] === 1) tiedPositive += own;
      else tiedNegative += own;
    } while (endsTie[to++] === 0);
    const beatenNegatives = (negativeBelow + tiedNegative / 2) / classes.negative;
    const beatingPositives = (classes.positive - positiveBelow - tiedPositive / 2) / classes.positive;
    for (let position = from; position < to; position++) {
      beaten[order[position]!] = positive[position] === 1 ? beatenNegatives : beatingPositives;
    }
    area += tiedPositive * beatenNegatives;
    negativeBelow += tiedNegative;
    positiveBelow += tiedPositive;
    from = to;
  }
  const value = area / classes.positive;
  return {
    value,
    spread: { kind: 'influence', influence: () => delongInfluence(rows, beaten, value, classes) },
  };
}

function delongInfluence(
  rows: Rows,
  beaten: Float64Array,
  value: number,
  classes: { positive: number; negative: number },
): Float64Array {
  const { truth, weight } = rows;
  let positives = 0;
  for (let row = 0; row < truth.length; row++) positives += truth[row]!;
  const scale = (count: number, total: number): number => Math.sqrt(count / Math.max(1, count - 1)) / total;
  const ofNegative = scale(truth.length - positives, classes.negative);
  const ofPositive = scale(positives, classes.positive);
  const influences = new Float64Array(truth.length);
  for (let row = 0; row < truth.length; row++) {
    const factor = (truth[row] === 1 ? ofPositive : ofNegative) * (weight ? weight[row]! : 1);
    influences[row] = factor * (beaten[row]! - value);
  }
  return influences;
}

/** Σ (recall step) · precision over descending thresholds, as `average_precision_score`; replicates by groups of rows. */
export function averagePrecision(rows: Rows): MetricValue {
  const classes = classWeights(rows);
  if ('why' in classes) return noValue(classes.why);
  if (!(classes.positive > 0)) return noValue(`${ONE_CLASS}: no row is positive`);
  const ranked = rankRows(rows);
  return {
    value: precisionOfAll(ranked),
    spread: { kind: 'replicates', without: (groups, count) => precisionWithout(ranked, groups, count) },
  };
}

function precisionOfAll({ positive, endsTie, weight }: RankedRows): number {
  let [sum, rowsAbove, positivesAbove, tied] = [0, 0, 0, 0];
  for (let position = positive.length - 1; position >= 0; position--) {
    const own = weight ? weight[position]! : 1;
    rowsAbove += own;
    if (positive[position] === 1) tied += own;
    if (tied === 0 || (position > 0 && endsTie[position - 1] === 0)) continue;
    positivesAbove += tied;
    sum += (tied * positivesAbove) / rowsAbove;
    tied = 0;
  }
  return sum / positivesAbove;
}

/** The average precision without each group in turn, in one pass: sums of all rows less those of the group. */
function precisionWithout(ranked: RankedRows, groups: Uint8Array, count: number): Float64Array {
  const { order, positive, endsTie, weight } = ranked;
  const result = new Float64Array(count);
  // Weights at and above the position, of all rows and of each group: rows, positives, positives of this tie.
  let [rowsAbove, positivesAbove, tied] = [0, 0, 0];
  const rowsOf = new Float64Array(count);
  const positivesOf = new Float64Array(count);
  const tiedOf = new Float64Array(count);
  // The groups with a positive in this tie, mostly one.
  const inTie = new Uint8Array(count);
  const kept = new Float64Array(count);
  let countInTie = 0;
  for (let position = order.length - 1; position >= 0; position--) {
    const group = groups[order[position]!]!;
    const own = weight ? weight[position]! : 1;
    rowsAbove += own;
    rowsOf[group]! += own;
    if (positive[position] === 1 && own > 0) {
      if (tiedOf[group] === 0) inTie[countInTie++] = group;
      tied += own;
      tiedOf[group]! += own;
    }
    if (tied === 0 || (position > 0 && endsTie[position - 1] === 0)) continue;
    positivesAbove += tied;
    for (let at = 0; at < countInTie; at++) {
      const member = inTie[at]!;
      positivesOf[member]! += tiedOf[member]!;
      tiedOf[member] = tied - tiedOf[member]!;
      kept[at] = result[member]!;
    }
    for (let without = 0; without < count; without++) {
      result[without]! += (tied * (positivesAbove - positivesOf[without]!)) / (rowsAbove - rowsOf[without]!);
    }
    // Without a group that has a part in the tie the step is smaller, or none.
    for (let at = 0; at < countInTie; at++) {
      const member = inTie[at]!;
      const step = tiedOf[member]!;
      const above = positivesAbove - positivesOf[member]!;
      result[member] = kept[at]! + (step > 0 ? (step * above) / (rowsAbove - rowsOf[member]!) : 0);
      tiedOf[member] = 0;
    }
    countInTie = 0;
    tied = 0;
  }
  return result.map((sum, without) => sum / (positivesAbove - positivesOf[without]!));
}
