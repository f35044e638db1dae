/** The numbers of drift against scipy (and scikit-learn's isotonic regression), on random and degenerate data. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { calibrated, fitCalibration } from '../../actions/drift-check/estimate.ts';
import { chunkTest, measureChunk, performanceBand } from '../../shared/stats/chunk-calibration.ts';
import {
  hellingerDistance,
  jensenShannonDivergence,
  populationStabilityIndex,
  totalVariationDistance,
  wassersteinDistance,
} from '../../shared/stats/divergence.ts';
import { benjaminiHochbergAdjusted } from '../../shared/stats/multiple-testing.ts';
import {
  chiSquaredHomogeneity,
  kolmogorovSmirnovTest,
  mannWhitneyTest,
} from '../../shared/stats/two-sample.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

type Answer = Record<string, number> & { probabilities: number[]; adjusted: number[] };

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
      }
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
