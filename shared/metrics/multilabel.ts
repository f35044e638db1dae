/** Metrics of rows that have any number of labels each; the row is the observation. */

import { CLASS_RATIOS, type ClassRatio } from './class-averages.ts';
import { type LabelColumns, type MetricValue, meanOfLoss, noValue, type Rows, tabulate } from './rows.ts';

const labelsOf = (rows: Rows): readonly LabelColumns[] => rows.labels ?? [];

/** Rows of hits and misses: all labels of the row are met, or not; an empty prediction stays empty. */
export function exactMatches(rows: Rows): Rows {
  const labels = labelsOf(rows);
  if (labels.some((label) => label.predicted === undefined) || labels.length === 0) return rows;
  const matches = (row: number): number => {
    let isMatch = 1;
    for (const label of labels) {
      const given = label.predicted![row]!;
      if (Number.isNaN(given)) return Number.NaN;
      if (given !== label.truth[row]) isMatch = 0;
    }
    return isMatch;
  };
  return {
    truth: tabulate(rows.truth.length, () => 1),
    predicted: tabulate(rows.truth.length, matches),
    weight: rows.weight,
    clusters: rows.clusters,
  };
}

/** Share of the rows all of whose labels are met (`accuracy_score`). @param rows those of `exactMatches`. */
export const subsetAccuracy = (rows: Rows): MetricValue =>
  rows.labels ? noValue('there is no label') : meanOfLoss(rows, (row) => rows.predicted![row]!);

/** Share of the labels of all rows that are missed (`hamming_loss`). */
export function hammingLoss(rows: Rows): MetricValue {
  const labels = labelsOf(rows);
  if (labels.length === 0) return noValue('there is no label');
  return meanOfLoss(rows, (row) => {
    let missed = 0;
    for (const label of labels) if (label.predicted![row] !== label.truth[row]) missed++;
    return missed / labels.length;
  });
}

/** Mean over rows of the ratio of the row's labels, 0 for 0/0 as scikit-learn with zero_division=0. */
export function samplesRatio(rows: Rows, name: ClassRatio): MetricValue {
  const labels = labelsOf(rows);
  const { factor, truth, predicted, hit } = CLASS_RATIOS[name];
  if (labels.length === 0) return noValue('there is no label');
  return meanOfLoss(rows, (row) => {
    const counts = { truth: 0, predicted: 0, hit: 0 };
    for (const label of labels) {
      const own = label.truth[row]!;
      const given = label.predicted![row]!;
      counts.truth += own;
      counts.predicted += given;
      counts.hit += own * given;
    }
    const below = truth * counts.truth + predicted * counts.predicted - hit * counts.hit;
    return below > 0 ? (factor * counts.hit) / below : 0;
  });
}
