/** What is told beside the metrics: the threshold that would be best, the matrix, the point of operation. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMetric, METRICS } from '../../../shared/metrics/catalogue.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import { gatePolicySchema } from '../../../shared/records/gate-policy.ts';
import { confusionNotes, confusionOf } from './confusion-matrix.ts';
import { curvesOf } from './curves.ts';
import { suggestThreshold } from './threshold.ts';

const policyOf = (maximize: string, more: object = {}) =>
  gatePolicySchema.parse({ version: 1, task: 'binary', threshold_suggestion: { maximize }, ...more });

const rowsOf = (truth: number[], score: number[], weight?: number[]): Rows => ({
  truth: Float64Array.from(truth),
  score: Float64Array.from(score),
  weight: weight && Float64Array.from(weight),
});

const LABEL_METRICS = METRICS.filter(({ task, needs }) => task === 'binary' && needs === 'labels');

describe('the suggested threshold', () => {
  test.each(LABEL_METRICS.map(({ name }) => name))('%s: none of all thresholds is better', (name) => {
    const { definition } = findMetric(name, 'binary')!;
    const sign = definition.direction === 'higher' ? 1 : -1;
    const row = fc.tuple(
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), (drawn) => {
        const rows = rowsOf(
          drawn.map(([truth]) => truth),
          drawn.map(([, score]) => score / 10),
          drawn.map(([, , weight]) => weight),
        );
        const at = (threshold: number) =>
          definition.compute({ ...rows, predicted: rows.score!.map((score) => (score >= threshold ? 1 : 0)) })
            .value;
        const values = [...new Set(rows.score)].flatMap((threshold) => at(threshold) ?? []);
        const found = suggestThreshold(policyOf(name), rows);
        if (values.length === 0) {
          expect(found).toBeNull();
          return;
        }
        expect(sign * found!.suggestedValue).toBeCloseTo(
          Math.max(...values.map((value) => sign * value)),
          12,
        );
        expect(at(found!.suggested)).toBeCloseTo(found!.suggestedValue, 12);
        expect(found!.currentValue).toEqual(at(0.5) ?? null);
      }),
      { numRuns: 40 },
    );
  });

  test('of equally good thresholds the one nearest to the present', () => {
    const rows = rowsOf([0, 0, 1, 1], [0.1, 0.3, 0.3, 0.9]);
    expect(suggestThreshold(policyOf('recall'), rows)).toMatchObject({
      suggested: 0.3,
      current: 0.5,
      currentValue: 0.5,
    });
    expect(suggestThreshold(policyOf('recall', { threshold: 0.05 }), rows)).toMatchObject({ suggested: 0.1 });
  });

  test('scores that are no probabilities have no present threshold; NaN and other tasks no suggestion', () => {
    expect(suggestThreshold(policyOf('f1'), rowsOf([0, 1], [-3, 4]))).toMatchObject({
      currentValue: null,
      suggested: 4,
    });
    expect(suggestThreshold(policyOf('f1'), rowsOf([0, 1], [Number.NaN, 4]))).toBeNull();
    expect(suggestThreshold(policyOf('f1'), { truth: Float64Array.of(1) })).toBeNull();
    const regression = gatePolicySchema.parse({ version: 1, task: 'regression' });
    expect(suggestThreshold(regression, rowsOf([0, 1], [0, 1]))).toBeNull();
  });
});

describe('the confusion matrix', () => {
  const rows: Rows = {
    truth: Float64Array.of(0, 0, 1, 2),
    predicted: Float64Array.of(0, 2, 1, 1),
    classes: ['a', 'b', 'c'],
    weight: Float64Array.of(0.1, 0.2, 1, 3),
  };

  test('weights by true and predicted label, of both models', () => {
    const better = { ...rows, predicted: rows.truth };
    expect(confusionOf(rows, better, rows.classes!)).toEqual({
      labels: ['a', 'b', 'c'],
      champion: [
        [0.1, 0, 0.2],
        [0, 1, 0],
        [0, 3, 0],
      ],
      challenger: [
        [0.3, 0, 0],
        [0, 1, 0],
        [0, 0, 3],
      ],
    });
  });

  test('none without a label for each row, for labels of a row, or for more than can be read', () => {
    const empty = { ...rows, predicted: Float64Array.of(0, 2, 1, Number.NaN) };
    expect(confusionOf(undefined, empty, rows.classes!)).toBeNull();
    expect(confusionOf(empty, rows, rows.classes!)!.champion).toBeNull();
    expect(confusionOf(undefined, { ...rows, labels: [] }, rows.classes!)).toBeNull();
    expect(confusionOf(undefined, rows, [])).toBeNull();
    const many = Array.from({ length: 31 }, (_, index) => String(index));
    expect(confusionOf(undefined, rows, many)).toBeNull();
    expect(confusionNotes(rows, many)).toEqual([expect.stringContaining('of 31 classes is left out')]);
    expect(confusionNotes(rows, rows.classes!)).toEqual([]);
  });
});

describe('the curves', () => {
  const rows: Rows = {
    truth: Float64Array.of(0, 0, 1, 1),
    score: Float64Array.of(0.2, 0.6, 0.7, 0.4),
    predicted: Float64Array.of(0, 1, 1, 0),
  };

  test('the point of operation, with its threshold where one explains all labels', () => {
    const point = { falsePositiveRate: 0.5, truePositiveRate: 0.5, precision: 0.5 };
    expect(curvesOf(undefined, rows)!.challenger.operatingPoint).toEqual({ ...point, threshold: 0.5 });
    expect(curvesOf(undefined, rows, 0.3)!.challenger.operatingPoint).toEqual({ ...point, threshold: null });
    const none = { ...rows, predicted: Float64Array.of(0, 0, 0, 0) };
    expect(curvesOf(rows, none)!.challenger.operatingPoint!.precision).toBeNull();
    expect(
      curvesOf(rows, { ...rows, truth: Float64Array.of(1, 1, 1, 1) })!.challenger.operatingPoint,
    ).toBeNull();
    expect(curvesOf(rows, { ...rows, predicted: undefined })!.challenger.operatingPoint).toBeNull();
  });

  test('precision over recall, and the distance from calibration', () => {
    const { challenger } = curvesOf(undefined, rows)!;
    expect(challenger.precisionRecall).toEqual([
      [0, 1],
      [0.5, 1],
      [0.5, 0.5],
      [1, 0.666667],
      [1, 0.5],
    ]);
    expect(challenger.expectedCalibrationError).toBeCloseTo((0.2 + 0.6 + 0.3 + 0.6) / 4, 6);
    expect(
      curvesOf(undefined, { ...rows, score: Float64Array.of(2, 0, 1, 1) })!.challenger
        .expectedCalibrationError,
    ).toBeNull();
    expect(curvesOf(undefined, { truth: rows.truth })).toBeNull();
  });
});
