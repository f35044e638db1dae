/** Performance estimated without labels against the same made of scikit-learn's parts. */
import { describe, expect, test } from 'vitest';
import { resolveMetrics } from '../../actions/drift-check/metrics.ts';
import { assessPerformance } from '../../actions/drift-check/performance/assess-performance.ts';
import type { DriftTable } from '../../actions/drift-check/table.ts';
import {
  binaryTable,
  type MakeTable,
  multiclassTable,
  regressionTable,
} from '../../bench/performance-estimate-tables.ts';
import { driftPolicySchema } from '../../shared/records/drift-policy.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, expectClose, python, requirePython } from './oracle.ts';

type Answer = Record<string, number>;

/** The estimates of all rows of the data. */
function estimateHere(reference: DriftTable, data: DriftTable, columns: object, names: readonly string[]) {
  const policy = driftPolicySchema.parse({
    version: 1,
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
      ['two classes', binaryTable, { y_score: 's' }, ['accuracy', 'f1', 'roc_auc', 'log_loss']],
      ['three classes', multiclassTable, {}, ['accuracy', 'f1_macro', 'roc_auc_ovr']],
    ] as const)('%s', (_, table, columns, names) => {
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
          metrics: names,
        })),
        'estimates_oracle.py',
      );
      for (const [index, { reference, data }] of sides.entries()) {
        const here = estimateHere(reference, data, columns, names);
        for (const name of names)
          expectClose(here[name]!, answers[index]![name]!, `${name} of case ${index}`);
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
      const names = ['mean_absolute_error', 'mean_squared_error', 'root_mean_squared_error'];
      for (const [index, { reference, data }] of sides.entries()) {
        const here = estimateHere(reference, data, { y_pred: 'p' }, names);
        for (const name of names) {
          const ratio = here[name]! / answers[index]![name]!;
          expect(Math.abs(ratio - 1), `${name} of case ${index}`).toBeLessThan(0.02);
        }
      }
    });
  },
);
