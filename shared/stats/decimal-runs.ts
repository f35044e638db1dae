/**
 * Orders numbers that have few decimals, as most measured ones do: they are whole multiples of a power of ten, and whole
 * numbers of a small range are counted, those of a larger one sorted by 32 bits instead of 64.
 */
import { startOfEach } from './bucket-starts.ts';
import { runsOfSorted, type ValueRuns } from './sorted-runs.ts';

/** Multiples of these are looked for, the coarsest first: times in microseconds, whole numbers, prices, coordinates. */
const UNITS = [1e6, 1e3, 1];
const DECIMALS = [10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
/** Of the numbers so many, spread over all, are looked at for the unit before all are. */
const SAMPLED = 64;
const DIGITS = 3;
const LARGEST_RANGE = 2 ** 32;
/** Beyond, not every whole number is a DOUBLE. */
const LARGEST_EXACT = 2 ** 53;

/** Numbers are `whole * times / parts`, of which one is 1, so that there is one rounding, the same in both directions. */
interface Unit {
  times: number;
  parts: number;
}

/**
 * Takes the memory of its arguments for what it returns.
 * @param spare room for as many numbers at least.
 * @returns undefined where the numbers are none of few decimals (also for NaN and infinity): then nothing was changed.
 */
export function decimalRuns(values: Float64Array, spare: Float64Array): ValueRuns | undefined {
  const unit = unitOf(values);
  const range = unit && rangeOf(values, unit);
  if (!unit || !range) return undefined;
  const buckets = range.last - range.first + 1;
  const words = new Uint32Array(spare.buffer, spare.byteOffset, 2 * values.length);
  if (buckets <= words.length) return count(values, words.subarray(0, buckets), range.first, unit);
  sortKeys(values, words, range.first, buckets, unit);
  return runsOfSorted(values, spare);
}

function unitOf(values: Float64Array): Unit | undefined {
  const step = Math.max(1, Math.floor(values.length / SAMPLED));
  const fits = (unit: Unit): boolean => {
    for (let at = 0; at < values.length; at += step) if (!isMultiple(values[at]!, unit)) return false;
    return true;
  };
  return [
    ...UNITS.map((times) => ({ times, parts: 1 })),
    ...DECIMALS.map((parts) => ({ times: 1, parts })),
  ].find(fits);
}

function isMultiple(value: number, { times, parts }: Unit): boolean {
  const whole = Math.round((value * parts) / times);
  return (whole * times) / parts === value && Math.abs(whole) < LARGEST_EXACT;
}

/** The least and the largest multiple; undefined where a number is none, or they are too far apart. */
function rangeOf(values: Float64Array, { times, parts }: Unit): { first: number; last: number } | undefined {
  let [first, last] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const whole = Math.round((value * parts) / times);
    if ((whole * times) / parts !== value) return undefined;
    if (whole < first) first = whole;
    if (whole > last) last = whole;
  }
  const isExact = -LARGEST_EXACT < first && last < LARGEST_EXACT;
  return isExact && last - first < LARGEST_RANGE ? { first, last } : undefined;
}

/** @param counts one for each multiple of the range; the front of it becomes the ends of the runs. */
function count(values: Float64Array, counts: Uint32Array, first: number, { times, parts }: Unit): ValueRuns {
  counts.fill(0);
  for (let at = 0; at < values.length; at++) counts[Math.round((values[at]! * parts) / times) - first]! += 1;
  let [distinct, end] = [0, 0];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const length = counts[bucket]!;
    if (length === 0) continue;
    end += length;
    values[distinct] = ((bucket + first) * times) / parts;
    counts[distinct] = end;
    distinct += 1;
  }
  return { values: values.subarray(0, distinct), ends: counts.subarray(0, distinct) };
}

/** A radix sort of the multiples from the last digits on. @param words room for two lists of them. */
function sortKeys(
  values: Float64Array,
  words: Uint32Array,
  first: number,
  buckets: number,
  { times, parts }: Unit,
): void {
  const { length } = values;
  const bits = Math.ceil(Math.log2(buckets) / DIGITS);
  const [size, mask] = [2 ** bits, 2 ** bits - 1];
  let [from, to] = [words.subarray(0, length), words.subarray(length, 2 * length)];
  const counts = Array.from({ length: DIGITS }, () => new Uint32Array(size));
  const [low, middle, high] = counts as [Uint32Array, Uint32Array, Uint32Array];
  for (let at = 0; at < length; at++) {
    const key = Math.round((values[at]! * parts) / times) - first;
    from[at] = key;
    low[key & mask]! += 1;
    middle[(key >>> bits) & mask]! += 1;
    high[key >>> (2 * bits)]! += 1;
  }
  for (const [digit, places] of counts.entries()) {
    startOfEach(places);
    distribute(from, to, places, digit * bits, mask);
    [from, to] = [to, from];
  }
  for (let at = 0; at < length; at++) values[at] = ((from[at]! + first) * times) / parts;
}

function distribute(
  from: Uint32Array,
  to: Uint32Array,
  places: Uint32Array,
  shift: number,
  mask: number,
): void {
  for (let at = 0; at < from.length; at++) {
    const key = from[at]!;
    const bucket = (key >>> shift) & mask;
    to[places[bucket]!++] = key;
  }
}
