/** How a policy's limit reads, in the comment, the page and the log alike. */
import type { LimitResult, MetricResult } from '../records/evaluation.ts';
import { plainNumber } from './numbers.ts';

/**
 * A limit of the value (`at least 0.8`) or of the difference to the champion (`change ≥ −0.002`, `change ≤ +2 %` of
 * the champion's value). Plain text.
 */
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
      return `change\u00a0${sign}\u00a0${plain(higher ? limit.limit : -limit.limit, true)}`;
    case 'min_relative_change':
      return `change\u00a0${sign}\u00a0${plain((higher ? limit.limit : -limit.limit) * 100, true)}\u00a0%`;
    case 'max_absolute_change':
      return `improvement\u00a0≤\u00a0${plain(limit.limit)}`;
  }
}

/** The number as a person wrote it, without the rests of binary fractions. */
function plain(value: number, withSign = false): string {
  return `${withSign && value > 0 ? '+' : ''}${plainNumber(value, 10)}`;
}
