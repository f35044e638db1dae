/** Random numbers from a fixed seed, so that what is drawn is the same each time and everywhere. */

/** The generator mulberry32. @returns numbers in [0, 1). */
export function randomGenerator(seed: number): () => number {
  // In an array, since a variable of a closure that is no small integer is made anew with every change.
  const state = Int32Array.of(seed);
  return () => {
    const next = (state[0]! + 0x6d2b79f5) | 0;
    state[0] = next;
    let mixed = Math.imul(next ^ (next >>> 15), 1 | next);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
