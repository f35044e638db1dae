import { describe, expect, test } from 'vitest';
import type { LimitKind } from '../../../../shared/records/evaluation.ts';
import type { PolicyLimits } from '../../../../shared/records/gate-policy.ts';
import { orderStatisticInterval, percentile } from '../../../../shared/stats/order-statistics.ts';
import { wilsonInterval } from '../../../../shared/stats/paired-proportions.ts';
import { judge } from '../../judgement/judge.ts';
import { emptyPolicy } from '../../policy/rules.ts';
import { blockRule, unknown } from '../block-rule.ts';
import type { LoadNumber } from './load-estimates.ts';
import { loadItem } from './load-item.ts';
import { type LoadSample, loadSample, loadSide, pooled } from './load-sample.ts';

/** Evenly spread from `from` milliseconds on, one millisecond apart. */
const spread = (count: number, from = 1, failures = 0): LoadSample =>
  loadSample(Float64Array.from({ length: count }, (_, index) => from + index).reverse(), failures);

function result(
  name: LoadNumber,
  limits: PolicyLimits,
  challenger: LoadSample,
  champion?: LoadSample | ReturnType<typeof unknown>,
) {
  const rule = { ...blockRule(emptyPolicy('binary'), 'latency', name, limits), minSamples: 1 };
  return judge([loadItem(rule, name, champion, challenger)], 'holm')[0]!;
}

describe('against its own limit', () => {
  test('a percentile and its interval are order statistics', () => {
    const sample = spread(400);
    const { challenger, challengerInterval, method, rows } = result('p95_ms', { upper_bound: 500 }, sample);
    expect({ challenger, challengerInterval, method, rows }).toEqual({
      challenger: percentile(sample.answered, 0.95),
      challengerInterval: orderStatisticInterval(sample.answered, 0.95, 0.025),
      method: 'order statistics',
      rows: 400,
    });
  });

  test.each<[PolicyLimits, string]>([
    [{ upper_bound: 390 }, 'pass'],
    [{ upper_bound: 382 }, 'inconclusive'],
    [{ upper_bound: 360 }, 'fail'],
    [{ lower_bound: 360 }, 'pass'],
    [{ lower_bound: 395 }, 'fail'],
  ])('%j: %s', (limits, verdict) => {
    expect(result('p95_ms', limits, spread(400)).verdict).toBe(verdict);
  });

  test.each<[LoadNumber, number, string]>([
    ['p95_ms', 71, '71 requests, and at least 72 are needed'],
    ['p99_ms', 367, '367 requests, and at least 368 are needed'],
    ['mean_ms', 99, '99 answered requests, and at least 100 are needed'],
  ])('%s of %d requests is not judged', (name, count, why) => {
    expect(result(name, { upper_bound: 1e6 }, spread(count))).toMatchObject({ verdict: 'not_judged', why });
    expect(result(name, { upper_bound: 1e6 }, spread(count + 1))).toMatchObject({ verdict: 'pass' });
  });

  test('a share of errors has the score interval', () => {
    const { challenger, challengerInterval, verdict } = result(
      'error_rate',
      { upper_bound: 0.05 },
      spread(392, 1, 8),
    );
    expect({ challenger, challengerInterval, verdict }).toEqual({
      challenger: 0.02,
      challengerInterval: wilsonInterval(8, 400, 0.95),
      verdict: 'pass',
    });
  });
});

describe('failed requests', () => {
  test('are slower than any answer, so that failing fast buys no speed', () => {
    const quick = result('p95_ms', { upper_bound: 1_000 }, spread(400));
    const failing = result('p95_ms', { upper_bound: 1_000 }, spread(385, 1, 15));
    expect(failing.challenger).toBeGreaterThan(quick.challenger! - 1);
    // The true percentile may lie among the failures: that no limit is kept cannot be shown.
    expect(failing).toMatchObject({ verdict: 'inconclusive', challengerInterval: [expect.any(Number), 385] });
  });

  test('that many make the percentile no number, which fails', () => {
    expect(result('p95_ms', { upper_bound: 1e9 }, spread(380, 1, 40))).toMatchObject({
      verdict: 'fail',
      challenger: null,
      word: 'not a number',
      why: '40 of 420 requests had no good answer, so that many are slower than any number',
    });
    expect(result('mean_ms', { upper_bound: 1e9 }, spread(0, 1, 400))).toMatchObject({ verdict: 'fail' });
  });

  test('do not keep a model from failing that is slow anyway', () => {
    expect(result('p95_ms', { upper_bound: 40 }, spread(385, 1, 15)).verdict).toBe('fail');
  });
});

