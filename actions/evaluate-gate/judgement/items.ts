/** What is judged, whatever it came from: a comparison of predictions, two numbers of files, a size. */
import type { Clearance, Comparison } from '../../../shared/metrics/comparison-types.ts';
import type { LimitKind, MetricResult } from '../../../shared/records/evaluation.ts';
import type { Interval } from '../../../shared/stats/paired-proportions.ts';
import type { Rule } from '../policy/rules.ts';

/**
 * A number, or why there is none; `isNaN` when the number itself is not a number, which fails, `lacksColumn` when the
 * file has not what the metric needs, which no number of rows mends, `isNotComparable` when the champion has a number
 * that was made on other data or otherwise.
 */
export type Known =
  | { value: number }
  | { value: undefined; why: string; isNaN: boolean; lacksColumn?: boolean; isNotComparable?: boolean };

export type ItemClearance = Clearance;

export interface Item {
  rule: Rule;
  slice: Record<string, string> | null;
  rows: number | null;
  /** What the rows count as, where the interval is not of single rows. */
  observations?: MetricResult['observations'];
  /** Undefined: there is no baseline. */
  champion: Known | undefined;
  challenger: Known;
  challengerInterval: Interval | undefined;
  interval: Interval | undefined;
  method: string;
  /** The number has no sampling error (a size): it is decided on the point whatever the policy says. */
  isExact: boolean;
  /** Why an interval is missing or not to be trusted. */
  noIntervalForValue: string | undefined;
  noIntervalForChange: string | undefined;
  clearance(kind: LimitKind, limit: number): ItemClearance | undefined;
}

/** An item of two models' predictions on the same rows. */
export function itemOfComparison(rule: Rule, slice: Item['slice'], comparison: Comparison): Item {
  const known = (value: Comparison['challenger']): Known =>
    value.value === undefined ? { value: undefined, why: value.why, isNaN: false } : { value: value.value };
  const none =
    comparison.method === ''
      ? `${rule.name} has no interval; decide_on: point judges the number alone`
      : undefined;
  return {
    rule,
    slice,
    rows: comparison.rows,
    champion: comparison.champion && known(comparison.champion),
    challenger: known(comparison.challenger),
    challengerInterval: comparison.challengerInterval,
    interval: comparison.interval,
    method: comparison.method,
    isExact: false,
    noIntervalForValue: none ?? comparison.tooFewForValue,
    noIntervalForChange: none ?? comparison.tooFewForChange,
    clearance: (kind, limit) => comparison.clearance(kind, limit),
  };
}

/** An item of plain numbers. @param why why they have no interval; null for numbers without sampling error. */
export function itemOfNumbers(
  rule: Rule,
  champion: Known | undefined,
  challenger: Known,
  why: string | null,
): Item {
  return {
    rule,
    slice: null,
    rows: null,
    champion,
    challenger,
    challengerInterval: undefined,
    interval: undefined,
    method: '',
    isExact: why === null,
    noIntervalForValue: why ?? undefined,
    noIntervalForChange: why ?? undefined,
    clearance: () => undefined,
  };
}

/** How many rows there are, or of what they count as; null where that is not known. */
export const sampleOf = ({ rows, observations }: Item): number | null => observations?.count ?? rows;

/** By how much the estimate alone keeps a limit (negative: falls short). */
export function pointClearance(item: Item, kind: LimitKind, limit: number): number | undefined {
  const { champion, challenger, rule } = item;
  if (challenger.value === undefined) return undefined;
  if (kind === 'lower_bound') return challenger.value - limit;
  if (kind === 'upper_bound') return limit - challenger.value;
  if (champion?.value === undefined) return undefined;
  const benefit = (rule.direction === 'higher' ? 1 : -1) * (challenger.value - champion.value);
  if (kind === 'min_absolute_change') return benefit - limit;
  if (kind === 'max_absolute_change') return limit - benefit;
  return benefit - limit * Math.abs(champion.value);
}
