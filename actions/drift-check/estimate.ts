/**
 * Performance without labels, for binary scores (confidence-based performance estimation): scores calibrated on
 * the reference say how likely each row is positive, and a metric over both possible labels, weighted by that,
 * is its expected value. It sees what a change of inputs does to a model that stays right about them; it cannot
 * see a change of what the inputs mean (concept drift).
 */
import { ascendingOrder } from '../../shared/stats/sort-order.ts';
import type { Chunk } from './chunks.ts';
import {
  type ChunkValues,
  enoughLabels,
  labelledRows,
  type PerformanceMetric,
  type ScoredRows,
} from './performance.ts';
import type { DriftTable } from './table.ts';

/** Fewer labelled reference rows than this calibrate nothing. */
const FEWEST_ROWS = 500;

export interface Calibration {
  /** Ascending scores at which the step function may rise, and the probability from there on. */
  scores: Float64Array;
  probabilities: Float64Array;
}

/**
 * Isotonic regression of labels (0 or 1) on scores by pooling adjacent violators; equal scores are one block.
 * @throws RangeError without rows.
 */
export function fitCalibration(scores: Float64Array, labels: Float64Array): Calibration {
  if (scores.length === 0) throw new RangeError('calibration needs rows');
  const order = ascendingOrder(scores);
  const starts: number[] = [];
  const ends: number[] = [];
  const sums: number[] = [];
  const counts: number[] = [];
  for (let at = 0; at < order.length; ) {
    const score = scores[order[at]!]!;
    let sum = 0;
    let count = 0;
    for (; at < order.length && scores[order[at]!]! === score; at++) {
      sum += labels[order[at]!]!;
      count++;
    }
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

/** The calibrated probability of a score; beyond the reference's range that of its end. */
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

/** Every row twice, as a positive with weight p and as a negative with weight 1 − p. */
function expectedRows(table: DriftTable, first: number, end: number, calibration: Calibration): ScoredRows {
  const count = 2 * (end - first);
  const rows = {
    labels: new Float64Array(count),
    scores: new Float64Array(count),
    predictions: table.predictions && new Float64Array(count),
    weights: new Float64Array(count),
  };
  let kept = 0;
  for (let row = first; row < end; row++) {
    const score = table.scores![row]!;
    if (Number.isNaN(score)) continue;
    const probability = calibrated(calibration, score);
    const weight = table.weights?.[row] ?? 1;
    for (const label of [1, 0]) {
      rows.labels[kept] = label;
      rows.scores[kept] = score;
      if (rows.predictions) rows.predictions[kept] = table.predictions![row]!;
      rows.weights[kept] = weight * (label === 1 ? probability : 1 - probability);
      kept++;
    }
  }
  return {
    labels: rows.labels.subarray(0, kept),
    scores: rows.scores.subarray(0, kept),
    predictions: rows.predictions?.subarray(0, kept),
    weights: rows.weights.subarray(0, kept),
  };
}

/** Whether scores and labels are those of a binary classifier, with enough of both labels to calibrate. */
function canEstimate(table: DriftTable, labelled: ScoredRows): boolean {
  if (!table.scores || !labelled.scores || labelled.labels.length < FEWEST_ROWS) return false;
  const positives = labelled.labels.reduce((sum, label) => sum + label, 0);
  return (
    labelled.labels.every((label) => label === 0 || label === 1) &&
    positives >= 50 &&
    labelled.labels.length - positives >= 50
  );
}

/** The rows whose metrics are the expected ones, made once for all metrics. */
export interface ExpectedRows {
  chunks: readonly Chunk[];
  /** The labelled rows of the reference, and the same rows as their own calibration expects them. */
  labelled: ScoredRows;
  onItself: ScoredRows;
  /** One for each chunk. */
  expected: ScoredRows[];
}

/** Calibrates on the reference and applies it to every chunk; undefined where there is nothing to calibrate by. */
export function expectRows(
  sides: { reference: DriftTable; data: DriftTable },
  chunks: readonly Chunk[],
): ExpectedRows | undefined {
  const { reference } = sides;
  if (!reference.scores || !reference.labels || !sides.data.scores) return undefined;
  const labelled = labelledRows(reference, 0, reference.rowCount);
  if (!canEstimate(reference, labelled)) return undefined;
  const calibration = fitCalibration(labelled.scores!, labelled.labels);
  const count = labelled.labels.length;
  return {
    chunks,
    labelled,
    onItself: expectedRows({ rowCount: count, columns: new Map(), ...labelled }, 0, count, calibration),
    expected: chunks.map((chunk) => expectedRows(sides[chunk.part], chunk.first, chunk.end, calibration)),
  };
}

/**
 * The estimated metric of every chunk, the reference's first. What the calibration flatters itself by on its own
 * rows, (estimate − realised) over the reference, is subtracted.
 */
export function estimateSeries(
  metric: PerformanceMetric,
  { chunks, labelled, onItself: itself, expected }: ExpectedRows,
): ChunkValues {
  const onItself = metric.compute(itself);
  const realised = metric.compute(labelled);
  const optimism = onItself !== undefined && realised !== undefined ? onItself - realised : undefined;
  const values = expected.map((rows) => {
    if (optimism === undefined || rows.labels.length === 0) return null;
    const value = metric.compute(rows);
    return value === undefined || !Number.isFinite(value) ? null : value - optimism;
  });
  // Two expected rows stand for each scored one.
  const scored = expected.map((rows) => rows.labels.length / 2);
  return {
    chunks,
    values,
    usable: chunks.map((chunk, index) => chunk.judged && enoughLabels(chunk, scored[index]!)),
  };
}
