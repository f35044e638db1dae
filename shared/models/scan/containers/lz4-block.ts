const MORE = 15;
const LEAST_MATCH = 4;
/** So many bytes are copied faster one by one. */
const FEW = 32;

/**
 * Unpacks a block (lz4, doc/lz4_Block_format.md).
 * @param target it is unpacked to `start` of this and on; what lies before may be repeated.
 * @param least index in `target` before which nothing may be repeated.
 * @returns the index behind what was unpacked. @throws where the block is damaged, or does not fit in.
 */
export function unpackLz4Block(packed: Uint8Array, target: Uint8Array, start: number, least: number): number {
  let at = 0;
  let to = start;
  const lengthOf = (first: number): number => {
    let length = first;
    if (first < MORE) return length;
    for (;;) {
      const more = packed[at++];
      if (more === undefined) throw new Error('a block is cut off');
      length += more;
      if (more < 255) return length;
    }
  };
  for (;;) {
    const token = packed[at++];
    if (token === undefined) throw new Error('a block is cut off');
    const literals = lengthOf(token >> 4);
    if (at + literals > packed.length) throw new Error('a block is cut off');
    if (to + literals > target.length) throw new Error('a block is too long');
    if (literals > FEW) target.set(packed.subarray(at, at + literals), to);
    else for (let index = 0; index < literals; index++) target[to + index] = packed[at + index]!;
    at += literals;
    to += literals;
    if (at === packed.length) return to;
    if (at + 2 > packed.length) throw new Error('a block is cut off');
    const distance = packed[at]! | (packed[at + 1]! << 8);
    at += 2;
    const length = lengthOf(token & 15) + LEAST_MATCH;
    if (distance === 0 || to - distance < least) throw new Error('a block repeats what is not there');
    if (to + length > target.length) throw new Error('a block is too long');
    repeat(target, to, distance, length);
    to += length;
  }
}

function repeat(target: Uint8Array, to: number, distance: number, length: number): void {
  if (distance === 1 && length > FEW) target.fill(target[to - 1]!, to, to + length);
  else if (distance >= length && length > FEW) target.copyWithin(to, to - distance, to - distance + length);
  else for (let index = to; index < to + length; index++) target[index] = target[index - distance]!;
}
