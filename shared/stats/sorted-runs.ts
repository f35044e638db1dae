/** Numbers in order, each once, with where its run of equal ones ends. */
export interface ValueRuns {
  /** Ascending; one 0 for the zeros of both signs, one NaN, last, for all. */
  values: Float64Array;
  /** How many numbers there are up to the end of each value's run. */
  ends: Uint32Array;
}

/** How many times the value at a place occurs. */
export function runLength({ ends }: ValueRuns, at: number): number {
  return at === 0 ? ends[0]! : ends[at]! - ends[at - 1]!;
}

/**
 * Takes the memory of its arguments for what it returns.
 * @param sorted ascending, NaN last. @param spare room for as many numbers at least.
 */
export function runsOfSorted(sorted: Float64Array, spare: Float64Array): ValueRuns {
  const ends = new Uint32Array(spare.buffer, spare.byteOffset, sorted.length);
  let numbers = sorted.length;
  while (numbers > 0 && Number.isNaN(sorted[numbers - 1])) numbers -= 1;
  let distinct = 0;
  for (let at = 0; at < numbers; at++) {
    const value = sorted[at]!;
    if (at + 1 < numbers && sorted[at + 1] === value) continue;
    sorted[distinct] = value + 0;
    ends[distinct] = at + 1;
    distinct += 1;
  }
  if (numbers < sorted.length) {
    sorted[distinct] = Number.NaN;
    ends[distinct] = sorted.length;
    distinct += 1;
  }
  return { values: sorted.subarray(0, distinct), ends: ends.subarray(0, distinct) };
}
