/** The influences by which intervals are made are the slopes of the metric in the weights of the rows. */
import { describe, expect, test } from 'vitest';
import { findMetric, METRICS, type MetricDefinition } from './catalogue.ts';
import { computeMetric } from './metric-definition.ts';
import { ofClass } from './one-class.ts';
import { numberClusters, type Rows, selectRows } from './rows.ts';

const columns = (...values: number[][]): Float64Array[] => values.map((column) => Float64Array.from(column));

const weight = Float64Array.of(1, 2, 1, 0.5, 1, 3, 1, 1);
const [truth, predicted, score] = columns(
  [1, 0, 1, 1, 0, 0, 1, 0],
  [1, 0, 0, 1, 1, 0, 1, 0],
  [0.9, 0.1, 0.4, 0.8, 0.7, 0.2, 0.6, 0.3],
) as [Float64Array, Float64Array, Float64Array];
const numbers = {
  truth: Float64Array.of(3, 1, 4, 1.5, 5, 9, 2.6, 5),
  predicted: Float64Array.of(2.5, 1.2, 4.4, 1, 5.5, 8, 3, 4),
};
const ROWS: Record<string, Rows> = {
  binary: { truth, predicted, score, weight },
  regression: { ...numbers, weight },
  forecasting: { ...numbers, weight, naiveError: Float64Array.of(1, 1, 2, 2, 1, 1, 2, 2) },
  multiclass: {
    truth: Float64Array.of(0, 1, 2, 0, 1, 2, 0, 1),
    predicted: Float64Array.of(0, 2, 2, 1, 1, 0, 0, 1),
    classes: ['a', 'b', 'c'],
    classScores: columns(
      [0.6, 0.2, 0.1, 0.3, 0.2, 0.5, 0.7, 0.35],
      [0.3, 0.35, 0.2, 0.4, 0.6, 0.1, 0.2, 0.45],
      [0.1, 0.45, 0.7, 0.3, 0.2, 0.4, 0.1, 0.2],
    ),
    weight,
  },
  multilabel: {
    truth: Float64Array.of(1, 1, 1, 2, 2, 0, 1, 1),
    labels: [
      { name: 'red', truth, predicted, score },
      {
        name: 'round',
        truth: Float64Array.of(0, 1, 0, 1, 1, 0, 0, 1),
        predicted: Float64Array.of(0, 1, 1, 1, 0, 0, 1, 1),
        score: Float64Array.of(0.2, 0.5, 0.65, 0.75, 0.45, 0.15, 0.55, 0.85),
      },
    ],
    weight,
  },
};
const PARAMETERS = { k: 2, quantile: 0.8 };

/** So often is each row there that the finite-sample factors √(n/(n − 1)), DeLong's per class, are nearly 1. */
const TIMES = 100;

const repeated = (rows: Rows, times: readonly number[]): Rows =>
  selectRows(rows, Int32Array.from(times.flatMap((count, row) => new Array<number>(count).fill(row))));

const often = (rows: Rows): Rows => repeated(rows, new Array<number>(rows.truth.length).fill(TIMES));

function influencesOf(definition: MetricDefinition, rows: Rows): Float64Array {
  const found = computeMetric(definition, rows, PARAMETERS);
  if (found.value === undefined) throw new Error(found.why);
  if (found.spread.kind !== 'influence') throw new Error('not by influences');
  return found.spread.influence();
}

function checkSlopes(definition: MetricDefinition, once: Rows): void {
  const rows = often(once);
  const value = computeMetric(definition, rows, PARAMETERS).value!;
  const influence = influencesOf(definition, rows);
  const step = 1e-6;
  const slopes = Array.from(once.truth, (_, row) => {
    const moved = rows.weight!.slice();
    moved[row * TIMES]! += step * TIMES;
    return (computeMetric(definition, { ...rows, weight: moved }, PARAMETERS).value! - value) / step / TIMES;
  });
  const largest = Math.max(...slopes.map((slope, row) => Math.abs(slope * once.weight![row]!)));
  expect(largest).toBeGreaterThan(1e-6);
  slopes.forEach((slope, row) => {
    const own = slope * once.weight![row]!;
    expect(Math.abs(influence[row * TIMES]! - own)).toBeLessThan(0.02 * largest);
  });
  expect(Math.abs(influence.reduce((sum, part) => sum + part, 0))).toBeLessThan(1e-2 * largest);
}

