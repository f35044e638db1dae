/** One column before and now: p-values of rows and effects, by the default rule or by a measure of the policy's. */
import type { DriftDecision, DriftMeasure } from '../../shared/records/drift-policy.ts';
import {
  correctedJensenShannonDistance,
  countByEdges,
  meanAndDeviation,
} from '../../shared/stats/divergence.ts';
import {
  chiSquaredHomogeneity,
  kolmogorovSmirnovTest,
  mannWhitneyTest,
  poolSmallCells,
} from '../../shared/stats/two-sample.ts';
import { decileEdges, effectOfCounts, effectOfNumbers } from './column-effects.ts';
import { type CategoricalValues, type NumericValues, sortedFinite } from './table.ts';

export interface Finding {
  /** In [0, 1]. */
  pValue: number;
  effect: number;
}

export interface ColumnSummary {
  rows: number;
  nullShare: number;
  mean: number | null;
  deviation: number | null;
  distinct: number | null;
}

/** One of several things by which a text or a time is judged. */
export interface Aspect extends Finding {
  name: 'length' | 'vocabulary' | 'hour_of_day' | 'weekday';
  measure: DriftMeasure;
}

export interface ColumnComparison {
  /** Undefined where the values cannot be judged; `note` says why. */
  values?: Finding;
  /** In place of `values`, for text and times. */
  aspects?: Aspect[];
  /** From a profile: how far the effect may be from that of the rows. */
  effectError?: number | null;
  /** Numeric columns only, and only where a null was seen: nulls of a categorical column are a category. */
  nulls?: Finding;
  measure: DriftMeasure;
  reference: ColumnSummary;
  data: ColumnSummary;
  unseen: { value: string; rows: number }[];
  unseenCount: number;
  note: string;
}

/** Categories that are named in a record. */
const NAMED_CATEGORIES = 10;
/** What a null is called among the categories of a column. */
export const NULL_CATEGORY = '(null)';

/** Null share against null share by χ² of homogeneity; undefined where it cannot be tested. */
export function compareNulls(
  referenceRows: number,
  referenceNulls: number,
  dataRows: number,
  dataNulls: number,
): Finding | undefined {
  if (referenceNulls + dataNulls === 0) return undefined;
  const reference = [referenceNulls, referenceRows - referenceNulls];
  const data = [dataNulls, dataRows - dataNulls];
  const pooled = poolSmallCells(reference, data);
  if (pooled.first.length < 2) return undefined;
  return {
    pValue: chiSquaredHomogeneity(pooled.first, pooled.second).pValue,
    effect: correctedJensenShannonDistance(pooled.first, pooled.second),
  };
}

function summariseNumbers(sorted: Float64Array, rows: number): ColumnSummary {
  const { mean, deviation } = meanAndDeviation(sorted);
  return {
    rows,
    nullShare: rows === 0 ? 0 : (rows - sorted.length) / rows,
    mean: sorted.length > 0 && Number.isFinite(mean) ? mean : null,
    deviation: sorted.length > 0 && Number.isFinite(deviation) ? deviation : null,
    distinct: null,
  };
}

/**
 * Numeric: p = min(1, 2·min(p_KS, p_MannWhitney)), effect W₁/σ_ref unless another measure is asked for; the null
 * share has its own test.
 */
export function compareNumeric(
  reference: NumericValues,
  data: NumericValues,
  measure: DriftMeasure = 'wasserstein',
  sortedReference = sortedFinite(reference.values),
  sortedData = sortedFinite(data.values),
  decideOn: DriftDecision = 'both',
): ColumnComparison {
  const referenceRows = reference.values.length;
  const dataRows = data.values.length;
  const comparison: ColumnComparison = {
    measure,
    reference: summariseNumbers(sortedReference, referenceRows),
    data: summariseNumbers(sortedData, dataRows),
    unseen: [],
    unseenCount: 0,
    note: '',
  };
  comparison.nulls = compareNulls(
    referenceRows,
    referenceRows - sortedReference.length,
    dataRows,
    dataRows - sortedData.length,
  );
  if (sortedReference.length === 0 || sortedData.length === 0) {
    comparison.note = `no value in ${sortedReference.length === 0 ? 'the reference' : 'the data'}`;
    return comparison;
  }
  const smallest = Math.min(sortedReference[0]!, sortedData[0]!);
  if (smallest === sortedReference.at(-1) && smallest === sortedData.at(-1)) {
    comparison.note = 'one and the same value on both sides';
    return comparison;
  }
  if (decideOn !== 'measure' && Math.min(sortedReference.length, sortedData.length) === 1) {
    // No test can find anything in one value, so that finding nothing says nothing.
    comparison.note = `a single value in ${sortedData.length === 1 ? 'the data' : 'the reference'}`;
    return comparison;
  }
  const effect = effectOfNumbers(sortedReference, sortedData, measure);
  comparison.values = {
    pValue: numericPValue(sortedReference, sortedData, measure, decideOn),
    // Values near the end of what a number can hold overflow; a record keeps finite numbers.
    effect: Number.isFinite(effect) ? effect : Number.MAX_VALUE,
  };
  return comparison;
}

