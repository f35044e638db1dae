/** What the rows could have shown: how many more would decide, and how small a loss these would have found. */
import type { LimitKind } from '../../../shared/records/evaluation.ts';
import { normalQuantile, studentCdf, studentQuantile } from '../../../shared/stats/distributions.ts';
import type { Limit } from '../policy/rules.ts';
import { type Item, type ItemClearance, sampleOf } from './items.ts';

/** What a limit was tested at. */
export interface Test {
  /** One-sided, unadjusted: an interval that clears its limit passes. */
  alpha: number;
  /** One-sided, of the first step of the correction: a test that rejects at it fails. */
  adjustedAlpha: number;
}

/** More rows than this many times those there are nobody has, and the estimate would not stay. */
const MOST_TIMES = 1e9;
const FOUND = 0.8;

const quantile = (p: number, degrees: number): number =>
  degrees === Number.POSITIVE_INFINITY ? normalQuantile(p) : studentQuantile(p, degrees);

/**
 * Rows, or queries, clusters or series where these are drawn, to add until the interval would clear the limit, or the test reject it, were the estimate to stay as it is.
 * @returns null when no number of rows decides: the estimate lies on the limit, or the error is not of the rows.
 */
export function furtherRows(item: Item, clearance: ItemClearance, test: Test): number | null {
  const samples = sampleOf(item);
  if (samples === null) return null;
  const exactly = clearance.shown ? 1 : (clearance.rowsToShow ?? Number.POSITIVE_INFINITY);
  const times = Math.max(timesToDecide(clearance, test), exactly);
  return times <= MOST_TIMES ? Math.max(1, Math.ceil(samples * times - samples)) : null;
}

/** The multiple of the rows at which the interval clears the limit or the test rejects it; Infinity for none. */
function timesToDecide(clearance: ItemClearance, test: Test): number {
  const { value, interval } = clearance;
  if (interval[0] >= 0) return 1;
  if (value === 0) return Number.POSITIVE_INFINITY;
  const withRows = clearance.withRows ?? fallingWithRoot(clearance, test.alpha);
  const decides = (times: number): boolean => {
    const later = withRows(times);
    return value > 0 ? later.interval[0] >= 0 : later.pValue <= test.adjustedAlpha;
  };
  if (!decides(MOST_TIMES)) return Number.POSITIVE_INFINITY;
  let [low, high] = [1, MOST_TIMES];
  while (high / low > 1.0001) {
    const middle = Math.sqrt(low * high);
    if (decides(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The error of an estimate falls with the root of the rows. */
function fallingWithRoot({ value, interval, degrees }: ItemClearance, alpha: number) {
  const known = degrees ?? Number.POSITIVE_INFINITY;
  const standardError = (interval[1] - interval[0]) / 2 / quantile(1 - alpha, known);
  return (times: number): { interval: [number, number]; pValue: number } => {
    const root = Math.sqrt(times);
    return {
      interval: [value + (interval[0] - value) / root, value + (interval[1] - value) / root],
      pValue: studentCdf((value / standardError) * root, known),
    };
  };
}

/** How far the limit lies from no change at all, in benefit units; undefined where an equal model is not meant to keep it. */
function marginOf(kind: LimitKind, limit: number, champion: number): number | undefined {
  if (kind === 'max_absolute_change') return limit;
  if (limit > 0) return undefined;
  if (kind === 'min_absolute_change') return -limit;
  return kind === 'min_relative_change' ? -limit * Math.abs(champion) : undefined;
}

/**
 * The probability that a model equal to the champion (its true benefit is 0) would keep a limit on change with the
 * error seen: P(estimate − z·error ≥ limit) = Φ(margin/error − z). At a margin of 0 that is α, however many rows.
 * @returns null for bounds, and for limits that ask to improve, which an equal model is not meant to keep.
 */
export function powerOfEqualModel(
  item: Item,
  limit: Limit,
  clearance: ItemClearance,
  test: Test,
): number | null {
  const champion = item.champion?.value;
  const margin = champion === undefined ? undefined : marginOf(limit.kind, limit.limit, champion);
  if (margin === undefined) return null;
  const degrees = clearance.degrees ?? Number.POSITIVE_INFINITY;
  const needed = quantile(1 - test.alpha, degrees);
  const standardError = (clearance.value - clearance.interval[0]) / needed;
  return standardError > 0 ? studentCdf(margin / standardError - needed, degrees) : 1;
}

/**
 * The smallest true loss beyond the limit that the adjusted test would find with a probability of 80 %, in the
 * metric's units. @returns null where there is no error to speak of.
 */
export function detectableLoss(clearance: ItemClearance, test: Test): number | null {
  const degrees = clearance.degrees ?? Number.POSITIVE_INFINITY;
  const standardError =
    clearance.standardError ?? (clearance.interval[1] - clearance.value) / quantile(1 - test.alpha, degrees);
  const needed = quantile(1 - test.adjustedAlpha, degrees) + quantile(FOUND, degrees);
  return standardError > 0 ? needed * standardError : null;
}
