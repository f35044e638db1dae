/** Headers of tar archives: v7, ustar and GNU (POSIX.1-1988; GNU tar manual, "Basic Tar Format"). */

export const BLOCK_BYTES = 512;

export interface TarHeader {
  name: string;
  nameBytes: Buffer;
  /** In bytes. */
  size: number;
  /** `0` for a file. */
  type: string;
  linkName: string;
}

/** Whether a block is a header: by its checksum, which both old ways of summing may give. */
export function isTarHeader(head: Uint8Array): boolean {
  if (head.length < BLOCK_BYTES || head[0] === 0) return false;
  return hasChecksum(Buffer.from(head.buffer, head.byteOffset, BLOCK_BYTES));
}

/** @param block 512 bytes. */
export function hasChecksum(block: Buffer): boolean {
  const written = numberIn(block, 148, 8);
  let [unsigned, signed] = [0, 0];
  for (let index = 0; index < BLOCK_BYTES; index++) {
    const byte = index >= 148 && index < 156 ? 32 : block[index]!;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return written === unsigned || written === signed;
}

/** @param block 512 bytes. */
export function parseTarHeader(block: Buffer): TarHeader {
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textIn(block, 345, 155) : Buffer.alloc(0);
  const own = textIn(block, 0, 100);
  const nameBytes = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), own]) : Buffer.from(own);
  return {
    name: nameBytes.toString('utf8'),
    nameBytes,
    size: numberIn(block, 124, 12) ?? Number.NaN,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
    linkName: textIn(block, 157, 100).toString('utf8'),
  };
}

/** Up to the first NUL. */
function textIn(block: Buffer, start: number, length: number): Buffer {
  const end = block.indexOf(0, start);
  return block.subarray(start, end < 0 || end > start + length ? start + length : end);
}

/** Octal digits, or GNU's binary form; undefined where it is neither. */
function numberIn(block: Buffer, start: number, length: number): number | undefined {
  if (block[start] === 0x80) return Number(BigInt(`0x${block.toString('hex', start + 1, start + length)}`));
  const text = textIn(block, start, length).toString('latin1').trim();
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}
