/** The oracle's cases as the metrics read them. */
import { scoreRows } from '../../shared/metrics/mean-score.ts';
import { numberClusters, type Rows } from '../../shared/metrics/rows.ts';
import type { Case, Table } from './metric-cases.ts';

/** Mean |y(t) − y(t − 1)| of each series. */
const naiveErrors = (training: Table): number[] =>
  training.map((series) => {
    const steps = series.slice(1).map((value, at) => Math.abs(value - series[at]!));
    return steps.reduce((sum, step) => sum + step, 0) / steps.length;
  });

const floats = (values: number[]): Float64Array => Float64Array.from(values);

export function rowsOf(one: Case): Rows {
  const weight = one.weight ? floats(one.weight) : undefined;
  if (one.kind === 'scores') return scoreRows(floats(one.predicted), { weight });
  const naive = one.training && naiveErrors(one.training);
  return {
    truth: floats(one.truth),
    predicted: one.labels || one.kind === 'ranking' ? undefined : floats(one.predicted),
    score: one.score && floats(one.score),
    classes: one.classScores?.map((_, index) => `class ${index}`),
    classScores: one.classScores?.map(floats),
    labels: one.labels?.map((label, index) => ({
      name: `class ${index}`,
      truth: floats(label.truth),
      predicted: floats(label.predicted),
      score: floats(label.score),
    })),
    groups: one.groups && numberClusters(one.groups),
    naiveError: naive && floats(one.groups!.map((group) => naive[group]!)),
    weight,
  };
}
