import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gainSentence } from '../../../shared/report/training/money.ts';
import { sampleTraining } from '../../../shared/testing/sample-records.ts';
import { gainOf, runBefore, withGain } from './gain.ts';
import { primaryMetric } from './primary-metric.ts';

test('the metric is the one that early-stop follows', () => {
  const metrics = { accuracy: 0.9, loss: 0.2, reward: 3 };
  expect(primaryMetric(metrics, { monitor: 'reward', mode: 'max' })).toEqual({
    name: 'reward',
    better: 'higher',
  });
  expect(primaryMetric(metrics, { monitor: 'gone', mode: 'max' })).toBeUndefined();
});

test.each([
  [{ accuracy: 0.9 }, { name: 'accuracy', better: 'higher' }],
  [
    { rmse: 3, rows: 12 },
    { name: 'rmse', better: 'lower' },
  ],
  [{ neg_log_loss: -0.3 }, { name: 'neg_log_loss', better: 'higher' }],
  [{ val_loss: 0.3 }, { name: 'val_loss', better: 'lower' }],
  [{ 'eval/loss': 0.3 }, { name: 'eval/loss', better: 'lower' }],
  [{ accuracy: 0.9, f1: 0.8 }, undefined],
  [{ lossless: 1, rows: 12 }, undefined],
  [{}, undefined],
])('of %j it is %j', (metrics, expected) => expect(primaryMetric(metrics)).toEqual(expected));

const accuracy = { name: 'accuracy', better: 'higher' } as const;
const run = (value: number | 'NaN') => ({ metrics: { accuracy: value } });

test('what a hundredth cost, in words', () => {
  const gain = gainOf(accuracy, { accuracy: 0.93 }, run(0.91), 1.2);
  expect(gain).toEqual({
    metric: 'accuracy',
    before: 0.91,
    after: 0.93,
    usdPerHundredth: expect.closeTo(0.6, 12),
  });
  expect(gainSentence(gain!, 1.2)).toBe('$1.20 for accuracy from 0.91 to 0.93: $0.60 for each 0.01.');
});

test('no gain is said, for metrics that should fall too', () => {
  const loss = { name: 'loss', better: 'lower' } as const;
  const worse = gainOf(loss, { loss: 0.4 }, { metrics: { loss: 0.3 } }, 2);
  expect(gainSentence(worse!, 2)).toBe('$2.00 and no gain: loss from 0.3 to 0.4.');
  expect(gainOf(loss, { loss: 0.3 }, { metrics: { loss: 0.4 } }, 2)?.usdPerHundredth).toBeCloseTo(0.2, 12);
});

test('a gain that nobody would see is none', () => {
  expect(gainOf(accuracy, { accuracy: 0.90001 }, run(0.9), 5)?.usdPerHundredth).toBeNull();
  expect(gainOf(accuracy, { accuracy: 0.9001 }, run(0.9), 5)?.usdPerHundredth).toBeCloseTo(500, 6);
});

test('nothing is said where there is nothing to compare', () => {
  expect(gainOf(undefined, { accuracy: 0.9 }, run(0.8), 1)).toBeNull();
  expect(gainOf(accuracy, { accuracy: 0.9 }, undefined, 1)).toBeNull();
  expect(gainOf(accuracy, { accuracy: 'NaN' }, run(0.8), 1)).toBeNull();
  expect(gainOf(accuracy, { accuracy: 0.9 }, run('NaN'), 1)).toBeNull();
  expect(gainOf(accuracy, { accuracy: 0.9 }, { metrics: {} }, 1)).toBeNull();
});

test('the price of all hundredths together is what was paid', () => {
  const value = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.9, 0.900001));
  fc.assert(
    fc.property(value, value, fc.double({ min: 0, max: 1e3, noNaN: true }), (before, after, usd) => {
      const gain = gainOf(accuracy, { accuracy: after }, run(before), usd)!;
      if (gain.usdPerHundredth === null) expect(after - before).toBeLessThan(1e-4);
      else expect(gain.usdPerHundredth * ((after - before) / 0.01)).toBeCloseTo(usd, 6);
    }),
  );
});

test('the run before is the newest that has the metric, whatever the order of its file', () => {
  const run = (createdAt: string, metrics: Record<string, number>) => ({
    ...sampleTraining(),
    createdAt,
    metrics,
  });
  const records = [
    run('2026-05-03T00:00:00.000Z', { accuracy: 0.8 }),
    run('2026-05-01T00:00:00.000Z', { accuracy: 0.7 }),
    run('2026-05-04T00:00:00.000Z', {}),
  ];
  expect(runBefore(records, 'accuracy')?.metrics).toEqual({ accuracy: 0.8 });
  expect(runBefore(records, 'f1')).toBeUndefined();
  const cost = {
    machine: 'g5.xlarge',
    count: 1,
    market: 'on-demand' as const,
    region: null,
    usdPerHour: 1,
    priceSource: 'prices.yaml',
    estimateUsd: null,
    actualUsd: 3,
    spotSavingShare: null,
    budgetUsd: null,
    gain: null,
  };
  expect(withGain(cost, accuracy, { accuracy: 0.9 }, records).gain).toMatchObject({
    before: 0.8,
    after: 0.9,
  });
  expect(withGain(cost, undefined, { accuracy: 0.9 }, records).gain).toBeNull();
  expect(withGain({ ...cost, actualUsd: null }, accuracy, { accuracy: 0.9 }, records).gain).toBeNull();
});
