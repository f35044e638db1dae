/** The numbers of drift against scipy (and scikit-learn's isotonic regression), on random and degenerate data. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { compareCategorical } from '../../actions/drift-check/compare-columns.ts';
import { encodeCategories } from '../../actions/drift-check/table.ts';
import type { DriftMeasure } from '../../shared/records/drift-policy.ts';
import { chunkTest, measureChunk, performanceBand } from '../../shared/stats/chunk-calibration.ts';
import {
  hellingerDistance,
  jensenShannonDivergence,
  lInfinityDistance,
  populationStabilityIndex,
  standardisedWasserstein,
  totalVariationDistance,
  wassersteinDistance,
} from '../../shared/stats/divergence.ts';
import { calibrated, fitCalibration } from '../../shared/stats/isotonic.ts';
import {
  benjaminiHochbergAdjusted,
  benjaminiYekutieliAdjusted,
} from '../../shared/stats/multiple-testing.ts';
import { correlationOf, midRanks } from '../../shared/stats/rank-correlation.ts';
import { exceedanceChance } from '../../shared/stats/simultaneous-limit.ts';
import {
  chiSquaredHomogeneity,
  cramersV,
  kolmogorovSmirnovTest,
  mannWhitneyTest,
} from '../../shared/stats/two-sample.ts';
import { areaBetween, areaTest } from '../../shared/stats/two-sample-area.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

type Answer = Record<string, number> & {
  probabilities: number[];
  adjusted: number[];
  anyDependence: number[];
};

const sorted = (values: number[]) => Float64Array.from(values).sort();

const real = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const tied = fc.integer({ min: -3, max: 3 });
const values = fc.oneof(
  fc.array(real, { minLength: 1, maxLength: 200 }),
  fc.array(tied, { minLength: 1, maxLength: 200 }),
  fc
    .tuple(tied, fc.integer({ min: 1, max: 50 }))
    .map(([value, times]) => new Array<number>(times).fill(value)),
);

const rounded = values.map((list) => list.map((value) => Math.round(value * 1e6) / 1e6));

requirePython();

describe.skipIf(!python)(
  'drift equals scipy (set MLOPS_TEST_PYTHON to an interpreter with scipy and scikit-learn)',
  () => {
    test('Kolmogorov–Smirnov, Mann–Whitney, Wasserstein, mean mid-rank', () => {
      const cases = [
        ...draw(fc.record({ kind: fc.constant('numeric'), first: values, second: values }), 300),
        { kind: 'numeric', first: [1], second: [1] },
        { kind: 'numeric', first: [1], second: [2] },
        {
          kind: 'numeric',
          first: Array.from({ length: 3000 }, (_, i) => Math.sin(i)),
          second: Array.from({ length: 2000 }, (_, i) => Math.sin(i) + 0.05),
        },
      ];
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, { first, second }] of cases.entries()) {
        const [a, b] = [sorted(first), sorted(second)];
        const answer = answers[index]!;
        const smirnov = kolmogorovSmirnovTest(a, b);
        const ranks = mannWhitneyTest(a, b);
        expectClose(smirnov.statistic, answer.ks!, 'KS distance');
        expectClose(smirnov.pValue, answer.ksP!, 'KS p');
        expectClose(ranks.statistic, answer.u!, 'Mann–Whitney U');
        expectClose(ranks.pValue, answer.uP!, 'Mann–Whitney p');
        expectClose(wassersteinDistance(a, b), answer.wasserstein!, 'Wasserstein');
        expectClose(measureChunk(b, a, false).meanMidRank, answer.meanMidRank!, 'mean mid-rank');
      }
    });

    test('χ², Jensen–Shannon, PSI, Hellinger, total variation', () => {
      const cells = fc
        .array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })), {
          minLength: 2,
          maxLength: 30,
        })
        .map((pairs) => pairs.filter(([a, b]) => a + b > 0))
        .filter((pairs) => pairs.length > 1 && pairs.some(([a]) => a > 0) && pairs.some(([, b]) => b > 0));
      const cases = [
        ...draw(cells, 300).map((pairs) => ({
          kind: 'counts',
          first: pairs.map(([a]) => a),
          second: pairs.map(([, b]) => b),
        })),
        { kind: 'counts', first: [10, 0], second: [0, 10] },
        { kind: 'counts', first: [5, 5], second: [500_000, 500_000] },
      ];
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, { first, second }] of cases.entries()) {
        const answer = answers[index]!;
        const homogeneity = chiSquaredHomogeneity(first, second);
        expectClose(homogeneity.statistic, answer.chi2!, 'χ²');
        expectClose(homogeneity.pValue, answer.chi2P!, 'χ² p');
        expectClose(jensenShannonDivergence(first, second), answer.jensenShannon!, 'Jensen–Shannon');
        expectClose(populationStabilityIndex(first, second), answer.psi!, 'PSI');
        expectClose(hellingerDistance(first, second), answer.hellinger!, 'Hellinger');
        expectClose(totalVariationDistance(first, second), answer.totalVariation!, 'total variation');
        expectClose(lInfinityDistance(first, second), answer.lInfinity!, 'L∞');
        expectClose(cramersV(first, second), answer.cramersV!, 'Cramér’s V');
      }
    });

    test('the effect of numbers: Wasserstein in deviations of the reference', () => {
      const cases = [
        // Values so close that the square of their difference is 0 have no deviation, here or in numpy.
        ...draw(fc.record({ kind: fc.constant('quantity'), first: rounded, second: rounded }), 200),
        { kind: 'quantity', first: [3], second: [3] },
        { kind: 'quantity', first: [3, 3, 3], second: [4] },
      ];
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, { first, second }] of cases.entries()) {
        expectClose(
          standardisedWasserstein(sorted(first), sorted(second)),
          answers[index]!.standardised!,
          'Wasserstein / σ',
        );
      }
    });

    test('every measure on columns of rows with a null, an unseen category, infinity, one category, one row', () => {
      const text = fc.constantFrom('a', 'b', 'c', null);
      const pairs = [
        ...draw(
          fc.tuple(
            fc.array(text, { minLength: 1, maxLength: 80 }),
            fc.array(fc.oneof(text, fc.constant('new')), { minLength: 1, maxLength: 80 }),
          ),
          200,
        ),
        [['a'], ['b']] as [string[], string[]],
        [
          ['a', 'a'],
          ['a', 'b', null],
        ] as [string[], (string | null)[]],
      ].filter(([first, second]) => new Set([...first, ...second]).size > 1);
      const cases = pairs.map(([first, second]) => {
        const cells = [...new Set([...first, ...second])];
        const count = (rows: readonly (string | null)[]) =>
          cells.map((cell) => rows.filter((value) => value === cell).length);
        return { kind: 'counts', first: count(first), second: count(second) };
      });
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, [first, second]] of pairs.entries()) {
        const answer = answers[index]!;
        const expected: Partial<Record<DriftMeasure, number>> = {
          psi: answer.psi!,
          hellinger: answer.hellinger!,
          total_variation: answer.totalVariation!,
          l_infinity: answer.lInfinity!,
          cramers_v: answer.cramersV!,
          chi_squared: answer.chi2!,
          jensen_shannon_distance: Math.sqrt(Math.max(0, answer.jensenShannon!)),
        };
        for (const [measure, value] of Object.entries(expected)) {
          const found = compareCategorical(
            encodeCategories(first),
            encodeCategories(second),
            measure as DriftMeasure,
            'measure',
          );
          // The root of a rounding error of 1e-17 is 1e-9.
          const tolerance = measure === 'jensen_shannon_distance' && value < 1e-6 ? 1e-7 : 1e-9;
          if (Math.abs(found.values!.effect - value) > tolerance)
            expectClose(found.values!.effect, value, measure);
        }
      }
    });

    test('Spearman’s correlation, the area under the curve, its variance and its p', () => {
      const pairs = draw(
        fc.array(fc.tuple(fc.oneof(real, tied), fc.oneof(real, tied)), { minLength: 4, maxLength: 100 }),
        200,
      )
        .map((rows) => ({ first: rows.map(([a]) => a), second: rows.map(([, b]) => b) }))
        .filter(({ first, second }) => new Set(first).size > 1 && new Set(second).size > 1);
      const spearman = ask<Answer>(
        pairs.map((pair) => ({ kind: 'ranks', ...pair })),
        'drift_oracle.py',
      );
      for (const [index, { first, second }] of pairs.entries()) {
        const [a, b] = [first, second].map((list) => midRanks(Float64Array.from(list)));
        expectClose(correlationOf(a!, b!)!.value, spearman[index]!.spearman!, 'Spearman');
      }
      const cases = draw(fc.record({ kind: fc.constant('area'), first: values, second: values }), 200).filter(
        ({ first, second }) => first.length > 1 && second.length > 1,
      );
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, { first, second }] of cases.entries()) {
        const one = areaBetween(Float64Array.from(first), Float64Array.from(second));
        expectClose(one.area, answers[index]!.area!, 'AUC');
        expectClose(one.variance, answers[index]!.variance!, 'DeLong’s variance');
        expectClose(areaTest([one]).pValue, answers[index]!.greater!, 'p of the AUC');
      }
    });

    test('t between chunks, the retrain limit, Benjamini–Hochberg', () => {
      const share = fc.double({ min: 0, max: 1, noNaN: true });
      const spread = fc
        .array(share, { minLength: 2, maxLength: 30 })
        .filter((list) => Math.max(...list) - Math.min(...list) > 1e-3);
      const cases = draw(
        fc.record({
          kind: fc.constant('chunks'),
          reference: spread,
          current: fc.array(share, { minLength: 1, maxLength: 30 }),
        }),
        200,
      );
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, { reference, current }] of cases.entries()) {
        const answer = answers[index]!;
        expectClose(chunkTest(reference, current, 'two-sided').pValue, answer.twoSided!, 'two-sided p');
        expectClose(chunkTest(reference, current, 'greater').pValue, answer.greater!, 'upper p');
        expectClose(performanceBand(reference, true).limit, answer.limit!, 'limit');
      }
      const pValues = draw(fc.array(share, { minLength: 1, maxLength: 40 }), 100);
      const adjusted = ask<Answer>(
        pValues.map((list) => ({ kind: 'adjusted', pValues: list })),
        'drift_oracle.py',
      );
      for (const [index, list] of pValues.entries()) {
        for (const [at, value] of benjaminiHochbergAdjusted(list).entries())
          expectClose(value, adjusted[index]!.adjusted[at]!, 'adjusted p');
        for (const [at, value] of benjaminiYekutieliAdjusted(list).entries())
          expectClose(value, adjusted[index]!.anyDependence[at]!, 'adjusted p, any dependence');
      }
      const limits = [2, 6, 10, 20].flatMap((count) =>
        [2, 26, 104].map((later) => ({ kind: 'exceedance', factor: 4, count, later })),
      );
      const chances = ask<Answer>(limits, 'drift_oracle.py');
      for (const [index, { factor, count, later }] of limits.entries())
        expectClose(exceedanceChance(factor, count, later), chances[index]!.chance!, 'exceedance');
    });

    test('isotonic calibration equals scikit-learn’s', () => {
      const score = fc.oneof(
        fc.double({ min: 0, max: 1, noNaN: true }).map((x) => Math.round(x * 1e6) / 1e6),
        fc.constantFrom(0.1, 0.5, 0.9),
      );
      const rows = fc.array(fc.tuple(score, fc.integer({ min: 0, max: 1 })), {
        minLength: 1,
        maxLength: 150,
      });
      const cases = draw(fc.tuple(rows, fc.array(score, { minLength: 1, maxLength: 50 })), 150).map(
        ([pairs, at]) => ({
          kind: 'calibration',
          scores: pairs.map(([x]) => x),
          labels: pairs.map(([, label]) => label),
          at,
        }),
      );
      const answers = ask<Answer>(cases, 'drift_oracle.py');
      for (const [index, { scores, labels, at }] of cases.entries()) {
        const fit = fitCalibration(Float64Array.from(scores), Float64Array.from(labels));
        for (const [k, value] of at.entries())
          expectClose(calibrated(fit, value), answers[index]!.probabilities[k]!, `calibrated ${value}`);
      }
    });
  },
);
