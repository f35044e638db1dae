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
  const range = unit && toMultiples(values, unit);
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

/** The nearest multiple. One division less than if both of its numbers were used. */
const multipleOf = (value: number, { times, parts }: Unit): number =>
  Math.round(parts === 1 ? value / times : value * parts);

const numberOf = (multiple: number, { times, parts }: Unit): number =>
  parts === 1 ? multiple * times : multiple / parts;

function isMultiple(value: number, unit: Unit): boolean {
  const multiple = multipleOf(value, unit);
  return numberOf(multiple, unit) === value && Math.abs(multiple) < LARGEST_EXACT;
}

/**
 * Puts the multiples in the places of their numbers.
 * @returns the least and the largest; undefined, and all as it was, where a number is none, or they are too far apart.
 */
function toMultiples(values: Float64Array, unit: Unit): { first: number; last: number } | undefined {
  let [first, last] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    const multiple = multipleOf(value, unit);
    if (numberOf(multiple, unit) !== value) return backToNumbers(values.subarray(0, at), unit);
    values[at] = multiple;
    if (multiple < first) first = multiple;
    if (multiple > last) last = multiple;
  }
  const isExact = -LARGEST_EXACT < first && last < LARGEST_EXACT;
  return isExact && last - first < LARGEST_RANGE ? { first, last } : backToNumbers(values, unit);
}

function backToNumbers(multiples: Float64Array, unit: Unit): undefined {
  for (let at = 0; at < multiples.length; at++) multiples[at] = numberOf(multiples[at]!, unit);
}

/** @param counts one for each multiple of the range; the front of it becomes the ends of the runs. */
function count(values: Float64Array, counts: Uint32Array, first: number, unit: Unit): ValueRuns {
  counts.fill(0);
  for (let at = 0; at < values.length; at++) counts[values[at]! - first]! += 1;
  let [distinct, end] = [0, 0];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const length = counts[bucket]!;
    if (length === 0) continue;
    end += length;
    values[distinct] = numberOf(bucket + first, unit);
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
  unit: Unit,
): void {
  const { length } = values;
  const bits = Math.ceil(Math.log2(buckets) / DIGITS);
  const [size, mask] = [2 ** bits, 2 ** bits - 1];
  let [from, to] = [words.subarray(0, length), words.subarray(length, 2 * length)];
  const counts = Array.from({ length: DIGITS }, () => new Uint32Array(size));
  const [low, middle, high] = counts as [Uint32Array, Uint32Array, Uint32Array];
  for (let at = 0; at < length; at++) {
    const key = values[at]! - first;
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
  for (let at = 0; at < length; at++) values[at] = numberOf(from[at]! + first, unit);
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
