/** What a sketch says of a column of numbers, from its values in order. Pure. */
import type { Moments } from '../records/data-profile.ts';
import { runLength, type ValueRuns } from '../stats/sorted-runs.ts';
import { countBelow, countUpTo } from '../stats/sorted-search.ts';
import type { OrderedValues } from './quantiles.ts';
import { HUGE, HUGE_SCALE } from './sketch-queries.ts';

/** Runs below this length are counted in a list. */
const SHORT_RUN = 1024;

export interface RepeatedValue {
  value: number;
  count: number;
}

/** The most frequent values: most frequent first, ties by the value. @param listed how many to list. */
export function mostFrequent(runs: ValueRuns, listed: number): RepeatedValue[] {
  const distinct = runs.values.length;
  const least = leastListed(runs, listed);
  let { room } = least;
  const top: RepeatedValue[] = [];
  for (let at = 0; at < distinct && top.length < listed; at++) {
    const count = runLength(runs, at);
    // Of the last length that is listed there may be more values than room: the lowest are taken.
    if (count < least.length || (count === least.length && room-- <= 0)) continue;
    top.push({ value: runs.values[at]!, count });
  }
  return top.sort((a, b) => b.count - a.count);
}

/** The length of the shortest runs that are listed, and how many of that length there is room for. */
function leastListed(runs: ValueRuns, listed: number): { length: number; room: number } {
  // Most runs are short, and a map is slow for so many.
  const short = new Uint32Array(SHORT_RUN);
  const lengths = new Map<number, number>();
  for (let at = 0; at < runs.values.length; at++) {
    const length = runLength(runs, at);
    if (length < SHORT_RUN) short[length]! += 1;
    else lengths.set(length, (lengths.get(length) ?? 0) + 1);
  }
  for (const [length, count] of short.entries()) if (count > 0) lengths.set(length, count);
  let room = listed;
  for (const [length, count] of [...lengths].sort(([a], [b]) => b - a)) {
    if (count >= room) return { length, room };
    room -= count;
  }
  return { length: 0, room: 0 };
}

/** The part without −∞, ∞ and NaN, its ends counted from its own beginning. */
export function finiteRuns({ values, ends }: ValueRuns): ValueRuns {
  let [first, end] = [0, values.length];
  while (end > first && !(values[end - 1]! < Infinity)) end -= 1;
  while (first < end && values[first] === -Infinity) first += 1;
  const before = first === 0 ? 0 : ends[first - 1]!;
  const own = ends.subarray(first, end);
  return { values: values.subarray(first, end), ends: before === 0 ? own : own.map((at) => at - before) };
}

/** The numbers of the runs by their places. */
export function inOrder({ values, ends }: ValueRuns): OrderedValues {
  return { count: ends.at(-1) ?? 0, at: (position) => values[countBelow(ends, position)]! };
}

/** Moments of finite values, the deviation about the mean; null of no value. */
export function momentsOf(runs: ValueRuns): Moments | null {
  const { values, ends } = runs;
  const count = ends.at(-1) ?? 0;
  if (count === 0) return null;
  const [minimum, maximum] = [values[0]!, values.at(-1)!];
  // Of larger values the sum of squares may be no number; a power of two changes no digit.
  const scale = Math.max(Math.abs(minimum), Math.abs(maximum)) > HUGE ? HUGE_SCALE : 1;
  const mean = compensatedSum(runs, scale) / count;
  const squares = compensatedSquares(runs, scale, mean);
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
function compensatedSum({ values, ends }: ValueRuns, scale: number): number {
  let [sum, lost, begin] = [0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const term = (values[at]! / scale) * (ends[at]! - begin);
    begin = ends[at]!;
    const together = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - together + term : term - together + sum;
    sum = together;
  }
  return sum + lost;
}

/** Of terms that are all positive; the sum of squares about `centre`. */
function compensatedSquares({ values, ends }: ValueRuns, scale: number, centre: number): number {
  let [sum, lost, begin] = [0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const away = values[at]! / scale - centre;
    const next = away * away * (ends[at]! - begin) - lost;
    begin = ends[at]!;
    const together = sum + next;
    lost = together - sum - next;
    sum = together;
  }
  return sum;
}

/** How many values lie in each of the bins (−∞, e₀], (e₀, e₁], …, (eₖ, ∞). @param edges ascending. */
export function countBetween({ values, ends }: ValueRuns, edges: readonly number[]): number[] {
  const upTo = edges.map((edge) => {
    const above = countUpTo(values, edge);
    return above === 0 ? 0 : ends[above - 1]!;
  });
  return [...upTo, ends.at(-1) ?? 0].map((end, bin) => end - (upTo[bin - 1] ?? 0));
}
