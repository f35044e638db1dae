/** Forecasts and limits of the rule `history` against statsmodels and scipy. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitSmoothing, fitStates } from '../../shared/stats/exponential-smoothing.ts';
import { changeLimits, seasonalLimits, usualLimits } from '../../shared/stats/history-limits.ts';
import { randomGenerator } from '../../shared/stats/random.ts';
import { ask, draw, expectClose, python, requirePython } from './oracle.ts';

interface Answer {
  forecast: number;
  squares: number;
  /** Of the regression: what uncertain first states add. */
  leverage: number;
  lower: number;
  upper: number;
  /** The least squared errors that statsmodels finds. */
  least: number;
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const value = fc.double({ min: -1e4, max: 1e4, noNaN: true }).map((number) => Math.round(number * 1e4) / 1e4);

const random = randomGenerator(23);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** Series of days with weekends, some of them drifting, rising or without any season. */
const weeks = (length: number, kind: number): number[] => {
  let level = 100;
  return Array.from({ length }, (_, day) => {
    level += kind % 2 === 0 ? 0 : normal();
    const season = kind % 4 < 2 ? [4, 3, 2, 1, 0, -12, -15][day % 7]! : 0;
    return level + season + (kind % 3 === 0 ? 0.4 * day : 0) + 2 * normal();
  });
};

requirePython();
describe.skipIf(!python)('history equals statsmodels and scipy', () => {
  test('Holt–Winters with given smoothing, its first states handed over', () => {
    const cases = draw(
      fc.record({
        series: fc.array(value, { minLength: 14, maxLength: 40 }),
        period: fc.integer({ min: 2, max: 6 }),
        smoothing: fc.record({ level: share, trend: share, season: share }),
      }),
      150,
    ).map((given) => ({ kind: 'states', ...given }));
    const answers = ask<Answer>(cases, 'history_oracle.py');
    for (const [index, { series, period, smoothing }] of cases.entries()) {
      const fit = fitStates(series, period, smoothing);
      const { forecast, squares } = answers[index]!;
      const size = Math.max(...series.map(Math.abs)) || 1;
      expectClose(fit.forecast / size, forecast / size, `forecast ${index}`);
      expectClose(fit.squares / size ** 2, squares / size ** 2, `squares ${index}`);
    }
  });

  test('without smoothing the regression on a line and the places of the period, gaps included', () => {
    const cases = draw(
      fc.record({
        series: fc.array(fc.option(value, { nil: null, freq: 6 }), { minLength: 14, maxLength: 40 }),
        period: fc.integer({ min: 2, max: 4 }),
      }),
      100,
    ).map((given) => ({ kind: 'regression', ...given }));
    const answers = ask<Answer>(cases, 'history_oracle.py');
    let compared = 0;
    for (const [index, { series, period }] of cases.entries()) {
      const still = { level: 0, trend: 0, season: 0 };
      const fit = fitStates(
        series.map((entry) => entry ?? undefined),
        period,
        still,
      );
      const expected = answers[index]!;
      // A place of the period that was never seen, where statsmodels takes the smallest of all solutions.
      if (!Number.isFinite(fit.leverage)) continue;
      compared++;
      const size = Math.max(1, ...series.map((entry) => Math.abs(entry ?? 0)));
      expectClose(fit.forecast / size, expected.forecast / size, `forecast ${index}`);
      expectClose(fit.squares / size ** 2, expected.squares / size ** 2, `squares ${index}`);
      expectClose(fit.leverage, expected.leverage, `leverage ${index}`);
    }
    expect(compared).toBeGreaterThan(80);
  });

  test('searched smoothing has errors no larger than those that statsmodels finds', () => {
    const cases = Array.from({ length: 24 }, (_, kind) => ({
      kind: 'search',
      series: weeks([21, 28, 42][kind % 3]!, kind),
      period: 7,
    }));
    const answers = ask<Answer>(cases, 'history_oracle.py');
    for (const [index, { series, period }] of cases.entries()) {
      const { squares } = fitSmoothing(series, period);
      expect(squares / answers[index]!.least, `series ${index}`).toBeLessThanOrEqual(1.001);
    }
  });

  test('limits of a change, by a share and by an amount', () => {
    const side = fc.double({ min: 0, max: 10, noNaN: true });
    const cases = draw(
      fc.record({
        series: fc.array(value, { minLength: 1, maxLength: 30 }),
        isRelative: fc.boolean(),
        maxDecrease: side,
        maxIncrease: side,
      }),
      200,
    ).map((given) => ({ kind: 'change', ...given }));
    for (const [index, { lower, upper }] of ask<Answer>(cases, 'history_oracle.py').entries()) {
      const { series, ...given } = cases[index]!;
      const limits = changeLimits(series, given);
      // Ours are wider by the last digits of the largest value.
      const size = Math.max(1, ...series.map(Math.abs));
      expect(Math.abs(limits.lower - lower) / size).toBeLessThan(2e-9);
      expect(Math.abs(limits.upper - upper) / size).toBeLessThan(2e-9);
    }
  });

  test('limits of three sigma, and of a season', () => {
    const usual = draw(fc.array(value, { minLength: 2, maxLength: 30 }), 200).map((series) => ({
      kind: 'usual',
      series,
    }));
    for (const [index, { lower, upper }] of ask<Answer>(usual, 'history_oracle.py').entries()) {
      const { series } = usual[index]!;
      const limits = usualLimits(series);
      // Ours are wider by the last digits of the largest value.
      const size = Math.max(1, ...series.map(Math.abs));
      expect(Math.abs(limits.lower - lower) / size).toBeLessThan(2e-9);
      expect(Math.abs(limits.upper - upper) / size).toBeLessThan(2e-9);
    }
    const seasonal = Array.from({ length: 12 }, (_, kind) => {
      const series = weeks(28, kind);
      return { kind: 'season', series, period: 7, fit: fitSmoothing(series, 7) };
    });
    for (const [index, { lower, upper }] of ask<Answer>(seasonal, 'history_oracle.py').entries()) {
      const limits = seasonalLimits(seasonal[index]!.series, 7)!;
      expect(Math.abs(limits.lower - lower) / 100).toBeLessThan(1e-7);
      expect(Math.abs(limits.upper - upper) / 100).toBeLessThan(1e-7);
    }
  });
});