/** A median moves in steps: its influences have a test of their own. */
const OTHERWISE = ['none', '20-group jackknife', 'density at the median'];
const hasInfluences = ({ intervalMethod }: MetricDefinition): boolean => !OTHERWISE.includes(intervalMethod);
/** One class against another has no weights, and a query is one observation whatever its rows. */
const WEIGHTED = METRICS.filter(
  (metric) => hasInfluences(metric) && metric.task !== 'ranking' && !metric.name.startsWith('roc_auc_ovo'),
);

test.each(WEIGHTED.map((metric) => [metric.task, metric.name, metric] as const))(
  '%s %s: they are the slope in the weight of a row',
  (task, _, definition) => checkSlopes(definition, ROWS[task]!),
);

test.each(['multiclass', 'multilabel'] as const)('%s: of one class as of two', (task) => {
  const name = task === 'multiclass' ? 'b' : 'round';
  for (const metric of METRICS.filter((known) => known.task === 'binary' && hasInfluences(known))) {
    checkSlopes(ofClass(metric, name), ROWS[task]!);
  }
});

describe('where rows have no weights', () => {
  test.each(['roc_auc_ovo', 'roc_auc_ovo_weighted'])('%s: the slope in the number of a row', (name) => {
    const { definition } = findMetric(name, 'multiclass')!;
    const { weight: _, ...plain } = ROWS.multiclass!;
    const times = new Array<number>(8).fill(TIMES);
    const value = computeMetric(definition, often(plain)).value!;
    const influence = influencesOf(definition, often(plain));
    for (let row = 0; row < 8; row++) {
      const more = computeMetric(definition, repeated(plain, times.with(row, TIMES + 1))).value!;
      expect(influence[row * TIMES]!).toBeCloseTo(more - value, 5);
    }
  });

  test.each(METRICS.filter(({ task }) => task === 'ranking').map((metric) => [metric.name, metric] as const))(
    '%s: the slope in the number of a query',
    (_, definition) => {
      const rows: Rows = {
        truth: Float64Array.of(1, 0, 2, 0, 1, 0, 0, 3, 1, 0, 0, 1),
        score: Float64Array.of(0.1, 0.9, 0.5, 0.3, 0.7, 0.7, 0.2, 0.8, 0.8, 0.8, 0.4, 0.2),
        groups: numberClusters([...'aaabbbccccdd']),
      };
      const { value } = computeMetric(definition, rows, PARAMETERS);
      const influence = influencesOf(definition, rows);
      for (let query = 0; query < 4; query++) {
        const own = [...rows.groups!.of.keys()].filter((row) => rows.groups!.of[row] === query);
        const twice = {
          truth: Float64Array.from([...rows.truth, ...own.map((row) => rows.truth[row]!)]),
          score: Float64Array.from([...rows.score!, ...own.map((row) => rows.score![row]!)]),
          groups: numberClusters([...rows.groups!.of, ...own.map(() => 4)]),
        };
        // A fifth query moves the mean of four by (value − mean)/5; the variance of a mean of four is Σ(…)²/(4·3).
        const moved = computeMetric(definition, twice, PARAMETERS).value! - value!;
        expect(own.reduce((sum, row) => sum + influence[row]!, 0)).toBeCloseTo(
          (moved * 5) / Math.sqrt(12),
          12,
        );
      }
    },
  );
});

test('the replicates of average precision over labels are it without the groups', () => {
  const { weight: _, ...rows } = ROWS.multilabel!;
  const groups = Uint8Array.of(0, 0, 1, 0, 0, 2, 1, 2);
  for (const name of ['average_precision_macro', 'average_precision_micro', 'average_precision_weighted']) {
    const { definition } = findMetric(name, 'multilabel')!;
    const found = computeMetric(definition, rows);
    if (found.value === undefined || found.spread.kind !== 'replicates')
      throw new Error('a value with replicates');
    const without = found.spread.without(groups, 3);
    for (let group = 0; group < 3; group++) {
      const others = Int32Array.from([...groups.keys()].filter((row) => groups[row] !== group));
      expect(without[group]).toBeCloseTo(computeMetric(definition, selectRows(rows, others)).value!, 12);
    }
  }
});
