/** A calibration of the policy: how often it would refuse an equal model. */
import type { Calibrate, Evaluation } from '../../../shared/records/evaluation.ts';
import { describePart } from '../../../shared/report/evaluation/names.ts';
import { calibrateAdvice, drawsShare } from '../../../shared/report/evaluation/sentences.ts';
import {
  blocks,
  bold,
  formatNumber,
  formatShare,
  type Inline,
  type Markdown,
  md,
  table,
} from '../../../shared/report/markdown.ts';

export function calibrationSummary(record: Evaluation, calibrate: Calibrate): Markdown {
  const { draws, shares, plainComparisonFails, swapped } = calibrate;
  const rows = calibrate.metrics.map((metric): Inline[] => [
    describePart(metric),
    formatShare(metric.pass),
    formatShare(metric.inconclusive),
    formatShare(metric.fail),
    formatShare(metric.plainComparisonFails),
  ]);
  const whole: Inline[] = [
    bold('the whole policy'),
    ...[shares.pass + shares.warn, shares.inconclusive, shares.fail, plainComparisonFails].map((share) =>
      bold(formatShare(share)),
    ),
  ];
  const of = record.rows === null || swapped !== 'rows' ? '' : `${formatNumber(record.rows)} `;
  return blocks(
    md`**An equal model would be refused in ${drawsShare(shares.fail, draws)}**, and by a plain comparison of the numbers (new at least as good as old) in ${formatShare(plainComparisonFails)}. In each of ${formatNumber(draws)} draws the predictions of two equal models were swapped for a random half of the ${`${of}${swapped}`}.`,
    calibrateAdvice(calibrate, record.verdict),
    table(
      ['metric', 'passes', 'cannot tell', 'fails', 'plain comparison fails'],
      [...rows, whole],
      ['left', 'right', 'right', 'right', 'right'],
    ),
    shares.warn > 0 ? md`Of the passes, ${formatShare(shares.warn)} of the draws come with a warning.` : '',
  );
}
