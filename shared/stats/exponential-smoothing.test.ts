import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitSmoothing, fitStates } from './exponential-smoothing.ts';

const still = { level: 0, trend: 0, season: 0 };
const share = fc.double({ min: 0, max: 1, noNaN: true });
const smoothing = fc.record({ level: share, trend: share, season: share });
const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 10, maxLength: 40 });
const period = fc.integer({ min: 2, max: 5 });

describe('additive Holt–Winters', () => {
  test('goes on with a line and a season that have no noise, whatever the smoothing', () => {
    const season = [3, -1, -2];
    const series = Array.from({ length: 12 }, (_, step) => 10 + 0.5 * step + season[step % 3]!);
    fc.assert(
      fc.property(smoothing, (given) => {
        const fit = fitStates(series, 3, given);
        expect(fit.forecast).toBeCloseTo(10 + 0.5 * 12 + 3, 6);
        expect(fit.squares).toBeLessThan(1e-12);
      }),
    );
  });

  test('goes over steps that were not observed', () => {
    const series = Array.from({ length: 14 }, (_, step) =>
      step % 5 === 3 ? undefined : 2 * step + (step % 2),
    );
    expect(fitStates(series, 2, { level: 0.4, trend: 0.3, season: 0.2 }).forecast).toBeCloseTo(28, 8);
  });

  test('without smoothing is the regression on a line and the places of the period', () => {
    // Two places, seen twice each: y = trend·t + place, by hand: trend 1.5, places 0.25 and 1.25 at t = 1 … 4.
    const fit = fitStates([1, 5, 5, 7], 2, still);
    expect(fit).toMatchObject({ states: 3, count: 4 });
    expect(fit.squares).toBeCloseTo(1, 12);
    expect(fit.forecast).toBeCloseTo(7.5, 12);
  });

  test('knows nothing of a place of the period that was never seen', () => {
    const series = [1, undefined, 2, undefined, 3, undefined, 4];
    expect(fitStates(series, 2, still).leverage).toBe(Number.POSITIVE_INFINITY);
    expect(fitStates([...series, undefined], 2, still).forecast).toBeCloseTo(5, 10);
  });

  test('moves and stretches with its series', () => {
    fc.assert(
      fc.property(values, period, smoothing, (series, places, given) => {
        const [plain, moved] = [series, series.map((value) => 3 * value - 7)].map((list) =>
          fitStates(list, places, given),
        );
        fc.pre(plain!.leverage < 1e4);
        expect(Math.abs(moved!.forecast - (3 * plain!.forecast - 7))).toBeLessThan(1e-6);
        expect(Math.abs(moved!.leverage - plain!.leverage)).toBeLessThan(1e-6);
      }),
    );
  });

  test('finds smoothing no worse than any that is tried beside it, and the same each time', () => {
    fc.assert(
      fc.property(values, period, smoothing, (series, places, other) => {
        const fit = fitSmoothing(series, places);
        expect(fitSmoothing(series, places)).toEqual(fit);
        for (const value of Object.values(fit.smoothing)) expect(value >= 0 && value <= 1).toBe(true);
        const still = fitStates(series, places, { level: 0, trend: 0, season: 0 });
        expect(fit.squares).toBeLessThanOrEqual(still.squares);
        // The search is local: a corner far from the grid may be a little better.
        expect(fit.squares).toBeLessThanOrEqual(1.5 * fitStates(series, places, other).squares + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test('refuses a period that is none', () => {
    expect(() => fitStates([1, 2], 1, still)).toThrow(RangeError);
    expect(() => fitStates([1, 2], 2.5, still)).toThrow(RangeError);
  });
});
