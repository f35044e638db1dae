/** How links and lists of files are written in an HDF5 file (HDF5 File Format Specification 3.0, IV.A.2.g to i). */

const HAS_ORDER = 0x04;
const HAS_TYPE = 0x08;
const HAS_CHARACTERS = 0x10;
const EXTERNAL = 0x40;
const MOST_NAME = 4096;
/** In bytes, of a layout with addresses of 4 or 8 bytes, filled up or not. */
const LAYOUT_SIZES = new Set([10, 14, 16]);

/** A text of printable characters that ends with 0. @returns undefined where none is there. */
function textAt(bytes: Uint8Array, at: number, end: number): string | undefined {
  const stop = bytes.indexOf(0, at);
  if (stop <= at || stop >= end) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(at, stop));
  return /^[^\0-\x1f\x7f\ufffd]+$/.test(text) ? text : undefined;
}

function lengthAt(bytes: Uint8Array, at: number, size: number): number {
  let length = 0;
  for (let index = size - 1; index >= 0; index--) length = length * 256 + (bytes[at + index] ?? 0);
  return length;
}

/**
 * A link to another file, as it is written in a header or in a heap, where `at` is the byte that says that its type is
 * an external one.
 *
 * @returns the file that it names; undefined where no such link is there.
 */
export function externalLinkAt(bytes: Uint8Array, at: number): string | undefined {
  const flags = bytes[at - 1] ?? 0;
  if (bytes[at] !== EXTERNAL || bytes[at - 2] !== 1 || (flags & HAS_TYPE) === 0 || flags > 0x1f)
    return undefined;
  const lengthSize = 1 << (flags & 3);
  const lengthPlace = at + 1 + (flags & HAS_ORDER ? 8 : 0) + (flags & HAS_CHARACTERS ? 1 : 0);
  const nameLength = lengthAt(bytes, lengthPlace, lengthSize);
  const value = lengthPlace + lengthSize + nameLength;
  if (nameLength === 0 || nameLength > MOST_NAME) return undefined;
  const valueLength = lengthAt(bytes, value, 2);
  // A byte of flags, the file, and the place in it.
  if (valueLength < 4 || bytes[value + 2] !== 0) return undefined;
  const file = textAt(bytes, value + 3, value + 2 + valueLength);
  const hasPlace = file !== undefined && bytes.indexOf(0, value + 3) + 1 < value + 2 + valueLength;
  return hasPlace ? file : undefined;
}

/** Whether `at` is the beginning of a list of files that hold the data of a dataset, in a header of either version. */
export function isFileListAt(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 1 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0) return false;
  const slots = lengthAt(bytes, at + 4, 2);
  const used = lengthAt(bytes, at + 6, 2);
  if (slots === 0 || used === 0 || used > slots) return false;
  const size = 16 + slots * 24;
  const isFirst = lengthAt(bytes, at - 8, 2) === 7 && lengthAt(bytes, at - 6, 2) === size;
  const isSecond = [4, 6].some(
    (head) => bytes[at - head] === 7 && lengthAt(bytes, at - head + 1, 2) === size,
  );
  return isFirst || isSecond;
}

/**
 * Whether `at` is the beginning of a layout that puts a dataset together from those of other files, in a header of either
 * version: version 4 or 5 of a layout, class 3, and the place of a list of them.
 */
export function isVirtualAt(bytes: Uint8Array, at: number): boolean {
  const version = bytes[at];
  if ((version !== 4 && version !== 5) || bytes[at + 1] !== 3) return false;
  const isFirst = lengthAt(bytes, at - 8, 2) === 8 && LAYOUT_SIZES.has(lengthAt(bytes, at - 6, 2));
  const isSecond = [4, 6].some(
    (head) => bytes[at - head] === 8 && LAYOUT_SIZES.has(lengthAt(bytes, at - head + 1, 2)),
  );
  return isFirst || isSecond;
}