describe('against the champion', () => {
  const champion = spread(600, 100);
  test.each<[string, LoadNumber, LimitKind, number, LoadSample, string]>([
    ['faster', 'p95_ms', 'min_absolute_change', 0, spread(600, 1), 'pass'],
    ['as fast', 'p50_ms', 'min_absolute_change', -100, spread(600, 100), 'pass'],
    ['as fast, no margin', 'p50_ms', 'min_absolute_change', 0, spread(600, 101), 'inconclusive'],
    ['slower', 'p50_ms', 'min_absolute_change', -20, spread(600, 300), 'fail'],
    ['slower by less than half', 'p50_ms', 'min_relative_change', -0.5, spread(600, 150), 'pass'],
    ['more than twice as slow', 'p50_ms', 'min_relative_change', -0.5, spread(600, 600), 'fail'],
    ['as fast', 'p50_ms', 'max_absolute_change', 50, spread(600, 100), 'pass'],
    [
      'faster by about as much as allowed',
      'p50_ms',
      'max_absolute_change',
      50,
      spread(600, 40),
      'inconclusive',
    ],
    ['suspiciously faster', 'p50_ms', 'max_absolute_change', 50, spread(600, 1), 'fail'],
    ['slower on average', 'mean_ms', 'min_relative_change', -0.1, spread(600, 300), 'fail'],
    ['more errors', 'error_rate', 'min_absolute_change', -0.01, spread(540, 100, 60), 'fail'],
    ['no more errors', 'error_rate', 'min_absolute_change', -0.01, spread(600, 100), 'pass'],
  ])('%s: %s %s %d', (_, name, kind, limit, challenger, verdict) => {
    expect(result(name, { [kind]: limit }, challenger, champion).verdict).toBe(verdict);
  });

  test('the change has an interval around the difference', () => {
    const { champion: own, difference, interval, method } = result('p95_ms', {}, spread(600, 150), champion);
    expect(difference).toBe(50);
    expect(own).toBe(percentile(champion.answered, 0.95));
    expect(interval![0]).toBeLessThan(50);
    expect(interval![1]).toBeGreaterThan(50);
    expect(method).toBe('order statistics, MOVER');
  });

  test('of too few requests, of failures only, or of none known', () => {
    const limits = { min_absolute_change: -10 };
    expect(result('p95_ms', limits, spread(600), spread(50))).toMatchObject({
      verdict: 'not_judged',
      why: 'the champion has 50 requests, and at least 72 are needed',
    });
    expect(result('p95_ms', limits, spread(600), spread(0, 1, 600))).toMatchObject({
      verdict: 'missing',
      why: 'the champion has no number: none of 600 requests had a good answer',
    });
    expect(result('p95_ms', limits, spread(600), unknown('it packages no serve-command'))).toMatchObject({
      verdict: 'missing',
      why: 'the champion has no number: it packages no serve-command',
    });
    expect(result('p95_ms', limits, spread(600)).word).toBe('no baseline');
  });
});

test('the chart ends where the failures begin', () => {
  expect(loadSide(spread(90, 1, 10))).toMatchObject({ requests: 100, errors: 10 });
  const { quantiles } = loadSide(spread(90, 1, 10));
  expect(quantiles[0]).toEqual([0, 1]);
  expect(quantiles.at(-1)![0]).toBeLessThan(0.9);
  expect(loadSide(spread(101)).quantiles.at(-1)).toEqual([1, 101]);
});

test('of several rounds every failed request counts as slower than any answered one', () => {
  const round = { latencies: [2, 1], failures: 2, latestStart: 0 };
  const sample = pooled([round, round]);
  expect(sample).toMatchObject({ answered: Float64Array.of(1, 1, 2, 2), failures: 4 });
  expect(sample.all.filter((value) => value === Number.POSITIVE_INFINITY)).toHaveLength(4);
});
