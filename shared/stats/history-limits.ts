/**
 * What the same number of earlier runs lets expect of this run's, and how far it may be from it. Values are finite, in
 * order of time, the newest last.
 */
import { studentQuantile } from './distributions.ts';
import { fitSmoothing } from './exponential-smoothing.ts';
import { THREE_SIGMA } from './simultaneous-limit.ts';

export interface Expectation {
  expected: number;
  /** The smallest and largest values that are as expected; infinite where that side is not limited. */
  lower: number;
  upper: number;
}

/** Of a computation with 15 digits the last ones are noise: no value differs by them. */
const ROUNDING = 1e-9;

/**
 * Limits around the mean of the values by shares of its size, or by amounts: `b − maxDecrease·|b|` to
 * `b + maxIncrease·|b|`, so that a baseline of 0 admits 0 alone.
 * @param change both at least 0; a side that is left out has no limit.
 */
export function changeLimits(
  values: readonly number[],
  change: { maxDecrease?: number; maxIncrease?: number; isRelative: boolean },
): Expectation {
  if (values.length === 0) throw new RangeError('a change needs an earlier value');
  const expected = meanOf(values);
  const unit = change.isRelative ? Math.abs(expected) : 1;
  const side = (share = Number.POSITIVE_INFINITY): number => (share === Infinity ? share : share * unit);
  return around(expected, side(change.maxDecrease), side(change.maxIncrease), values);
}

/**
 * The prediction interval for one more value, as likely to hold it as mean ± 3σ of a known normal distribution is
 * (99.73 %): mean ± t(K − 1; 0.99865)·s·√(1 + 1/K). Of few values it is wider than 3s, which holds 92.5 % at K = 4
 * and 98.1 % at 10. Values that never differed expect the same again.
 * @param tolerance distance from the mean that is always allowed, in units of the values.
 * @throws RangeError below two values.
 */
export function usualLimits(values: readonly number[], tolerance = 0): Expectation {
  const count = values.length;
  if (count < 2) throw new RangeError('a spread needs two earlier values');
  const expected = meanOf(values);
  // Squares of very large numbers are no numbers any more.
  const scale = largestOf(values) || 1;
  const squares = values.reduce((sum, value) => sum + ((value - expected) / scale) ** 2, 0);
  const deviation = Math.sqrt(squares / (count - 1)) * scale;
  const factor = studentQuantile(THREE_SIGMA, count - 1) * Math.sqrt(1 + 1 / count);
  const reach = Math.max(tolerance, factor * deviation);
  return around(expected, reach, reach, values);
}

/** Fewest degrees of freedom by which the errors of a fit are judged: by 3 the limits are so wide that nothing is found. */
const FEWEST_DEGREES = 6;
const SMOOTHING_PARAMETERS = 3;

/** How many values a season of this period needs: two of each place, and more than the fit uses up. */
export function fewestOfSeason(period: number): number {
  return Math.max(2 * period, period + 1 + SMOOTHING_PARAMETERS + FEWEST_DEGREES);
}

/**
 * The same of additive Holt–Winters: forecast ± t(d; 0.99865)·s·√(1 + h), where s² is the squared one-step errors over
 * their d = K − states − 3 degrees of freedom, and h what uncertain first states add.
 * @param values in steps of equal time; undefined where a step was not observed.
 * @returns undefined where too few were observed, or none at the place of the period that is asked for.
 */
export function seasonalLimits(
  values: readonly (number | undefined)[],
  period: number,
  tolerance = 0,
): Expectation | undefined {
  const observed = values.filter((value) => value !== undefined);
  const scale = largestOf(observed) || 1;
  const fit = fitSmoothing(
    values.map((value) => (value === undefined ? undefined : value / scale)),
    period,
  );
  const degrees = fit.count - fit.states - SMOOTHING_PARAMETERS;
  if (degrees < FEWEST_DEGREES || !Number.isFinite(fit.leverage)) return undefined;
  const deviation = Math.sqrt((fit.squares / degrees) * (1 + fit.leverage));
  const reach = Math.max(tolerance, studentQuantile(THREE_SIGMA, degrees) * deviation * scale);
  return around(fit.forecast * scale, reach, reach, observed);
}

function around(expected: number, down: number, up: number, values: readonly number[]): Expectation {
  const noise = ROUNDING * largestOf(values);
  return { expected, lower: expected - down - noise, upper: expected + up + noise };
}

function largestOf(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function meanOf(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  // The sum of very large numbers may be none though their mean is one.
  return Number.isFinite(sum)
    ? sum / values.length
    : values.reduce((mean, value) => mean + value / values.length, 0);
}
