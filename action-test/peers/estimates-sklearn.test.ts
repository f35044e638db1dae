/** Performance estimated without labels against the same made of scikit-learn's parts. */
import { describe, expect, test } from 'vitest';
import { resolveMetrics } from '../../actions/drift-check/metrics.ts';
import { assessPerformance } from '../../actions/drift-check/performance/assess-performance.ts';
import { canEstimateLoss } from '../../actions/drift-check/performance/loss-estimate.ts';
import type { DriftTable } from '../../actions/drift-check/table.ts';
import {
  binaryTable,
  type MakeTable,
  multiclassTable,
  regressionTable,
} from '../../bench/performance-estimate-tables.ts';
import { METRICS, type MetricTask } from '../../shared/metrics/catalogue.ts';
import { driftPolicySchema } from '../../shared/records/drift-policy.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, expectClose, python, requirePython } from './oracle.ts';

type Answer = Record<string, number | null>;

/** Every metric that a drift policy may name. */
const metricsOf = (task: MetricTask): string[] =>
  METRICS.filter((metric) => metric.task === task && !metric.required).map(({ name }) => name);

/** The estimates of all rows of the data. */
function estimateHere(
  reference: DriftTable,
  data: DriftTable,
  columns: object,
  names: readonly string[],
  task: MetricTask,
) {
  const policy = driftPolicySchema.parse({
    version: 1,
    task,
    columns: { y_true: 'y', ...columns },
    performance: names.map((name) => ({ name })),
  });
  const chunks = [
    { part: 'reference' as const, first: 0, end: reference.rowCount, judged: true },
    { part: 'data' as const, first: 0, end: data.rowCount, judged: true },
  ];
  const metrics = resolveMetrics(policy, () => ({}));
  return assessPerformance({ reference, data }, chunks, metrics, policy, ['x', 'z']).chunks[1]!.estimated;
}

const scoresOf = (table: DriftTable) => (table.classScores ?? [table.scores!]).map((column) => [...column]);

const make = (table: MakeTable, rows: number, seed: number, shift: number) =>
  table(rows, randomGenerator(seed), { shift });

requirePython();

describe.skipIf(!python)(
  'estimates are those of scikit-learn’s parts (set MLOPS_TEST_PYTHON to an interpreter with scikit-learn)',
  () => {
    test.each([
      ['two classes', binaryTable, 'binary', { y_score: 's' }],
      ['three classes', multiclassTable, 'multiclass', {}],
    ] as const)('%s: every metric', (_, table, task, columns) => {
      const names = metricsOf(task);
      const sides = [1, 2, 3, 4].map((seed) => {
        const weigh = (side: DriftTable): DriftTable =>
          seed % 2 === 0
            ? side
            : { ...side, weights: Float64Array.from({ length: side.rowCount }, (_, row) => (row % 4) / 2) };
        return {
          reference: weigh(make(table, 1500, seed, 0)),
          data: weigh(make(table, 400, seed + 100, 0.4 * seed)),
        };
      });
      // Scores that are equal in many rows, and constant ones.
      const rounded = make(table, 1500, 9, 0);
      for (const column of [rounded.scores, ...(rounded.classScores ?? [])])
        column?.forEach((value, row) => {
          column[row] = Math.round(8 * value) / 8;
        });
      if (table === binaryTable) sides.push({ reference: rounded, data: make(table, 400, 10, 0) });
      const answers = ask<Answer>(
        sides.map(({ reference, data }) => ({
          kind: 'classifier',
          scores: scoresOf(reference),
          labels: [...reference.labels!],
          weights: reference.weights && [...reference.weights],
          at: scoresOf(data),
          atWeights: data.weights && [...data.weights],
        })),
        'estimates_oracle.py',
      );
      for (const [index, { reference, data }] of sides.entries()) {
        const here = estimateHere(reference, data, columns, names, task);
        for (const name of names) {
          const there = answers[index]![name];
          const what = `${name} of case ${index}`;
          // scikit-learn compares pairs of classes without weights alone, and an estimate weighs each row.
          if (name.startsWith('roc_auc_ovo')) expect([what, here[name], there]).toEqual([what, null, null]);
          else {
            expect(there, `the oracle's ${what}`).toEqual(expect.any(Number));
            expectClose(here[name]!, there!, what);
          }
        }
      }
    });

    test('numbers, but for splits that single precision decides there', () => {
      const sides = [1, 2].map((seed) => ({
        reference: make(regressionTable, 3000, seed, 0),
        data: make(regressionTable, 1000, seed + 100, 0.3 * seed),
      }));
      const columnsOf = ({ predictions, columns }: DriftTable) => [
        [...predictions!],
        ...[...columns.values()].map((column) => (column.kind === 'numeric' ? [...column.values] : [])),
      ];
      const answers = ask<Answer>(
        sides.map(({ reference, data }) => ({
          kind: 'regressor',
          columns: columnsOf(reference),
          labels: [...reference.labels!],
          at: columnsOf(data),
        })),
        'estimates_oracle.py',
      );
      const names = metricsOf('regression').filter((name) =>
        canEstimateLoss({ name, task: 'regression' } as Parameters<typeof canEstimateLoss>[0]),
      );
      expect(names).toHaveLength(3);
      for (const [index, { reference, data }] of sides.entries()) {
        const here = estimateHere(reference, data, { y_pred: 'p' }, names, 'regression');
        for (const name of names) {
          const ratio = here[name]! / answers[index]![name]!;
          expect(Math.abs(ratio - 1), `${name} of case ${index}`).toBeLessThan(0.02);
        }
      }
    });
  },
);
