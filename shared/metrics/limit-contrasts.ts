/** Limits on two numbers that have errors: each is a linear combination of both, and so is its interval. */
import { type BoundedValue, boundedValue, type Range } from '../stats/bounded-values.ts';
import { belowZero, type Estimate, estimateInterval } from '../stats/paired-intervals.ts';
import type { Clearance, ComparisonMethod } from './comparison-types.ts';
import type { Direction } from './metric-definition.ts';
import { FEW, type SupposedVariance } from './supposed-variance.ts';

/** The error of a combination, and by how many rows it is told where influences tell (influence-moments.ts). */
export interface CombinedError extends Omit<Estimate, 'value'> {
  deciding?: number;
}

/** The error of `ofChallenger`·challenger + `ofChampion`·champion. */
export type ErrorOf = (ofChallenger: number, ofChampion: number) => CombinedError;

export interface TwoNumbers {
  direction: Direction;
  /** Undefined: there is no champion, or it has no number. */
  champion: number | undefined;
  challenger: number;
  /** With the given multiple of the rows, where the error does not simply fall with their root. */
  errorWithRows?: (times: number) => ErrorOf;
  /** Why no number of rows would decide, where that is so. */
  whyNoRows?: string;
  /** Of the challenger's own value: the ends it cannot pass, and what its variance should be. */
  range?: Range;
  supposed?: SupposedVariance;
  /** Where that value has an interval of its own, with `times` as many rows. */
  own?: ((times: number) => BoundedValue) | undefined;
}

/**
 * Intervals and clearances of two numbers by Student's t or the normal.
 * @param confidence two-sided.
 */
export function linearMethod(
  numbers: TwoNumbers,
  errorOf: ErrorOf,
  confidence: number,
): Omit<ComparisonMethod, 'method'> {
  const { champion, challenger, direction } = numbers;
  const sign = direction === 'higher' ? 1 : -1;
  const interval = (value: number, ofChallenger: number, ofChampion: number) =>
    estimateInterval({ value, ...errorOf(ofChallenger, ofChampion) }, confidence);
  const clear = (value: number, ofChallenger: number, ofChampion: number): Clearance => {
    const withRows = (times: number): { interval: [number, number]; pValue: number } => {
      const estimate = { value, ...errorAt(numbers, errorOf, times)(ofChallenger, ofChampion) };
      return { interval: estimateInterval(estimate, confidence), pValue: belowZero(estimate) };
    };
    const { whyNoRows } = numbers;
    return {
      value,
      ...withRows(1),
      degrees: errorOf(ofChallenger, ofChampion).degrees,
      shown: true,
      withRows,
      ...(whyNoRows !== undefined && { whyNoRows }),
    };
  };
  const bound = (rule: 'lower_bound' | 'upper_bound', limit: number): Clearance => {
    if (numbers.range) return boundClearance(numbers, numbers.range, errorOf, { rule, limit, confidence });
    return rule === 'lower_bound' ? clear(challenger - limit, 1, 0) : clear(limit - challenger, -1, 0);
  };
  return {
    challengerInterval: numbers.range
      ? ownValue(numbers, numbers.range, errorOf).interval(confidence)
      : interval(challenger, 1, 0),
    interval: champion === undefined ? undefined : interval(challenger - champion, 1, -1),
    clearance(rule, limit) {
      if (rule === 'lower_bound' || rule === 'upper_bound') return bound(rule, limit);
      if (champion === undefined) return undefined;
      const benefit = sign * (challenger - champion);
      if (rule === 'min_absolute_change') return clear(benefit - limit, sign, -sign);
      if (rule === 'max_absolute_change') return clear(limit - benefit, -sign, sign);
      // benefit ≥ limit·|champion|, as a contrast, since a ratio to a champion near zero has no interval.
      const slope = limit * Math.sign(champion);
      return clear(benefit - limit * Math.abs(champion), sign, -sign - slope);
    },
  };
}

/** The error with `times` as many rows of the same kind, of which as many times as many decide. */
function errorAt({ errorWithRows }: TwoNumbers, errorOf: ErrorOf, times: number): ErrorOf {
  if (errorWithRows) return errorWithRows(times);
  if (times === 1) return errorOf;
  return (ofChallenger, ofChampion) => {
    const { standardError, degrees, deciding, skewness } = errorOf(ofChallenger, ofChampion);
    return {
      standardError: standardError / Math.sqrt(times),
      ...(deciding === undefined ? { degrees } : { degrees: degrees * times, deciding: deciding * times }),
      ...(skewness !== undefined && { skewness: skewness / Math.sqrt(times) }),
    };
  };
}

/** The challenger's value alone, were there `times` as many rows. */
function ownValue(numbers: TwoNumbers, range: Range, errorOf: ErrorOf, times = 1): BoundedValue {
  const { challenger, supposed, own } = numbers;
  if (own) return own(times);
  const error = errorAt(numbers, errorOf, times)(1, 0);
  const isFew = error.deciding !== undefined && error.deciding < FEW;
  return boundedValue({ ...error, value: challenger }, range, isFew ? supposed?.(times) : undefined);
}

interface Bound {
  rule: 'lower_bound' | 'upper_bound';
  limit: number;
  confidence: number;
}

function boundClearance(
  numbers: TwoNumbers,
  range: Range,
  errorOf: ErrorOf,
  { rule, limit, confidence }: Bound,
): Clearance {
  const isLower = rule === 'lower_bound';
  const withRows = (times: number): { interval: [number, number]; pValue: number } => {
    const own = ownValue(numbers, range, errorOf, times);
    const [low, high] = own.interval(confidence);
    return {
      interval: isLower ? [low - limit, high - limit] : [limit - high, limit - low],
      pValue: isLower ? own.below(limit) : own.above(limit),
    };
  };
  const { challenger, whyNoRows } = numbers;
  const { standardError, degrees } = errorOf(1, 0);
  return {
    value: isLower ? challenger - limit : limit - challenger,
    ...withRows(1),
    standardError,
    degrees,
    shown: true,
    withRows,
    ...(whyNoRows !== undefined && { whyNoRows }),
  };
}