/**
 * min(1, 2·min(p_KS, p_MannWhitney)); where p alone decides and a test's own measure is asked for, the p of that test.
 */
function numericPValue(
  reference: Float64Array,
  data: Float64Array,
  measure: DriftMeasure,
  decideOn: DriftDecision,
): number {
  const smirnov = kolmogorovSmirnovTest(reference, data).pValue;
  if (decideOn === 'p_value' && measure === 'kolmogorov_smirnov') return smirnov;
  if (decideOn === 'p_value' && (measure === 'chi_squared' || measure === 'cramers_v')) {
    const edges = decileEdges(reference);
    const pooled = poolSmallCells(countByEdges(reference, edges), countByEdges(data, edges));
    return pooled.first.length < 2 ? 1 : chiSquaredHomogeneity(pooled.first, pooled.second).pValue;
  }
  return Math.min(1, 2 * Math.min(smirnov, mannWhitneyTest(reference, data).pValue));
}

/** The categories of both sides: the reference's, then those only the data have; and the cell of each code of the data. */
export function alignNames(
  reference: CategoricalValues,
  data: CategoricalValues,
): { names: string[]; toCell: Int32Array } {
  const names = [...reference.names];
  const index = new Map(names.map((name, code) => [name, code]));
  const toCell = new Int32Array(data.names.length);
  data.names.forEach((name, code) => {
    const known = index.get(name);
    toCell[code] = known ?? names.length;
    if (known === undefined) names.push(name);
  });
  return { names, toCell };
}

/** Rows per cell, nulls in one more after the last. @param toCell the cell of each code, where that is not the code. */
export function countCells({ codes }: CategoricalValues, cells: number, toCell?: Int32Array): number[] {
  const counts = new Array<number>(cells + 1).fill(0);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    counts[code < 0 ? cells : toCell ? toCell[code]! : code]!++;
  }
  return counts;
}

/**
 * Categorical: categories with an expected count below 5 pooled, χ² of homogeneity, effect √max(0, JSD − bias)
 * unless another measure is asked for. Null is a category.
 */
export function compareCategorical(
  reference: CategoricalValues,
  data: CategoricalValues,
  measure: DriftMeasure = 'jensen_shannon',
  decideOn: DriftDecision = 'both',
): ColumnComparison {
  const { names, toCell } = alignNames(reference, data);
  const [before, now] = [countCells(reference, names.length), countCells(data, names.length, toCell)];
  return compareCounts([...names, NULL_CATEGORY], before, now, measure, decideOn);
}

/** As `compareCategorical`, from counts; the last cell is null. */
export function compareCounts(
  names: readonly string[],
  reference: readonly number[],
  data: readonly number[],
  measure: DriftMeasure = 'jensen_shannon',
  decideOn: DriftDecision = 'both',
): ColumnComparison {
  const last = names.length - 1;
  const referenceRows = reference.reduce((sum, count) => sum + count, 0);
  const dataRows = data.reduce((sum, count) => sum + count, 0);
  const summary = (counts: readonly number[], rows: number): ColumnSummary => ({
    rows,
    nullShare: rows === 0 ? 0 : counts[last]! / rows,
    mean: null,
    deviation: null,
    distinct: counts.slice(0, last).filter((count) => count > 0).length,
  });
  const unseen = names
    .map((value, cell) => ({ value, rows: data[cell]!, before: reference[cell]!, isNull: cell === last }))
    .filter(({ rows, before, isNull }) => rows > 0 && before === 0 && !isNull)
    .sort((a, b) => b.rows - a.rows || (a.value < b.value ? -1 : 1));
  const comparison: ColumnComparison = {
    measure,
    reference: summary(reference, referenceRows),
    data: summary(data, dataRows),
    unseen: unseen.slice(0, NAMED_CATEGORIES).map(({ value, rows }) => ({ value, rows })),
    unseenCount: unseen.length,
    note: '',
  };
  if (referenceRows === 0 || dataRows === 0) {
    comparison.note = `no row in ${referenceRows === 0 ? 'the reference' : 'the data'}`;
    return comparison;
  }
  const seen = names.filter((_, cell) => reference[cell]! + data[cell]! > 0).length;
  if (decideOn === 'measure' && seen > 1) {
    // Small cells are pooled for the sake of a test, and there is none.
    comparison.values = { pValue: 1, effect: effectOfCounts(reference, data, measure) };
    return comparison;
  }
  const pooled = poolSmallCells(reference, data);
  if (pooled.first.length < 2) {
    comparison.note = seen === 1 ? 'one and the same value on both sides' : 'too few rows per category';
    return comparison;
  }
  comparison.values = {
    pValue: chiSquaredHomogeneity(pooled.first, pooled.second).pValue,
    effect: effectOfCounts(pooled.first, pooled.second, measure),
  };
  return comparison;
}
