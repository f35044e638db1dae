/** Proportions and their differences on the same rows: score intervals, which hold where Wald's break. */
import { binomialCdf, binomialSurvival, normalCdf, normalQuantile } from './distributions.ts';

export type Interval = [number, number];

/**
 * Wilson (1927) score interval of one proportion.
 * @param successes of @param count rows (> 0). @param confidence two-sided, e.g. 0.95.
 */
export function wilsonInterval(successes: number, count: number, confidence: number): Interval {
  if (!(count > 0)) throw new RangeError('a proportion of no rows has no interval');
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const share = successes / count;
  const centre = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half =
    (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return [successes === 0 ? 0 : centre - half, successes === count ? 1 : centre + half];
}

/** One-sided score test: P of a share this low or lower were the true share `expected`. */
export function proportionBelow(successes: number, count: number, expected: number): number {
  if (expected <= 0) return 1;
  if (expected >= 1) return successes < count ? 0 : 1;
  return normalCdf((successes / count - expected) / Math.sqrt((expected * (1 - expected)) / count));
}

/**
 * Tango's (1998) score statistic for paired proportions at a supposed difference.
 * @param gained rows that only the second model hits. @param lost rows that only the first hits.
 * @param count all rows. @param difference supposed second minus first, in (−1, 1).
 * @returns standard normal under the supposition, positive when the observed difference is larger.
 */
export function tangoStatistic(gained: number, lost: number, count: number, difference: number): number {
  const numerator = gained - lost - count * difference;
  if (numerator === 0) return 0;
  const b = (2 * count - gained + lost) * difference - gained - lost;
  const c = -lost * difference * (1 - difference);
  const lostShare = (Math.sqrt(Math.max(0, b * b - 8 * count * c)) - b) / (4 * count);
  const variance = count * (2 * lostShare + difference * (1 - difference));
  if (variance <= 0) return numerator > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return numerator / Math.sqrt(variance);
}

/** Tango's score interval of the difference second − first; arguments as in `tangoStatistic`. */
export function tangoInterval(gained: number, lost: number, count: number, confidence: number): Interval {
  if (!(count > 0)) throw new RangeError('a difference on no rows has no interval');
  const z = normalQuantile(1 - (1 - confidence) / 2);
  const estimate = (gained - lost) / count;
  // The statistic falls as the supposed difference grows.
  const solve = (target: number, low: number, high: number): number => {
    let [left, right] = [low, high];
    for (let step = 0; step < 200 && right - left > 1e-15; step++) {
      const middle = (left + right) / 2;
      if (tangoStatistic(gained, lost, count, middle) > target) left = middle;
      else right = middle;
    }
    return (left + right) / 2;
  };
  return [estimate <= -1 ? -1 : solve(z, -1, estimate), estimate >= 1 ? 1 : solve(-z, estimate, 1)];
}

export interface ExactMcNemar {
  /** P of this few gains or fewer, were gains and losses equally likely. */
  lower: number;
  /** P of this many gains or more. */
  upper: number;
  /** The smaller one doubled, at most 1 (scipy's `binomtest(gained, gained + lost).pvalue`). */
  twoSided: number;
}

/** McNemar's exact test that gains and losses are equally likely; for few discordant rows. */
export function exactMcNemar(gained: number, lost: number): ExactMcNemar {
  const discordant = gained + lost;
  const lower = binomialCdf(gained, discordant, 0.5);
  const upper = gained === 0 ? 1 : binomialSurvival(gained - 1, discordant, 0.5);
  return { lower, upper, twoSided: Math.min(1, 2 * Math.min(lower, upper)) };
}
