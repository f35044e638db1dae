import { describe, expect, test } from 'vitest';
import { findMetric } from '../../../shared/metrics/catalogue.ts';
import { compareModels } from '../../../shared/metrics/comparison.ts';
import type { Rows } from '../../../shared/metrics/rows.ts';
import { normalCdf, normalQuantile } from '../../../shared/stats/distributions.ts';
import { belowZero, estimateInterval } from '../../../shared/stats/paired-intervals.ts';
import { item, margin, one } from '../fixtures/normal-items.ts';
import type { Limit } from '../policy/rules.ts';
import { type Item, itemOfComparison } from './items.ts';
import { judge } from './judge.ts';

describe('what the rows could have shown', () => {
  const first = (given: Item) => one(given).limits[0]!;

  test('an equal model keeps a margin of four standard errors with 97.9 %, one of zero with α', () => {
    expect(first(item(0.001, 0.0025, margin)).power).toBeCloseTo(normalCdf(4 - 1.959964), 6);
    const zero: Limit[] = [{ kind: 'min_absolute_change', limit: 0 }];
    expect(first(item(0.001, 0.0025, zero)).power).toBeCloseTo(0.025, 9);
    const relative: Limit[] = [{ kind: 'min_relative_change', limit: -0.01 }];
    expect(first(item(0.001, 0.0025, relative)).power).toBeCloseTo(normalCdf(0.007 / 0.0025 - 1.959964), 6);
    const leak: Limit[] = [{ kind: 'max_absolute_change', limit: 0.01 }];
    expect(first(item(0.001, 0.0025, leak)).power).toBeCloseTo(normalCdf(4 - 1.959964), 6);
  });

  test('of bounds, and of limits that ask to improve, an equal model says nothing', () => {
    expect(first(item(0.001, 0.0025, [{ kind: 'lower_bound', limit: 0.6 }])).power).toBeNull();
    expect(first(item(0.001, 0.0025, [{ kind: 'min_absolute_change', limit: 0.01 }])).power).toBeNull();
  });

  test('the loss that would be found with 80 %: that far beyond the limit the test rejects in 80 %', () => {
    const loss = first(item(0.001, 0.0025, margin)).detectableLoss!;
    expect(normalCdf(loss / 0.0025 - normalQuantile(0.975))).toBeCloseTo(0.8, 9);
    // Among five limits Holm's first step is at a fifth of α.
    const among = judge(
      Array.from({ length: 5 }, () => item(0.001, 0.0025, margin)),
      'holm',
    )[0]!.limits[0]!.detectableLoss!;
    expect(normalCdf(among / 0.0025 - normalQuantile(0.995))).toBeCloseTo(0.8, 9);
  });

  test('further rows until a failure is shown, by Student’s t and among several limits', () => {
    const degrees = 19;
    const estimate = { value: -0.004, standardError: 0.003, degrees };
    const given: Item = {
      ...item(-0.014, 0.003, margin),
      clearance: () => ({
        value: estimate.value,
        interval: estimateInterval(estimate, 0.95),
        pValue: belowZero(estimate),
        degrees,
        shown: true,
      }),
    };
    const [found] = judge([given, item(0.05, 0.003, margin)], 'holm');
    const further = found!.limits[0]!.furtherRows!;
    const later = { ...estimate, standardError: 0.003 * Math.sqrt(1000 / (1000 + further)) };
    expect(2 * belowZero(later)).toBeLessThanOrEqual(0.025);
    const before = { ...estimate, standardError: 0.003 * Math.sqrt(1000 / (1000 + 0.99 * further)) };
    expect(2 * belowZero(before)).toBeGreaterThan(0.025);
  });

  test('where rows are not what lacks, it is said what does', () => {
    const given = item(0.001, 0.004, margin);
    const seeds: Item = {
      ...given,
      clearance: (kind, limit) => ({
        ...given.clearance(kind, limit)!,
        interval: [-0.001, 0.02],
        withRows: () => ({ interval: [-0.0005, 0.02], pValue: 0.9 }),
        whyNoRows: 'more seeds would',
      }),
    };
    expect(one(seeds)).toMatchObject({ verdict: 'inconclusive', why: 'more seeds would' });
    expect(first(seeds).furtherRows).toBeNull();
  });

  test('of a rate the interval itself is asked how it would be with more rows', () => {
    // No row of 1,000 differs: Tango's interval ends at z²/(n + z²), not at something that falls with the root.
    const clearance = (rows: number) => {
      const end = 3.841459 / (rows + 3.841459);
      return { interval: [0.002 - end, 0.002 + end] as [number, number], pValue: 1 };
    };
    const rate: Item = {
      ...item(0, 0.001, [{ kind: 'min_absolute_change', limit: -0.002 }]),
      clearance: () => ({
        value: 0.002,
        ...clearance(1000),
        shown: true,
        withRows: (times) => clearance(1000 * times),
      }),
    };
    expect(first(rate).furtherRows! / (3.841459 / 0.002 - 3.841459 - 1000)).toBeCloseTo(1, 2);
  });

  test('of a value near its bound as many further rows as decide, were they of the same kind', () => {
    /** 60 and 440 rows, and so many times both, of which a thirtieth of the positive ones stand low. */
    const rows = (times: number): Rows => {
      const truth = Float64Array.from({ length: 500 * times }, (_, row) => (row < 60 * times ? 1 : 0));
      const score = truth.map((label, row) => (label === 0 ? row / truth.length : row < 2 * times ? 0.5 : 2));
      return { truth, score };
    };
    const judged = (times: number) => {
      const { definition } = findMetric('roc_auc', 'binary')!;
      const compared = compareModels(definition, undefined, rows(times), { confidence: 0.95 });
      const bound: Limit[] = [{ kind: 'lower_bound', limit: 0.97 }];
      return first(itemOfComparison(item(0, 1, bound).rule, null, compared));
    };
    const { verdict, furtherRows } = judged(1);
    expect(verdict).toBe('inconclusive');
    const times = 1 + furtherRows! / 500;
    expect(judged(Math.ceil(times * 1.05)).verdict).toBe('pass');
    expect(judged(Math.floor(times * 0.95)).verdict).toBe('inconclusive');
  });
});
