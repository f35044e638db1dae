/** Binary curves over all thresholds of the scores, thinned as they are walked: a million points are never held. */
import { classWeights } from './ranking.ts';
import type { Rows } from './rows.ts';
import { rankRows } from './score-order.ts';

type Point = [number, number];

/** Weights of positive and negative rows at or above a threshold. */
type Above = (positive: number, negative: number) => void;

/** From the highest threshold to the lowest but one: at the lowest all rows are above, which the curves end in. */
function eachThreshold(rows: Rows, above: Above): void {
  const { positive: isPositive, endsTie, weight } = rankRows(rows);
  let [positive, negative, ofTie] = [0, 0, 0];
  // A threshold at which no row has weight changes nothing, so one is told of when the next weight comes.
  let isThreshold = false;
  for (let position = isPositive.length - 1; position >= 0; position--) {
    const own = weight ? weight[position]! : 1;
    if (isThreshold && own > 0) {
      above(positive, negative);
      isThreshold = false;
    }
    if (isPositive[position] === 1) positive += own;
    else negative += own;
    ofTie += own;
    if (ofTie === 0 || (position > 0 && endsTie[position - 1] === 0)) continue;
    isThreshold = true;
    ofTie = 0;
  }
}

/** Keeps all of at most `limit` points; of more those nearest to equal steps of a distance, ends kept. */
function thinning(first: Point, last: Point, limit: number) {
  const all: Point[] = [first];
  const kept: Point[] = [first];
  let count = 2;
  return {
    /** @param distance from 0 to 1 along the curve. */
    add(x: number, y: number, distance: number): void {
      if (count++ < limit) all.push([x, y]);
      if (kept.length < limit - 1 && distance >= kept.length / (limit - 1)) kept.push([x, y]);
    },
    points: (): Point[] => [...(count <= limit ? all : kept), last],
  };
}

/** The ROC curve as [false-positive rate, true-positive rate], thinned to at most `limit` points, ends kept. */
export function rocCurve(rows: Rows, limit: number): Point[] {
  const classes = classWeights(rows);
  if ('why' in classes || !(classes.positive > 0 && classes.negative > 0)) return [];
  const curve = thinning([0, 0], [1, 1], limit);
  eachThreshold(rows, (positive, negative) => {
    const x = Math.min(1, negative / classes.negative);
    const y = Math.min(1, positive / classes.positive);
    curve.add(x, y, (x + y) / 2);
  });
  return curve.points();
}

/**
 * The curve of [recall, precision] from the highest threshold to the lowest, after the point [0, 1]
 * (`precision_recall_curve`), thinned to at most `limit` points at equal steps of recall, ends kept.
 */
export function precisionRecallCurve(rows: Rows, limit: number): Point[] {
  const classes = classWeights(rows);
  if ('why' in classes || !(classes.positive > 0)) return [];
  const share = classes.positive / (classes.positive + classes.negative);
  const curve = thinning([0, 1], [1, share], limit);
  eachThreshold(rows, (positive, negative) => {
    const recall = Math.min(1, positive / classes.positive);
    curve.add(recall, positive / (positive + negative), recall);
  });
  return curve.points();
}
