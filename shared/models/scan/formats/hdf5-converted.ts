/**
 * Lists of any length whose bytes HDF5 changes as it reads them (HDF5 File Format Specification 3.0, IV.A.1 and IV.A.2.d).
 * PyTables unpickles what such a list holds once HDF5 has turned its numbers into those of the machine: of numbers that
 * are written otherwise, the pickle does not lie in the file as it is loaded.
 */
import type { Report } from '../finding.ts';

/** What PyTables calls attributes by which it takes a list for a pickled object, now and in its first version. */
const NAMES_OF_PYTABLES = ['PSEUDOATOM', 'PYTABLES_FORMAT_VERSION'];
/** Of a message that is a type. */
const TYPE = 3;
const OLDER_HEAD = 8;
const IS_SHARED = 2;
const [INTEGER, FLOAT, ENUMERATION, LIST] = [0, 1, 8, 9];
const NEWEST_VERSION = 5;
const TEXT = 1;
/** Numbers of little-endian machines by their bytes, as IEEE 754 has them: all of the type but what is kept free. */
const PLAIN_FLOATS: Record<number, string> = {
  2: '000010000a05000a0f000000',
  4: '00002000170800177f000000',
  8: '00004000340b0034ff030000',
};
const PLAIN_FLOAT_FLAGS: Record<number, string> = { 2: '200f', 4: '201f', 8: '203f' };

const classAt = (bytes: Buffer, at: number): number | undefined => {
  const version = bytes[at]! >> 4;
  return version >= 1 && version <= NEWEST_VERSION ? bytes[at]! & 15 : undefined;
};

/**
 * A type of numbers that HDF5 changes as it reads them, by their order or by where the bits of a number lie.
 *
 * @returns the size of one in the file, in bytes; undefined where none is there, or it is read as it lies.
 */
function convertedNumberAt(bytes: Buffer, at: number): number | undefined {
  const kind = classAt(bytes, at);
  const size = bytes.readUInt32LE(at + 4);
  if (kind === ENUMERATION) {
    const isSame = classAt(bytes, at + 8) === INTEGER && bytes.readUInt32LE(at + 12) === size;
    return isSame ? convertedNumberAt(bytes, at + 8) : size;
  }
  if (kind !== INTEGER && kind !== FLOAT) return undefined;
  const [first, precision] = [bytes.readUInt16LE(at + 8), bytes.readUInt16LE(at + 10)];
  if (precision === 0 || first + precision > 8 * size) return undefined;
  if (kind === FLOAT) {
    const isPlain =
      bytes.toString('hex', at + 8, at + 20) === PLAIN_FLOATS[size] &&
      bytes.toString('hex', at + 1, at + 3) === PLAIN_FLOAT_FLAGS[size];
    return isPlain ? undefined : size;
  }
  const isWhole = first === 0 && precision === 8 * size;
  const isInOrder = size === 1 || (bytes[at + 1]! & 1) === 0;
  return isWhole && isInOrder && [1, 2, 4, 8].includes(size) ? undefined : size;
}

/** In bytes, of a type as far as it is looked at. */
const MOST_TYPE = 28;

/** @returns as `convertedNumberAt`, of a list of such numbers: what of its type HDF5 does not look at may be anything. */
function convertedListAt(bytes: Buffer, at: number): number | undefined {
  if (classAt(bytes, at) !== LIST || (bytes[at + 1]! & 15) === TEXT) return undefined;
  if (at + MOST_TYPE > bytes.length) return undefined;
  return convertedNumberAt(bytes, at + 8);
}

/** In bytes: a message of a newer header and its own head reach no further. */
const MOST_MESSAGE = 0xffff + 6;

/**
 * The messages of newer headers, each of which is followed from one to the next. A place is looked at once, however many
 * headers lead to it, so that none needs an end.
 */
class NewerMessages {
  /** In bytes, of what comes before a message: 4, or 6 where the header says in which order they were made. */
  readonly #head: number;
  /** 1 where a message begins, from the first byte of the part on. */
  #begins = Buffer.alloc(0);

  constructor(head: number) {
    this.#head = head;
  }

  begin(at: number, length: number): void {
    if (this.#begins.length < length + MOST_MESSAGE)
      this.#begins = Buffer.concat([this.#begins], length + MOST_MESSAGE);
    this.#begins[at] = 1;
  }

  /** @returns where types lie in the part. @param passed how many of its bytes the next one begins behind. */
  *types(bytes: Buffer, passed: number): Generator<number> {
    for (let at = this.#begins.indexOf(1); at !== -1; at = this.#begins.indexOf(1, at + 1)) {
      if (at >= passed || at + 4 > bytes.length) break;
      if (bytes[at] === TYPE && (bytes[at + 3]! & IS_SHARED) === 0) yield at + this.#head;
      this.begin(at + this.#head + bytes.readUInt16LE(at + 1), bytes.length);
    }
    this.#begins.copyWithin(0, passed);
    this.#begins.fill(0, Math.max(0, this.#begins.length - passed));
  }
}

/** Looks through the headers of a file for the types of lists, part by part. */
export class ConvertedLists {
  /** Of a number in such a list, in bytes: the smallest in the file. */
  #leastNumber = Number.POSITIVE_INFINITY;
  #isOfPyTables = false;
  readonly #newer = [new NewerMessages(4), new NewerMessages(6)];

  /**
   * @param part the next stretch, with what is looked at again. @param passed how many of it the next one begins behind.
   */
  push(part: Buffer, passed: number): void {
    this.#isOfPyTables ||= NAMES_OF_PYTABLES.some((name) => part.includes(name));
    const bytes = passed < part.length ? part : Buffer.concat([part, Buffer.alloc(MOST_TYPE)]);
    const end = bytes.length - OLDER_HEAD;
    for (let at = 0; at < end; at++)
      if (bytes[at] === TYPE && bytes[at + 1] === 0) this.#lookAtOlder(bytes, at);
    for (const signature of ['OHDR\x02', 'OCHK'])
      for (let at = part.indexOf(signature); at !== -1; at = part.indexOf(signature, at + 1))
        for (const messages of this.#newer) messages.begin(at + headLength(bytes, at), bytes.length);
    for (const messages of this.#newer)
      for (const at of messages.types(bytes, passed)) this.#found(convertedListAt(bytes, at));
  }

  /** @param largest object in the heaps of the file, in bytes: a list is one of them. */
  finish(largest: number, report: Report): void {
    if (!this.#isOfPyTables || this.#leastNumber > largest) return;
    const what =
      'A list of any length has numbers in another form than that of the machine: where PyTables takes it for a pickled object, what it loads is not what lies in the file.';
    report({ rule: 'cannot-look-into', offset: null, what });
  }

  /** Its number, how long it is in whole words, and that it lies there. */
  #lookAtOlder(bytes: Buffer, at: number): void {
    const isType = (bytes[at + 2]! & 7) === 0 && (bytes[at + 4]! & IS_SHARED) === 0;
    if (isType) this.#found(convertedListAt(bytes, at + OLDER_HEAD));
  }

  #found(size: number | undefined): void {
    if (size !== undefined) this.#leastNumber = Math.min(this.#leastNumber, size);
  }
}

/** @returns in bytes, of what comes before the first message of a newer header, or of what it goes on in. */
function headLength(bytes: Buffer, at: number): number {
  if (bytes[at + 1] === 0x43) return 4;
  const flags = bytes[at + 5] ?? 0;
  return 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0) + (1 << (flags & 3));
}
