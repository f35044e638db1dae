/** How metrics and slices are written for people, in the log, the reason and the report alike. */
import type { MetricResult } from '../../shared/records/evaluation.ts';
import { decimalsForInterval } from '../../shared/report/numbers.ts';

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
