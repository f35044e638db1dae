/** Which pairs of numeric columns go together otherwise than before: Spearman's correlation, both sides. */
import type { DriftCorrelations } from '../../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { benjaminiYekutieliAdjusted } from '../../../shared/stats/multiple-testing.ts';
import {
  type Correlation,
  correlationDifferencePValue,
  correlationOf,
  midRanks,
} from '../../../shared/stats/rank-correlation.ts';
import {
  fisherVariance,
  type RankedColumn,
  rankColumn,
} from '../../../shared/stats/rank-correlation-variance.ts';
import type { EncodedColumn } from './sampled-columns.ts';

/** 1,770 pairs: enough to look at, and few enough to be quick. */
export const MOST_COLUMNS = 60;
const LISTED = 20;

type Options = Exclude<NonNullable<DriftPolicy['correlations']>, false>;

interface Pair {
  first: Ranked;
  second: Ranked;
  before: Correlation;
  now: Correlation;
}

interface Ranked {
  name: string;
  reference: Float64Array;
  data: Float64Array;
}

/**
 * The p of every pair, corrected for their number. Pairs share columns, so their tests depend on each other in either
 * direction, which Benjamini–Yekutieli allows for. What the variance of normal columns would reject is tested again
 * with that of the values; the others cannot be rejected by a larger variance.
 */
function adjustedPValues(pairs: readonly Pair[], alpha: number): number[] {
  const pValues = pairs.map(({ before, now }) => correlationDifferencePValue(before, now));
  const ranked = new Map<Float64Array, RankedColumn>();
  const columnOf = (ranks: Float64Array): RankedColumn => {
    const found = ranked.get(ranks) ?? rankColumn(ranks);
    ranked.set(ranks, found);
    return found;
  };
  benjaminiYekutieliAdjusted(pValues).forEach((adjusted, at) => {
    if (adjusted > alpha) return;
    const { first, second, before, now } = pairs[at]!;
    const closely = (found: Correlation, side: 'reference' | 'data'): Correlation => ({
      ...found,
      variance: fisherVariance(columnOf(first[side]), columnOf(second[side]), found.value),
    });
    pValues[at] = correlationDifferencePValue(closely(before, 'reference'), closely(now, 'data'));
  });
  return benjaminiYekutieliAdjusted(pValues);
}

/** @param columns numeric, the most important first; those beyond `MOST_COLUMNS` are left out. */
export function compareCorrelations(
  columns: readonly EncodedColumn[],
  rows: DriftCorrelations['rows'],
  options: Options,
  decides: boolean,
): DriftCorrelations {
  const ranked = columns.slice(0, MOST_COLUMNS).map(
    ({ name, reference, data }): Ranked => ({
      name,
      reference: midRanks(reference),
      data: midRanks(data),
    }),
  );
  const pairs = ranked.flatMap((first, at) =>
    ranked.slice(at + 1).flatMap((second): Pair[] => {
      const before = correlationOf(first.reference, second.reference);
      const now = correlationOf(first.data, second.data);
      return before && now ? [{ first, second, before, now }] : [];
    }),
  );
  const adjusted = adjustedPValues(pairs, options.alpha);
  const compared = pairs
    .map(({ first, second, before, now }, at) => ({
      columns: [first.name, second.name] as [string, string],
      reference: before.value,
      data: now.value,
      adjustedPValue: adjusted[at]!,
      changed: adjusted[at]! <= options.alpha && Math.abs(now.value - before.value) >= options.min_difference,
    }))
    .sort(
      (a, b) =>
        Number(b.changed) - Number(a.changed) ||
        Math.abs(b.data - b.reference) - Math.abs(a.data - a.reference),
    );
  const changed = compared.filter((pair) => pair.changed).length;
  return {
    status: pairs.length === 0 ? 'not_judged' : changed > 0 ? 'drifts' : 'steady',
    decides,
    minDifference: options.min_difference,
    note: pairs.length === 0 ? 'needs two numeric columns that vary on both sides' : '',
    pairs: pairs.length,
    columnsLeftOut: Math.max(0, columns.length - MOST_COLUMNS),
    rows,
    changed,
    largest: compared.slice(0, LISTED),
  };
}
