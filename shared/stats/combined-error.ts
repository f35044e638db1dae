/** Errors that come from several independent sources, each known to a limited degree. */

/** A variance and the degrees of freedom that it was estimated with; Infinity where it counts as known. */
export interface VariancePart {
  variance: number;
  degrees: number;
}

/**
 * The standard error of a sum of independent parts, with the degrees of freedom of Student's t that suit it
 * (Satterthwaite 1946, Welch 1947): (Σv)² / Σ(v²/degrees). Parts without variance say nothing.
 */
export function combinedError(parts: readonly VariancePart[]): { standardError: number; degrees: number } {
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const doubt = parts.reduce((sum, part) => sum + (part.variance / variance) ** 2 / part.degrees, 0);
  return {
    standardError: Math.sqrt(variance),
    degrees: variance > 0 && doubt > 0 ? 1 / doubt : Number.POSITIVE_INFINITY,
  };
}

/** The variance of the mean of some numbers, from their spread (n − 1); there must be two at least. */
export function varianceOfMean(values: readonly number[] | Float64Array): VariancePart {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const degrees = values.length - 1;
  return { variance: squares / degrees / values.length, degrees };
}
