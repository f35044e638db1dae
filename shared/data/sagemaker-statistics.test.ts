import { expect, test } from 'vitest';
import { columnSketchSchema } from '../records/data-profile.ts';
import { readStatistics } from './sagemaker-statistics.ts';

const read = (value: unknown) => readStatistics(JSON.stringify(value), 'statistics.json');

const STATISTICS = {
  version: 0,
  dataset: { item_count: 5 },
  features: [
    {
      name: 'fare',
      inferred_type: 'Fractional',
      numerical_statistics: {
        common: { num_present: 4, num_missing: 1 },
        mean: 2.5,
        sum: 10,
        std_dev: Math.sqrt(1.25),
        min: 1,
        max: 4,
        distribution: {
          kll: {
            buckets: [
              { lower_bound: 1, upper_bound: 2.5, count: 2 },
              { lower_bound: 2.5, upper_bound: 4, count: 2 },
            ],
          },
        },
      },
    },
    {
      name: 'colour',
      inferred_type: 'String',
      string_statistics: {
        common: { num_present: 5, num_missing: 0 },
        distinct_count: 3,
        distribution: {
          categorical: {
            buckets: [
              { value: 'blue', count: 1 },
              { value: 'red', count: 3 },
            ],
          },
        },
      },
    },
  ],
};

test('statistics of 1, 2, 3, 4 and of colours are their sketch', () => {
  const { rowCount, columns } = read(STATISTICS)!;
  expect(rowCount).toBe(5);
  for (const column of columns) columnSketchSchema.parse(column);
  const [fare, colour] = columns;
  expect(fare).toMatchObject({
    kind: 'numeric',
    count: 4,
    nulls: 1,
    histogram: { edges: [2.5], counts: [2, 2] },
  });
  // The sample standard deviation of 1, 2, 3, 4.
  expect(fare?.moments?.standardDeviation).toBeCloseTo(Math.sqrt(5 / 3), 12);
  expect(colour).toMatchObject({
    kind: 'text',
    distinct: 3,
    top: {
      values: [
        { value: 'red', count: 3 },
        { value: 'blue', count: 1 },
      ],
      otherCount: 1,
    },
  });
});

test('a column without a value has neither moments nor bins', () => {
  const common = { num_present: 0, num_missing: 5 };
  const empty = { name: 'x', inferred_type: 'Unknown', string_statistics: { common } };
  const sketch = read({ ...STATISTICS, features: [empty] });
  expect(sketch?.columns[0]).toMatchObject({ count: 0, nulls: 5, moments: null, histogram: null });
});

test('what is none, or broken, is told apart', () => {
  expect(read({ features: [], item_count: 1 })).toBeUndefined();
  expect(readStatistics('{"item_count"', 'cut.json')).toBeUndefined();
  expect(() => read({ ...STATISTICS, features: [{ name: 1 }] })).toThrow('features.0.name');
});
