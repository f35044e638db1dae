import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describeUserError, type UserError } from '../../../shared/errors.ts';
import type { StoppedBy } from '../../../shared/records/stop-rules.ts';
import { formatRate, formatUsd } from '../../../shared/report/training/money.ts';
import { type Budget, budgetSeconds, refuseOverBudget, watchBudget } from './budget.ts';
import { amountUsd, secondsFor } from './price.ts';

const HOUR = 3600;
const BUDGET: Budget = { usd: 5, usdPerHour: 1.25, count: 2 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched(budget: Budget) {
  const warnings: string[] = [];
  const ends: StoppedBy[] = [];
  const end = watchBudget(budget, {
    onWarning: (message) => warnings.push(message),
    onSpent: (stoppedBy) => ends.push(stoppedBy),
  });
  return { warnings, ends, end };
}

test('at 80 % of the budget it warns, and when it is spent it ends the training, once', () => {
  const { warnings, ends } = watched(BUDGET);
  vi.advanceTimersByTime(1.6 * HOUR * 1000 - 1);
  expect(warnings).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(warnings).toEqual([
    'The training has cost $4.00 of its budget of $5.00: at 2 × $1.25 an hour it is ended in 24 min.',
  ]);
  vi.advanceTimersByTime(0.4 * HOUR * 1000 - 1);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(100 * HOUR * 1000);
  expect(ends).toEqual([
    {
      rule: 'budget',
      reason: 'The training cost its budget of $5.00: 2 h at 2 × $1.25 an hour.',
      atSeconds: 2 * HOUR,
    },
  ]);
  expect(warnings).toHaveLength(1);
});

test('a training that ends before is left alone', () => {
  const { warnings, ends, end } = watched(BUDGET);
  vi.advanceTimersByTime(HOUR * 1000);
  end();
  vi.advanceTimersByTime(100 * HOUR * 1000);
  expect([warnings, ends]).toEqual([[], []]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a budget of weeks, longer than a timer can wait, holds; a machine that costs nothing never ends', () => {
  const { ends } = watched({ usd: 100, usdPerHour: 0.1, count: 1 });
  vi.advanceTimersByTime(999 * HOUR * 1000);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(HOUR * 1000);
  expect(ends).toHaveLength(1);
  const free = watched({ usd: 1, usdPerHour: 0, count: 1 });
  vi.advanceTimersByTime(10_000 * HOUR * 1000);
  expect(free.ends).toEqual([]);
  expect(budgetSeconds({ usd: 1, usdPerHour: 0, count: 1 })).toBe(Number.POSITIVE_INFINITY);
});

test('what would be over its budget is refused with the numbers', () => {
  const refusal = (expected: number | undefined, minimum = 60) => {
    try {
      refuseOverBudget(BUDGET, expected, minimum);
      return '';
    } catch (error) {
      return describeUserError(error as UserError);
    }
  };
  expect(refusal(2 * HOUR)).toBe('');
  expect(refusal(undefined)).toBe('');
  expect(refusal(2 * HOUR + 36)).toBe(
    'The training would cost about $5.03, which is more than its budget of $5.00: 2 h at 2 × $1.25 an hour.\n' +
      'Where: key budget-usd\n' +
      'How to mend it: Raise budget-usd, choose a cheaper machine or spot, or train for less long.',
  );
  expect(() => refuseOverBudget({ ...BUDGET, usd: 0.01 }, undefined, 60)).toThrow('about $0.04');
  expect(() => refuseOverBudget({ ...BUDGET, usd: 0 }, undefined, 0)).toThrow('pays for no time at all');
});

test('the time that a budget pays for costs at most the budget, and a second more is more', () => {
  const budgets = fc.record({
    usd: fc.double({ min: 0.01, max: 1e4, noNaN: true }),
    usdPerHour: fc.double({ min: 0.01, max: 200, noNaN: true }),
    count: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(budgets, (budget) => {
      const seconds = budgetSeconds(budget);
      expect(amountUsd(budget.usdPerHour, budget.count, seconds)).toBeLessThanOrEqual(
        budget.usd * (1 + 1e-12),
      );
      expect(amountUsd(budget.usdPerHour, budget.count, seconds + 1)).toBeGreaterThan(budget.usd);
      const exact = secondsFor(budget.usd, budget.usdPerHour, budget.count);
      expect(amountUsd(budget.usdPerHour, budget.count, exact)).toBeCloseTo(budget.usd, 8);
    }),
  );
});

test('a budget that is the price of whole seconds pays for all of them', () => {
  const prices = fc.record({
    usdPerHour: fc.double({ min: 0.01, max: 200, noNaN: true }),
    count: fc.integer({ min: 1, max: 100 }),
    seconds: fc.integer({ min: 1, max: 1e6 }),
  });
  fc.assert(
    fc.property(prices, ({ usdPerHour, count, seconds }) => {
      const usd = amountUsd(usdPerHour, count, seconds);
      expect(budgetSeconds({ usd, usdPerHour, count })).toBeGreaterThanOrEqual(seconds);
    }),
  );
});

test.each([
  [0, '$0.00'],
  [0.0049, 'less than one cent'],
  [0.005, '$0.01'],
  [1.004, '$1.00'],
  [1204.5, '$1,204.50'],
])('%d dollars read as %s', (usd, text) => expect(formatUsd(usd)).toBe(text));

test('rates keep their digits', () => {
  expect(formatRate(21.957642, 1)).toBe('$21.9576 an hour');
  expect(formatRate(0.526, 4)).toBe('4 × $0.526 an hour');
  expect(formatRate(55.04, 1)).toBe('$55.04 an hour');
  expect(formatRate(1.5, 1)).toBe('$1.50 an hour');
  expect(formatRate(3, 1)).toBe('$3.00 an hour');
});
