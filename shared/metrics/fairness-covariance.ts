/** How the values of groups vary together from one draw of rows to the next. */
import { jackknifeGroups } from '../stats/paired-intervals.ts';
import { type Entry, type Groups, rowsOfEntry } from './fairness.ts';
import { relevantRows } from './fairness-sufficiency.ts';
import type { Clusters, Rows } from './rows.ts';

const JACKKNIFE_GROUPS = 20;

/** The entries' covariance, row by row in one array, and the degrees of freedom of its estimate. */
export interface EntryCovariance {
  covariance: Float64Array;
  degrees: number;
}

/**
 * From influences Σ aᵢ·bᵢ over rows, or over clusters of rows summed first; from replicates the jackknife's. A share
 * has at least the variance of Agresti and Caffo's (2000) share, two successes and two failures added: where all rows
 * of a group are alike the influences are zero, and the share is not certain for that.
 */
export function covarianceOf(entries: readonly Entry[], rows: Rows, groups: Groups): EntryCovariance {
  const size = entries.length;
  const covariance = new Float64Array(size * size);
  const { product, degrees } = productOf(entries, rows, groups);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < a; b++) {
      covariance[a * size + b] = product(a, b);
      covariance[b * size + a] = covariance[a * size + b]!;
    }
    covariance[a * size + a] = Math.max(product(a, a), leastVariance(entries[a]!, rows, groups));
  }
  return { covariance, degrees };
}

function leastVariance(entry: Entry, rows: Rows, groups: Groups): number {
  const relevant = relevantRows(entry, rows, groups);
  if (relevant.kind !== 'share' || entry.value.value === undefined) return 0;
  const count = relevant.effective;
  const share = (entry.value.value * count + 2) / (count + 4);
  return (share * (1 - share)) / (count + 4);
}

interface Products {
  product(a: number, b: number): number;
  degrees: number;
}

function productOf(entries: readonly Entry[], rows: Rows, groups: Groups): Products {
  const isReplicated = entries.some(
    ({ value }) => value.value !== undefined && value.spread.kind === 'replicates',
  );
  if (isReplicated) return ofReplicates(entries, rows, groups);
  const influences = entries.map(({ value }) => {
    if (value.value === undefined || value.spread.kind !== 'influence')
      throw new TypeError('a covariance needs influences');
    return value.spread.influence();
  });
  return rows.clusters
    ? ofClusters(entries, influences, rows.clusters, groups)
    : ofRows(entries, influences, groups);
}

/** Two groups share no row, so only the same group and all rows have anything in common. */
function ofRows(entries: readonly Entry[], influences: readonly Float64Array[], groups: Groups): Products {
  return {
    degrees: Number.POSITIVE_INFINITY,
    product(a, b) {
      const [first, second] = [entries[a]!, entries[b]!];
      if (first.group >= 0 && second.group >= 0 && first.group !== second.group) return 0;
      const own = rowsOfEntry(first, groups) ?? rowsOfEntry(second, groups);
      const read = (entry: Entry, values: Float64Array, at: number): number =>
        values[entry.group < 0 && own ? own[at]! : at]!;
      const count = own ? own.length : influences[a]!.length;
      let sum = 0;
      for (let at = 0; at < count; at++)
        sum += read(first, influences[a]!, at) * read(second, influences[b]!, at);
      return sum;
    },
  };
}

function ofClusters(
  entries: readonly Entry[],
  influences: readonly Float64Array[],
  clusters: Clusters,
  groups: Groups,
): Products {
  const sums = entries.map((entry, index) => {
    const own = rowsOfEntry(entry, groups);
    const perCluster = new Map<number, number>();
    influences[index]!.forEach((influence, at) => {
      const cluster = clusters.of[own ? own[at]! : at]!;
      perCluster.set(cluster, (perCluster.get(cluster) ?? 0) + influence);
    });
    return perCluster;
  });
  return {
    degrees: clusters.count - 1,
    product(a, b) {
      const [fewer, more] = sums[a]!.size < sums[b]!.size ? [sums[a]!, sums[b]!] : [sums[b]!, sums[a]!];
      let sum = 0;
      for (const [cluster, influence] of fewer) sum += influence * (more.get(cluster) ?? 0);
      return (sum * clusters.count) / (clusters.count - 1);
    },
  };
}

/** As in `compareModels`: rows dealt into 20 groups. */
function ofReplicates(entries: readonly Entry[], rows: Rows, groups: Groups): Products {
  const dealt = jackknifeGroups(rows.truth.length, JACKKNIFE_GROUPS, rows.clusters);
  const centred = entries.map((entry) => {
    if (entry.value.value === undefined || entry.value.spread.kind !== 'replicates')
      throw new TypeError('a covariance needs replicates of every group');
    const own = rowsOfEntry(entry, groups);
    const values = entry.value.spread.without(
      own ? Uint8Array.from(own, (row) => dealt[row]!) : dealt,
      JACKKNIFE_GROUPS,
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / JACKKNIFE_GROUPS;
    return values.map((value) => value - mean);
  });
  return {
    degrees: JACKKNIFE_GROUPS - 1,
    product(a, b) {
      const sum = centred[a]!.reduce((total, value, at) => total + value * centred[b]![at]!, 0);
      return (sum * (JACKKNIFE_GROUPS - 1)) / JACKKNIFE_GROUPS;
    },
  };
}
