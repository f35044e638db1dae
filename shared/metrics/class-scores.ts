/** Metrics of the scores that a model gives to each of several classes. */

import { counted } from './counted.ts';
import type { MetricParameters } from './metric-definition.ts';
import { whyNoProbability } from './probability.ts';
import { rocAuc } from './ranking.ts';
import {
  countNotFinite,
  type MetricValue,
  meanOfLoss,
  noValue,
  type Rows,
  tabulate,
  totalWeight,
} from './rows.ts';

const EPSILON = 2 ** -52;
/** By how much the scores of a row may miss a sum of 1: as scikit-learn for AUC; for losses what is left by rounding. */
const SUM_TOLERANCE_AUC = 1e-5;
const SUM_TOLERANCE_LOSS = 0.01;

/** One class against the rest, as rows of two classes. */
export function oneAgainstRest(rows: Rows, index: number): Rows {
  const isClass = (label: number): number => (Number.isNaN(label) ? label : Number(label === index));
  return {
    truth: rows.truth.map(isClass),
    predicted: rows.predicted?.map(isClass),
    score: rows.classScores?.[index],
    weight: rows.weight,
    clusters: rows.clusters,
  };
}

function whyNoScores(rows: Rows): string | undefined {
  const columns = rows.classScores;
  if (!columns || columns.length === 0) return 'there are no scores per class';
  if (columns.length < 2) return 'only one class';
  const bad = columns.reduce((sum, column) => sum + countNotFinite(column), 0);
  return bad > 0 ? `a score is not a finite number in ${bad} places` : undefined;
}

function whyNotSummingToOne(columns: readonly Float64Array[], tolerance: number): string | undefined {
  const rows = columns[0]!.length;
  let off = 0;
  for (let row = 0; row < rows; row++) {
    const sum = columns.reduce((total, column) => total + column[row]!, 0);
    if (Math.abs(sum - 1) > tolerance) off++;
  }
  return off > 0 ? `the scores of the classes do not sum to 1 in ${counted(off, 'row')}` : undefined;
}

function whyNoProbabilities(rows: Rows): string | undefined {
  const why = whyNoScores(rows);
  if (why) return why;
  const columns = rows.classScores!;
  return (
    columns.map(whyNoProbability).find((found) => found !== undefined) ??
    whyNotSummingToOne(columns, SUM_TOLERANCE_LOSS)
  );
}

/** Mean of −ln of the probability given to the true class (`log_loss`). */
export function multiclassLogLoss(rows: Rows): MetricValue {
  const why = whyNoProbabilities(rows);
  if (why) return noValue(why);
  return meanOfLoss(rows, (row) => {
    const probability = rows.classScores![rows.truth[row]!]![row]!;
    return -Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, probability)));
  });
}

/** Mean over rows of Σ (probability − outcome)², halved where there are two classes (`brier_score_loss`). */
export function multiclassBrier(rows: Rows): MetricValue {
  const why = whyNoProbabilities(rows);
  if (why) return noValue(why);
  const columns = rows.classScores!;
  const scale = columns.length < 3 ? 0.5 : 1;
  return meanOfLoss(rows, (row) => {
    let loss = 0;
    for (let index = 0; index < columns.length; index++) {
      loss += (columns[index]![row]! - (rows.truth[row] === index ? 1 : 0)) ** 2;
    }
    return scale * loss;
  });
}

/** Rows of hits (1) and misses (0); unchanged where there are none to be had, which `topKAccuracy` then explains. */
export function topKHits(rows: Rows, { k }: MetricParameters = {}): Rows {
  if (k === undefined || whyNoTopK(rows, k)) return rows;
  const columns = rows.classScores!;
  const isHit = (row: number): boolean => {
    const own = rows.truth[row]!;
    const score = columns[own]![row]!;
    let before = 0;
    for (let index = 0; index < columns.length; index++) {
      if (columns[index]![row]! > score || (columns[index]![row] === score && index > own)) before++;
    }
    return before < k;
  };
  return {
    truth: tabulate(rows.truth.length, () => 1),
    predicted: tabulate(rows.truth.length, (row) => Number(isHit(row))),
    weight: rows.weight,
    clusters: rows.clusters,
  };
}

function whyNoTopK(rows: Rows, k: number): string | undefined {
  const classes = rows.classScores?.length ?? 0;
  const why = whyNoScores(rows);
  if (why) return why;
  // There scikit-learn takes one column and a threshold of ½.
  if (classes === 2) return 'of two classes only the first could count, which is accuracy';
  return k >= classes ? `k is ${k}, and of ${classes} classes that makes every row a hit` : undefined;
}

/** The mean of the hits. @param rows those of `topKHits`. */
export function topKAccuracy(rows: Rows, { k }: MetricParameters = {}): MetricValue {
  if (k === undefined) return noValue('k is not given');
  const why = rows.classScores ? whyNoTopK(rows, k) : undefined;
  return why ? noValue(why) : meanOfLoss(rows, (row) => rows.predicted![row]!);
}

