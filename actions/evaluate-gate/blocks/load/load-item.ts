/** One number of two models' requests as an item to judge. Lower is better in all of them. */
import {
  combinedValue,
  moverBelowZero,
  moverInterval,
  type SampleEstimate,
  type Term,
} from '../../../../shared/stats/independent-samples.ts';
import type { Interval } from '../../../../shared/stats/paired-proportions.ts';
import { type Item, type ItemClearance, itemOfNumbers, type Known } from '../../judgement/items.ts';
import type { Rule } from '../../policy/rules.ts';
import { estimateLoad, type LoadEstimate, type LoadNumber } from './load-estimates.ts';
import { type LoadSample, requestCount } from './load-sample.ts';

/** @param champion its requests, why they are not known, or undefined where there is no baseline at all. */
export function loadItem(
  rule: Rule,
  name: LoadNumber,
  champion: LoadSample | Known | undefined,
  challenger: LoadSample,
): Item {
  const alpha = (1 - rule.confidence) / 2;
  const own = estimateLoad(name, challenger);
  const theirs = champion && 'all' in champion ? estimateLoad(name, champion) : undefined;
  const championValue: Known | undefined = champion && ('all' in champion ? knownOf(theirs!) : champion);
  const item = {
    ...itemOfNumbers(rule, championValue, knownOf(own), null),
    isExact: false,
    rows: requestCount(challenger),
  };
  if ('why' in own) return item;
  const other = theirs && !('why' in theirs) ? theirs : undefined;
  const [end, otherEnd] = [slowest(challenger), champion && 'all' in champion ? slowest(champion) : 0];
  const change = other && difference(bounded(own, end), bounded(other, otherEnd));
  const ownTooFew = own.tooFew(alpha);
  return {
    ...item,
    challengerInterval: ownTooFew ? undefined : bounded(own, end).interval(alpha),
    interval: change && !(ownTooFew ?? other.tooFew(alpha)) ? moverInterval(change, alpha) : undefined,
    method: other ? own.changeMethod : own.method,
    noIntervalForValue: ownTooFew,
    noIntervalForChange: ownTooFew ?? championTooFew(other, alpha),
    clearance(kind, limit) {
      if (kind === 'upper_bound' || kind === 'lower_bound') {
        const sign = kind === 'upper_bound' ? -1 : 1;
        const pValue = kind === 'upper_bound' ? own.atMost(limit) : own.atLeast(limit);
        return cleared([{ factor: sign, estimate: own }], -sign * limit, alpha, [end], pValue);
      }
      if (!other) return undefined;
      const [gain, offset] = {
        min_absolute_change: [[1, -1], -limit] as const,
        max_absolute_change: [[-1, 1], limit] as const,
        // benefit ≥ limit·champion as a contrast: a ratio to a champion near zero has no interval.
        min_relative_change: [[1 - limit, -1], 0] as const,
      }[kind];
      const terms = [
        { factor: gain[0], estimate: other },
        { factor: gain[1], estimate: own },
      ];
      return cleared(terms, offset, alpha, [otherEnd, end]);
    },
  };
}

function knownOf(estimate: ReturnType<typeof estimateLoad>): Known {
  if (!('why' in estimate)) return { value: estimate.value };
  return { value: undefined, why: estimate.why, isNaN: estimate.failed };
}

const championTooFew = (champion: LoadEstimate | undefined, alpha: number): string | undefined => {
  const why = champion?.tooFew(alpha);
  return why && `the champion has ${why}`;
};

const difference = (challenger: SampleEstimate, champion: SampleEstimate): Term[] => [
  { factor: 1, estimate: challenger },
  { factor: -1, estimate: champion },
];

/** How far a clearance reaches. An end that lies among failed requests is infinite: then it shows nothing. */
function cleared(
  terms: readonly Term[],
  offset: number,
  alpha: number,
  ends: readonly number[],
  pValue: number = moverBelowZero(terms, offset),
): ItemClearance {
  const finite = terms.map(({ factor, estimate }, at) => ({
    factor,
    estimate: bounded(estimate, ends[at]!),
  }));
  const interval = moverInterval(finite, alpha).map((limit) => limit + offset) as Interval;
  return {
    value: combinedValue(terms) + offset,
    interval,
    pValue,
    shown: Number.isFinite(moverInterval(terms, alpha)[0]),
  };
}

/** A record holds finite numbers only, so the slowest answer stands for an end beyond all answers. */
const bounded = (estimate: SampleEstimate, end: number): SampleEstimate => ({
  value: estimate.value,
  interval: (alpha) => {
    const [low, high] = estimate.interval(alpha);
    return [low, high === Number.POSITIVE_INFINITY ? Math.max(end, estimate.value) : high];
  },
});

const slowest = (sample: LoadSample): number => sample.answered.at(-1) ?? 0;
