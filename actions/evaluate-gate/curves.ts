/** What the page draws of each model: ROC, calibration, histogram of scores. */
import { calibrationCurve, scoreHistogram } from '../../shared/metrics/probability.ts';
import { rocCurve } from '../../shared/metrics/ranking.ts';
import type { Rows } from '../../shared/metrics/rows.ts';
import type { Evaluation, ModelCurves } from '../../shared/records/evaluation.ts';

const ROC_POINTS = 100;
const CALIBRATION_BINS = 10;
const HISTOGRAM_BINS = 20;

/** Null where the challenger has no scores. */
export function curvesOf(champion: Rows | undefined, challenger: Rows): Evaluation['curves'] {
  const ofChallenger = curves(challenger);
  return ofChallenger && { champion: (champion && curves(champion)) ?? null, challenger: ofChallenger };
}

function curves(rows: Rows): ModelCurves | null {
  if (!rows.score) return null;
  // Six digits are more than a picture shows, and half of what a double takes to write.
  const short = (value: number): number => Number(value.toFixed(6));
  return {
    roc: rocCurve(rows, ROC_POINTS).map(([x, y]) => [short(x), short(y)] as [number, number]),
    calibration: calibrationCurve(rows, CALIBRATION_BINS).map((bin) => ({
      score: short(bin.score),
      positives: short(bin.positives),
      rows: bin.rows,
    })),
    histogram: scoreHistogram(rows.score, HISTOGRAM_BINS),
  };
}
