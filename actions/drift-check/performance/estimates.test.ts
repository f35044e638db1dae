/** Estimates of several classes and of numbers, and the intervals of all, on tables whose truth is known. */
import { describe, expect, test } from 'vitest';
import { simulateCoverage } from '../../../bench/performance-estimate-simulation.ts';
import {
  binaryTable,
  type MakeTable,
  multiclassTable,
  regressionTable,
} from '../../../bench/performance-estimate-tables.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { cutChunks } from '../chunks.ts';
import type { DriftTable } from '../table.ts';
import { encodeCategories } from '../table.ts';
import { metricsOf, policyOf } from '../test-tables.ts';
import { assessPerformance } from './assess-performance.ts';

const CLASSES = { columns: { y_true: 'y' }, performance: ['accuracy', 'f1_macro', 'roc_auc_ovr'] };
const SCORES = { columns: { y_true: 'y', y_score: 's' }, performance: ['accuracy', 'roc_auc', 'log_loss'] };
const NUMBERS = {
  columns: { y_true: 'y', y_pred: 'p' },
  performance: ['mean_absolute_error', 'mean_squared_error', 'root_mean_squared_error'],
};

const make = (table: MakeTable, rows: number, seed: number, shift = 0): DriftTable =>
  table(rows, randomGenerator(seed), { shift });

function measure(reference: DriftTable, data: DriftTable, policy: typeof CLASSES, size = 2000) {
  const { reference: before, data: now } = cutChunks(reference, data, { by: 'rows', size });
  const parsed = policyOf({ ...policy, performance: policy.performance.map((name) => ({ name })) });
  const measured = assessPerformance({ reference, data }, [...before, ...now], metricsOf(parsed), parsed, [
    ...reference.columns.keys(),
  ]);
  return { ...measured, last: measured.chunks.at(-1)! };
}

describe.each([
  ['two classes', binaryTable, SCORES, 'CBPE'],
  ['three classes', multiclassTable, CLASSES, 'CBPE'],
  ['numbers', regressionTable, NUMBERS, 'DLE'],
] as const)('%s', (_, table, policy, method) => {
  const wanted = { columns: { ...policy.columns }, performance: [...policy.performance] };
  const reference = make(table, 8000, 1);
  const data = make(table, 2000, 2, 0.5);
  const found = measure(reference, data, wanted);

  test('estimated where inputs have moved as they then really are, with an interval about it', () => {
    for (const name of policy.performance) {
      const [real, estimated] = [found.last.performance[name]!, found.last.estimated[name]!];
      const interval = found.last.estimatedIntervals![name]!;
      expect(Math.abs(estimated / real - 1), name).toBeLessThan(0.08);
      expect(interval.low, name).toBeLessThan(estimated);
      expect(interval.high, name).toBeGreaterThan(estimated);
      expect(interval.low <= real && real <= interval.high, name).toBe(true);
    }
    const parts = found.performance.filter(({ source }) => source === 'estimated');
    expect(parts.map((part) => [part.name, part.method, part.held])).toEqual(
      policy.performance.map((name) => [name, method, { chunks: 1, within: 1 }]),
    );
  });

  test('more rows make the interval of a chunk narrower', () => {
    const small = measure(reference, make(table, 250, 2, 0.5), wanted, 250);
    const width = (chunk: typeof found.last, name: string) => {
      const { low, high } = chunk.estimatedIntervals![name]!;
      return high - low;
    };
    for (const name of policy.performance)
      expect(width(small.last, name), name).toBeGreaterThan(width(found.last, name));
  });

  test('no label of the data is looked at', () => {
    const blind = measure(reference, { ...data, labels: undefined }, wanted);
    expect(blind.last.estimated).toEqual(found.last.estimated);
    expect(blind.last.estimatedIntervals).toEqual(found.last.estimatedIntervals);
  });

  test('rows without weight are as if they were not there', () => {
    const mixed = make(table, 4000, 4, 0.5);
    const weights = Float64Array.from({ length: 4000 }, (_, row) => (row % 2 === 0 ? 2 : 0));
    const weighted = measure(reference, { ...mixed, weights }, wanted, 4000);
    const evens = measure(reference, evenRows(mixed), wanted, 2000);
    for (const name of policy.performance)
      expect(weighted.last.estimated[name], name).toBeCloseTo(evens.last.estimated[name]!, 9);
  });
});

