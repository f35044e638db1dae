/** Metrics of the scores that a model gives to each of several labels: those of two classes, averaged. */
import type { Average } from './class-averages.ts';
import { averagePrecision, rocAuc } from './ranking.ts';
import {
  countNotFinite,
  type LabelColumns,
  type MetricValue,
  noValue,
  type Rows,
  type Spread,
} from './rows.ts';

const OF_TWO_CLASSES = { roc_auc: rocAuc, average_precision: averagePrecision };
export type LabelScoreMetric = keyof typeof OF_TWO_CLASSES;

/** `roc_auc_score` or `average_precision_score` of labels. */
export function averagedScore(rows: Rows, name: LabelScoreMetric, average: Average): MetricValue {
  const labels = rows.labels ?? [];
  if (labels.length === 0) return noValue('there is no label');
  const bad = labels.reduce((sum, label) => sum + countNotFinite(label.score!), 0);
  if (bad > 0) return noValue(`a score is not a finite number in ${bad} places`);
  return average === 'micro'
    ? scoreOfLongTable(rows, labels, name)
    : meanOfLabels(rows, labels, name, average === 'weighted');
}

/** One label in a mean. */
interface Part {
  truth: Float64Array;
  /** 1, or in a weighted mean the weight of the rows that have the label. */
  weight: number;
  value: number;
  spread: Spread;
}

const weightOf = (rows: Rows, row: number): number => (rows.weight ? rows.weight[row]! : 1);

function meanOfLabels(
  rows: Rows,
  labels: readonly LabelColumns[],
  name: LabelScoreMetric,
  isWeighted: boolean,
): MetricValue {
  const parts: Part[] = [];
  for (const label of labels) {
    const weight = isWeighted ? label.truth.reduce((sum, own, row) => sum + own * weightOf(rows, row), 0) : 1;
    if (weight === 0) continue;
    const found = OF_TWO_CLASSES[name]({ truth: label.truth, score: label.score, weight: rows.weight });
    if (found.value === undefined) return noValue(`label ${label.name}: ${found.why}`);
    parts.push({ truth: label.truth, weight, ...found });
  }
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) return noValue('no row has any label');
  const value = parts.reduce((sum, part) => sum + part.weight * part.value, 0) / total;
  const mean = { parts, total, value, isWeighted };
  const isArea = parts[0]!.spread.kind === 'influence';
  return {
    value,
    spread: isArea
      ? { kind: 'influence', influence: () => influenceOfMean(rows, mean) }
      : { kind: 'replicates', without: (groups, count) => meanWithout(rows, mean, groups, count) },
  };
}

interface Mean {
  parts: readonly Part[];
  total: number;
  value: number;
  isWeighted: boolean;
}

function influenceOfMean(rows: Rows, { parts, total, value, isWeighted }: Mean): Float64Array {
  const sums = new Float64Array(rows.truth.length);
  for (const part of parts) {
    if (part.spread.kind !== 'influence') throw new TypeError('an area has influences');
    const own = part.spread.influence();
    for (let row = 0; row < sums.length; row++) {
      sums[row]! += (part.weight * own[row]!) / total;
      if (isWeighted) sums[row]! += (weightOf(rows, row) * part.truth[row]! * (part.value - value)) / total;
    }
  }
  return sums;
}

/** The mean without each group of rows; the weight of a label without the group is that of its other rows. */
function meanWithout(
  rows: Rows,
  { parts, isWeighted }: Mean,
  groups: Uint8Array,
  count: number,
): Float64Array {
  const sums = new Float64Array(count);
  const totals = new Float64Array(count);
  for (const part of parts) {
    if (part.spread.kind !== 'replicates') throw new TypeError('an average precision has replicates');
    const left = new Float64Array(count).fill(part.weight);
    if (isWeighted) {
      part.truth.forEach((own, row) => {
        left[groups[row]!]! -= own * weightOf(rows, row);
      });
    }
    part.spread.without(groups, count).forEach((replicate, group) => {
      // Nothing is left but the rounding of the weights.
      if (!(left[group]! > 1e-9 * part.weight)) return;
      sums[group]! += left[group]! * replicate;
      totals[group]! += left[group]!;
    });
  }
  return sums.map((sum, group) => sum / totals[group]!);
}

/** All labels of all rows as one long table of two classes, of which a row's labels are one observation. */
function scoreOfLongTable(rows: Rows, labels: readonly LabelColumns[], name: LabelScoreMetric): MetricValue {
  const count = rows.truth.length;
  const long = (column: (label: LabelColumns) => Float64Array): Float64Array => {
    const values = new Float64Array(count * labels.length);
    labels.forEach((label, index) => {
      values.set(column(label), index * count);
    });
    return values;
  };
  const found = OF_TWO_CLASSES[name]({
    truth: long((label) => label.truth),
    score: long((label) => label.score!),
    weight: rows.weight && long(() => rows.weight!),
  });
  return found.value === undefined
    ? found
    : { value: found.value, spread: spreadOfRows(found.spread, count, labels.length) };
}

function spreadOfRows(spread: Spread, count: number, labels: number): Spread {
  if (spread.kind === 'influence') {
    return {
      kind: 'influence',
      influence() {
        const sums = new Float64Array(count);
        spread.influence().forEach((part, at) => {
          sums[at % count]! += part;
        });
        return sums;
      },
    };
  }
  if (spread.kind === 'unknown') return spread;
  return {
    kind: 'replicates',
    without(groups, groupCount) {
      const long = new Uint8Array(count * labels);
      for (let label = 0; label < labels; label++) long.set(groups, label * count);
      return spread.without(long, groupCount);
    },
  };
}
