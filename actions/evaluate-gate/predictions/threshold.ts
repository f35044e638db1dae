/** The threshold of the score that a metric would choose on these rows. Information; nothing is judged. */
import { bestThreshold } from '../../../shared/metrics/best-threshold.ts';
import { isLabelMetric } from '../../../shared/metrics/confusion.ts';
import { type Rows, tabulate } from '../../../shared/metrics/rows.ts';
import type { Evaluation } from '../../../shared/records/evaluation.ts';
import type { GatePolicy } from '../../../shared/records/gate-policy.ts';
import { thresholdMetric } from '../policy/threshold-metric.ts';

export const DEFAULT_THRESHOLD = 0.5;

/** Null where there are no scores of two classes, or the metric has no value at any threshold. */
export function suggestThreshold(policy: GatePolicy, challenger: Rows): Evaluation['thresholdSuggestion'] {
  const { score, truth } = challenger;
  const metric = thresholdMetric(policy, undefined);
  if (!metric || !isLabelMetric(metric.name) || !score) return null;
  const current = policy.threshold ?? DEFAULT_THRESHOLD;
  const best = bestThreshold(challenger, metric.name, metric.direction, current);
  if (!best) return null;
  const predicted = tabulate(truth.length, (row) => (score[row]! >= current ? 1 : 0));
  // Of scores that are no probabilities nobody decides at ½.
  const isUsed = policy.threshold !== undefined || score.every((value) => value >= 0 && value <= 1);
  return {
    maximize: metric.name,
    current,
    currentValue: isUsed ? (metric.compute({ ...challenger, predicted }).value ?? null) : null,
    suggested: best.threshold,
    suggestedValue: best.value,
  };
}
