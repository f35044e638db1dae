/**
 * Of a value near an end of its range few rows tell: of an area of 0.99 from 50 positive rows those few that are
 * ranked low, and a draw without them would be sure of itself. How large the variance should be is then told by the
 * value itself, for the metrics of which that is known: areas under the ROC curve, and means over queries.
 */
import { type VarianceAt, varianceOfArea, varianceOfMean } from '../stats/bounded-values.ts';
import type { MetricDefinition } from './metric-definition.ts';
import type { Clusters, Rows } from './rows.ts';

/** Of how few deciding rows (queries) an error is not trusted alone. */
export const FEW = 5;

/** With `times` as many rows as there are. */
export type SupposedVariance = (times: number) => VarianceAt;

/** Of areas under the ROC curve and of rankings the variance is known from the value. */
export const hasSupposedVariance = (definition: MetricDefinition): boolean =>
  definition.task === 'ranking' || definition.intervalMethod === 'DeLong';

/** Undefined for metrics whose variance is not a function of their value. @param rows prepared. */
export function supposedVariance(definition: MetricDefinition, rows: Rows): SupposedVariance | undefined {
  if (!hasSupposedVariance(definition)) return undefined;
  if (definition.task === 'ranking') {
    const queries = (rows.clusters ?? rows.groups!).count;
    return (times) => varianceOfMean(queries * times);
  }
  const [fewer, more] = smallestPair(definition, rows);
  return (times) => varianceOfArea(fewer * times, more * times);
}

/** The numbers of rows of the two classes that tell the least: a mean of areas is no less sure than its least sure one. */
function smallestPair(definition: MetricDefinition, rows: Rows): [fewer: number, more: number] {
  const sorted = ([a, b]: readonly [number, number]): [number, number] => (a < b ? [a, b] : [b, a]);
  if (rows.labels) {
    const pairs = rows.labels
      .map(({ truth }) => sorted([tell(rows, truth, 1), tell(rows, truth, 0)]))
      // A label that no row has is no part of a weighted mean.
      .filter(([fewer]) => fewer > 0);
    if (definition.name.endsWith('_micro')) {
      // All labels stand in one table, in which a row counts once however many it has.
      const sum = (at: 0 | 1): number => pairs.reduce((total, pair) => total + pair[at], 0);
      const all = rows.clusters?.count ?? rows.truth.length;
      return [Math.min(all, sum(0)), Math.min(all, sum(1))];
    }
    return pairs.reduce((least, pair) => (pair[0] < least[0] ? pair : least));
  }
  if (!rows.classes) return sorted([tell(rows, rows.truth, 1), tell(rows, rows.truth, 0)]);
  const counts = rows.classes.map((_, index) => tell(rows, rows.truth, index)).sort((a, b) => a - b);
  const others = counts.slice(1);
  const isOneAgainstOne = definition.name.includes('_ovo');
  return sorted([counts[0]!, isOneAgainstOne ? others[0]! : others.reduce((sum, count) => sum + count, 0)]);
}

/** How many independent rows of equal weight those of a class are worth: (Σw)²/Σw² (Kish 1965), or their clusters. */
function tell({ weight, clusters }: Rows, truth: Float64Array, own: number): number {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < truth.length; row++) {
    if (truth[row] !== own) continue;
    const of = weight ? weight[row]! : 1;
    sum += of;
    squares += of * of;
  }
  const rows = squares > 0 ? sum ** 2 / squares : 0;
  return clusters ? Math.min(rows, clustersWith(clusters, truth, own)) : rows;
}

function clustersWith(clusters: Clusters, truth: Float64Array, own: number): number {
  const found = new Uint8Array(clusters.count);
  for (let row = 0; row < truth.length; row++) if (truth[row] === own) found[clusters.of[row]!] = 1;
  return found.reduce((count, one) => count + one, 0);
}
