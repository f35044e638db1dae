/** What is drawn is what is counted: queries, clusters and series, in `min_samples` and in how many more would decide. */
import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { metric, useTaskFolder } from '../fixtures/task-folder.ts';
import { sentenceOf } from '../judgement/sentence.ts';
import { report } from '../report.ts';
import { countObservations } from './observations.ts';

const { gate } = useTaskFolder();

/** Rows of some queries, four each, of two countries; and how two models rank or predict them. */
function rowsOf(queries: number) {
  const random = randomGenerator(8);
  const rows = Array.from({ length: queries * 4 }, (_, row) => ({
    id: row,
    query: `q${Math.floor(row / 4)}`,
    country: row < queries * 2 ? 'de' : 'fr',
    y_true: (row * 7) % 3,
  }));
  const model = (noise: number) =>
    rows.map(({ id, y_true }) => ({
      id,
      y_score: y_true + noise * random(),
      y_pred: y_true + noise * random(),
    }));
  return { data: rows, predictions: model(3), baseline: model(3) };
}

const RANKING = ['task: ranking', 'columns: {group: query}'];
const LIMITED = 'metrics: [{name: ndcg, min_absolute_change: 0}]';

describe('a ranking', () => {
  test('of few queries and many rows is not judged, and says so in queries', async () => {
    const judged = async (queries: number, more: string[] = []) =>
      metric(await gate([...RANKING, ...more, LIMITED], rowsOf(queries)), 'ndcg');
    const few = await judged(49);
    expect(few).toMatchObject({
      verdict: 'not_judged',
      rows: 196,
      observations: { of: 'queries', count: 49 },
    });
    expect(sentenceOf(few)).toBe('ndcg is not judged: 49 queries, and at least 50 are needed.');
    expect(few.limits[0]!.furtherRows).toBe(1);
    expect((await judged(50)).verdict).not.toBe('not_judged');
    expect((await judged(80, ['defaults: {min_samples: 100}'])).why).toBe(
      '80 queries, and at least 100 are needed',
    );
    expect((await judged(80, ['defaults: {min_samples: 80}'])).verdict).not.toBe('not_judged');
  });

  test('that cannot tell says how many more queries would decide, four times fewer than rows', async () => {
    const record = await gate([...RANKING, LIMITED], rowsOf(200));
    const ndcg = metric(record, 'ndcg');
    expect(ndcg.verdict).toBe('inconclusive');
    expect(sentenceOf(ndcg)).toMatch(/about [\d,]+ more queries would decide/);
    const [limit] = ndcg.limits;
    // The error falls with the root of the queries: at so many the interval clears the limit, or the test rejects it.
    const half = (limit!.interval![1] - limit!.interval![0]) / 2;
    const queries = 200 * (half / limit!.clearance!) ** 2;
    expect(limit!.furtherRows! / (queries - 200)).toBeGreaterThan(0.9);
    expect(limit!.furtherRows! / (queries - 200)).toBeLessThan(1.5);
    const { summary, details } = report(record);
    const text = [summary.text, ...details.map(({ body }) => body.text)].join('\n');
    expect(text).toMatch(/more queries would/);
    expect(text).toContain('with 200 queries');
    expect(text).toContain('Next: judge on more queries');
    expect(text).not.toMatch(/more rows/);
  });

  test('is cut into slices that count their own queries', async () => {
    const slices = 'slices: [{feature_keys: [country], metrics: [ndcg], lower_bound: 0.1, min_samples: 31}]';
    const record = await gate([...RANKING, 'metrics: [{name: ndcg}]', slices], rowsOf(60));
    expect(record.slices.map(({ observations, why }) => [observations, why])).toEqual([
      [{ of: 'queries', count: 30 }, '30 queries, and at least 31 are needed'],
      [{ of: 'queries', count: 30 }, '30 queries, and at least 31 are needed'],
    ]);
  });
});

test('series of forecasts and clusters of rows are counted under their own names, by group of people too', async () => {
  const [name, fairness] = [
    'mean_absolute_error',
    'fairness: [{name: mean_absolute_error_difference, sensitive_features: [country], upper_bound: 9, min_samples: 16}]',
  ];
  const metrics = `metrics: [{name: ${name}, min_absolute_change: 0, min_samples: 31}]`;
  const series = await gate(['task: forecasting', 'columns: {group: query}', metrics, fairness], rowsOf(30));
  expect(metric(series, name).why).toBe('30 series, and at least 31 are needed');
  expect(metric(series, 'mean_absolute_error_difference').why).toBe(
    'groups by country with at least 16 series: 0, and 2 are needed',
  );
  expect(series.notes.join()).toContain(
    'fewer than 16 series: country = de (15 series); country = fr (15 series)',
  );
  const clusters = await gate(['task: regression', 'columns: {cluster: query}', metrics], rowsOf(30));
  expect(metric(clusters, name)).toMatchObject({
    observations: { of: 'clusters', count: 30 },
    why: '30 clusters, and at least 31 are needed',
  });
  const rows = await gate(['task: regression', metrics.replace('31', '121')], rowsOf(30));
  expect(metric(rows, name).observations).toBeUndefined();
  expect(metric(rows, name).why).toBe('120 rows, and at least 121 are needed');
});

test('without min_samples 45 clusters are judged, though of 180 rows, and 19 are not', async () => {
  const policy = [
    'task: regression',
    'columns: {cluster: query}',
    'metrics: [{name: mean_absolute_error, upper_bound: 9}]',
  ];
  expect(metric(await gate(policy, rowsOf(19)), 'mean_absolute_error').why).toBe(
    '19 clusters, and at least 20 are needed',
  );
  expect(metric(await gate(policy, rowsOf(45)), 'mean_absolute_error')).toMatchObject({
    verdict: 'pass',
    why: '',
  });
});

test('of some rows the clusters are counted once each', () => {
  const clusters = { of: Int32Array.of(0, 0, 1, 2, 1), count: 3 };
  expect(countObservations([0, 1, 4], clusters)).toBe(2);
  expect(countObservations([0, 1, 4], undefined)).toBe(3);
});
