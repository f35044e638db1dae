/** How far beyond the mean of some values one of many later values must lie before chance is no explanation. */
import { normalSurvival, studentQuantile } from './distributions.ts';

/** One-sided normal probability of +3σ: the confidence of the usual "mean ± 3σ" band, for one later value. */
export const THREE_SIGMA = 0.99865;

/** What 26 later values (half a year of weeks) may have together, each at three sigma: about 3.5 %. */
export const FAMILY_CHANCE = 26 * (1 - THREE_SIGMA);

/** Points of the normal mean, close enough for the trapezoid sum to be exact to rounding where many values follow. */
const MEANS = Array.from({ length: 65 }, (_, at) => (at - 32) / 4);

interface Point {
  /** s/σ. */
  spread: number;
  weight: number;
}

/**
 * s/σ of `degrees` degrees of freedom, as points with weights that sum to 1: the trapezoid rule over its logarithm,
 * whose density has tails that fall exponentially at least.
 */
function spreadPoints(degrees: number): Point[] {
  const width = 1 / Math.sqrt(2 * degrees);
  const step = width / 4;
  const last = Math.min(2.1, 10 * width);
  const points: Point[] = [];
  for (let log = -Math.max(0.5 + 27 / degrees, 10 * width); log <= last; log += step) {
    const weight = Math.exp(degrees * (log - Math.expm1(2 * log) / 2));
    points.push({ spread: Math.exp(log), weight });
  }
  const total = points.reduce((sum, point) => sum + point.weight, 0);
  return points.map(({ spread, weight }) => ({ spread, weight: weight / total }));
}

/**
 * The chance that the largest of `later` independent normal values lies above mean + factor·s·√(1+1/K) of K values
 * of the same distribution: Dunnett's (1955) multivariate t, its K·later comparisons with one mean and one s.
 * @param count K ≥ 2. @param later at least 1. @throws RangeError otherwise.
 */
export function exceedanceChance(factor: number, count: number, later: number): number {
  if (!(count >= 2 && later >= 1)) throw new RangeError('a limit needs two values before and one after');
  return chanceOver(spreadPoints(count - 1), factor, count, later);
}

function chanceOver(points: readonly Point[], factor: number, count: number, later: number): number {
  const reach = factor * Math.sqrt(1 + 1 / count);
  let chance = 0;
  let total = 0;
  for (const mean of MEANS) {
    const density = Math.exp((-mean * mean) / 2);
    total += density;
    const shift = mean / Math.sqrt(count);
    for (const { spread, weight } of points) {
      const above = normalSurvival(reach * spread + shift);
      chance += density * weight * -Math.expm1(later * Math.log1p(-above));
    }
  }
  return chance / total;
}

/** The factor at which `exceedanceChance` is `chance`, in (0, 0.5]. @throws RangeError as that does. */
export function simultaneousFactor(chance: number, count: number, later: number): number {
  let low = studentQuantile(1 - chance, count - 1);
  if (later === 1) return low;
  // Bonferroni's factor is never too small.
  let high = studentQuantile(1 - chance / later, count - 1);
  const points = spreadPoints(count - 1);
  while (high - low > 1e-10 * high) {
    const middle = (low + high) / 2;
    if (chanceOver(points, middle, count, later) > chance) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The factor of a limit mean ∓ factor·s·√(1+1/K) on K values, for `later` values of each of `series` series: that of
 * three sigma for a single value, t(K−1; 0.99865), and a larger one where all values of all series together would be
 * beyond it by chance more often than `FAMILY_CHANCE`, which the series share equally (Bonferroni). So the chance
 * of an alarm without a change stays, however many values come.
 */
export function limitFactor(count: number, later: number, series: number): number {
  const usual = studentQuantile(THREE_SIGMA, count - 1);
  const chance = FAMILY_CHANCE / series;
  if (later * (1 - THREE_SIGMA) <= chance * (1 + 1e-9)) return usual;
  return exceedanceChance(usual, count, later) <= chance ? usual : simultaneousFactor(chance, count, later);
}
