import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unpackLz4Block } from './lz4-block.ts';

/** Literals, and then a match, of which the last sequence has none. */
interface Sequence {
  literals: number[];
  distance: number;
  length: number;
}

/** The rest of a length of which 15 are in the token: 255 as often as it goes, and less than that. */
function lengthBytes(length: number): number[] {
  if (length < 15) return [];
  return [...Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255];
}

const token = (literals: number, match: number): number => Math.min(literals, 15) * 16 + Math.min(match, 15);

/** As doc/lz4_Block_format.md has it. */
function packedBlock(sequences: readonly Sequence[], last: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const { literals, distance, length } of sequences) {
    bytes.push(token(literals.length, length - 4), ...lengthBytes(literals.length), ...literals);
    bytes.push(distance % 256, distance >> 8, ...lengthBytes(length - 4));
  }
  bytes.push(token(last.length, 0), ...lengthBytes(last.length), ...last);
  return Uint8Array.from(bytes);
}

/** What sequences say, byte by byte. */
function plainBlock(
  sequences: readonly Sequence[],
  last: readonly number[],
  before: readonly number[],
): number[] {
  const bytes = [...before];
  for (const { literals, distance, length } of sequences) {
    bytes.push(...literals);
    for (let left = length; left > 0; left--) bytes.push(bytes[bytes.length - distance]!);
  }
  bytes.push(...last);
  return bytes;
}

const LITERALS = fc.array(fc.nat(255), { maxLength: 300 });
const MOST = 100_000;

describe('a block of LZ4', () => {
  test('unpacks to what was written, with what lies before it', () => {
    const history = fc.array(fc.nat(255), { maxLength: 100 });
    const asked = fc.array(fc.tuple(LITERALS, fc.nat(), fc.integer({ min: 4, max: 700 })), { maxLength: 12 });
    fc.assert(
      fc.property(history, asked, LITERALS, (before, parts, last) => {
        let there = before.length;
        const sequences = parts.map(([literals, far, length]) => {
          there += literals.length;
          const sequence = { literals: [...literals, ...(there === 0 ? [7] : [])], distance: 0, length };
          if (there === 0) there = 1;
          sequence.distance = 1 + (far % Math.min(there, 0xffff));
          there += length;
          return sequence;
        });
        const target = new Uint8Array(MOST);
        target.set(before);
        const end = unpackLz4Block(packedBlock(sequences, last), target, before.length, 0);
        expect([...target.subarray(0, end)]).toEqual(plainBlock(sequences, last, before));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['one byte', [1], 1],
    ['two bytes', [1, 2], 2],
    ['what overlaps', [1, 2, 3, 4, 5], 3],
    ['what does not', Array.from({ length: 90 }, (_, index) => index), 80],
  ])('repeats %s', (_name, literals, distance) => {
    const sequences = [{ literals, distance, length: 70 }];
    const target = new Uint8Array(MOST);
    const end = unpackLz4Block(packedBlock(sequences, [9]), target, 0, 0);
    expect([...target.subarray(0, end)]).toEqual(plainBlock(sequences, [9], []));
  });

  test.each([
    ['repeats what is not there', [{ literals: [1, 2], distance: 3, length: 4 }]],
    ['repeats what is not there', [{ literals: [1, 2], distance: 0, length: 4 }]],
    ['is too long', [{ literals: [1, 2], distance: 1, length: MOST }]],
  ])('that %s is refused', (what, sequences) => {
    expect(() => unpackLz4Block(packedBlock(sequences, []), new Uint8Array(MOST), 0, 0)).toThrow(what);
  });

  test('that goes back before what may be repeated is refused', () => {
    const block = packedBlock([{ literals: [1], distance: 2, length: 4 }], []);
    expect(unpackLz4Block(block, new Uint8Array(MOST), 1, 0)).toBe(6);
    expect(() => unpackLz4Block(block, new Uint8Array(MOST), 1, 1)).toThrow('repeats what is not there');
  });

  test('that is cut off anywhere is refused, or ends with literals', () => {
    const block = packedBlock([{ literals: Array(20).fill(1), distance: 1, length: 400 }], Array(30).fill(2));
    for (let length = 0; length < block.length; length++) {
      const cut = () => unpackLz4Block(block.subarray(0, length), new Uint8Array(MOST), 0, 0);
      // Behind 20 literals a block may end.
      if (length === 22) expect(cut()).toBe(20);
      else expect(cut, `${length}`).toThrow('a block is cut off');
    }
  });
});
