/**
 * evaluation/: what the comment and the page say of an Evaluation in the same words, as plain text for either to
 * escape. This file: what parts are called, and how exactly their numbers are written.
 */
import type { Evaluation, MetricResult } from '../../records/evaluation.ts';
import { decimalsForInterval, formatNumber } from '../numbers.ts';

/** What a metric is computed with when the policy says nothing, so it need not be said. */
const USUAL: Record<string, string> = { method: 'between_groups', agg: 'worst_case' };

/** `recall, origin = ORD`, `ndcg, k = 10`, `equalized_odds_difference by sex`. */
export function describePart(
  result: Pick<MetricResult, 'name' | 'slice'> & Partial<Pick<MetricResult, 'parameters'>>,
): string {
  const { sensitive_features: by, ...parameters } = result.parameters ?? {};
  const shown = Object.entries(parameters).filter(([key, value]) => USUAL[key] !== value);
  const name = by === undefined ? result.name : `${result.name} by ${by}`;
  return [name, ...shown.map(pair), ...(result.slice ? [describeSlice(result.slice)] : [])].join(', ');
}

/** `origin = ORD, carrier = WN`. */
export const describeSlice = (slice: Record<string, string>): string =>
  Object.entries(slice).map(pair).join(', ');

const pair = ([key, value]: [string, string]): string => `${key} = ${value}`;

/** As many decimals as the interval justifies; without one, four, or fewer for large numbers. */
export function metricDecimals(
  result: Pick<MetricResult, 'interval' | 'challengerInterval' | 'challenger'>,
): number {
  const interval = result.interval ?? result.challengerInterval;
  if (interval && interval[0] !== interval[1])
    return Math.max(decimalsForInterval(interval[0], interval[1]), 2);
  const size = Math.abs(result.challenger ?? 0);
  if (size >= 10) return size >= 1000 ? 0 : 2;
  return size === 0 || size >= 0.01 ? 4 : 6;
}

/** What the count of a result counts: more of these would decide it. */
export const unitOf = (result: Pick<MetricResult, 'block' | 'observations'>): string =>
  result.block === 'latency' ? 'requests' : (result.observations?.of ?? 'rows');

/** `the same 16,758 rows`, `12 rows`, `200 queries (4,000 rows)`; empty where rows are not known. */
export function rowsText(record: Pick<Evaluation, 'rows' | 'baseline' | 'observations'>): string {
  if (record.rows === null) return '';
  const rows = `${formatNumber(record.rows)} rows`;
  const { observations } = record;
  const judged = observations ? `${formatNumber(observations.count)} ${observations.of} (${rows})` : rows;
  return record.baseline.status === 'compared' ? `the same ${judged}` : judged;
}

/** `Rows come in 40 clusters.`, where they do. */
export const clustersText = ({
  clusters,
  observations,
}: Pick<Evaluation, 'clusters' | 'observations'>): string[] =>
  clusters === null
    ? []
    : [`Rows come in ${formatNumber(clusters)} ${observations?.of === 'series' ? 'series' : 'clusters'}.`];

/** `31 Dec 2026`. */
export function dayText(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

/** True where a model beside this one has a number too. */
export const hasChampion = (results: readonly MetricResult[]): boolean =>
  results.some((result) => result.champion !== null);
