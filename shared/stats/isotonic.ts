/** Isotonic regression of labels on scores: a rising step function that says how likely each score is. */
import { ascendingOrder } from './sort-order.ts';

export interface Calibration {
  /** Ascending scores at which the function may rise, and the probability from there on. */
  scores: Float64Array;
  probabilities: Float64Array;
}

/**
 * Isotonic regression of labels (0 or 1) on scores by pooling adjacent violators; equal scores are one block.
 * @param weights none negative. Undefined: all 1. @param order of ascending scores, where it is known already.
 * @throws RangeError without a row of positive weight.
 */
export function fitCalibration(
  scores: Float64Array,
  labels: Float64Array,
  weights?: Float64Array,
  order: Uint32Array = ascendingOrder(scores),
): Calibration {
  const starts: number[] = [];
  const ends: number[] = [];
  const sums: number[] = [];
  const counts: number[] = [];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]!]!;
    let sum = 0;
    let count = 0;
    for (; at < order.length && scores[order[at]!]! === score; at++) {
      const weight = weights ? weights[order[at]!]! : 1;
      sum += weight * labels[order[at]!]!;
      count += weight;
    }
    if (!(count > 0)) continue;
    starts.push(score);
    ends.push(score);
    sums.push(sum);
    counts.push(count);
    while (sums.length > 1 && sums.at(-2)! / counts.at(-2)! >= sums.at(-1)! / counts.at(-1)!) {
      const lastSum = sums.pop()!;
      const lastCount = counts.pop()!;
      const lastEnd = ends.pop()!;
      starts.pop();
      sums[sums.length - 1]! += lastSum;
      counts[counts.length - 1]! += lastCount;
      ends[ends.length - 1] = lastEnd;
    }
  }
  if (sums.length === 0) throw new RangeError('calibration needs rows with weight');
  // Both ends of a block carry its probability; between blocks it is interpolated, as scikit-learn does.
  const knots = starts.flatMap((start, block) => {
    const probability = sums[block]! / counts[block]!;
    return start === ends[block]
      ? [[start, probability]]
      : [
          [start, probability],
          [ends[block]!, probability],
        ];
  });
  return {
    scores: Float64Array.from(knots, (knot) => knot[0]!),
    probabilities: Float64Array.from(knots, (knot) => knot[1]!),
  };
}

/** The calibrated probability of a score; beyond the fitted range that of its end. */
export function calibrated({ scores, probabilities }: Calibration, score: number): number {
  const last = scores.length - 1;
  if (score <= scores[0]!) return probabilities[0]!;
  if (score >= scores[last]!) return probabilities[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! <= score) low = middle;
    else high = middle;
  }
  const share = (score - scores[low]!) / (scores[high]! - scores[low]!);
  return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!);
}
