/**
 * Champion and challenger on the same rows: both values, the difference with its interval, and by how much a limit
 * is kept, each by the method that suits the metric.
 */
import {
  belowZero,
  type Estimate,
  estimateInterval,
  influenceError,
  jackknifeError,
  jackknifeGroups,
  type WeightedPart,
} from '../stats/paired-intervals.ts';
import type { Clearance, Comparison, ComparisonMethod } from './comparison-types.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { rateComparison } from './rate-comparison.ts';
import type { MetricValue, Rows } from './rows.ts';
import { whyTooFew } from './sufficiency.ts';

export interface PairOptions {
  /** Two-sided, e.g. 0.95. */
  confidence: number;
}

/** Groups of the jackknife for metrics that are not smooth in the rows. */
const GROUPS = 20;

/**
 * Compares two models on the same rows in the same order.
 * @param champion undefined where there is none. @param challenger its rows; both share truth, weights, clusters.
 */
export function compareModels(
  definition: MetricDefinition,
  champion: Rows | undefined,
  challenger: Rows,
  options: PairOptions,
): Comparison {
  const values = {
    champion: champion && definition.compute(champion),
    challenger: definition.compute(challenger),
  };
  const plain = !challenger.weight && !challenger.clusters;
  const method =
    plain && definition.rate
      ? rateComparison(definition, champion, challenger, options.confidence)
      : linearComparison(definition, values, challenger, options.confidence);
  const difference =
    values.champion?.value !== undefined && values.challenger.value !== undefined
      ? values.challenger.value - values.champion.value
      : undefined;
  return {
    definition,
    rows: challenger.truth.length,
    ...values,
    difference,
    ...whyTooFew(definition, champion, challenger),
    ...method,
  };
}

/** By influences or replicates: every limit is a linear combination of the two models' values. */
function linearComparison(
  definition: MetricDefinition,
  values: { champion: MetricValue | undefined; challenger: MetricValue },
  rows: Rows,
  confidence: number,
): ComparisonMethod {
  const { champion, challenger } = values;
  if (challenger.value === undefined || challenger.spread.kind === 'unknown') {
    return { challengerInterval: undefined, interval: undefined, method: '', clearance: () => undefined };
  }
  const spreadOf = spreadReader(rows);
  const challengerValue = challenger.value;
  const own = spreadOf(challenger);
  const theirs = champion?.value === undefined ? undefined : spreadOf(champion);
  const combine = (value: number, ofChallenger: number, ofChampion: number): Estimate => {
    const parts: WeightedPart[] = [{ values: own, factor: ofChallenger }];
    if (theirs) parts.push({ values: theirs, factor: ofChampion });
    const error =
      challenger.spread.kind === 'replicates' ? jackknifeError(parts) : influenceError(parts, rows.clusters);
    return { value, ...error };
  };
  const sign = definition.direction === 'higher' ? 1 : -1;
  const clear = (estimate: Estimate): Clearance => ({
    value: estimate.value,
    interval: estimateInterval(estimate, confidence),
    pValue: belowZero(estimate),
    shown: true,
  });
  const difference =
    champion?.value === undefined ? undefined : combine(challengerValue - champion.value, 1, -1);
  return {
    challengerInterval: estimateInterval(combine(challengerValue, 1, 0), confidence),
    interval: difference && estimateInterval(difference, confidence),
    method: describeMethod(definition, rows),
    clearance(rule, limit) {
      if (rule === 'lower_bound') return clear(combine(challengerValue - limit, 1, 0));
      if (rule === 'upper_bound') return clear(combine(limit - challengerValue, -1, 0));
      if (champion?.value === undefined) return undefined;
      const benefit = sign * (challengerValue - champion.value);
      if (rule === 'min_absolute_change') return clear(combine(benefit - limit, sign, -sign));
      if (rule === 'max_absolute_change') return clear(combine(limit - benefit, -sign, sign));
      // benefit ≥ limit·|champion|, as a contrast, since a ratio to a champion near zero has no interval.
      const slope = limit * Math.sign(champion.value);
      return clear(combine(benefit - limit * Math.abs(champion.value), sign, -sign - slope));
    },
  };
}

/** Reads influences or replicates, the groups of the latter dealt once for both models. */
function spreadReader(rows: Rows): (value: MetricValue) => Float64Array {
  let groups: Uint8Array | undefined;
  return (value) => {
    if (value.value === undefined || value.spread.kind === 'unknown') {
      throw new TypeError('a value without spread has no error');
    }
    if (value.spread.kind === 'influence') return value.spread.influence();
    const binary = rows.score !== undefined;
    groups ??= jackknifeGroups(rows.truth.length, GROUPS, binary ? rows.truth : undefined, rows.clusters);
    return value.spread.without(groups, GROUPS);
  };
}

function describeMethod(definition: MetricDefinition, rows: Rows): string {
  const method = definition.rate ? 'infinitesimal jackknife' : definition.intervalMethod;
  const qualities = [rows.weight && 'weighted', rows.clusters && 'by cluster'].filter(Boolean);
  return qualities.length > 0 ? `${method}, ${qualities.join(', ')}` : method;
}
