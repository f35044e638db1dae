/** Which pairs of numeric columns go together otherwise than before: Spearman's correlation, both sides. */
import type { DriftCorrelations } from '../../../shared/records/drift-check.ts';
import type { DriftPolicy } from '../../../shared/records/drift-policy.ts';
import { benjaminiHochbergAdjusted } from '../../../shared/stats/multiple-testing.ts';
import {
  correlationDifferencePValue,
  correlationOf,
  midRanks,
} from '../../../shared/stats/rank-correlation.ts';
import type { EncodedColumn } from './sampled-columns.ts';

/** 1,770 pairs: enough to look at, and few enough to be quick. */
export const MOST_COLUMNS = 60;
const LISTED = 20;

type Options = Exclude<NonNullable<DriftPolicy['correlations']>, false>;

/** @param columns numeric, the most important first; those beyond `MOST_COLUMNS` are left out. */
export function compareCorrelations(
  columns: readonly EncodedColumn[],
  rows: DriftCorrelations['rows'],
  options: Options,
  decides: boolean,
): DriftCorrelations {
  const ranked = columns.slice(0, MOST_COLUMNS).map(({ name, reference, data }) => ({
    name,
    reference: midRanks(reference),
    data: midRanks(data),
  }));
  const pairs = ranked.flatMap((first, at) =>
    ranked.slice(at + 1).flatMap((second) => {
      const before = correlationOf(first.reference, second.reference);
      const now = correlationOf(first.data, second.data);
      if (!before || !now) return [];
      const names: [string, string] = [first.name, second.name];
      return [{ names, before, now, pValue: correlationDifferencePValue(before, now) }];
    }),
  );
  const adjusted = benjaminiHochbergAdjusted(pairs.map(({ pValue }) => pValue));
  const compared = pairs
    .map(({ names, before, now }, at) => ({
      columns: names,
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
