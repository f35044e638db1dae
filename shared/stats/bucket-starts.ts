/** Turns how many numbers each bucket has, in place, into where the first of each is to stand. */
export function startOfEach(counts: Uint32Array): void {
  let before = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket]!;
    counts[bucket] = before;
    before += count;
  }
}