function evenRows(rows: DriftTable): DriftTable {
  const pick = (values: Float64Array) => values.filter((_, row) => row % 2 === 0);
  return {
    ...rows,
    rowCount: rows.rowCount / 2,
    columns: new Map(
      [...rows.columns].map(([name, column]) => [
        name,
        column.kind === 'numeric' ? { ...column, values: pick(column.values) } : column,
      ]),
    ),
    labels: pick(rows.labels!),
    scores: rows.scores && pick(rows.scores),
    predictions: rows.predictions && pick(rows.predictions),
    classScores: rows.classScores?.map(pick),
  };
}

test('the loss may hang on a category, also one that was never seen', () => {
  const random = randomGenerator(5);
  const rows = (count: number, names: readonly string[]): DriftTable => {
    const kinds = Array.from({ length: count }, () => names[Math.floor(random() * names.length)]!);
    const predictions = Float64Array.from({ length: count }, random);
    const labels = predictions.map(
      (value, row) => value + (kinds[row] === 'loud' ? 10 : 1) * (random() - 0.5),
    );
    return { rowCount: count, columns: new Map([['kind', encodeCategories(kinds)]]), predictions, labels };
  };
  const reference = rows(4000, ['loud', 'calm', 'calm', 'calm']);
  const estimate = (data: DriftTable) =>
    measure(reference, data, { ...NUMBERS, performance: ['mean_absolute_error'] }, 500).last.estimated
      .mean_absolute_error!;
  expect(estimate(rows(500, ['loud']))).toBeCloseTo(2.5, 0);
  expect(estimate(rows(500, ['calm']))).toBeCloseTo(0.25, 0);
  const unknown = estimate(rows(500, ['new']));
  expect(unknown).toBeGreaterThan(0.1);
  expect(unknown).toBeLessThan(3);
});

describe('no estimate is made up', () => {
  const reference = make(regressionTable, 4000, 6);
  const sources = (policy: typeof NUMBERS, before = reference, now = make(regressionTable, 1000, 7)) =>
    measure(before, now, policy, 500).performance.map(({ source }) => source);

  test('of a metric that is no mean of losses', () => {
    expect(sources({ ...NUMBERS, performance: ['r2'] })).toEqual(['real']);
  });

  test('from too few labels, or without predictions', () => {
    const one = { ...NUMBERS, performance: ['mean_absolute_error'] };
    const labels = reference.labels!.map((label, row) => (row < 400 ? label : Number.NaN));
    expect(sources(one, { ...reference, labels })).toEqual(['real']);
    expect(sources(one, reference, { ...make(regressionTable, 1000, 7), predictions: undefined })).toEqual([
      'real',
    ]);
  });

  test('of classes that were hardly seen', () => {
    const rare = make(multiclassTable, 4000, 8);
    rare.labels = rare.labels!.map((label, row) => (row < 40 ? label : label % 2));
    const found = measure(rare, make(multiclassTable, 1000, 9), CLASSES, 500);
    expect(found.performance.map(({ source }) => source)).toEqual(['real', 'real', 'real']);
  });
});

describe('a small simulation of what bench/performance-estimate-simulation.ts draws in full', () => {
  test('the interval holds the real value where inputs move', () => {
    for (const [name, { held }] of simulateCoverage(4, 0.5, false)) expect(held, name).toBeGreaterThan(0.8);
  });

  test('and fails under concept drift, which is found', () => {
    const found = simulateCoverage(2, 0, true, ['binary', 'regression']);
    for (const name of ['binary roc_auc', 'regression mean_absolute_error']) {
      expect(found.get(name)!.held, name).toBeLessThan(0.5);
      expect(found.get(name)!.contradicted, name).toBeGreaterThan(0.4);
    }
  });
});