function whyNoArea(rows: Rows): string | undefined {
  return whyNoScores(rows) ?? whyNotSummingToOne(rows.classScores!, SUM_TOLERANCE_AUC);
}

const nameOf = (rows: Rows, index: number): string => rows.classes?.[index] ?? String(index);

/** Mean of the areas of each class against the rest; weighted by the weight of the rows of the class. */
export function oneVersusRestAuc(rows: Rows, average: 'macro' | 'weighted'): MetricValue {
  const why = whyNoArea(rows);
  if (why) return noValue(why);
  const areas = rows.classScores!.map((_, index) => rocAuc(oneAgainstRest(rows, index)));
  const missing = areas.findIndex((area) => area.value === undefined);
  if (missing >= 0) return noValue(whyNoAreaOf(areas[missing]!, nameOf(rows, missing)));
  const weightOf = (row: number): number => (rows.weight ? rows.weight[row]! : 1);
  const total = totalWeight(rows);
  const shares = areas.map((_, index) => {
    if (average === 'macro') return 1 / areas.length;
    return rows.truth.reduce((sum, own, row) => sum + (own === index ? weightOf(row) : 0), 0) / total;
  });
  const value = areas.reduce((sum, area, index) => sum + shares[index]! * area.value!, 0);
  return {
    value,
    spread: {
      kind: 'influence',
      influence: () => {
        const sum = tabulate(rows.truth.length, (row) =>
          average === 'macro' ? 0 : (weightOf(row) * (areas[rows.truth[row]!]!.value! - value)) / total,
        );
        areas.forEach((area, index) => {
          addInfluence(area, (row, part) => {
            sum[row]! += shares[index]! * part;
          });
        });
        return sum;
      },
    },
  };
}

const whyNoAreaOf = (area: MetricValue, name: string): string =>
  area.value !== undefined || area.why.includes('no row is positive')
    ? `no row is of the class ${name}`
    : area.why.includes('no row is negative')
      ? `all rows are of the class ${name}`
      : area.why;

function addInfluence(area: MetricValue, add: (row: number, part: number) => void): void {
  if (area.value === undefined || area.spread.kind !== 'influence') return;
  area.spread.influence().forEach((part, row) => {
    add(row, part);
  });
}

/**
 * Mean over the pairs of classes of the areas of the one against the other by either's score (Hand & Till 2001);
 * weighted by the number of rows of the pair. Without sample weights, for which it is not defined there either.
 */
export function oneVersusOneAuc(rows: Rows, average: 'macro' | 'weighted'): MetricValue {
  const why = whyNoArea(rows);
  if (why) return noValue(why);
  if (rows.weight) return noValue('one class against another has no sample weights; use roc_auc_ovr');
  const classes = rows.classScores!.length;
  const members = rowsOfClasses(rows, classes);
  const empty = members.findIndex((list) => list.length === 0);
  if (empty >= 0) return noValue(`no row is of the class ${nameOf(rows, empty)}`);
  const count = rows.truth.length;
  const influence = new Float64Array(count);
  // Of each class the areas of its pairs, times their share, for the weights that depend on the rows.
  const ofClass = new Float64Array(classes);
  let value = 0;
  for (let first = 0; first < classes; first++) {
    for (let second = first + 1; second < classes; second++) {
      const [own, other] = [members[first]!, members[second]!];
      const share =
        average === 'macro'
          ? 2 / (classes * (classes - 1))
          : (own.length + other.length) / (count * (classes - 1));
      const both = joined(own, other);
      let area = 0;
      for (const index of [first, second]) {
        const found = rocAuc(pairRows(rows, both, index));
        if (found.value === undefined) return noValue(found.why);
        area += found.value / 2;
        addInfluence(found, (at, part) => {
          influence[both[at]!]! += (share * part) / 2;
        });
      }
      value += share * area;
      ofClass[first]! += area / (count * (classes - 1));
      ofClass[second]! += area / (count * (classes - 1));
    }
  }
  if (average === 'weighted') {
    for (let row = 0; row < count; row++) influence[row]! += ofClass[rows.truth[row]!]! - value / count;
  }
  return { value, spread: { kind: 'influence', influence: () => influence } };
}

function rowsOfClasses(rows: Rows, classes: number): Int32Array[] {
  const lists = Array.from({ length: classes }, (): number[] => []);
  rows.truth.forEach((own, row) => {
    lists[own]!.push(row);
  });
  return lists.map((list) => Int32Array.from(list));
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Some rows, the class `index` being positive, with its score. */
function pairRows(rows: Rows, indices: Int32Array, index: number): Rows {
  const column = rows.classScores![index]!;
  return {
    truth: tabulate(indices.length, (at) => Number(rows.truth[indices[at]!] === index)),
    score: tabulate(indices.length, (at) => column[indices[at]!]!),
  };
}
