import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeLimits, fewestOfSeason, seasonalLimits, usualLimits } from './history-limits.ts';
import { randomGenerator } from './random.ts';

const holds = (value: number, { lower, upper }: { lower: number; upper: number }): boolean =>
  value >= lower && value <= upper;
const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const several = fc.array(value, { minLength: 2, maxLength: 30 });

describe('limits of change', () => {
  test('are shares of the mean, or amounts', () => {
    const relative = changeLimits([90, 110], { maxDecrease: 0.2, maxIncrease: 0.5, isRelative: true });
    expect(relative.expected).toBe(100);
    expect([relative.lower, relative.upper]).toEqual([expect.closeTo(80, 5), expect.closeTo(150, 5)]);
    const absolute = changeLimits([90, 110], { maxIncrease: 3, isRelative: false });
    expect(absolute).toMatchObject({ lower: Number.NEGATIVE_INFINITY, upper: expect.closeTo(103, 5) });
  });

  test('of a negative mean go down by a share of its size', () => {
    const { lower, upper } = changeLimits([-100], { maxDecrease: 0.1, maxIncrease: 0.2, isRelative: true });
    expect([lower, upper]).toEqual([expect.closeTo(-110, 5), expect.closeTo(-80, 5)]);
  });

  test('around 0 admit 0 alone, and on their very limit let pass', () => {
    const zero = changeLimits([0, 0], { maxDecrease: 0.5, maxIncrease: 0.5, isRelative: true });
    expect([holds(0, zero), holds(1e-12, zero), holds(-1e-12, zero)]).toEqual([true, false, false]);
    // 2.7 is not 3 · (1 − 0.1) in binary.
    expect(holds(2.7, changeLimits([3], { maxDecrease: 0.1, isRelative: true }))).toBe(true);
  });

  test('need an earlier value', () => {
    expect(() => changeLimits([], { maxDecrease: 1, isRelative: true })).toThrow(RangeError);
  });
});

describe('usual limits', () => {
  test('of values that never differed let the same pass, and nothing else', () => {
    const same = usualLimits([0.1 + 0.2, 0.3, 0.3]);
    expect([holds(0.3, same), holds(0.30001, same), holds(0.29999, same)]).toEqual([true, false, false]);
    const none = usualLimits([0, 0, 0]);
    expect([holds(0, none), holds(1e-9, none)]).toEqual([true, false]);
    expect(holds(0.004, usualLimits([0, 0, 0], 0.005))).toBe(true);
  });

  test('of very large numbers are numbers', () => {
    const { expected, lower, upper } = usualLimits([1e300, 2e300, 3e300]);
    expect(expected / 2e300).toBeCloseTo(1, 12);
    expect(lower).toBeLessThan(0);
    expect(upper / 1e300).toBeCloseTo(2 + 19.2057 * Math.sqrt(4 / 3), 2);
  });

  test('hold every value whose order says nothing, and are wider with a tolerance', () => {
    fc.assert(
      fc.property(several, fc.double({ min: 0, max: 1e6, noNaN: true }), (values, tolerance) => {
        const { expected, lower, upper } = usualLimits(values);
        expect(lower <= expected && expected <= upper).toBe(true);
        const wider = usualLimits(values, tolerance);
        expect(wider.lower <= lower && wider.upper >= upper).toBe(true);
        expect(usualLimits(values.toReversed()).upper).toBeCloseTo(upper, -3);
      }),
    );
  });

  test('need a spread', () => expect(() => usualLimits([1])).toThrow(RangeError));
});

/** How often the next value of a series is outside its limits. */
function alarms(series: number, length: number, next: (random: () => number) => (step: number) => number) {
  const random = randomGenerator(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let [usual, seasonal] = [0, 0];
  for (let index = 0; index < series; index++) {
    const draw = next(normal);
    const values = Array.from({ length }, (_, step) => draw(step));
    const value = draw(length);
    if (!holds(value, usualLimits(values))) usual++;
    if (!holds(value, seasonalLimits(values, 7)!)) seasonal++;
  }
  return { usual: usual / series, seasonal: seasonal / series };
}

describe('seasonal limits', () => {
  const WEEK = [0, 1, 2, 3, 4, -60, -65];

  test('know the place of the period where the usual ones do not', () => {
    const series = Array.from({ length: 21 }, (_, step) => 100 + WEEK[step % 7]! + (step % 3) / 10);
    const limits = seasonalLimits(series, 7)!;
    expect([holds(100, limits), holds(40, limits)]).toEqual([true, false]);
    expect(holds(40, usualLimits(series))).toBe(true);
  });

  test('of a season that never differed let the same pass, and nothing else', () => {
    const same = seasonalLimits(
      Array.from({ length: 21 }, (_, step) => WEEK[step % 7]!),
      7,
    )!;
    expect([holds(0, same), holds(0.001, same)]).toEqual([true, false]);
  });

  test('need as many values as they say, and one at the same place', () => {
    expect(fewestOfSeason(7)).toBe(17);
    expect(fewestOfSeason(2)).toBe(12);
    expect(fewestOfSeason(12)).toBe(24);
    const random = randomGenerator(3);
    const series: (number | undefined)[] = Array.from({ length: 17 }, random);
    expect(seasonalLimits(series, 7)).toBeDefined();
    expect(seasonalLimits(series.slice(1), 7)).toBeUndefined();
    const withoutFirstDay = Array.from({ length: 35 }, (_, step) => (step % 7 === 0 ? undefined : random()));
    expect(seasonalLimits(withoutFirstDay, 7)).toBeUndefined();
    expect(seasonalLimits(withoutFirstDay.slice(0, -1), 7)).toBeDefined();
  });

  test('alarm as seldom as they say, and the usual ones under a season do not see a thing', () => {
    const still = alarms(150, 21, (normal) => () => normal());
    expect(still.usual).toBeLessThanOrEqual(0.01);
    expect(still.seasonal).toBeLessThanOrEqual(0.01);
    const weekly = alarms(150, 21, (normal) => (step) => 100 + WEEK[step % 7]! + normal());
    expect(weekly.seasonal).toBeLessThanOrEqual(0.01);
    const halved = alarms(
      100,
      21,
      (normal) => (step) => (step < 21 ? 1 : 0.5) * (100 + WEEK[step % 7]! + normal()),
    );
    expect(halved).toEqual({ usual: 0, seasonal: 1 });
  });
});
