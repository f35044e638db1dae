import type { HistoryParameters } from '../../../shared/records/contract-history.ts';
import { type ColumnSketch, QUANTILE_SHARES } from '../../../shared/records/data-profile.ts';

/** Statistics that only numbers have. */
const OF_NUMBERS: ReadonlySet<HistoryParameters['of']> = new Set([
  'mean',
  'standardDeviation',
  'minimum',
  'maximum',
  'median',
  'quantile',
]);

export const isOfNumbers = (of: HistoryParameters['of']): boolean => OF_NUMBERS.has(of);

/**
 * A number of a column as its profile has it: the same of this run and of earlier ones.
 * @returns undefined where the profile does not have it, as the mean of a column without values.
 */
export function columnStatistic(
  sketch: ColumnSketch,
  { of, quantile, value }: Pick<HistoryParameters, 'of' | 'quantile' | 'value'>,
): number | undefined {
  const { count, nulls, distinct, moments, quantiles, top } = sketch;
  switch (of) {
    case 'nullShare':
      return count + nulls === 0 ? undefined : nulls / (count + nulls);
    case 'distinctCount':
      return distinct ?? undefined;
    case 'distinctShare':
      return distinct === null || count === 0 ? undefined : distinct / count;
    case 'valueShare': {
      if (!top || count === 0) return undefined;
      const isValue = (text: string): boolean =>
        text === String(value) || (sketch.kind === 'numeric' && Number(text) === Number(value));
      const listed = top.values.find((entry) => isValue(entry.value));
      if (!listed && top.otherCount > 0) return undefined;
      return (listed?.count ?? 0) / count;
    }
    case 'median':
      return numberAt(sketch, quantiles, 0.5);
    case 'quantile':
      return numberAt(sketch, quantiles, quantile!);
    default:
      return sketch.kind === 'numeric' ? moments?.[of as 'mean'] : undefined;
  }
}

function numberAt(
  { kind }: ColumnSketch,
  quantiles: readonly number[] | null,
  share: number,
): number | undefined {
  return kind === 'numeric' ? quantiles?.[(QUANTILE_SHARES as readonly number[]).indexOf(share)] : undefined;
}
