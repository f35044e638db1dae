/** The area under the ROC curve of scores that should tell two samples apart, with its variance. */
import { normalQuantile, normalSurvival } from './distributions.ts';
import { midRanks } from './rank-correlation.ts';

export interface Area {
  /** The share of pairs (one of each sample) in which the second's score is the larger, ties counted half. */
  area: number;
  /** DeLong, DeLong & Clarke-Pearson (1988). */
  variance: number;
  /** Of the area where both samples are one: Mann–Whitney's, with its correction for ties. */
  nullVariance: number;
}

/** @throws RangeError below two scores of each. */
export function areaBetween(first: Float64Array, second: Float64Array): Area {
  const [n, m] = [first.length, second.length];
  if (n < 2 || m < 2) throw new RangeError('an area needs two scores of each sample');
  const both = new Float64Array(n + m);
  both.set(first);
  both.set(second, n);
  const ranks = midRanks(both);
  const ownFirst = midRanks(first);
  const ownSecond = midRanks(second);
  const placesFirst = first.map((_, row) => 1 - (ranks[row]! - ownFirst[row]!) / m);
  const placesSecond = second.map((_, row) => (ranks[n + row]! - ownSecond[row]!) / n);
  const sorted = both.sort();
  let ties = 0;
  for (let begin = 0; begin < sorted.length; ) {
    let end = begin + 1;
    while (end < sorted.length && sorted[end] === sorted[begin]) end++;
    ties += (end - begin) * ((end - begin) ** 2 - 1);
    begin = end;
  }
  const total = n + m;
  return {
    area: mean(placesSecond),
    variance: sampleVariance(placesFirst) / n + sampleVariance(placesSecond) / m,
    nullVariance: Math.max(0, total + 1 - ties / (total * (total - 1))) / (12 * n * m),
  };
}

export interface AreaTest {
  area: number;
  /** 95 %, within [0, 1]. */
  interval: { low: number; high: number };
  /** One-sided: areas above ½. 1 where every score is the same. */
  pValue: number;
}

/**
 * Areas of separate folds as one, their mean. Each fold must have been scored by a model that knew nothing of it, of
 * folds before it alone: then, if there is but one distribution, its labels are exchangeable given all before, so that
 * Mann–Whitney's variance holds and the areas are uncorrelated.
 * @throws RangeError without a fold.
 */
export function areaTest(folds: readonly Area[]): AreaTest {
  const count = folds.length;
  if (count === 0) throw new RangeError('there is no fold');
  const area = folds.reduce((sum, fold) => sum + fold.area, 0) / count;
  const variance = folds.reduce((sum, fold) => sum + fold.variance, 0) / count ** 2;
  const nullVariance = folds.reduce((sum, fold) => sum + fold.nullVariance, 0) / count ** 2;
  const half = normalQuantile(0.975) * Math.sqrt(variance);
  return {
    area,
    interval: { low: Math.max(0, area - half), high: Math.min(1, area + half) },
    pValue: nullVariance > 0 ? normalSurvival((area - 0.5) / Math.sqrt(nullVariance)) : 1,
  };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
}

function sampleVariance(values: Float64Array): number {
  const centre = mean(values);
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += (values[at]! - centre) ** 2;
  return squares / (values.length - 1);
}
