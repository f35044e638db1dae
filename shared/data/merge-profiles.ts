import type { ColumnSketch, Histogram, Moments, TopValues } from '../records/data-profile.ts';

/** The part of a profile that merges. */
export interface TableSketch {
  rowCount: number;
  columns: ColumnSketch[];
}

/**
 * The sketch of two parts together. Counts, moments and histograms are those of the whole; values listed in only one
 * part are counted with the others unless the other part lists all it has; quantiles are lost.
 * Moments by Chan, Golub & LeVeque (1983), "Algorithms for computing the sample variance".
 * @throws RangeError when the columns or the edges of a histogram differ: such sketches do not merge.
 */
export function mergeProfiles(first: TableSketch, second: TableSketch): TableSketch {
  if (first.columns.length !== second.columns.length)
    throw new RangeError('The profiles have different columns');
  const columns = first.columns.map((column, index) => {
    const other = second.columns[index]!;
    if (other.name !== column.name || other.kind !== column.kind) {
      throw new RangeError(`The profiles have different columns: ${column.name} and ${other.name}`);
    }
    return mergeColumns(column, other);
  });
  return { rowCount: first.rowCount + second.rowCount, columns };
}

function mergeColumns(first: ColumnSketch, second: ColumnSketch): ColumnSketch {
  const top = mergeTopValues(first.top, second.top);
  const isComplete = top !== null && top.otherCount === 0;
  return {
    name: first.name,
    type: first.type === second.type ? first.type : `${first.type}, ${second.type}`,
    kind: first.kind,
    count: first.count + second.count,
    nulls: first.nulls + second.nulls,
    distinct: isComplete ? top.values.length : null,
    moments: mergeMoments(first.moments, second.moments),
    quantiles: null,
    histogram: mergeHistograms(first, second),
    top,
  };
}

/** Moments of two samples together; null stands for an empty sample. */
export function mergeMoments(first: Moments | null, second: Moments | null): Moments | null {
  if (!first || !second) return first ?? second;
  const count = first.count + second.count;
  const difference = second.mean - first.mean;
  const squares =
    first.standardDeviation ** 2 * (first.count - 1) +
    second.standardDeviation ** 2 * (second.count - 1) +
    (difference ** 2 * first.count * second.count) / count;
  return {
    count,
    mean: first.mean + (difference * second.count) / count,
    standardDeviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0,
    minimum: Math.min(first.minimum, second.minimum),
    maximum: Math.max(first.maximum, second.maximum),
  };
}

function mergeHistograms(first: ColumnSketch, second: ColumnSketch): Histogram | null {
  const left = first.histogram;
  const right = second.histogram;
  if (!left && !right) return null;
  if (!left || !right || !sameEdges(left.edges, right.edges)) {
    throw new RangeError(`The histograms of ${first.name} have different edges`);
  }
  return { edges: left.edges, counts: left.counts.map((count, index) => count + right.counts[index]!) };
}

/** Whether two histograms count the same bins. */
export function sameEdges(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first.every((edge, index) => edge === second[index]);
}

function mergeTopValues(first: TopValues | null, second: TopValues | null): TopValues | null {
  if (!first || !second) return null;
  const counts = new Map<string, number>();
  let otherCount = first.otherCount + second.otherCount;
  const add = (list: TopValues, other: TopValues): void => {
    const listed = new Set(other.values.map((entry) => entry.value));
    for (const { value, count } of list.values) {
      // A value that the other part does not list may still be among its others: its sum would be a guess.
      if (listed.has(value) || other.otherCount === 0) counts.set(value, (counts.get(value) ?? 0) + count);
      else otherCount += count;
    }
  };
  add(first, second);
  add(second, first);
  const values = [...counts].map(([value, count]) => ({ value, count }));
  return { values: values.sort(byCountThenValue), otherCount };
}

/** Most frequent first, ties by the value's code units. */
export function byCountThenValue(
  a: { value: string; count: number },
  b: { value: string; count: number },
): number {
  return b.count - a.count || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
}
