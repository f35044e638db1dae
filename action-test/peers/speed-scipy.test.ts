/** Percentiles, their intervals and tests, and the likeness of attributions against numpy, scipy and scikit-learn. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { attributionNdcg } from '../../shared/metrics/attributions.ts';
import { moverInterval, sampleMean, sampleShare } from '../../shared/stats/independent-samples.ts';
import {
  orderStatisticInterval,
  percentile,
  percentileAtLeast,
  percentileAtMost,
} from '../../shared/stats/order-statistics.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

const CASES = 200;

const number = fc.integer({ min: 0, max: 4000 }).map((value) => value / 16);
const values = fc.array(number, { minLength: 2, maxLength: 600 });
const alpha = fc.constantFrom(0.05, 0.025, 0.005);
const count = fc
  .integer({ min: 1, max: 400 })
  .chain((total) => fc.tuple(fc.integer({ min: 0, max: total }), fc.constant(total)));
const attributions = fc
  .integer({ min: 2, max: 40 })
  .chain((features) => {
    const sizes = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: features, maxLength: features });
    return fc.record({ champion: sizes, challenger: sizes });
  })
  .filter(({ champion }) => champion.some((size) => size > 0));

const CASES_BY_KIND = {
  quantile: draw(
    fc.record({ values, alpha, limit: number, share: fc.constantFrom(0.5, 0.9, 0.95, 0.99) }),
    CASES,
  ),
  // Of values that are all the same scipy has no interval.
  mean: draw(fc.record({ values: values.filter((list) => new Set(list).size > 1), alpha }), CASES),
  share: draw(fc.record({ counts: fc.tuple(count, count), alpha }), CASES),
  ndcg: draw(attributions, CASES),
};

interface Answer {
  percentile: number;
  /** Null: the interval has no end on this side. */
  interval: [number | null, number | null];
  atMost: number;
  atLeast: number;
  ndcg: number;
}

const sameInterval = (actual: readonly number[], expected: Answer['interval'], what: string): void => {
  for (const [side, end] of actual.entries()) {
    if (expected[side] === null) expect(Number.isFinite(end), what).toBe(false);
    else expectClose(end, expected[side]!, what);
  }
};

requirePython();

describe.skipIf(!python)('equal to scipy (set MLOPS_TEST_PYTHON to an interpreter with it)', () => {
  let answers: Answer[];
  beforeAll(() => {
    const cases = Object.entries(CASES_BY_KIND).flatMap(([kind, list]) =>
      list.map((one) => ({ kind, ...one })),
    );
    answers = ask<Answer>(cases, 'speed_oracle.py');
  });
  const of = (kind: keyof typeof CASES_BY_KIND): Answer[] => {
    const at = Object.keys(CASES_BY_KIND).indexOf(kind);
    return answers.slice(at * CASES, (at + 1) * CASES);
  };

  test('percentiles as numpy, their intervals and tests as quantile_test', () => {
    for (const [index, one] of CASES_BY_KIND.quantile.entries()) {
      const sorted = Float64Array.from(one.values).sort();
      const answer = of('quantile')[index]!;
      const what = `case ${index}, ${one.share} of ${sorted.length}`;
      expectClose(percentile(sorted, one.share), answer.percentile, what);
      sameInterval(orderStatisticInterval(sorted, one.share, one.alpha), answer.interval, what);
      expectClose(percentileAtMost(sorted, one.share, one.limit), answer.atMost, what);
      expectClose(percentileAtLeast(sorted, one.share, one.limit), answer.atLeast, what);
    }
  });

  test("means: Student's interval as ttest_1samp", () => {
    for (const [index, one] of CASES_BY_KIND.mean.entries()) {
      const { interval } = sampleMean(Float64Array.from(one.values));
      sameInterval(interval(one.alpha), of('mean')[index]!.interval, `case ${index}`);
    }
  });

  test("differences of shares: Newcombe's from Wilson's of binomtest", () => {
    for (const [index, { counts, alpha: error }] of CASES_BY_KIND.share.entries()) {
      const [first, second] = counts.map(([successes, total]) => sampleShare(successes, total));
      const terms = [
        { factor: 1, estimate: first! },
        { factor: -1, estimate: second! },
      ];
      sameInterval(moverInterval(terms, error), of('share')[index]!.interval, `case ${index}`);
    }
  });

  test('the likeness of attributions as ndcg_score', () => {
    const named = (sizes: number[]) => new Map(sizes.map((size, feature) => [`f${feature}`, size]));
    for (const [index, { champion, challenger }] of CASES_BY_KIND.ndcg.entries()) {
      const { value } = attributionNdcg(named(champion), named(challenger));
      expectClose(value!, of('ndcg')[index]!.ndcg, `case ${index}`);
    }
  });
});
