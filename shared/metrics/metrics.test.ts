import { describe, expect, test } from 'vitest';
import { findMetric, METRICS, metricNames } from './catalogue.ts';
import { calibrationCurve, scoreHistogram } from './probability.ts';
import { rocCurve } from './ranking.ts';
import { numberClusters, type Rows, selectRows } from './rows.ts';

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

  test('no two metrics share a name', () => {
    expect(new Set(metricNames()).size).toBe(metricNames().length);
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
    ['log_loss', binary([1, 0], [1, 0], [2, 0]), 'y_score is no probability: 1 rows lie outside 0 to 1'],
    ['roc_auc', binary([1, 0], [1, 0], [Number.NaN, 0]), 'y_score is not a finite number in 1 rows'],
    ['r2', binary([3, 3], [1, 2]), 'y_true is the same in every row'],
    ['r2', binary([3], [1]), 'fewer than two rows'],
    ['mean_absolute_error', binary([3, 1], [Number.NaN, 2]), 'y_pred is not a finite number in 1 rows'],
    [
      'mean_absolute_percentage_error',
      binary([0, 1], [1, 2]),
      'y_true is 0 in 1 rows, and a percentage of 0 has no meaning',
    ],
    [
      'mean_gamma_deviance',
      binary([0, 1], [1, 2]),
      'the gamma deviance needs y_true > 0 and y_pred > 0; 1 rows break that',
    ],
    ['accuracy', { ...binary([1, 0], [1, 0]), weight: Float64Array.of(0, 0) }, 'there is no row with weight'],
  ])('%s', (name, rows, why) => {
    expect(compute(name, rows)).toEqual({ value: undefined, why });
  });

  test('no rows at all: every metric says why', () => {
    for (const metric of METRICS) expect(metric.compute(binary([], [])).value, metric.name).toBeUndefined();
  });
});

describe('influences', () => {
  const rows: Rows = {
    ...binary([1, 0, 1, 1, 0, 0, 1, 0], [1, 0, 0, 1, 1, 0, 1, 0], [0.9, 0.1, 0.4, 0.8, 0.7, 0.2, 0.6, 0.3]),
    weight: Float64Array.of(1, 2, 1, 0.5, 1, 3, 1, 1),
  };
  const numbers: Rows = {
    ...rows,
    truth: Float64Array.of(3, 1, 4, 1.5, 5, 9, 2.6, 5),
    predicted: Float64Array.of(2.5, 1.2, 4.4, 1, 5.5, 8, 3, 4),
  };

  test.each(METRICS.map((metric) => [metric.name]))(
    '%s: they sum to zero, and are the slope in the weight of a row',
    (name) => {
      const definition = findMetric(name)!.definition;
      const base = definition.task === 'binary' ? rows : numbers;
      const found = definition.compute(base);
      if (found.value === undefined) return expect.fail(found.why);
      if (found.spread.kind !== 'influence')
        return expect(['replicates', 'unknown']).toContain(found.spread.kind);
      const influence = found.spread.influence();
      // The finite-sample factor √(n/(n − 1)) is at most that of four rows, DeLong's per class.
      const step = 1e-6;
      base.truth.forEach((_, row) => {
        const weight = base.weight!.slice();
        weight[row]! += step * weight[row]!;
        const moved = definition.compute({ ...base, weight }).value!;
        const ratio = influence[row]! / ((moved - found.value) / step);
        if (Math.abs(influence[row]!) > 1e-9) {
          expect(ratio).toBeGreaterThan(1 - 1e-3);
          expect(ratio).toBeLessThan(Math.sqrt(4 / 3) + 1e-3);
        }
      });
      if (name !== 'roc_auc') expect(influence.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
    },
  );
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
    { score: expect.closeTo(0.06, 12), positives: 0.5, rows: 2 },
    { score: 1, positives: 1, rows: 1 },
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
