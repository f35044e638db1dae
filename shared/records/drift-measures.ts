/** The names of drift's measures and kinds. Without a schema, so that a second thread need not load what makes one. */

/** How far apart two distributions are; which kind of column each is for is said in `measureFits`. */
export const DRIFT_MEASURES = [
  'wasserstein', // in standard deviations of the reference
  'kolmogorov_smirnov',
  'jensen_shannon', // distance in nats, less what chance alone gives
  'jensen_shannon_distance', // the same without the subtraction, as other tools compute it
  'psi',
  'hellinger',
  'total_variation',
  'l_infinity',
  'cramers_v',
  'chi_squared', // the statistic, which grows with the number of rows
] as const;
export type DriftMeasure = (typeof DRIFT_MEASURES)[number];

/** What a column is judged as. */
export const DRIFT_KINDS = ['numeric', 'categorical', 'boolean', 'text', 'timestamp'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** Measures of ordered values have no meaning for categories; the others bin numbers by the reference's deciles. */
export function measureFits(measure: DriftMeasure, kind: DriftKind): boolean {
  if (kind === 'timestamp' || kind === 'text') return false;
  return kind === 'numeric' || (measure !== 'wasserstein' && measure !== 'kolmogorov_smirnov');
}
