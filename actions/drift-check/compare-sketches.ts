/** One column of two sketches: the default rule on counts per cell. */
import type { DriftDecision, DriftMeasure, DriftPolicy } from '../../shared/records/drift-policy.ts';
import {
  binnedKolmogorovSmirnov,
  binnedMannWhitney,
  binnedWasserstein,
  kolmogorovSmirnovError,
  wassersteinError,
} from '../../shared/stats/binned.ts';
import { effectOfCounts } from './column-effects.ts';
import { columnRule } from './column-rule.ts';
import { type ColumnComparison, compareCounts, compareNulls, NULL_CATEGORY } from './compare-columns.ts';
import type { CategoricalSketch, NumericSketch, SketchColumn } from './sketch-column.ts';

/** What values that a profile does not list are called among the categories. */
const OTHER_VALUES = '(other values)';

/** Numeric by cells: the default rule on rows tied within cells. */
export function compareNumericSketches(
  reference: NumericSketch,
  data: NumericSketch,
  measure: DriftMeasure,
): ColumnComparison {
  const summary = ({ rows, nulls, mean, deviation }: NumericSketch) => ({
    rows,
    nullShare: rows === 0 ? 0 : nulls / rows,
    mean: rows > nulls ? mean : null,
    deviation: rows > nulls ? deviation : null,
    distinct: null,
  });
  const comparison: ColumnComparison = {
    measure,
    nulls: compareNulls(reference.rows, reference.nulls, data.rows, data.nulls),
    reference: summary(reference),
    data: summary(data),
    unseen: [],
    unseenCount: 0,
    note: '',
  };
  if (reference.rows === reference.nulls || data.rows === data.nulls) {
    comparison.note = `no value in ${reference.rows === reference.nulls ? 'the reference' : 'the data'}`;
    return comparison;
  }
  const sameEdges =
    reference.edges.length === data.edges.length &&
    reference.edges.every((edge, at) => edge === data.edges[at]);
  if (!sameEdges) {
    comparison.note =
      'the histograms of the two profiles have different edges: make the newer profile with the older one as reference';
    return comparison;
  }
  const minimum = Math.min(reference.minimum, data.minimum);
  const maximum = Math.max(reference.maximum, data.maximum);
  if (minimum === maximum) {
    comparison.note = 'one and the same value on both sides';
    return comparison;
  }
  const smirnov = binnedKolmogorovSmirnov(reference.counts, data.counts);
  const ranks = binnedMannWhitney(reference.counts, data.counts).pValue;
  let effect: number;
  // Of other measures the cells are not those in which rows would be counted, so that nothing bounds the error.
  let effectError: number | null = null;
  if (measure === 'kolmogorov_smirnov') {
    effect = smirnov.statistic;
    effectError = kolmogorovSmirnovError(reference.counts, data.counts);
  } else if (measure === 'wasserstein') {
    const distance = binnedWasserstein(reference.counts, data.counts, reference.edges, { minimum, maximum });
    // A constant reference has no deviation of its own; the range of both stands in for it.
    const unit = reference.deviation > 0 ? reference.deviation : maximum - minimum;
    effect = distance / unit;
    effectError =
      wassersteinError(reference.counts, data.counts, reference.edges, { minimum, maximum }) / unit;
  } else {
    const seen = reference.counts
      .map((_, cell) => cell)
      .filter((cell) => reference.counts[cell]! + data.counts[cell]! > 0);
    effect = effectOfCounts(
      seen.map((cell) => reference.counts[cell]!),
      seen.map((cell) => data.counts[cell]!),
      measure,
    );
  }
  comparison.values = { pValue: Math.min(1, 2 * Math.min(smirnov.pValue, ranks)), effect };
  comparison.effectError = effectError;
  return comparison;
}

/** Categorical by the values that both sides count; the others are one category. */
export function compareCategoricalSketches(
  reference: CategoricalSketch,
  data: CategoricalSketch,
  measure: DriftMeasure,
  decideOn: DriftDecision = 'both',
): ColumnComparison {
  // A value that one side may hold among its others cannot be told apart, so it joins the others on both.
  const counted = (value: string) =>
    (reference.values.has(value) || reference.others === 0) && (data.values.has(value) || data.others === 0);
  const names = [...new Set([...reference.values.keys(), ...data.values.keys()])].filter(counted);
  const cells = (side: CategoricalSketch): number[] => {
    const counts = names.map((name) => side.values.get(name) ?? 0);
    const listed = counts.reduce((sum, count) => sum + count, 0);
    return [...counts, side.rows - side.nulls - listed, side.nulls];
  };
  const found = compareCounts(
    [...names, OTHER_VALUES, NULL_CATEGORY],
    cells(reference),
    cells(data),
    measure,
    decideOn,
  );
  const unseen = found.unseen.filter(({ value }) => value !== OTHER_VALUES);
  // Where both sides list all they have, nothing is lost.
  const effectError = reference.others + data.others === 0 ? 0 : null;
  return {
    ...found,
    ...(found.values && { effectError }),
    unseen,
    unseenCount: found.unseenCount - (found.unseen.length - unseen.length),
  };
}

/** Compares two sketches of the same kind. @throws UserError when the policy's measure does not fit the kind. */
export function compareSketches(
  name: string,
  reference: SketchColumn,
  data: SketchColumn,
  policy: DriftPolicy,
): ColumnComparison {
  const { measure, decideOn } = columnRule(name, reference.kind, policy);
  if (reference.kind === 'categorical')
    return compareCategoricalSketches(reference, data as CategoricalSketch, measure, decideOn);
  const comparison = compareNumericSketches(reference, data as NumericSketch, measure);
  if (policy.features[name]?.kind !== 'categorical') return comparison;
  return {
    ...comparison,
    values: undefined,
    note: 'numbers are judged as categories only where both sides are rows',
  };
}
