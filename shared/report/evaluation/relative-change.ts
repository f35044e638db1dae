/** The change of a metric in the unit of a relative limit, so that both can be compared by eye. */
import type { LimitResult, MetricResult } from '../../records/evaluation.ts';
import { decimalsForInterval, formatInterval, formatSigned } from '../numbers.ts';

export interface RelativeChange {
  /** Percent of the champion's value, challenger minus champion. */
  change: number;
  /** In percent; it clears the limit where the limit's own interval does. Null without one. */
  interval: [number, number] | null;
  decimals: number;
}

/** @returns undefined for a limit in the metric's own units, and where there is nothing to divide by. */
export function relativeChange(
  { champion, difference, direction }: Pick<MetricResult, 'champion' | 'difference' | 'direction'>,
  limit: Pick<LimitResult, 'kind' | 'limit' | 'interval'> | undefined,
): RelativeChange | undefined {
  if (limit?.kind !== 'min_relative_change' || !champion || difference === null) return undefined;
  const size = Math.abs(champion);
  const change = (difference / size) * 100;
  if (!limit.interval) return { change, interval: null, decimals: 2 };
  // What is tested is benefit − limit · |champion|; so its interval holds the champion's error too.
  const [low, high] = limit.interval.map((end) => (limit.limit + end / size) * 100) as [number, number];
  const interval: [number, number] = direction === 'higher' ? [low, high] : [-high, -low];
  return { change, interval, decimals: decimalsForInterval(...interval) };
}

/** `−2.33 % [−2.62, −2.05]` */
export function relativeChangeText({ change, interval, decimals }: RelativeChange): string {
  const ends = interval ? ` ${formatInterval(...interval, decimals)}` : '';
  return `${formatSigned(change, decimals)} %${ends}`;
}

/** The change in the unit of each relative limit that a metric has; there is at most one. */
export const relativeChangeOf = (
  result: Pick<MetricResult, 'champion' | 'difference' | 'direction' | 'limits'>,
): RelativeChange | undefined =>
  relativeChange(
    result,
    result.limits.find(({ kind }) => kind === 'min_relative_change'),
  );
