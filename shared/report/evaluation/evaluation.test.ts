import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleEvaluation, sampleMetric } from '../../testing/sample-evaluation.ts';
import { commonMistakes, confusionCells, isWhole } from './confusion.ts';
import { blockLine, heightAt } from './curve-points.ts';
import { heatTable } from './heat.ts';
import { dayText, describePart, unitOf } from './names.ts';
import {
  calibrateAdvice,
  changeText,
  drawsShare,
  loadText,
  operatingPointText,
  powerText,
  rankedAttributions,
  thresholdText,
} from './sentences.ts';

describe('names', () => {
  test.each([
    [{ name: 'roc_auc', slice: null }, 'roc_auc'],
    [{ name: 'ndcg', slice: null, parameters: { k: '10' } }, 'ndcg, k = 10'],
    [{ name: 'recall', slice: { origin: 'ORD', day: '7' } }, 'recall, origin = ORD, day = 7'],
    [
      {
        name: 'recall_ratio',
        slice: null,
        parameters: { sensitive_features: 'sex, age', method: 'between_groups', agg: 'mean' },
      },
      'recall_ratio by sex, age, agg = mean',
    ],
  ])('%o', (part, name) => expect(describePart(part)).toBe(name));

  test('what is counted, and days', () => {
    expect(unitOf({ block: 'latency' })).toBe('requests');
    expect(unitOf({ block: 'fairness' })).toBe('rows');
    expect(dayText('2026-12-31')).toBe('31 Dec 2026');
    expect(dayText('soon')).toBe('soon');
  });
});

describe('the heat table', () => {
  const slice = (value: string, changes: Parameters<typeof sampleMetric>[0]) =>
    sampleMetric({ block: 'slices', slice: { origin: value }, ...changes });

  test('has a row per slice, the worst first, and a word for every colour', () => {
    const heat = heatTable({
      slices: [
        slice('gain', { name: 'recall' }),
        slice('same', { name: 'recall', interval: [-0.01, 0.02], word: 'not worse' }),
        slice('lower', { name: 'recall', difference: -0.01, interval: [-0.02, -0.005], word: 'not worse' }),
        slice('unsure', { name: 'recall', verdict: 'inconclusive', word: 'cannot tell' }),
        slice('small', { name: 'recall', verdict: 'not_judged', word: 'not judged' }),
        slice('broken', { name: 'recall', verdict: 'fail', word: 'worse' }),
        slice('gain', { name: 'log_loss', direction: 'lower', difference: 0.1, interval: [0.05, 0.15] }),
      ],
    })!;
    expect(heat.columns).toEqual([
      { name: 'recall', arrow: '↑' },
      { name: 'log_loss', arrow: '↓' },
    ]);
    expect(heat.rows.map((row) => [row.name, ...row.cells.map((cell) => cell?.level)])).toEqual([
      ['origin = broken', 'broken', undefined],
      ['origin = unsure', 'unsure', undefined],
      ['origin = gain', 'gain', 'lower'],
      ['origin = lower', 'lower', undefined],
      ['origin = small', 'none', undefined],
      ['origin = same', 'same', undefined],
    ]);
    expect(heat).toMatchObject({ broken: 1, unsure: 1 });
    expect(heat.rows[0]!.cells[0]).toEqual({ level: 'broken', text: '+0.0246', word: 'worse' });
    expect(heatTable({ slices: [] })).toBeUndefined();
  });

  test('shows the value itself where there is no champion', () => {
    const { rows } = heatTable({
      slices: [slice('ORD', { name: 'recall', champion: null, difference: null, interval: null })],
    })!;
    expect(rows[0]!.cells[0]!.text).toBe('0.673');
  });
});

describe('points of curves', () => {
  test('between two points of a curve its height is on the line between them', () => {
    const curve = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0, max: 1, noNaN: true })), {
        minLength: 1,
        maxLength: 20,
      })
      .map((points) => points.sort((a, b) => a[0] - b[0]));
    fc.assert(
      fc.property(curve, fc.double({ min: -1, max: 51, noNaN: true }), (points, x) => {
        const height = heightAt(points, x);
        const left = points.findLast((point) => point[0] <= x) ?? points[0]!;
        const right = points.find((point) => point[0] > x) ?? points.at(-1)!;
        expect(height).toBeGreaterThanOrEqual(Math.min(left[1], right[1]) - 1e-12);
        expect(height).toBeLessThanOrEqual(Math.max(left[1], right[1]) + 1e-12);
      }),
    );
    expect(
      heightAt(
        [
          [0, 0],
          [0, 0.4],
          [1, 1],
        ],
        0.5,
      ),
    ).toBeCloseTo(0.7, 12);
  });

  test('blocks from the lowest to the highest', () => {
    expect(blockLine([0, 0.124, 0.126, 0.5, 0.99, 1, 2, -1, null, Number.NaN])).toBe('▁▁▂▅███▁  ');
  });
});

