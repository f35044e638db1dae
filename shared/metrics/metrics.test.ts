import { describe, expect, test } from 'vitest';
import { findMetric, METRICS, metricNames } from './catalogue.ts';
import { computeMetric } from './metric-definition.ts';
import { calibrationCurve, scoreHistogram } from './probability.ts';
import { numberClusters, type Rows, selectRows } from './rows.ts';
import { rocCurve } from './score-curves.ts';

const compute = (name: string, rows: Rows) => findMetric(name)!.definition.compute(rows);
const binary = (truth: number[], predicted: number[], score = predicted): Rows => ({
  truth: Float64Array.from(truth),
  predicted: Float64Array.from(predicted),
  score: Float64Array.from(score),
});

describe('names', () => {
  test('canonical, alias, _score and neg_ forms lead to one metric', () => {
    for (const name of ['brier_score_loss', 'neg_brier_score', 'brier_score']) {
      expect(findMetric(name)?.definition.name).toBe('brier_score_loss');
    }
    expect(findMetric('roc_auc_score')).toMatchObject({ definition: { name: 'roc_auc' }, negated: false });
    expect(findMetric('neg_log_loss')).toMatchObject({ definition: { name: 'log_loss' }, negated: true });
    expect(findMetric('neg_root_mean_squared_error')?.negated).toBe(true);
  });

  test('nothing else is known: neg_ of what is better high, made-up names', () => {
    expect(findMetric('neg_roc_auc')).toBeUndefined();
    expect(findMetric('rocauc')).toBeUndefined();
    expect(findMetric('constructor')).toBeUndefined();
  });

  test('no two metrics of a task share a name, and those of one name have one direction', () => {
    const tasks = new Set(METRICS.map((metric) => metric.task));
    expect([...tasks]).toHaveLength(6);
    for (const task of tasks) {
      const names = METRICS.filter((metric) => metric.task === task).flatMap(({ name, aliases }) => [
        name,
        ...aliases,
      ]);
      expect(new Set(names).size).toBe(names.length);
      expect(metricNames(task).toSorted()).toEqual(names.toSorted());
    }
    for (const metric of METRICS)
      expect(findMetric(metric.name)!.definition.direction).toBe(metric.direction);
  });

  test('a name is looked up in its task', () => {
    expect(findMetric('accuracy', 'multiclass')?.definition.task).toBe('multiclass');
    expect(findMetric('roc_auc', 'multilabel')?.definition.name).toBe('roc_auc_macro');
    expect(findMetric('MAP', 'ranking')?.definition.name).toBe('map');
    expect(findMetric('ndcg_score', 'ranking')?.definition.name).toBe('ndcg');
    expect(findMetric('roc_auc', 'multiclass')).toBeUndefined();
    expect(findMetric('neg_root_mean_squared_error', 'forecasting')?.negated).toBe(true);
  });
});

describe('no number, and why', () => {
  test.each([
    ['roc_auc', binary([1, 1], [1, 0]), 'only one class: no row is negative'],
    ['average_precision', binary([0, 0], [1, 0]), 'only one class: no row is positive'],
    ['precision', binary([1, 0], [0, 0]), 'no row is predicted positive'],
    ['recall', binary([0, 0], [0, 1]), 'only one class: no row is positive'],
    ['matthews_corrcoef', binary([1, 0], [1, 1]), 'no row is predicted negative'],
    ['balanced_accuracy', binary([1, 1], [1, 1]), 'only one class: no row is negative'],
    [
      'log_loss',
      binary([1, 0], [1, 0], [2, 0]),
      'y_score is no probability: it lies outside 0 to 1 in 1 row',
    ],
    ['roc_auc', binary([1, 0], [1, 0], [Number.NaN, 0]), 'y_score is not a finite number in 1 row'],
    ['r2', binary([3, 3], [1, 2]), 'y_true is the same in every row'],
    ['r2', binary([3], [1]), 'fewer than two rows'],
    ['mean_absolute_error', binary([3, 1], [Number.NaN, 2]), 'y_pred is not a finite number in 1 row'],
    [
      'mean_absolute_percentage_error',
      binary([0, 1], [1, 2]),
      'y_true is 0 in 1 row, and a percentage of 0 has no meaning',
    ],
    [
      'mean_gamma_deviance',
      binary([0, 1], [1, 2]),
      'the gamma deviance needs y_true > 0 and y_pred > 0, unlike 1 row',
    ],
    ['accuracy', { ...binary([1, 0], [1, 0]), weight: Float64Array.of(0, 0) }, 'there is no row with weight'],
  ])('%s', (name, rows, why) => {
    expect(compute(name, rows)).toEqual({ value: undefined, why });
  });

  test('no rows at all: every metric says why', () => {
    const none: Rows = {
      ...binary([], []),
      classes: [],
      classScores: [],
      labels: [],
      groups: numberClusters([]),
    };
    for (const metric of METRICS) {
      const found = computeMetric(metric, none, { k: 1, quantile: 0.5 });
      expect(found.value, metric.name).toBeUndefined();
    }
  });
});

test('the ROC curve runs from corner to corner and is thinned to its limit', () => {
  const score = Array.from({ length: 1000 }, (_, index) => index / 1000);
  const curve = rocCurve(
    binary(
      score.map((value) => (Math.sin(value * 90) > 0 ? 1 : 0)),
      score,
      score,
    ),
    100,
  );
  expect(curve[0]).toEqual([0, 0]);
  expect(curve.at(-1)).toEqual([1, 1]);
  expect(curve.length).toBeLessThanOrEqual(100);
  expect(curve.length).toBeGreaterThan(60);
  expect(rocCurve(binary([1, 1], [1, 1]), 100)).toEqual([]);
});

test('calibration and histogram', () => {
  const rows = binary([1, 0, 1], [1, 0, 1], [0.05, 0.07, 1]);
  expect(calibrationCurve(rows, 10)).toEqual([
    { score: expect.closeTo(0.06, 12), positives: 0.5, rows: 2, weight: 2 },
    { score: 1, positives: 1, rows: 1, weight: 1 },
  ]);
  expect(scoreHistogram(rows.score!, 4)).toEqual([2, 0, 0, 1]);
  expect(scoreHistogram(Float64Array.of(-1), 4)).toEqual([]);
});

test('selected rows keep their columns and number their clusters anew', () => {
  const rows = { ...binary([1, 0, 1], [0, 0, 1]), clusters: numberClusters(['a', 'b', 'c']) };
  const chosen = selectRows(rows, Int32Array.of(2, 1));
  expect([...chosen.truth]).toEqual([1, 0]);
  expect(chosen.clusters).toEqual({ of: Int32Array.of(0, 1), count: 2 });
  expect(chosen.weight).toBeUndefined();
});
