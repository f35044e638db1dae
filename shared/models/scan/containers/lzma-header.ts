import { looksLikePickle } from '../pickle/looks-like-pickle.ts';
import { LzmaDecoder } from './lzma-decoder.ts';
import { isTarHeader } from './tar-header.ts';

export const LZMA_HEADER_BYTES = 13;
/** Then a mark ends what is packed. */
export const LZMA_UNKNOWN_SIZE = 0xffff_ffff_ffff_ffffn;
const MOST_SIZE = 1n << 38n;
/** In bytes. No program that packs takes less, and other files soon begin as if it were. */
const LEAST_USUAL_DICTIONARY = 4096;
/** A header, and the five bytes with which the coding begins: all of a stream of nothing. */
const EMPTY_BYTES = LZMA_HEADER_BYTES + 5;
/** In bytes: a tar archive has shown what it is by then. */
const MOST_UNPACKED = 512;

/**
 * Whether bytes begin as the old format of one stream does ("lzma-file-format.txt" of XZ Utils): properties, a dictionary
 * of 0, 2^n or 2^n + 2^(n-1) bytes, a size below 256 GiB or none, and a first byte of 0. Where the dictionary is smaller
 * than any program makes it, or a matrix of MATLAB begins so as well, what comes first must be what loaders look for.
 */
export function beginsLzma(head: Uint8Array): boolean {
  const properties = head[0]!;
  const areProperties = properties < 225 && (properties % 9) + (Math.floor(properties / 9) % 5) <= 4;
  if (head.length < LZMA_HEADER_BYTES || !areProperties || (head[LZMA_HEADER_BYTES] ?? 0) !== 0) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const dictionary = view.getUint32(1, true);
  const size = view.getBigUint64(5, true);
  if (!isRound(dictionary) || (size !== LZMA_UNKNOWN_SIZE && size >= MOST_SIZE)) return false;
  if (dictionary >= LEAST_USUAL_DICTIONARY) return !isMatlabMatrix(view) || mayBeLoaded(head, size);
  if (head.length < EMPTY_BYTES) return false;
  if (size === LZMA_UNKNOWN_SIZE) return true;
  if (size !== 0n) return mayBeLoaded(head, size);
  // Nothing is packed, and the next stream is what counts: this may be a run of zeros in any file.
  if (view.getUint32(EMPTY_BYTES - 4) === 0) return beginsLzma(head.subarray(EMPTY_BYTES));
  return beginsWithMark(head);
}

/** As XZ Utils let dictionaries through where they are to tell formats apart. */
function isRound(dictionary: number): boolean {
  const highest = 2 ** Math.floor(Math.log2(Math.max(1, dictionary)));
  const isPowerOrHalfMore = dictionary === highest || dictionary * 2 === highest * 3;
  return dictionary === 0 || isPowerOrHalfMore || dictionary === 0xffffffff;
}

/** Whether what comes first is a pickle or a tar archive: what loaders have LZMA unpack. */
function mayBeLoaded(head: Uint8Array, size: bigint): boolean {
  const { bytes, isAll } = firstUnpacked(head, Math.min(Number(size), MOST_UNPACKED));
  return (
    looksLikePickle(bytes, isAll || size <= bytes.length ? bytes.length : undefined) || isTarHeader(bytes)
  );
}

/** @param most in bytes. @returns what the first bytes unpack to; and whether it breaks off there, as it is damaged. */
function firstUnpacked(head: Uint8Array, most: number): { bytes: Uint8Array; isAll: boolean } {
  const packed = { bytes: head, position: EMPTY_BYTES, end: head.length };
  const decoder = new LzmaDecoder(0, { hold: () => undefined, release: () => undefined });
  decoder.setProperties(head[0]!);
  decoder.beginCoding(head.subarray(LZMA_HEADER_BYTES, EMPTY_BYTES));
  let [count, isAll] = [0, false];
  try {
    // One by one: of what a damaged symbol leaves behind nothing counts.
    while (count < most) count += decoder.decode(packed, true, 1).decoded || most;
  } catch {
    isAll = packed.position <= packed.end;
  }
  return { bytes: decoder.takePart().slice(0, count), isAll };
}

/** Whether the coding begins with the mark of an end: a match, as far away as there is. */
function beginsWithMark(head: Uint8Array): boolean {
  const [first, third] = [head[EMPTY_BYTES - 4]!, head[EMPTY_BYTES - 2]!];
  return first >= 0x80 && first < 0xc0 && third >= 0xf0;
}

const MATLAB_BYTES = 20;
const LONGEST_NAME = 64;

/** Whether bytes begin as a matrix in a file of MATLAB 4 does: its type, rows, columns, parts of a number, and its name. */
function isMatlabMatrix(view: DataView): boolean {
  if (view.byteLength <= MATLAB_BYTES) return false;
  const [type, , , parts, length] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at, true));
  const end = MATLAB_BYTES + length! - 1;
  const isNamed = length! > 1 && length! <= LONGEST_NAME && view.byteLength > end;
  return type! < 60 && parts! <= 1 && isNamed && view.getUint8(end) === 0;
}
