/** bzip2, of which no document exists but its own sources (bzip2 1.0.8, decompress.c). */
import { crc32 } from 'node:zlib';
import type { ByteReader } from '../byte-reader.ts';
import type { Scanner } from '../scan-input.ts';
import { BitReader } from './bzip2-bits.ts';
import { readBlock, type SortedBlock } from './bzip2-block.ts';
import { compressedBy, NotUnpacked, sourceOfParts } from './compressed-by.ts';
import { rooms } from './rooms.ts';

const BLOCK = 0x314159265359;
const END = 0x177245385090;
const PART_BYTES = 256 * 1024;
/** So many equal bytes are followed by how many more there are. */
const RUN_BYTES = 4;

export const scanBzip2: Scanner = compressedBy(async (reader) =>
  (await beginsBzip2(reader)) ? { source: sourceOfParts(unpackBzip2(reader)) } : undefined,
);

async function beginsBzip2(reader: ByteReader): Promise<boolean> {
  if (!(await reader.ensure(4))) return false;
  const head = Buffer.from(reader.bytes.subarray(reader.position, reader.position + 4)).toString('latin1');
  return /^BZh[1-9]$/.test(head);
}

/** Unpacks one stream. @throws where it is damaged, or cut off. */
export async function* unpackBzip2(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  if (!(await beginsBzip2(reader))) throw new Error('it does not begin as bzip2 does');
  const header = (await reader.take(4))!;
  let numbers: Uint32Array | undefined;
  const bits = new BitReader(reader);
  let ofStream = 0;
  for (;;) {
    await bits.ensure(16);
    const kind = bits.read(24) * 2 ** 24 + bits.read(24);
    const checksum = bits.read(16) * 2 ** 16 + bits.read(16);
    bits.check();
    if (kind === END) {
      bits.align();
      if (checksum !== ofStream) throw new Error('it does not have its checksum');
      return;
    }
    if (kind !== BLOCK) throw new Error('what follows a block is none');
    if (bits.read(1) === 1) throw new NotUnpacked('It has a block that is scrambled as bzip2 0.9.0 did.');
    numbers ??= roomForNumbers(reader, (header[3]! - 0x30) * 100_000);
    let ofBlock = 0;
    for (const { part, mirror } of textOf(numbers, await readBlock(bits, numbers))) {
      ofBlock = crc32(mirror, ofBlock);
      yield part;
    }
    if (mirrored(ofBlock, 32) !== checksum) throw new Error('a block does not have its checksum');
    ofStream = (((ofStream << 1) | (ofStream >>> 31)) ^ checksum) >>> 0;
  }
}

const roomForNumbers = rooms((length) => new Uint32Array(length));

interface Text {
  part: Uint8Array;
  /** Its bytes with their bits in the other order: zlib sums those up as bzip2 does these. */
  mirror: Uint8Array;
}

/** Undoes the Burrows-Wheeler transform, and the runs below it. @returns parts, which change with the next one. */
function* textOf(numbers: Uint32Array, { length, origin }: SortedBlock): Generator<Text> {
  linkRows(numbers, length);
  // Of five bytes come at most 259.
  const part = new Uint8Array(Math.min(PART_BYTES, length * 52) + 256);
  const mirror = new Uint8Array(part.length);
  let filled = 0;
  let row = numbers[origin]! >>> 8;
  let equal = 0;
  let before = -1;
  for (let left = length; left > 0; left--) {
    const number = numbers[row]!;
    const byte = number & 255;
    row = number >>> 8;
    if (equal === RUN_BYTES) {
      part.fill(before, filled, filled + byte);
      mirror.fill(MIRRORED[before]!, filled, filled + byte);
      filled += byte;
      equal = 0;
      before = -1;
    } else {
      equal = byte === before ? equal + 1 : 1;
      before = byte;
      part[filled] = byte;
      mirror[filled++] = MIRRORED[byte]!;
    }
    if (filled < PART_BYTES) continue;
    yield { part: part.subarray(0, filled), mirror: mirror.subarray(0, filled) };
    filled = 0;
  }
  if (filled > 0) yield { part: part.subarray(0, filled), mirror: mirror.subarray(0, filled) };
}

/** Puts above each byte where the row of the next one is. */
function linkRows(numbers: Uint32Array, length: number): void {
  const places = new Uint32Array(257);
  for (let index = 0; index < length; index++) places[numbers[index]! + 1]! += 1;
  for (let byte = 1; byte < 257; byte++) places[byte]! += places[byte - 1]!;
  for (let index = 0; index < length; index++) {
    const place = places[numbers[index]! & 255]!++;
    numbers[place] = (numbers[place]! & 255) | (index << 8);
  }
}

/** The bits of a byte in the other order. */
const MIRRORED = Uint8Array.from({ length: 256 }, (_, byte) => mirrored(byte, 8));

function mirrored(value: number, bits: number): number {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result = (result << 1) | ((value >>> bit) & 1);
  return result >>> 0;
}
