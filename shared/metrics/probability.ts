/** Binary metrics of probabilities: log loss, Brier score; the calibration curve and the histogram of scores. */
import { type MetricValue, meanOfLoss, noValue, type Rows } from './rows.ts';

/** scikit-learn clips probabilities by the machine epsilon of doubles. */
const EPSILON = 2 ** -52;

function whyNoProbability(score: Float64Array): string | undefined {
  let notNumbers = 0;
  let outside = 0;
  for (const value of score) {
    if (Number.isNaN(value)) notNumbers++;
    else if (value < 0 || value > 1) outside++;
  }
  if (notNumbers > 0) return `y_score is not a number in ${notNumbers} rows`;
  if (outside > 0) return `y_score is no probability: ${outside} rows lie outside 0 to 1`;
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

/** Per bin of equal width in 0 to 1: mean score, share of positives, number of rows (`calibration_curve`, uniform). */
export function calibrationCurve(
  rows: Rows,
  bins: number,
): { score: number; positives: number; rows: number }[] {
  if (whyNoProbability(rows.score!)) return [];
  const sums = Array.from({ length: bins }, () => ({ score: 0, positives: 0, weight: 0, rows: 0 }));
  rows.score!.forEach((score, row) => {
    const bin = sums[Math.min(bins - 1, Math.floor(score * bins))]!;
    const weight = rows.weight ? rows.weight[row]! : 1;
    bin.score += weight * score;
    bin.positives += weight * rows.truth[row]!;
    bin.weight += weight;
    bin.rows += 1;
  });
  return sums
    .filter((bin) => bin.weight > 0)
    .map((bin) => ({ score: bin.score / bin.weight, positives: bin.positives / bin.weight, rows: bin.rows }));
}

/** Rows per bin of equal width in 0 to 1; empty when the scores are no probabilities. */
export function scoreHistogram(score: Float64Array, bins: number): number[] {
  if (whyNoProbability(score)) return [];
  const counts = new Array<number>(bins).fill(0);
  for (const value of score) counts[Math.min(bins - 1, Math.floor(value * bins))]!++;
  return counts;
}
