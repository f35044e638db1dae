import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { studentQuantile, studentSurvival } from './distributions.ts';
import {
  exceedanceChance,
  FAMILY_CHANCE,
  limitFactor,
  simultaneousFactor,
  THREE_SIGMA,
} from './simultaneous-limit.ts';

describe('the chance that any of many later values is beyond', () => {
  test.each([2, 3, 6, 10, 50, 500])('one later value after %i: Student’s t', (count) => {
    for (const factor of [0.5, 2, 4, 6]) {
      const exact = studentSurvival(factor, count - 1);
      expect(Math.abs(exceedanceChance(factor, count, 1) / exact - 1)).toBeLessThan(1e-8);
    }
  });

  test('lies between that of one and the sum of all, and grows with their number', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 8, noNaN: true }),
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 2, max: 300 }),
        (factor, count, later) => {
          const one = studentSurvival(factor, count - 1);
          const all = exceedanceChance(factor, count, later);
          expect(all).toBeGreaterThan(exceedanceChance(factor, count, later - 1));
          expect(all).toBeLessThanOrEqual(later * one * (1 + 1e-8));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('needs two values before and one after', () => {
    expect(() => exceedanceChance(3, 1, 1)).toThrow(RangeError);
    expect(() => exceedanceChance(3, 10, 0)).toThrow(RangeError);
  });
});

describe('the factor of the limit', () => {
  test('is the root of that chance', () => {
    for (const [count, later] of [
      [6, 26],
      [10, 104],
      [20, 500],
    ] as const) {
      const factor = simultaneousFactor(0.01, count, later);
      expect(exceedanceChance(factor, count, later)).toBeCloseTo(0.01, 9);
    }
    expect(simultaneousFactor(0.01, 10, 1)).toBeCloseTo(studentQuantile(0.99, 9), 12);
  });

  test('is that of three sigma as long as all chunks together stay below the chance', () => {
    for (const count of [2, 6, 10, 20])
      expect(limitFactor(count, 26, 1)).toBe(studentQuantile(THREE_SIGMA, count - 1));
    expect(limitFactor(10, 6, 4)).toBe(studentQuantile(THREE_SIGMA, 9));
  });

  test.each([
    [6, 104, 1],
    [10, 104, 1],
    [10, 26, 4],
    [20, 500, 4],
  ])('%i chunks before, %i later, %i metrics: the chance is kept', (count, later, series) => {
    const factor = limitFactor(count, later, series);
    expect(factor).toBeGreaterThan(studentQuantile(THREE_SIGMA, count - 1));
    expect(exceedanceChance(factor, count, later)).toBeCloseTo(FAMILY_CHANCE / series, 8);
    // Bonferroni, which knows nothing of the common mean and deviation, asks for more.
    expect(factor).toBeLessThan(studentQuantile(1 - FAMILY_CHANCE / series / later, count - 1));
  });
});
