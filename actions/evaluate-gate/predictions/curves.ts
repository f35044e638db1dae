/** What the page draws of each model: ROC, calibration, histogram of scores. */
import { confusionCounts } from '../../../shared/metrics/confusion.ts';
import {
  calibrationCurve,
  expectedCalibrationError,
  scoreHistogram,
} from '../../../shared/metrics/probability.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import { precisionRecallCurve, rocCurve } from '../../../shared/metrics/score-curves.ts';
import type { Evaluation, ModelCurves } from '../../../shared/records/evaluation.ts';
import { DEFAULT_THRESHOLD } from './threshold.ts';

const CURVE_POINTS = 100;
const CALIBRATION_BINS = 10;
const HISTOGRAM_BINS = 20;

/** Null where the challenger has no scores. @param threshold of the policy. */
export function curvesOf(
  champion: Rows | undefined,
  challenger: Rows,
  threshold = DEFAULT_THRESHOLD,
): Evaluation['curves'] {
  const ofChallenger = curves(challenger, threshold);
  return (
    ofChallenger && {
      champion: (champion && curves(champion, threshold)) ?? null,
      challenger: ofChallenger,
    }
  );
}

/** Six digits are more than a picture shows, and half of what a double takes to write. */
const short = (value: number): number => Number(value.toFixed(6));
const shortPoint = ([x, y]: [number, number]): [number, number] => [short(x), short(y)];

function curves(rows: Rows, threshold: number): ModelCurves | null {
  if (!rows.score) return null;
  const calibrationError = expectedCalibrationError(rows).value;
  return {
    roc: rocCurve(rows, CURVE_POINTS).map(shortPoint),
    precisionRecall: precisionRecallCurve(rows, CURVE_POINTS).map(shortPoint),
    operatingPoint: operatingPoint(rows, threshold),
    expectedCalibrationError: calibrationError === undefined ? null : short(calibrationError),
    calibration: calibrationCurve(rows, CALIBRATION_BINS).map((bin) => ({
      score: short(bin.score),
      positives: short(bin.positives),
      rows: bin.rows,
    })),
    histogram: scoreHistogram(rows.score, HISTOGRAM_BINS),
  };
}

/** Where the labels decide. The threshold is told where it explains every label, also of labels that were given. */
function operatingPoint(rows: Rows, threshold: number): ModelCurves['operatingPoint'] {
  const { predicted, score } = rows;
  if (!predicted || predicted.some(Number.isNaN)) return null;
  const [truePositives, falsePositives, falseNegatives, trueNegatives] = confusionCounts(rows);
  const [positives, negatives] = [truePositives + falseNegatives, falsePositives + trueNegatives];
  if (!(positives > 0 && negatives > 0)) return null;
  const chosen = truePositives + falsePositives;
  const isThreshold = score?.every((value, row) => value >= threshold === (predicted[row] === 1)) ?? false;
  return {
    threshold: isThreshold ? threshold : null,
    falsePositiveRate: short(falsePositives / negatives),
    truePositiveRate: short(truePositives / positives),
    precision: chosen > 0 ? short(truePositives / chosen) : null,
  };
}
