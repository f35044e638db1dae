/** Binary metrics of probabilities: log loss, Brier score; the calibration curve and the histogram of scores. */

import { counted } from './counted.ts';
import { type MetricValue, meanOfLoss, NO_SPREAD, noValue, type Rows } from './rows.ts';

/** scikit-learn clips probabilities by the machine epsilon of doubles. */
const EPSILON = 2 ** -52;

/** Columns of scores are never changed, so what is known of one stays true. */
const reasons = new WeakMap<Float64Array, { why: string | undefined }>();

/** Why numbers are no probabilities; undefined where they are. */
export function whyNoProbability(score: Float64Array): string | undefined {
  const known = reasons.get(score) ?? { why: findReason(score) };
  reasons.set(score, known);
  return known.why;
}

function findReason(score: Float64Array): string | undefined {
  let notNumbers = 0;
  let outside = 0;
  for (let row = 0; row < score.length; row++) {
    const value = score[row]!;
    if (Number.isNaN(value)) notNumbers++;
    else if (value < 0 || value > 1) outside++;
  }
  if (notNumbers > 0) return `y_score is not a number in ${counted(notNumbers, 'row')}`;
  if (outside > 0) return `y_score is no probability: it lies outside 0 to 1 in ${counted(outside, 'row')}`;
  return undefined;
}

/** Mean of −ln of the probability given to what happened (`log_loss`). */
export function logLoss(rows: Rows): MetricValue {
  const why = whyNoProbability(rows.score!);
  if (why) return noValue(why);
  const score = rows.score!;
  return meanOfLoss(rows, (row) => {
    const probability = rows.truth[row] === 1 ? score[row]! : 1 - score[row]!;
    return -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probability)));
  });
}

/** Mean squared difference of probability and outcome (`brier_score_loss`). */
export function brierScore(rows: Rows): MetricValue {
  const why = whyNoProbability(rows.score!);
  if (why) return noValue(why);
  const score = rows.score!;
  return meanOfLoss(rows, (row) => (score[row]! - rows.truth[row]!) ** 2);
}

export interface CalibrationBin {
  /** Weighted mean of the scores. */
  score: number;
  /** Weighted share of positives. */
  positives: number;
  rows: number;
  weight: number;
}

/** Bins of equal width in 0 to 1 that hold weight, the upper end of a bin its own (`calibration_curve`, uniform). */
export function calibrationCurve(rows: Rows, bins: number): CalibrationBin[] {
  if (whyNoProbability(rows.score!)) return [];
  const sums = Array.from({ length: bins }, () => ({ score: 0, positives: 0, weight: 0, rows: 0 }));
  rows.score!.forEach((score, row) => {
    const bin = sums[binOf(score, bins)]!;
    const weight = rows.weight ? rows.weight[row]! : 1;
    bin.score += weight * score;
    bin.positives += weight * rows.truth[row]!;
    bin.weight += weight;
    bin.rows += 1;
  });
  return sums
    .filter((bin) => bin.weight > 0)
    .map((bin) => ({ ...bin, score: bin.score / bin.weight, positives: bin.positives / bin.weight }));
}

/** The bin of a probability. Its ends are rounded as numpy's linspace rounds them. */
function binOf(score: number, bins: number): number {
  const end = (bin: number): number => bin * (1 / bins);
  let bin = Math.max(0, Math.min(bins - 1, Math.ceil(score * bins) - 1));
  while (bin < bins - 1 && end(bin + 1) < score) bin++;
  while (bin > 0 && end(bin) >= score) bin--;
  return bin;
}

const CALIBRATION_BINS = 10;

/** Mean distance of the bins' scores from their shares of positives, weighted by the bins' weight. */
export function expectedCalibrationError(rows: Rows): MetricValue {
  const why = whyNoProbability(rows.score!);
  if (why) return noValue(why);
  const bins = calibrationCurve(rows, CALIBRATION_BINS);
  const total = bins.reduce((sum, bin) => sum + bin.weight, 0);
  if (!(total > 0)) return noValue('there is no row with weight');
  const distance = bins.reduce((sum, bin) => sum + bin.weight * Math.abs(bin.score - bin.positives), 0);
  return { value: distance / total, spread: NO_SPREAD };
}

/** Rows per bin of equal width in 0 to 1; empty when the scores are no probabilities. */
export function scoreHistogram(score: Float64Array, bins: number): number[] {
  if (whyNoProbability(score)) return [];
  const counts = new Array<number>(bins).fill(0);
  for (const value of score) counts[Math.min(bins - 1, Math.floor(value * bins))]!++;
  return counts;
}
