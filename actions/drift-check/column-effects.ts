/** How far two distributions of a column are apart, by the name of a measure. Pure. */
import type { DriftMeasure } from '../../shared/records/drift-policy.ts';
import {
  correctedJensenShannonDistance,
  countByEdges,
  hellingerDistance,
  jensenShannonDivergence,
  lInfinityDistance,
  populationStabilityIndex,
  quantileEdges,
  standardisedWasserstein,
  totalVariationDistance,
} from '../../shared/stats/divergence.ts';
import { chiSquaredHomogeneity, cramersV, kolmogorovSmirnovDistance } from '../../shared/stats/two-sample.ts';

const BINS = 10;

/** Over cells that at least one side has rows in; a single cell is no distance apart. */
const COUNT_MEASURES: Record<
  Exclude<DriftMeasure, 'wasserstein' | 'kolmogorov_smirnov'>,
  (reference: readonly number[], data: readonly number[]) => number
> = {
  psi: (reference, data) => populationStabilityIndex(reference, data),
  hellinger: hellingerDistance,
  total_variation: totalVariationDistance,
  l_infinity: lInfinityDistance,
  jensen_shannon: correctedJensenShannonDistance,
  jensen_shannon_distance: (reference, data) => Math.sqrt(jensenShannonDivergence(reference, data)),
  chi_squared: (reference, data) => chiSquaredHomogeneity(reference, data).statistic,
  cramers_v: cramersV,
};

/**
 * Effect over cells (categories or bins) by the measure's name. Cells without a row on either side are left out.
 * @throws RangeError when a side has no row, or the measure needs an order.
 */
export function effectOfCounts(
  reference: readonly number[],
  data: readonly number[],
  measure: DriftMeasure,
): number {
  if (measure === 'wasserstein' || measure === 'kolmogorov_smirnov')
    throw new RangeError(`${measure} needs an order of the cells`);
  const seen = reference.map((_, cell) => cell).filter((cell) => reference[cell]! + data[cell]! > 0);
  const [before, now] = [reference, data].map((counts) => seen.map((cell) => counts[cell]!));
  if (![before!, now!].every((counts) => counts.some((count) => count > 0)))
    throw new RangeError('both sides need at least one row');
  return seen.length < 2 ? 0 : COUNT_MEASURES[measure](before!, now!);
}

/** Effect between two ascending samples by the measure's name; binned measures use the reference's deciles. */
export function effectOfNumbers(
  reference: Float64Array,
  data: Float64Array,
  measure: DriftMeasure,
  referenceDeviation?: number,
): number {
  if (measure === 'wasserstein') return standardisedWasserstein(reference, data, referenceDeviation);
  if (measure === 'kolmogorov_smirnov') return kolmogorovSmirnovDistance(reference, data);
  const edges = decileEdges(reference);
  return effectOfCounts(countByEdges(reference, edges), countByEdges(data, edges), measure);
}

/** The reference's deciles. A constant reference has no inner edge: below, at and above its value are the cells then. */
export function decileEdges(reference: Float64Array): number[] {
  const edges = quantileEdges(reference, BINS);
  return edges.length > 0 ? edges : [reference[0]!, nextAbove(reference[0]!)];
}

function nextAbove(value: number): number {
  return value + Math.max(Number.MIN_VALUE, Math.abs(value) * Number.EPSILON);
}
