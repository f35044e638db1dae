/** What a sketch says of a column of numbers, from all its values in order. Pure. */
import type { Moments } from '../records/data-profile.ts';
import { HUGE, HUGE_SCALE } from './sketch-queries.ts';

/** Runs of equal values below this length are counted in a list. */
const SHORT_RUN = 1024;

export interface RepeatedValue {
  value: number;
  count: number;
}

/**
 * How many distinct values there are, and the most frequent ones: most frequent first, ties by the value.
 * @param sorted ascending, NaN (which counts as one value) last; the zeros of both signs are one.
 * @param listed how many to list.
 */
export function countValues(
  sorted: Float64Array,
  listed: number,
): { distinct: number; top: RepeatedValue[] } {
  const { length: count } = sorted;
  let numbers = count;
  while (numbers > 0 && Number.isNaN(sorted[numbers - 1])) numbers -= 1;
  /** Where the run of equal values ends that begins at a place. */
  const endOf = (start: number): number => {
    if (start === numbers) return count;
    const value = sorted[start];
    let end = start + 1;
    while (end < numbers && sorted[end] === value) end += 1;
    return end;
  };
  // Most runs are short, and a map is slow for so many.
  const short = new Uint32Array(SHORT_RUN);
  const lengths = new Map<number, number>();
  let distinct = 0;
  for (let start = 0, end = 0; start < count; start = end) {
    end = endOf(start);
    const length = end - start;
    distinct += 1;
    if (length < SHORT_RUN) short[length]! += 1;
    else lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  for (const [length, runs] of short.entries()) if (runs > 0) lengths.set(length, runs);
  let room = listed;
  let least = Infinity;
  for (const [length, runs] of [...lengths].sort(([a], [b]) => b - a)) {
    if (room <= 0) break;
    least = length;
    room -= runs;
  }
  // Of the last length that is listed there may be more values than room: the lowest are taken.
  let left = room < 0 ? room + lengths.get(least)! : Infinity;
  const top: RepeatedValue[] = [];
  const most = Math.min(distinct, listed);
  for (let start = 0, end = 0; top.length < most; start = end) {
    end = endOf(start);
    const length = end - start;
    if (length < least || (length === least && left-- <= 0)) continue;
    top.push({ value: sorted[start]! + 0, count: length });
  }
  return { distinct, top: top.sort((a, b) => b.count - a.count) };
}

/** The part without −∞, ∞ and NaN. @param sorted ascending, NaN last. */
export function finitePart(sorted: Float64Array): Float64Array {
  let [first, end] = [0, sorted.length];
  while (end > first && !(sorted[end - 1]! < Infinity)) end -= 1;
  while (first < end && sorted[first] === -Infinity) first += 1;
  return sorted.subarray(first, end);
}

/** Moments of finite values, the deviation about the mean; null of no value. */
export function momentsOf(sorted: Float64Array): Moments | null {
  const count = sorted.length;
  if (count === 0) return null;
  const [minimum, maximum] = [sorted[0]! + 0, sorted[count - 1]! + 0];
  // Of larger values the sum of squares may be no number; a power of two changes no digit.
  const scale = Math.max(Math.abs(minimum), Math.abs(maximum)) > HUGE ? HUGE_SCALE : 1;
  const mean = compensatedSum(sorted, scale) / count;
  const squares = compensatedSquares(sorted, scale, mean);
  const deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
  return {
    count,
    mean: mean * scale,
    standardDeviation: Math.min(deviation * scale, Number.MAX_VALUE),
    minimum,
    maximum,
  };
}

/** By Neumaier (1974): as if summed with twice the digits. */
function compensatedSum(values: Float64Array, scale: number): number {
  let sum = 0;
  let lost = 0;
  for (let index = 0; index < values.length; index++) {
    const next = values[index]! / scale;
    const together = sum + next;
    lost += Math.abs(sum) >= Math.abs(next) ? sum - together + next : next - together + sum;
    sum = together;
  }
  return sum + lost;
}

/** Of terms that are all positive; the sum of squares about `centre`. */
function compensatedSquares(values: Float64Array, scale: number, centre: number): number {
  let sum = 0;
  let lost = 0;
  for (let index = 0; index < values.length; index++) {
    const away = values[index]! / scale - centre;
    const next = away * away - lost;
    const together = sum + next;
    lost = together - sum - next;
    sum = together;
  }
  return sum;
}

/** How many values lie in each of the bins (−∞, e₀], (e₀, e₁], …, (eₖ, ∞). @param edges ascending. */
export function countBetween(sorted: Float64Array, edges: readonly number[]): number[] {
  const ends = edges.map((edge) => firstAbove(sorted, edge));
  return [...ends, sorted.length].map((end, bin) => end - (ends[bin - 1] ?? 0));
}

function firstAbove(sorted: Float64Array, edge: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}
