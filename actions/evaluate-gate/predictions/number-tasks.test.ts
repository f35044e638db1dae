/** Tasks of numbers, from their files to their numbers. */
import { describe, expect, test } from 'vitest';
import { renderSection } from '../../../shared/report/section.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { mean, metric, useTaskFolder } from '../fixtures/task-folder.ts';
import { report } from '../report.ts';

const { gate, kept, expectSameFromKept } = useTaskFolder();

describe('ranking', () => {
  const policy = [
    'task: ranking',
    'columns: {y_true: relevance, group: query}',
    'metrics: [{name: mrr, lower_bound: 0.1}, {name: "recall@2"}]',
  ];
  const random = randomGenerator(5);
  const rows = Array.from({ length: 240 }, (_, id) => ({ id, query: `q${id % 60}`, score: random() }));
  const data = rows.map(({ id, query }) => ({ id, query, relevance: id < 60 ? 1 : 0 }));
  const predictions = rows.map(({ id, score }) => ({ id, y_score: score }));

  test('query by query', async () => {
    const record = await gate(policy, { predictions, data });
    const ranks = Array.from({ length: 60 }, (_, query) => {
      const scores = rows.filter(({ id }) => id % 60 === query).map(({ score }) => score);
      return scores.filter((score) => score > scores[0]!).length + 1;
    });
    expect(report(record).summary.text).toContain(`on 60 queries (${rows.length} rows)`);
    expect(metric(record, 'mrr').challenger).toBeCloseTo(mean(ranks.map((rank) => 1 / rank)), 12);
    expect(metric(record, 'recall').challenger).toBeCloseTo(mean(ranks.map((rank) => Number(rank <= 2))), 12);
    await expectSameFromKept(policy, record, data);
  });

  test.each([
    ['without queries', policy[1]!.replace(', group: query', ''), /no column says which query/],
    ['with weights', policy[1]!.replace('}', ', sample_weight: id}'), /take no sample weights/],
  ])('%s it is refused', async (_, columns, message) => {
    await expect(gate([policy[0]!, columns, policy[2]!], { predictions, data })).rejects.toThrow(message);
  });
});

describe('forecasting', () => {
  const policy = [
    'task: forecasting',
    'seasonal_period: 2',
    'columns: {y_true: sold, group: shop, timestamp: day}',
    'metrics: [{name: mase, upper_bound: 9}, {name: wape}]',
  ];
  const SHOPS = ['north', 'south'];
  const day = (index: number): string => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  const sold = (shop: number, index: number): number =>
    100 + 40 * shop + 7 * (index % 2) + index * (shop + 1);
  const rows = Array.from({ length: 120 }, (_, id) => ({ id, shop: id % 2, index: 50 + (id >> 1) }));
  const data = rows.map(({ id, shop, index }) => ({
    id,
    shop: SHOPS[shop]!,
    day: day(index),
    sold: sold(shop, index),
  }));
  const predictions = rows.map(({ id, shop, index }) => ({ id, y_pred: sold(shop, index) + (id % 5) - 2 }));
  // In no order: columns.timestamp says it.
  const training = Array.from({ length: 100 }, (_, at) => ({ shop: at % 2, index: (at * 37) % 50 })).map(
    ({ shop, index }) => ({ shop: SHOPS[shop]!, day: day(index), sold: sold(shop, index) }),
  );

  test('errors in the unit of the error one season before, of each series by itself', async () => {
    const record = await gate(policy, { predictions, data, training });
    // Two days later the shops sell 2 and 4 more.
    const expected = mean(rows.map(({ id, shop }) => Math.abs((id % 5) - 2) / (2 * (shop + 1))));
    expect(metric(record, 'mase').challenger).toBeCloseTo(expected, 12);
    expect(renderSection(report(record))).toContain('Rows come in 2 series.');
    expect(report(record).summary.text).toContain(`on 2 series (${rows.length} rows)`);
  });

  test('without training data it has no number and says why', async () => {
    const { verdict, why } = metric(await gate(policy, { predictions, data }), 'mase');
    expect(verdict).toBe('missing');
    expect(why).toMatch(/training/);
  });

  test('training data that does not fit is refused', async () => {
    const without = training.map(({ shop: _, ...row }) => row);
    await expect(gate(policy, { predictions, data, training: without })).rejects.toThrow(
      /training data has no column "shop" \(group\)/,
    );
    const holed = training.map((row, at) => (at === 4 ? { ...row, sold: null } : row));
    await expect(gate(policy, { predictions, data, training: holed })).rejects.toThrow(
      /sold is no number in 1 row/,
    );
  });
});

describe('scores', () => {
  const policy = [
    'task: scores',
    'metrics: [{name: passed, direction: higher, min_absolute_change: -0.2}, {name: grade, direction: higher, lower_bound: 0}]',
    'slices: [{feature_keys: [topic], metrics: [grade]}]',
  ];
  const rows = (good: number) =>
    Array.from({ length: 250 }, (_, id) => ({
      id,
      passed: id % 10 < good,
      grade: ((id * 7) % 5) + good / 10,
      topic: id % 3 === 0 ? 'law' : 'code',
    }));

  test('columns of the user’s own, by their means; passes and misses as a rate; no truth', async () => {
    const record = await gate(policy, { predictions: rows(8), baseline: rows(7) });
    expect(metric(record, 'passed')).toMatchObject({ challenger: 0.8, champion: 0.7, method: 'Tango score' });
    expect(metric(record, 'grade').challenger).toBeCloseTo(mean(rows(8).map(({ grade }) => grade)), 12);
    expect(metric(record, 'grade').method).toBe('paired mean, skewness by Hall’s transformation');
    const law = rows(8).filter(({ topic }) => topic === 'law');
    expect(metric(record, 'grade', 'law').challenger).toBeCloseTo(mean(law.map(({ grade }) => grade)), 12);
    expect((await kept(record))[0]).toBe('id,passed,grade');
  });

  test('a column that is not there is missing, on either side', async () => {
    const without = rows(7).map(({ grade: _, ...row }) => row);
    const record = await gate(policy, { predictions: without, baseline: rows(7) });
    expect(metric(record, 'grade')).toMatchObject({
      verdict: 'missing',
      why: 'the predictions have no column grade',
    });
  });

  test('text in a column of scores is refused', async () => {
    const words = rows(7).map((row) => ({ ...row, grade: row.id === 3 ? 'good' : String(row.grade) }));
    await expect(gate(policy, { predictions: words })).rejects.toThrow(/cannot be read|grade holds text/);
  });
});
