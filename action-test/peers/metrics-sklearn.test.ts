/** Every metric of every task against scikit-learn (rankings: trec_eval; forecasts: utilsforecast), to 1e-9. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS, type MetricDefinition } from '../../shared/metrics/catalogue.ts';
import { computeMetric } from '../../shared/metrics/metric-definition.ts';
import { ofClass } from '../../shared/metrics/one-class.ts';
import { calibrationCurve } from '../../shared/metrics/probability.ts';
import { precisionRecallCurve } from '../../shared/metrics/score-curves.ts';
import {
  binaryCases,
  type Case,
  forecastingCases,
  multiclassCases,
  multilabelCases,
  rankingCases,
  regressionCases,
  rowsOf,
} from './metric-cases.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

const CASES = 330;
/** Data sets of which a metric must have a number; of the others it is shown why there is none. */
const ENOUGH = 200;

/** Of one class or label the metric of two classes, under a name of its own. */
const ofFirstClass = (definition: MetricDefinition): MetricDefinition => ({
  ...ofClass(definition, 'class 0'),
  name: `${definition.name} of class 0`,
});

function definitionsOf(kind: Case['kind'], withFirstClass: boolean): MetricDefinition[] {
  const own = METRICS.filter((metric) => metric.task === kind);
  if (!withFirstClass || (kind !== 'multiclass' && kind !== 'multilabel')) return own;
  return [...own, ...METRICS.filter(({ task }) => task === 'binary').map(ofFirstClass)];
}

/**
 * Where the oracle refuses or says NaN there is no number here either; where it makes one up (0 for an empty
 * denominator, 1 for a constant truth) we may say why there is none.
 */
function compareAll(drawn: Case[]): Map<string, number> {
  // Metrics of one class are those of two classes on other rows: a part of the cases shows that.
  const cases = drawn.map((one, index) => ({ ...one, ofFirstClass: index % 8 === 0 }));
  const answers = ask<Record<string, number | null>>(cases);
  const compared = new Map<string, number>();
  for (const [index, one] of cases.entries()) {
    const rows = rowsOf(one);
    for (const definition of definitionsOf(one.kind, one.ofFirstClass)) {
      const theirs = answers[index]![definition.name];
      // Of ties trec_eval has no opinion.
      if (theirs === undefined && one.kind === 'ranking') continue;
      expect(theirs === undefined, `the oracle lacks ${definition.name}`).toBe(false);
      const ours = computeMetric(definition, rows, one);
      if (ours.value === undefined) {
        expect(ours.why.length).toBeGreaterThan(10);
        continue;
      }
      expect(theirs, `${definition.name} of case ${index}: ${JSON.stringify(one)}`).not.toBeNull();
      expectClose(ours.value, theirs!, `${definition.name} of case ${index}`);
      compared.set(definition.name, (compared.get(definition.name) ?? 0) + 1);
    }
  }
  return compared;
}

/** One class against another knows no weights. */
const mostlyUnweighted = (cases: fc.Arbitrary<Case>): fc.Arbitrary<Case> =>
  fc.tuple(cases, fc.nat(5)).map(([one, part]) => (part > 0 ? { ...one, weight: null } : one));

requirePython();

describe.skipIf(!python)('equal to the oracles (set MLOPS_TEST_PYTHON to an interpreter with them)', () => {
  test.each([
    ['binary', binaryCases],
    ['regression', regressionCases],
    ['multiclass', mostlyUnweighted(multiclassCases)],
    ['multilabel', multilabelCases],
    ['forecasting', forecastingCases],
  ] as const)('%s', (kind, cases) => {
    const compared = compareAll(draw<Case>(cases, CASES));
    for (const { name } of definitionsOf(kind, true)) {
      const least = name.endsWith('of class 0') ? CASES / 16 : ENOUGH;
      expect(compared.get(name), `${name}: data sets with a number`).toBeGreaterThanOrEqual(least);
    }
  });

  test('ranking', () => {
    const compared = compareAll([...draw(rankingCases(false), CASES), ...draw(rankingCases(true), CASES)]);
    for (const { name } of definitionsOf('ranking', false))
      expect(compared.get(name)).toBeGreaterThanOrEqual(CASES);
    expect(compared.get('ndcg')).toBe(2 * CASES);
  });

  test('the curves of calibration, precision and recall', () => {
    const drawn = draw(binaryCases, 200).filter(
      ({ score }) => score!.length > 1 && score!.every(Number.isFinite),
    );
    const answers = ask<{ calibration: number[][]; precisionRecall: number[][] }>(
      drawn.map((one) => ({ ...one, kind: 'curves' })),
    );
    drawn.forEach((one, index) => {
      const { weight: _, ...plain } = rowsOf(one);
      const bins = calibrationCurve(plain, 10).flatMap((bin) => [bin.score, bin.positives]);
      const expected = answers[index]!.calibration.flat();
      expect(bins).toHaveLength(expected.length);
      bins.forEach((value, at) => {
        expectClose(value, expected[at]!, `calibration of case ${index}`);
      });
      const curve = precisionRecallCurve(rowsOf(one), Number.POSITIVE_INFINITY).flat();
      if (curve.length === 0) return;
      const points = answers[index]!.precisionRecall.flat();
      expect(curve).toHaveLength(points.length);
      curve.forEach((value, at) => {
        expectClose(value, points[at]!, `precision and recall of case ${index}`);
      });
    });
  });
});
