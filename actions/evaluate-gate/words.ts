/** How metrics, slices and limits are written for people, in the log, the reason and the report alike. */
import type { LimitResult, MetricResult } from '../../shared/records/evaluation.ts';
import { decimalsForInterval, formatNumber, formatSigned } from '../../shared/report/numbers.ts';

/** `recall, origin = ORD`. Plain text. */
export function describePart(result: Pick<MetricResult, 'name' | 'slice'>): string {
  const features = Object.entries(result.slice ?? {}).map(([feature, value]) => `${feature} = ${value}`);
  return [result.name, ...features].join(', ');
}

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

/** A limit as it reads in the column of differences (`≥ −0.002`, `≤ +2 %`) or of values (`≥ 0.8`). */
export function limitText(
  result: Pick<MetricResult, 'direction'>,
  limit: Pick<LimitResult, 'kind' | 'limit'>,
): string {
  const higher = result.direction === 'higher';
  const sign = higher ? '≥' : '≤';
  switch (limit.kind) {
    case 'lower_bound':
      return `at least ${plain(limit.limit)}`;
    case 'upper_bound':
      return `at most ${plain(limit.limit)}`;
    case 'min_absolute_change':
      return `${sign} ${plain(higher ? limit.limit : -limit.limit, true)}`;
    case 'min_relative_change':
      return `${sign} ${plain((higher ? limit.limit : -limit.limit) * 100, true)} %`;
    case 'max_absolute_change':
      return `a jump of at most ${plain(limit.limit)}`;
  }
}

/** The number as a person wrote it, without the rests of binary fractions. */
function plain(value: number, withSign = false): string {
  const rounded = Number(value.toPrecision(10));
  const decimals = Math.min(10, (String(rounded).split(/[.e]/)[1] ?? '').length);
  return withSign ? formatSigned(rounded, decimals) : formatNumber(rounded, decimals);
}
