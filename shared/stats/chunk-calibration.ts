/**
 * Decisions between chunks of rows instead of between rows: consecutive rows are rarely independent, so a row
 * test alarms on every autocorrelated series, while chunks longer than the autocorrelation vary as honestly as
 * the later chunks will.
 */
import { studentSurvival } from './distributions.ts';
import { limitFactor } from './simultaneous-limit.ts';

export interface ChunkMeasures {
  /** Mean mid-rank of the chunk's values in the reference, as a share in [0, 1]; ½ where nothing moved. */
  meanMidRank: number;
  /** Natural logarithm of the Kolmogorov–Smirnov distance to the rest of the reference. */
  logDistance: number;
}

/**
 * Both measures of one chunk against the reference in one walk over the two sorted arrays.
 * @param chunk, reference ascending finite values, at least one each.
 * @param isPart whether the chunk's rows are among the reference's: then they are left out of "the rest".
 * @throws RangeError where a sample is empty, or the chunk is the whole reference.
 */
export function measureChunk(chunk: Float64Array, reference: Float64Array, isPart: boolean): ChunkMeasures {
  const n = chunk.length;
  const m = reference.length;
  const rest = isPart ? m - n : m;
  if (n === 0 || rest <= 0) throw new RangeError('a chunk needs values, and a reference beside it');
  let i = 0;
  let j = 0;
  let rankSum = 0;
  let largest = 0;
  while (i < n || j < m) {
    const value = j >= m || (i < n && chunk[i]! <= reference[j]!) ? chunk[i]! : reference[j]!;
    const chunkBefore = i;
    const referenceBefore = j;
    while (i < n && chunk[i]! === value) i++;
    while (j < m && reference[j]! === value) j++;
    rankSum += ((i - chunkBefore) * (referenceBefore + j)) / 2;
    const below = isPart ? j - i : j;
    const gap = Math.abs(i / n - below / rest);
    if (gap > largest) largest = gap;
  }
  // Identical samples have distance zero; the smallest step that a chunk of n rows can show stands for it.
  return { meanMidRank: rankSum / n / m, logDistance: Math.log(Math.max(largest, 1 / (2 * n))) };
}

/** Mean and sample standard deviation (ddof 1). @throws RangeError below two values. */
function sampleMoments(values: readonly number[]): { mean: number; deviation: number } {
  if (values.length < 2) throw new RangeError('calibration needs at least two reference chunks');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  // A trace of rounding is no spread: t would be astronomically large on equal chunks.
  const negligible = deviation <= 1e-12 * Math.max(1e-300, Math.max(...values.map(Math.abs)));
  return { mean, deviation: negligible ? 0 : deviation };
}

export interface ChunkTest {
  t: number;
  degreesOfFreedom: number;
  /** In [0, 1]. */
  pValue: number;
}

/**
 * t = (mean of the J current chunks − mean of the K reference chunks)/(s·√(1/J+1/K)), K − 1 degrees of freedom,
 * s from the reference alone. Reference chunks all equal: p is 1 where the current mean agrees, otherwise 0.
 */
export function chunkTest(
  reference: readonly number[],
  current: readonly number[],
  side: 'two-sided' | 'greater',
): ChunkTest {
  if (current.length === 0) throw new RangeError('there is no current chunk');
  const { mean, deviation } = sampleMoments(reference);
  const currentMean = current.reduce((sum, value) => sum + value, 0) / current.length;
  const degreesOfFreedom = reference.length - 1;
  const difference = currentMean - mean;
  if (deviation === 0) {
    const same = Math.abs(difference) <= 1e-12 * Math.max(1, Math.abs(mean));
    const t = same ? 0 : Math.sign(difference) * Number.MAX_VALUE;
    const moved = !same && (side === 'two-sided' || difference > 0);
    return { t, degreesOfFreedom, pValue: moved ? 0 : 1 };
  }
  const t = difference / (deviation * Math.sqrt(1 / current.length + 1 / reference.length));
  const pValue =
    side === 'two-sided'
      ? Math.min(1, 2 * studentSurvival(Math.abs(t), degreesOfFreedom))
      : studentSurvival(t, degreesOfFreedom);
  return { t, degreesOfFreedom, pValue };
}

/** p = min(1, 2·min(p of the mean mid-rank, two-sided; p of the log distance, upper-sided)). */
export function chunkDriftPValue(
  reference: readonly ChunkMeasures[],
  current: readonly ChunkMeasures[],
): number {
  const rank = chunkTest(
    reference.map((chunk) => chunk.meanMidRank),
    current.map((chunk) => chunk.meanMidRank),
    'two-sided',
  );
  const distance = chunkTest(
    reference.map((chunk) => chunk.logDistance),
    current.map((chunk) => chunk.logDistance),
    'greater',
  );
  return Math.min(1, 2 * Math.min(rank.pValue, distance.pValue));
}

export interface PerformanceBand {
  mean: number;
  /** ddof 1, over the reference chunks. */
  deviation: number;
  /** What a later chunk must not fall below (or rise above, where lower is better). */
  limit: number;
}

/**
 * The prediction limit for later chunks: mean ∓ factor·s·√(1+1/K), the factor by `limitFactor`: t(K−1; 0.99865) for
 * up to so many chunks and metrics as may be judged by it together, more for more.
 * @param values the metric on the K ≥ 2 reference chunks; otherwise RangeError.
 * @param later how many chunks are judged, at least one. @param metrics of how many metrics any may fall.
 */
export function performanceBand(
  values: readonly number[],
  greaterIsBetter: boolean,
  later = 1,
  metrics = 1,
): PerformanceBand {
  const { mean, deviation } = sampleMoments(values);
  const count = values.length;
  const width = limitFactor(count, later, metrics) * deviation * Math.sqrt(1 + 1 / count);
  return { mean, deviation, limit: greaterIsBetter ? mean - width : mean + width };
}

/** Whether chunks of these sizes may be compared: half to twice the median of the reference chunks. */
export function comparableSizes(reference: readonly number[], sizes: readonly number[]): boolean[] {
  const sorted = [...reference].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return sizes.map((size) => size > 0 && size >= median / 2 && size <= 2 * median);
}