test('confusion: shares of the true label, and the most frequent mistakes', () => {
  const confusion = {
    labels: ['a', 'b'],
    champion: [
      [9, 1],
      [0, 0],
    ],
    challenger: [
      [6, 4],
      [3, 0],
    ],
  };
  expect(confusionCells(confusion)[0]![1]).toEqual({
    truth: 'a',
    predicted: 'b',
    isRight: false,
    champion: 1,
    challenger: 4,
    championShare: 0.1,
    challengerShare: 0.4,
  });
  expect(confusionCells(confusion)[1]![0]).toMatchObject({ championShare: null, challengerShare: 1 });
  expect(commonMistakes(confusion).map((cell) => cell.challenger)).toEqual([4, 3]);
  expect(isWhole(confusion)).toBe(true);
  expect(isWhole({ ...confusion, labels: [...'abcdefg'] })).toBe(false);
});

describe('sentences', () => {
  const sample = sampleEvaluation();

  test('a threshold that is as good as any other needs no change', () => {
    expect(thresholdText({ ...sample.thresholdSuggestion!, suggested: 0.5 })).toMatch(
      /^The threshold of 0.5 is/,
    );
    expect(thresholdText(sample.thresholdSuggestion!)).toMatch(
      /^f1 would be 0.4700 at a threshold of 0.27, against 0.4100 at 0.5\./,
    );
  });

  test('where a model decides', () => {
    const point = { threshold: null, falsePositiveRate: 0.1, truePositiveRate: 0.5, precision: null };
    const { challenger } = sample.curves!;
    expect(operatingPointText({ ...challenger, operatingPoint: point })).toBe(
      'decides by its own labels: finds 50.0 % of the positives, takes 10.0 % of the negatives for positive, precision –',
    );
    expect(operatingPointText({ ...challenger, operatingPoint: null })).toBeUndefined();
  });

  test('power, or nothing where it was not computed', () => {
    const [first] = sample.metrics;
    const [limit] = first!.limits;
    const told = (...limits: NonNullable<typeof first>['limits']) => powerText({ ...first!, limits }, 3);
    expect(told(limit!)).toEqual([
      'roc_auc: with 16,758 rows an equal model would pass in 97 % of cases; a loss of 0.009 beyond the limit would be found in 80 % of cases.',
    ]);
    expect(told({ ...limit!, detectableLoss: null })).toEqual([
      'roc_auc: with 16,758 rows an equal model would pass in 97 % of cases.',
    ]);
    expect(told({ ...limit!, power: null, detectableLoss: null })).toEqual([]);
    const bound = { ...limit!, kind: 'lower_bound' as const, limit: 0.8, power: null };
    expect(told(bound, limit!)).toEqual([
      expect.stringMatching(/^roc_auc \(change.≥.−0\.002\): with .* equal model/),
    ]);
  });

  test('load from a file has no rate', () => {
    const load = {
      ...sample.load!,
      from: 'file' as const,
      requestsPerSecond: null,
      warmUpSeconds: null,
      champion: null,
    };
    expect(loadText(load)).toBe('From measured files: 600 requests, 1 without a good answer.');
  });

  test('a share of draws has an interval, and a policy that is too tight is told so', () => {
    // Wilson's interval of 21 in 1,000.
    expect(drawsShare(0.021, 1000)).toBe('2.1 % (95 % interval 1.4 to 3.2 %)');
    const calibrate = {
      draws: 1000,
      swapped: 'rows' as const,
      shares: { pass: 0.4, warn: 0, inconclusive: 0.59, fail: 0.01 },
      metrics: [],
      plainComparisonFails: 0.5,
    };
    expect(calibrateAdvice(calibrate, 'warn')).toMatch(/tighter than the noise/);
    expect(calibrateAdvice(calibrate, 'pass')).toMatch(/fewer than half/);
    expect(calibrateAdvice({ ...calibrate, shares: { ...calibrate.shares, warn: 0.2 } }, 'pass')).toBe('');
  });

  test('changes have a sign', () => {
    expect([changeText(1, 3), changeText(3, 1), changeText(2, 2), changeText(null, 2)]).toEqual([
      '+2',
      '−2',
      '±0',
      '',
    ]);
  });

  test('features by rank, those that only one model has last', () => {
    const ranked = rankedAttributions([
      { feature: 'a', champion: 3, challenger: 1 },
      { feature: 'b', champion: 1, challenger: -2 },
      { feature: 'gone', champion: 2, challenger: null },
    ]);
    expect(
      ranked.map(({ feature, championRank, challengerRank }) => [feature, championRank, challengerRank]),
    ).toEqual([
      ['b', 3, 1],
      ['a', 1, 2],
      ['gone', 2, null],
    ]);
  });
});
