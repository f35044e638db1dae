/**
 * Two equal models from two trained alike: each row's pair of predictions is swapped with probability one half, so
 * that neither side can be the better one. Where rows depend on each other the whole cluster (or the whole query of a
 * ranking) is swapped, since its rows stand or fall together. The rows themselves stay: to draw these again as well
 * would count the noise of the rows twice.
 */
import type { MetricTask } from '../../../shared/metrics/metric-definition.ts';
import type { Clusters, Rows } from '../../../shared/metrics/rows.ts';
import type { Calibrate } from '../../../shared/records/evaluation.ts';
import type { JudgedRows } from '../predictions/rows-of-table.ts';

/** Which rows are swapped together; undefined: each by itself. */
export type Units = Clusters | undefined;

type Column = Float64Array | undefined;

/** What is swapped as a whole, and what it is called. */
export function unitsOf(
  task: MetricTask,
  { clusters, groups }: Rows,
): { units: Units; swapped: Calibrate['swapped'] } {
  if (task === 'ranking' && groups) {
    return clusters
      ? { units: clustersOfQueries(clusters, groups), swapped: 'clusters' }
      : { units: groups, swapped: 'queries' };
  }
  if (clusters && clusters === groups) return { units: clusters, swapped: 'series' };
  return { units: clusters, swapped: clusters ? 'clusters' : 'rows' };
}

/** A query is ranked as a whole, so it is in the cluster of its first row, as its part in an interval is. */
function clustersOfQueries(clusters: Clusters, queries: Clusters): Clusters {
  const ofQuery = new Int32Array(queries.count).fill(-1);
  const of = queries.of.map((query, row) => {
    if (ofQuery[query] === -1) ofQuery[query] = clusters.of[row]!;
    return ofQuery[query]!;
  });
  return { of, count: clusters.count };
}

/** One draw, in arrays of its own. @param rows with a champion. @param random numbers in [0, 1). */
export function swapPairs(rows: JudgedRows, units: Units, random: () => number): JudgedRows {
  const { champion, challenger, seeds } = rows;
  if (!champion) throw new TypeError('there is nothing to swap with');
  const isSwapped = new Uint8Array(units?.count ?? challenger.truth.length);
  for (let unit = 0; unit < isSwapped.length; unit++) isSwapped[unit] = random() < 0.5 ? 1 : 0;
  if (!seeds) {
    const [first, second] = swapModels(champion, challenger, isSwapped, units);
    return { ...rows, champion: first, challenger: second };
  }
  const pairs = seeds.challenger.map((run, index) =>
    swapModels(seeds.champion![index]!, run, isSwapped, units),
  );
  const [champions, challengers] = [pairs.map(([first]) => first), pairs.map(([, second]) => second)];
  return {
    ...rows,
    champion: champions[0],
    challenger: challengers[0]!,
    seeds: { champion: champions, challenger: challengers },
  };
}

function swapModels(champion: Rows, challenger: Rows, isSwapped: Uint8Array, units: Units): [Rows, Rows] {
  /** A column that only one side has cannot be swapped, and is lost to both. */
  const swap = (first: Column, second: Column): [Column, Column] => {
    if (!first || !second) return [undefined, undefined];
    const [one, other] = [first.slice(), second.slice()];
    for (let row = 0; row < one.length; row++) {
      if (isSwapped[units ? units.of[row]! : row] === 0) continue;
      one[row] = second[row]!;
      other[row] = first[row]!;
    }
    return [one, other];
  };
  const predicted = swap(champion.predicted, challenger.predicted);
  const score = swap(champion.score, challenger.score);
  const classScores = champion.classScores?.map((column, index) =>
    swap(column, challenger.classScores?.[index]),
  );
  const labels = champion.labels?.map((label, index) => ({
    predicted: swap(label.predicted, challenger.labels?.[index]?.predicted),
    score: swap(label.score, challenger.labels?.[index]?.score),
  }));
  const side = (rows: Rows, at: 0 | 1): Rows => {
    const columns = classScores?.map((pair) => pair[at]).filter((column) => column !== undefined);
    return {
      ...rows,
      predicted: predicted[at],
      score: score[at],
      classScores: columns?.length === rows.classScores?.length ? columns : undefined,
      labels: rows.labels?.map((label, index) => ({
        ...label,
        predicted: labels?.[index]?.predicted[at],
        score: labels?.[index]?.score[at],
      })),
    };
  };
  return [side(champion, 0), side(challenger, 1)];
}
