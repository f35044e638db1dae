/** What is one observation to an interval where it is not a row, so that this is what is counted and spoken of. */
import type { MetricTask } from '../../../shared/metrics/metric-definition.ts';
import type { Clusters, Rows } from '../../../shared/metrics/rows.ts';
import type { Item } from '../judgement/items.ts';

/** Undefined: each row is one. A ranking's queries come in clusters where the policy names some. */
export function observationsOf(task: MetricTask, { clusters, groups }: Rows): Item['observations'] {
  if (clusters) {
    const isSeries = task === 'forecasting' && groups !== undefined && areAlike(clusters, groups);
    return { of: isSeries ? 'series' : 'clusters', count: clusters.count };
  }
  return task === 'ranking' && groups ? { of: 'queries', count: groups.count } : undefined;
}

/** How many observations some of the rows are; the rows themselves where each is one. */
export function countObservations(
  rows: Int32Array | readonly number[],
  clusters: Clusters | undefined,
): number {
  if (!clusters) return rows.length;
  const seen = new Set<number>();
  for (const row of rows) seen.add(clusters.of[row]!);
  return seen.size;
}

/** Both number their members in the order in which these appear. */
const areAlike = (first: Clusters, second: Clusters): boolean =>
  first === second || (first.count === second.count && first.of.every((one, row) => one === second.of[row]));
