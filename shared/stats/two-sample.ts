/**
 * Two-sample tests on numbers and on categories, asymptotic throughout so that the same rule holds at 500 rows
 * and at 5 million. Numeric functions take **ascending, finite** arrays: sorting once serves all of them.
 */
import { chiSquareSurvival, kolmogorovSurvival, normalSurvival } from './distributions.ts';

export interface TestResult {
  statistic: number;
  /** In [0, 1]. */
  pValue: number;
}

function requireRows(first: ArrayLike<number>, second: ArrayLike<number>): void {
  if (first.length === 0 || second.length === 0) throw new RangeError('both samples need at least one value');
}

/**
 * Kolmogorov–Smirnov distance D = sup |F₁ − F₂|, in [0, 1].
 * @param first, second ascending finite values, at least one each; otherwise RangeError.
 */
export function kolmogorovSmirnovDistance(first: Float64Array, second: Float64Array): number {
  requireRows(first, second);
  const n = first.length;
  const m = second.length;
  let i = 0;
  let j = 0;
  // The distance is kept as an integer over n·m, so that equal samples give exactly zero.
  let largest = 0;
  while (i < n && j < m) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < n && first[i]! === value) i++;
    while (j < m && second[j]! === value) j++;
    const gap = Math.abs(i * m - j * n);
    if (gap > largest) largest = gap;
  }
  return largest / n / m;
}

/**
 * Two-sided Kolmogorov–Smirnov test, p = Q_KS(√(nm/(n+m))·D), Kolmogorov's limit distribution (scipy's
 * `kstwobign.sf`; scipy's own `ks_2samp` is exact up to 10,000 rows and so differs).
 */
export function kolmogorovSmirnovTest(first: Float64Array, second: Float64Array): TestResult {
  const statistic = kolmogorovSmirnovDistance(first, second);
  const n = first.length;
  const m = second.length;
  return { statistic, pValue: kolmogorovSurvival(Math.sqrt((n * m) / (n + m)) * statistic) };
}

/**
 * Two-sided Mann–Whitney test by the normal limit, mid-ranks, tie correction, no continuity correction: scipy's
 * `mannwhitneyu(method="asymptotic", use_continuity=False)`. The statistic is U of the first sample. All values
 * equal: p = 1.
 */
export function mannWhitneyTest(first: Float64Array, second: Float64Array): TestResult {
  requireRows(first, second);
  const n = first.length;
  const m = second.length;
  const total = n + m;
  let i = 0;
  let j = 0;
  let rankSum = 0;
  let tieSum = 0;
  while (i < n || j < m) {
    const value = j >= m || (i < n && first[i]! <= second[j]!) ? first[i]! : second[j]!;
    const before = i + j;
    const firstBefore = i;
    while (i < n && first[i]! === value) i++;
    while (j < m && second[j]! === value) j++;
    const tied = i + j - before;
    rankSum += (i - firstBefore) * (before + (tied + 1) / 2);
    tieSum += tied * (tied * tied - 1);
  }
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - tieSum / (total * (total - 1)));
  if (!(variance > 0)) return { statistic: u, pValue: 1 };
  const z = Math.abs(u - (n * m) / 2) / Math.sqrt(variance);
  return { statistic: u, pValue: Math.min(1, 2 * normalSurvival(z)) };
}

/**
 * χ² test of homogeneity of two rows of counts over the same k categories, without continuity correction
 * (scipy's `chi2_contingency(correction=False)`), k − 1 degrees of freedom.
 * @throws RangeError when a category is empty in both, or fewer than two categories or an empty sample are given.
 */
export function chiSquaredHomogeneity(first: readonly number[], second: readonly number[]): TestResult {
  if (first.length !== second.length || first.length < 2) {
    throw new RangeError('both samples need counts of the same two or more categories');
  }
  const n = first.reduce((sum, count) => sum + count, 0);
  const m = second.reduce((sum, count) => sum + count, 0);
  if (n <= 0 || m <= 0) throw new RangeError('both samples need at least one row');
  let statistic = 0;
  for (let k = 0; k < first.length; k++) {
    const both = first[k]! + second[k]!;
    if (both <= 0) throw new RangeError('a category without any row cannot be tested');
    const expectedFirst = (both * n) / (n + m);
    const expectedSecond = (both * m) / (n + m);
    statistic += (first[k]! - expectedFirst) ** 2 / expectedFirst;
    statistic += (second[k]! - expectedSecond) ** 2 / expectedSecond;
  }
  return { statistic, pValue: chiSquareSurvival(statistic, first.length - 1) };
}

/**
 * Cramér's V = √(χ²/(n+m)) of two rows of counts, in [0, 1], without bias correction (scipy's
 * `contingency.association(method="cramer")`).
 * @throws RangeError as `chiSquaredHomogeneity` does.
 */
export function cramersV(first: readonly number[], second: readonly number[]): number {
  const { statistic } = chiSquaredHomogeneity(first, second);
  const rows = first.reduce((sum, count) => sum + count, 0) + second.reduce((sum, count) => sum + count, 0);
  return Math.sqrt(statistic / rows);
}

export interface PooledCounts {
  first: number[];
  second: number[];
  /** Index of each kept category in the input; the pooled rest, if there is one, stands last with −1. */
  categories: number[];
}

/**
 * Pools categories whose expected count is below `minimum` in either sample into one "other"; where that is
 * still short it joins the smallest kept category. One category left means that nothing can be tested.
 */
export function poolSmallCells(
  first: readonly number[],
  second: readonly number[],
  minimum = 5,
): PooledCounts {
  const n = first.reduce((sum, count) => sum + count, 0);
  const m = second.reduce((sum, count) => sum + count, 0);
  const smallerShare = Math.min(n, m) / (n + m);
  const enough = (both: number) => both * smallerShare >= minimum;
  const pooled: PooledCounts = { first: [], second: [], categories: [] };
  let otherFirst = 0;
  let otherSecond = 0;
  for (let k = 0; k < first.length; k++) {
    if (enough(first[k]! + second[k]!)) {
      pooled.first.push(first[k]!);
      pooled.second.push(second[k]!);
      pooled.categories.push(k);
    } else {
      otherFirst += first[k]!;
      otherSecond += second[k]!;
    }
  }
  if (otherFirst + otherSecond === 0) return pooled;
  if (!enough(otherFirst + otherSecond) && pooled.first.length > 0) {
    let smallest = 0;
    for (let k = 1; k < pooled.first.length; k++) {
      if (pooled.first[k]! + pooled.second[k]! < pooled.first[smallest]! + pooled.second[smallest]!)
        smallest = k;
    }
    otherFirst += pooled.first.splice(smallest, 1)[0]!;
    otherSecond += pooled.second.splice(smallest, 1)[0]!;
    pooled.categories.splice(smallest, 1);
  }
  pooled.first.push(otherFirst);
  pooled.second.push(otherSecond);
  pooled.categories.push(-1);
  return pooled;
}
