/** Binary metrics of the order of scores: ROC AUC with DeLong's components, average precision, the ROC curve. */
import { ascendingOrder } from '../stats/sort-order.ts';
import { countNotFinite, type MetricValue, noValue, type Rows } from './rows.ts';

const ONE_CLASS = 'only one class';

/** Weights of positive and negative rows, or why there is no order to judge. */
function classWeights(rows: Rows): { positive: number; negative: number } | { why: string } {
  const bad = countNotFinite(rows.score!);
  if (bad > 0) return { why: `y_score is not a finite number in ${bad} rows` };
  const weights = { positive: 0, negative: 0 };
  for (let row = 0; row < rows.truth.length; row++) {
    weights[rows.truth[row] === 1 ? 'positive' : 'negative'] += rows.weight ? rows.weight[row]! : 1;
  }
  return weights;
}

/** Calls `each` for every run of equal scores, in ascending order, with the range of positions in `order`. */
function eachTie(score: Float64Array, order: Uint32Array, each: (from: number, to: number) => void): void {
  let from = 0;
  for (let position = 1; position <= order.length; position++) {
    if (position < order.length && score[order[position]!] === score[order[from]!]) continue;
    each(from, position);
    from = position;
  }
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
  const score = rows.score!;
  const weightOf = (row: number): number => (rows.weight ? rows.weight[row]! : 1);
  // Of each row the weighted share of the other class that it beats, ties half.
  const beaten = new Float64Array(score.length);
  const below = [0, 0];
  let area = 0;
  const order = ascendingOrder(score);
  eachTie(score, order, (from, to) => {
    const tied = [0, 0];
    for (let position = from; position < to; position++)
      tied[rows.truth[order[position]!]!]! += weightOf(order[position]!);
    const beatenNegatives = (below[0]! + tied[0]! / 2) / classes.negative;
    const beatingPositives = (classes.positive - below[1]! - tied[1]! / 2) / classes.positive;
    for (let position = from; position < to; position++) {
      const row = order[position]!;
      beaten[row] = rows.truth[row] === 1 ? beatenNegatives : beatingPositives;
    }
    area += tied[1]! * beatenNegatives;
    below[0]! += tied[0]!;
    below[1]! += tied[1]!;
  });
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
  const counts = [0, 0];
  for (const truth of rows.truth) counts[truth]!++;
  const scale = [classes.negative, classes.positive].map(
    (weight, label) => Math.sqrt(counts[label]! / Math.max(1, counts[label]! - 1)) / weight,
  );
  return beaten.map((share, row) => {
    const weight = rows.weight ? rows.weight[row]! : 1;
    return scale[rows.truth[row]!]! * weight * (share - value);
  });
}

/** Σ (recall step) · precision over descending thresholds, as `average_precision_score`; replicates by groups of rows. */
export function averagePrecision(rows: Rows): MetricValue {
  const classes = classWeights(rows);
  if ('why' in classes) return noValue(classes.why);
  if (!(classes.positive > 0)) return noValue(`${ONE_CLASS}: no row is positive`);
  const order = ascendingOrder(rows.score!);
  const inGroupZero = new Uint8Array(rows.truth.length);
  return {
    // All rows lie in group 0, so what is without group 1 is the whole.
    value: precisionWithout(rows, order, inGroupZero, 2)[1]!,
    spread: { kind: 'replicates', without: (groups, count) => precisionWithout(rows, order, groups, count) },
  };
}

/** The average precision without each group in turn, in one pass: sums of all rows less those of the group. */
function precisionWithout(rows: Rows, order: Uint32Array, groups: Uint8Array, count: number): Float64Array {
  const score = rows.score!;
  const result = new Float64Array(count);
  const all = { rows: 0, positives: 0, step: 0 };
  const ofGroup = {
    rows: new Float64Array(count),
    positives: new Float64Array(count),
    step: new Float64Array(count),
  };
  for (let position = order.length - 1; position >= 0; position--) {
    const row = order[position]!;
    const group = groups[row]!;
    const weight = rows.weight ? rows.weight[row]! : 1;
    all.rows += weight;
    ofGroup.rows[group]! += weight;
    if (rows.truth[row] === 1) {
      all.step += weight;
      ofGroup.step[group]! += weight;
    }
    const lastOfTie = position === 0 || score[order[position - 1]!] !== score[row];
    if (!lastOfTie || all.step === 0) continue;
    all.positives += all.step;
    for (let without = 0; without < count; without++) {
      const step = all.step - ofGroup.step[without]!;
      ofGroup.positives[without]! += ofGroup.step[without]!;
      ofGroup.step[without] = 0;
      if (step <= 0) continue;
      const positives = all.positives - ofGroup.positives[without]!;
      result[without]! += (step * positives) / (all.rows - ofGroup.rows[without]!);
    }
    all.step = 0;
  }
  return result.map((sum, without) => sum / (all.positives - ofGroup.positives[without]!));
}

/** The ROC curve as [false-positive rate, true-positive rate], thinned to at most `limit` points, ends kept. */
export function rocCurve(rows: Rows, limit: number): [number, number][] {
  const classes = classWeights(rows);
  if ('why' in classes || !(classes.positive > 0 && classes.negative > 0)) return [];
  const score = rows.score!;
  const points: [number, number][] = [[1, 1]];
  let negative = classes.negative;
  let positive = classes.positive;
  const order = ascendingOrder(score);
  eachTie(score, order, (from, to) => {
    for (let position = from; position < to; position++) {
      const row = order[position]!;
      const weight = rows.weight ? rows.weight[row]! : 1;
      if (rows.truth[row] === 1) positive -= weight;
      else negative -= weight;
    }
    points.push([Math.max(0, negative / classes.negative), Math.max(0, positive / classes.positive)]);
  });
  points[points.length - 1] = [0, 0];
  return thinned(points.reverse(), limit);
}

/** Keeps the points nearest to equal steps of the distance travelled along the curve. */
function thinned(points: [number, number][], limit: number): [number, number][] {
  if (points.length <= limit) return points;
  const kept: [number, number][] = [points[0]!];
  for (let index = 1; index < points.length - 1; index++) {
    const travelled = points[index]![0] + points[index]![1];
    if (travelled >= (2 * kept.length) / (limit - 1) && kept.length < limit - 1) kept.push(points[index]!);
  }
  kept.push(points[points.length - 1]!);
  return kept;
}
