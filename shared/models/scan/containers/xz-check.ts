import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { NotUnpacked } from './compressed-by.ts';

/** Sums the bytes of a block up, as they come. */
export interface Check {
  /** In bytes. */
  size: number;
  update(part: Uint8Array): void;
  /** As it is written behind the block. */
  digest(): Uint8Array;
}

/** @param kind of the stream flags (xz file format 1.2.1, section 2.1.1.2). @throws where it is not known here. */
export function checkOf(kind: number): Check {
  if (kind === 0) return { size: 0, update: () => undefined, digest: () => new Uint8Array(0) };
  if (kind === 1) return crc32Check();
  if (kind === 4) return crc64Check();
  if (kind !== 10) throw new NotUnpacked(`It has a check of the unknown kind ${kind}.`);
  const hash = createHash('sha256');
  return { size: 32, update: (part) => hash.update(part), digest: () => hash.digest() };
}

function crc32Check(): Check {
  let checksum = 0;
  return {
    size: 4,
    update(part) {
      checksum = crc32(part, checksum);
    },
    digest: () => new Uint8Array(Uint32Array.of(checksum).buffer),
  };
}

/** Polynomial of ECMA-182, lowest bit first, as two halves. */
const [POLYNOMIAL_LOW, POLYNOMIAL_HIGH] = [0xd7870f42, 0xc96c5795];

/** For a byte before 0, 1, 2 and 3 others what it does to the low half, and to the high one. */
const LOW = Array.from({ length: 4 }, () => new Int32Array(256));
const HIGH = Array.from({ length: 4 }, () => new Int32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 1; bit <= 32; bit++) {
    const isOdd = (low & 1) === 1;
    low = ((low >>> 1) | (high << 31)) ^ (isOdd ? POLYNOMIAL_LOW : 0);
    high = (high >>> 1) ^ (isOdd ? POLYNOMIAL_HIGH : 0);
    if (bit % 8 !== 0) continue;
    LOW[bit / 8 - 1]![byte] = low;
    HIGH[bit / 8 - 1]![byte] = high;
  }
}
const [LOW_0, LOW_1, LOW_2, LOW_3] = LOW as [Int32Array, Int32Array, Int32Array, Int32Array];
const [HIGH_0, HIGH_1, HIGH_2, HIGH_3] = HIGH as [Int32Array, Int32Array, Int32Array, Int32Array];

function crc64Check(): Check {
  let low = ~0;
  let high = ~0;
  return {
    size: 8,
    update(part) {
      let index = 0;
      for (; index + 4 <= part.length; index += 4) {
        const a = (low ^ part[index]!) & 255;
        const b = ((low >>> 8) ^ part[index + 1]!) & 255;
        const c = ((low >>> 16) ^ part[index + 2]!) & 255;
        const d = (low >>> 24) ^ part[index + 3]!;
        low = high ^ LOW_3[a]! ^ LOW_2[b]! ^ LOW_1[c]! ^ LOW_0[d]!;
        high = HIGH_3[a]! ^ HIGH_2[b]! ^ HIGH_1[c]! ^ HIGH_0[d]!;
      }
      for (; index < part.length; index++) {
        const entry = (low ^ part[index]!) & 255;
        low = ((low >>> 8) | (high << 24)) ^ LOW_0[entry]!;
        high = (high >>> 8) ^ HIGH_0[entry]!;
      }
    },
    digest: () => new Uint8Array(Uint32Array.of(~low, ~high).buffer),
  };
}
