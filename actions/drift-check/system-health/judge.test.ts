import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SystemMeasure } from '../../../shared/records/system-policy.ts';
import { describePast, judgeLimits, windowValue } from './judge.ts';

const STEPS = [0.31, 0.12, 0.55, 0.4, 0.97, 0.2, 0.33];
const PAST = [10, 11, 9, 10.5, 9.5, 10.2, 9.8, 10.1];
/** t(7; 0.99865)·s·√(1 + 1/8), by scipy. */
const REACH = 2.9218768621219784;

const measureOf = (more: Partial<SystemMeasure>): SystemMeasure => ({
  name: 'x',
  query: 'x',
  over_window: 'mean',
  min_change: 0,
  ...more,
});
const statuses = (measure: SystemMeasure, value: number | null, past = describePast(PAST, 1)) =>
  judgeLimits(measure, value, past).map(({ status }) => status);

describe('the value of a window', () => {
  test.each([
    ['mean', 0.4114285714285714],
    ['median', 0.33],
    ['p95', 0.844],
    ['max', 0.97],
    ['min', 0.12],
  ] as const)('%s, by numpy', (statistic, value) => {
    expect(windowValue(STEPS, statistic)).toBeCloseTo(value, 12);
    expect(windowValue([...STEPS, null, null], statistic)).toBeCloseTo(value, 12);
  });

  test('of steps alike is theirs, to the last digit', () => {
    expect(windowValue(new Array(60).fill(0.2), 'mean')).toBe(0.2);
  });

  test('needs half of the steps', () => {
    expect(windowValue([1, null, 3, null], 'mean')).toBe(2);
    expect(windowValue([1, null, null], 'max')).toBeNull();
    expect(windowValue([], 'mean')).toBeNull();
  });

  test('lies among its steps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { minLength: 1 }),
        fc.constantFrom('mean', 'median', 'p95', 'max', 'min'),
        (steps, statistic) => {
          const value = windowValue(steps, statistic)!;
          const [low, high] = [Math.min(...steps), Math.max(...steps)];
          const rounding = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
          return value >= low - rounding && value <= high + rounding;
        },
      ),
    );
  });
});

describe('the past', () => {
  test('varies as scipy says', () => {
    const past = describePast([...PAST, null], 1)!;
    expect(past.count).toBe(8);
    expect(past.mean).toBeCloseTo(10.0125, 12);
    expect(past.deviation).toBeCloseTo(0.6081294505049304, 12);
    expect(past.reach).toBeCloseTo(REACH, 9);
  });

  test('of five windows says nothing', () => {
    expect(describePast([...PAST.slice(0, 5), null, null], 1)).toBeUndefined();
    const [max, increase] = judgeLimits(measureOf({ max: 5, max_increase: 0.1 }), 4, describePast([1, 2], 1));
    expect([max?.status, increase?.status, increase?.limit]).toEqual(['within', 'not_judged', null]);
  });
});

describe('limits', () => {
  test.each([
    [{ max: 1 }, 1, ['within']],
    [{ max: 1 }, 1.001, ['beyond']],
    [{ min: 1 }, 1, ['within']],
    [{ min: 1, max: 5 }, 0.9, ['within', 'beyond']],
    [{ max: 1 }, null, ['not_judged']],
  ])('%o at %f', (limits, value, expected) => {
    expect(statuses(measureOf(limits), value)).toEqual(expected);
  });

  test('a change counts beyond chance, the share and the smallest change alike', () => {
    const mean = describePast(PAST, 1)!.mean;
    const increase = (more: Partial<SystemMeasure>, by: number) =>
      statuses(measureOf({ max_increase: 0, ...more }), mean + by)[0];
    expect(increase({}, REACH + 0.001)).toBe('beyond');
    expect(increase({}, REACH - 0.001)).toBe('within');
    expect(increase({ max_increase: '50%' }, 0.499 * mean)).toBe('within');
    expect(increase({ max_increase: 0.5 }, 0.501 * mean)).toBe('beyond');
    expect(increase({ min_change: 9 }, 8.9)).toBe('within');
    expect(increase({ min_change: 9 }, 9.1)).toBe('beyond');
    expect(increase({}, -9)).toBe('within');
    const decrease = measureOf({ max_decrease: '20%' });
    expect(statuses(decrease, mean - REACH - 0.001)).toEqual(['beyond']);
    expect(statuses(decrease, mean + 100)).toEqual(['within']);
  });

  test('of a past that never varied, and of one of zeros, the first other value counts', () => {
    const flat = describePast([3, 3, 3, 3, 3, 3], 1);
    expect(statuses(measureOf({ max_increase: 0 }), 3, flat)).toEqual(['within']);
    expect(statuses(measureOf({ max_increase: 0 }), 3.01, flat)).toEqual(['beyond']);
    // Their mean is 0.09999999999999999 by rounding.
    const tenths = describePast(new Array(10).fill(0.1), 1);
    expect(statuses(measureOf({ max_increase: 0, max_decrease: 0 }), 0.1, tenths)).toEqual([
      'within',
      'within',
    ]);
    const zeros = describePast([0, 0, 0, 0, 0, 0], 1);
    expect(statuses(measureOf({ max_increase: '50%' }), 0.001, zeros)).toEqual(['beyond']);
    expect(statuses(measureOf({ max_increase: '50%', min_change: 0.01 }), 0.001, zeros)).toEqual(['within']);
  });

  test('a window like the past ones seldom alarms', () => {
    let state = 7;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let alarms = 0;
    const measure = measureOf({ max_increase: 0, max_decrease: 0 });
    for (let round = 0; round < 4000; round++) {
      const past = describePast(Array.from({ length: 14 }, normal), 2);
      if (statuses(measure, normal(), past).includes('beyond')) alarms++;
    }
    // 2·0.00135 of 4000 are 10.8; 30 are beyond six standard deviations.
    expect(alarms).toBeGreaterThan(0);
    expect(alarms).toBeLessThan(30);
  });
});
