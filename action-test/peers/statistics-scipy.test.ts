/** Every distribution, test and interval of proportions against scipy, to 1e-9. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanOfLoss } from '../../shared/metrics/rows.ts';
import * as distributions from '../../shared/stats/distributions.ts';
import { influenceMoments, momentsError } from '../../shared/stats/influence-moments.ts';
import { benjaminiHochbergAdjusted } from '../../shared/stats/multiple-testing.ts';
import { influenceError } from '../../shared/stats/paired-intervals.ts';
import { exactMcNemar, wilsonInterval } from '../../shared/stats/paired-proportions.ts';
import { shareInterval } from '../../shared/stats/share-intervals.ts';
import { quantity } from './metric-cases.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

requirePython();

describe.skipIf(!python)('equal to scipy (set MLOPS_TEST_PYTHON to an interpreter with it)', () => {
  test('distributions', () => {
    const probability = fc.oneof(
      fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }),
      fc.constantFrom(0.025, 0.5, 0.975, 1e-8),
    );
    const deviate = fc.double({ min: -30, max: 30, noNaN: true });
    const degrees = fc.oneof(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0.5, max: 1e6, noNaN: true }),
    );
    const shape = fc.double({ min: 0.2, max: 1e4, noNaN: true });
    const count = fc.integer({ min: 1, max: 1_000_000 });
    const of = (name: string, ours: (...values: number[]) => number, ...from: fc.Arbitrary<number>[]) =>
      draw(fc.tuple(...from), 150).map((values) => ({
        function: name,
        arguments: values,
        ours: ours(...values),
      }));
    const drawn = [
      ...of('norm.cdf', distributions.normalCdf, deviate),
      ...of('norm.sf', distributions.normalSurvival, deviate),
      ...of('norm.ppf', distributions.normalQuantile, probability),
      ...of('t.cdf', distributions.studentCdf, deviate, degrees),
      ...of('t.sf', distributions.studentSurvival, deviate, degrees),
      ...of('t.ppf', distributions.studentQuantile, probability, degrees),
      ...of(
        'chi2.sf',
        distributions.chiSquareSurvival,
        fc.double({ min: 0, max: 3000, noNaN: true }),
        degrees,
      ),
      ...of('beta.ppf', distributions.betaQuantile, probability, shape, shape),
      ...of('kstwobign.sf', distributions.kolmogorovSurvival, fc.double({ min: 0.01, max: 6, noNaN: true })),
      ...draw(fc.tuple(count, probability, fc.double({ min: -5, max: 5, noNaN: true })), 200).flatMap(
        ([n, p, away]) => {
          const k = Math.max(0, Math.min(n, Math.round(n * p + away * Math.sqrt(n * p * (1 - p)))));
          return [
            { function: 'binom.cdf', arguments: [k, n, p], ours: distributions.binomialCdf(k, n, p) },
            { function: 'binom.sf', arguments: [k, n, p], ours: distributions.binomialSurvival(k, n, p) },
          ];
        },
      ),
    ];
    const answers = ask<{ value: number }>(drawn.map((one) => ({ kind: 'distribution', ...one })));
    drawn.forEach((one, index) => {
      expectClose(one.ours, answers[index]!.value, `${one.function}(${one.arguments})`);
    });
  });

  test('the mid-P end of a share with few misses', () => {
    const shares = draw(
      fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 30, max: 100_000 })),
      100,
    );
    const ends = shares.map(([misses, count]) => 1 - shareInterval(count - misses, count, 0.95)[1]);
    // P(misses or more) and P(more), whose mean is the mid-P.
    const tails = ask<{ value: number }>(
      shares.flatMap(([misses, count], index) =>
        [misses - 1, misses].map((below) => ({
          kind: 'distribution',
          function: 'binom.sf',
          arguments: [below, count, ends[index]!],
        })),
      ),
    );
    shares.forEach(([misses, count], index) => {
      const midP = (tails[2 * index]!.value + tails[2 * index + 1]!.value) / 2;
      const isWilson = 1 - ends[index]! === wilsonInterval(count - misses, count, 0.95)[1];
      // Where Wilson's end lies farther, the test rejects before it.
      if (isWilson) expect(midP).toBeLessThanOrEqual(0.025);
      else expectClose(midP, 0.025, `mid-P of ${misses} misses in ${count}`);
    });
  });

  test('the skewness of a mean, and of a change of means, is that of its rows by their root', () => {
    const losses = draw(
      fc
        .array(fc.tuple(quantity, quantity), { minLength: 5, maxLength: 100 })
        // Of what hardly varies scipy has no skewness.
        .filter(
          (rows) => new Set(rows.map(([a]) => a)).size > 2 && new Set(rows.map(([a, b]) => a - b)).size > 2,
        ),
      100,
    );
    const answers = ask<{ value: number }>(
      losses.flatMap((rows) => [
        { kind: 'skewness', values: rows.map(([a]) => a) },
        { kind: 'skewness', values: rows.map(([a, b]) => a - b) },
      ]),
    );
    losses.forEach((rows, index) => {
      const [first, second] = ([0, 1] as const).map((which) => {
        const found = meanOfLoss({ truth: new Float64Array(rows.length) }, (row) => rows[row]![which]);
        if (found.value === undefined || found.spread.kind !== 'influence')
          throw new Error('a mean has influences');
        return found.spread.influence();
      });
      const moments = influenceMoments(first!, second);
      const root = Math.sqrt(rows.length);
      expectClose(momentsError(moments, 1, 0).skewness * root, answers[2 * index]!.value, 'of a mean');
      expectClose(momentsError(moments, 1, -1).skewness * root, answers[2 * index + 1]!.value, 'of a change');
    });
  });

  test('exact McNemar, Wilson, paired mean, Benjamini–Hochberg', () => {
    const few = fc.integer({ min: 0, max: 30 });
    const pairs = draw(
      fc.tuple(few, few).filter(([gained, lost]) => gained + lost > 0),
      100,
    );
    const mcnemar = ask<{ value: number }>(
      pairs.map(([gained, lost]) => ({ kind: 'exact_mcnemar', gained, lost })),
    );
    pairs.forEach(([gained, lost], index) => {
      expectClose(exactMcNemar(gained, lost).twoSided, mcnemar[index]!.value, `McNemar ${gained}, ${lost}`);
    });

    const shares = draw(
      fc.tuple(few, few).map(([a, b]) => ({ successes: Math.min(a, b), count: Math.max(a, b, 1) })),
      100,
    );
    const wilson = ask<{ low: number; high: number }>(
      shares.map((one) => ({ kind: 'wilson', confidence: 0.95, ...one })),
    );
    shares.forEach(({ successes, count }, index) => {
      const [low, high] = wilsonInterval(successes, count, 0.95);
      expectClose(low, wilson[index]!.low, 'Wilson, low');
      expectClose(high, wilson[index]!.high, 'Wilson, high');
    });

    const losses = draw(fc.array(fc.tuple(quantity, quantity), { minLength: 3, maxLength: 100 }), 100);
    const means = ask<{ standardError: number; mean: number }>(
      losses.map((rows) => ({
        kind: 'paired_mean',
        first: rows.map(([a]) => a),
        second: rows.map(([, b]) => b),
      })),
    );
    losses.forEach((rows, index) => {
      const side = (which: 0 | 1) =>
        meanOfLoss({ truth: new Float64Array(rows.length) }, (row) => rows[row]![which]);
      const [first, second] = [side(0), side(1)];
      if (first.value === undefined || second.value === undefined) throw new Error('a mean has a value');
      const influenceOf = (of: typeof first.spread) =>
        of.kind === 'influence' ? of.influence() : new Float64Array();
      const error = influenceError([
        { values: influenceOf(second.spread), factor: 1 },
        { values: influenceOf(first.spread), factor: -1 },
      ]);
      expectClose(second.value - first.value, means[index]!.mean, 'paired mean');
      expectClose(error.standardError, means[index]!.standardError, 'its standard error');
    });

    const many = draw(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
      100,
    );
    const adjusted = ask<{ adjusted: number[] }>(many.map((pValues) => ({ kind: 'adjusted', pValues })));
    many.forEach((pValues, index) => {
      benjaminiHochbergAdjusted(pValues).forEach((p, at) => {
        expectClose(p, adjusted[index]!.adjusted[at]!, 'Benjamini–Hochberg');
      });
    });
  });
});
