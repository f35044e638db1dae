/** The values of queries with equal scores are the means over all orders of the equal ones. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { METRICS } from './catalogue.ts';
import { computeMetric } from './metric-definition.ts';
import { numberClusters, type Rows, tabulate } from './rows.ts';

const RANKING = METRICS.filter(({ task }) => task === 'ranking');

const query = (truth: readonly number[], score: readonly number[], weight?: Float64Array): Rows => ({
  truth: Float64Array.from(truth),
  score: Float64Array.from(score),
  groups: numberClusters(truth.map(() => 'one')),
  weight,
});

function orders<Value>(values: readonly Value[]): Value[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, at) => orders(values.toSpliced(at, 1)).map((rest) => [value, ...rest]));
}

test.each(RANKING.map((metric) => [metric.name, metric] as const))('%s: ties', (_, definition) => {
  const rowsOf = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(rowsOf, fc.integer({ min: 1, max: 7 }), (rows, k) => {
      const value = (truth: number[], score: number[]) =>
        computeMetric(definition, query(truth, score), { k }).value!;
      // Scores that break every tie as the order of the rows does; all orders of the rows are as all of the ties.
      const values = orders(rows).map((order) => {
        const sorted = order.toSorted(([, a], [, b]) => b - a);
        return value(
          sorted.map(([truth]) => truth),
          sorted.map((_, at) => -at),
        );
      });
      const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
      expect(
        value(
          rows.map(([truth]) => truth),
          rows.map(([, score]) => score),
        ),
      ).toBeCloseTo(mean, 10);
    }),
    { numRuns: 60 },
  );
});

test.each([
  [{ ...query([1], [1]), groups: undefined }, /no column says to which query/],
  [query([1, 0], [1, Number.NaN]), 'y_score is not a finite number in 1 row'],
  [query([1, -1], [1, 0]), 'the relevance is negative in 1 row'],
  [query([1, 0], [1, 0], Float64Array.of(1, 2)), /one observation/],
])('no number, and why', (rows, why) => {
  for (const definition of RANKING) {
    expect(computeMetric(definition, rows, { k: 3 })).toEqual({
      value: undefined,
      why: expect.stringMatching(why),
    });
  }
});

test('the order of rows and of queries changes nothing', () => {
  const count = 40;
  const rows: Rows = {
    truth: tabulate(count, (row) => (row * 7) % 3),
    score: tabulate(count, (row) => (row * 11) % 13),
    groups: numberClusters(Array.from({ length: count }, (_, row) => row % 5)),
  };
  const turned: Rows = {
    truth: rows.truth.toReversed(),
    score: rows.score!.toReversed(),
    groups: numberClusters([...rows.groups!.of].toReversed()),
  };
  for (const definition of RANKING) {
    expect(computeMetric(definition, turned, { k: 3 }).value).toBeCloseTo(
      computeMetric(definition, rows, { k: 3 }).value!,
      12,
    );
  }
});
