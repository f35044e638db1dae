/**
 * Champion and challenger by a fairness metric. Changes are judged by `compareModels`; bounds on the challenger's own
 * value by an interval that holds near ties too.
 *
 * The value is the largest (or smallest) of contrasts c₁ … cₘ, each about normal with error sⱼ. The largest of the
 * true contrasts lies below maxⱼ(cⱼ + z·sⱼ) with the confidence of z, since that holds for the truly largest one alone
 * (intersection–union, Berger 1982), and above maxⱼ(cⱼ − zₘ·sⱼ), where zₘ is Bonferroni's for the m contrasts from
 * which chance may have chosen. So a bound is kept or broken at no more than the level asked for, however many groups
 * there are and however near they lie; the price is an interval that is wider on the side of its broken bound.
 */
import { normalQuantile, studentQuantile } from '../stats/distributions.ts';
import { belowZero } from '../stats/paired-intervals.ts';
import type { Interval } from '../stats/paired-proportions.ts';
import { compareModels } from './comparison.ts';
import type { Clearance } from './comparison-types.ts';
import {
  boundToGroups,
  type Contrast,
  type FairnessOptions,
  fairnessValue,
  type Groups,
  isLargest,
} from './fairness.ts';
import { covarianceOf } from './fairness-covariance.ts';
import type { FairnessMetric, FairnessShape } from './fairness-metric.ts';
import { fewDiscordant, smallGroup } from './fairness-sufficiency.ts';
import { areIdentical } from './identical-models.ts';
import type { MetricDefinition } from './metric-definition.ts';

/**
 * The metric on known groups, as a definition, and how two models are compared by it.
 * @param groups by both models' common rows; those too small are already left out.
 */
export function fairnessComparison(
  metric: FairnessMetric,
  groups: Groups,
  options: FairnessOptions,
): { definition: MetricDefinition; compare: typeof compareModels } {
  const definition = boundToGroups(metric, groups, options);
  return {
    definition,
    compare(_, champion, challenger, { confidence }) {
      const comparison = compareModels(definition, champion, challenger, { confidence });
      const { contrasts, choices, extreme, entries } = fairnessValue(metric, challenger, groups, options);
      if (!contrasts || !extreme || comparison.method === '') return comparison;
      const tooFew = smallGroup(entries, challenger, groups);
      const identical = champion !== undefined && areIdentical(champion, challenger);
      const { covariance, degrees } = covarianceOf(entries, challenger, groups);
      const errors = contrasts.map(({ slopes }) => errorOf(slopes, covariance, entries.length));
      const extremes = {
        isLargest: isLargest(metric.shape),
        point: extreme.value,
        contrasts,
        choices,
        degrees,
      };
      const alpha = (1 - confidence) / 2;
      return {
        ...comparison,
        challengerInterval: withinRange(metric.shape, extremeInterval(extremes, errors, alpha)),
        tooFewForValue: comparison.tooFewForValue ?? tooFew,
        tooFewForChange: identical
          ? undefined
          : (comparison.tooFewForChange ?? tooFew ?? fewDiscordant(metric, champion, challenger, groups)),
        clearance: (rule, limit) =>
          rule === 'lower_bound' || rule === 'upper_bound'
            ? boundClearance(extremes, errors, alpha, rule, limit)
            : comparison.clearance(rule, limit),
      };
    },
  };
}

interface Extremes {
  isLargest: boolean;
  /** The extreme of the contrasts as estimated. */
  point: number;
  contrasts: readonly Contrast[];
  choices: number;
  degrees: number;
}

function errorOf(slopes: Contrast['slopes'], covariance: Float64Array, size: number): number {
  let variance = 0;
  for (const a of slopes)
    for (const b of slopes) variance += a.slope * b.slope * covariance[a.entry * size + b.entry]!;
  return Math.sqrt(Math.max(0, variance));
}

function extremeInterval(
  { isLargest: largest, contrasts, choices, degrees }: Extremes,
  errors: readonly number[],
  alpha: number,
): Interval {
  const quantile = (p: number): number =>
    degrees === Number.POSITIVE_INFINITY ? normalQuantile(p) : studentQuantile(p, degrees);
  const [one, many] = [quantile(1 - alpha), quantile(1 - alpha / choices)];
  // Turned round, the smallest of contrasts is the largest of their negatives.
  const sign = largest ? 1 : -1;
  let [near, far] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  contrasts.forEach(({ value }, at) => {
    near = Math.max(near, sign * value - many * errors[at]!);
    far = Math.max(far, sign * value + one * errors[at]!);
  });
  return largest ? [near, far] : [-far, -near];
}

function boundClearance(
  extremes: Extremes,
  errors: readonly number[],
  alpha: number,
  rule: 'lower_bound' | 'upper_bound',
  limit: number,
): Clearance {
  const { isLargest: largest, point, contrasts, choices, degrees } = extremes;
  const direction = rule === 'lower_bound' ? 1 : -1;
  const withErrors = (scaled: readonly number[]): { interval: Interval; pValue: number } => {
    const [low, high] = extremeInterval(extremes, scaled, alpha);
    // Small where a contrast lies far beyond the limit.
    const pValues = contrasts.map(({ value }, at) =>
      belowZero({ value: direction * (value - limit), standardError: scaled[at]!, degrees }),
    );
    const least = pValues.reduce((smallest, p) => Math.min(smallest, p), 1);
    const most = pValues.reduce((greatest, p) => Math.max(greatest, p), 0);
    // Of the largest, one contrast above an upper bound is enough; below a lower bound all must be.
    const oneIsEnough = largest === (rule === 'upper_bound');
    return {
      interval: direction === 1 ? [low - limit, high - limit] : [limit - high, limit - low],
      pValue: oneIsEnough ? Math.min(1, choices * least) : most,
    };
  };
  return {
    value: direction * (point - limit),
    ...withErrors(errors),
    degrees,
    shown: true,
    withRows: (times) => withErrors(errors.map((error) => error / Math.sqrt(times))),
  };
}

/** Differences are never below 0 and ratios never outside 0 to 1, whatever the normal distribution says. */
function withinRange(shape: FairnessShape, [low, high]: [number, number]): [number, number] {
  if (shape === 'difference') return [Math.max(0, low), Math.max(0, high)];
  return shape === 'ratio' ? [Math.max(0, low), Math.min(1, high)] : [low, high];
}
