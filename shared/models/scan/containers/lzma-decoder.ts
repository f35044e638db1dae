import type { HeldMemory } from '../limits.ts';
import { NotUnpacked } from './compressed-by.ts';

/**
 * The coding that both `.lzma` and `.xz` files hold: LZ77 whose literals, lengths and distances are coded bit by bit with
 * probabilities that adapt (LZMA specification of the 7-Zip SDK, "lzma-specification.txt").
 */

/** So many bytes at most code one symbol. */
export const MOST_SYMBOL_BYTES = 21;
/** Parts of what was decoded are handed on when they have about this length. */
const PART_BYTES = 256 * 1024;
const LEAST_WINDOW = 64 * 1024;
/** Presets of xz have 64 MiB at most; what needs more is not unpacked, so that memory has a bound. */
const MOST_DICTIONARY = 64 * 1024 * 1024;

const EVEN = 1024;
/** Where the probabilities lie; there are 12 states, and up to 16 positions. */
const IS_MATCH = 0;
const IS_REPEATED = IS_MATCH + 12 * 16;
const IS_NOT_FIRST = IS_REPEATED + 12;
const IS_NOT_SECOND = IS_NOT_FIRST + 12;
const IS_FOURTH = IS_NOT_SECOND + 12;
const IS_LONG = IS_FOURTH + 12;
const DISTANCE_SLOTS = IS_LONG + 12 * 16;
const DISTANCES = DISTANCE_SLOTS + 4 * 64;
const DISTANCE_ENDS = DISTANCES + 115;
const MATCH_LENGTHS = DISTANCE_ENDS + 16;
const LENGTHS_LOW = 2;
const LENGTHS_MIDDLE = LENGTHS_LOW + 16 * 8;
const LENGTHS_HIGH = LENGTHS_MIDDLE + 16 * 8;
const REPEATED_LENGTHS = MATCH_LENGTHS + LENGTHS_HIGH + 256;
const LITERALS = REPEATED_LENGTHS + LENGTHS_HIGH + 256;
const LITERAL_SIZE = 0x300;
const MOST_LITERALS = 16;

/** @returns the size of a dictionary in bytes. @throws where it is larger than what is held in memory. */
export function boundedDictionary(size: number): number {
  if (size <= MOST_DICTIONARY) return size;
  const [asked, most] = [size, MOST_DICTIONARY].map((bytes) => bytes.toLocaleString('en-US'));
  throw new NotUnpacked(`It asks for a dictionary of ${asked} bytes; ${most} are let through.`);
}

/** Bytes that symbols are read from. */
export interface PackedBytes {
  bytes: Uint8Array;
  /** Of the next byte. */
  position: number;
  /** Behind the last one that belongs to it. */
  end: number;
}

/** Why decoding stops: a part is full, more packed bytes are needed, all asked for is there, or the mark of the end came. */
type Stop = 'part' | 'input' | 'size' | 'mark';

/** Decodes symbols into a window that grows to the size of the dictionary, and goes round then. */
export class LzmaDecoder {
  readonly #dictionary: number;
  readonly #memory: HeldMemory;
  readonly #probabilities = new Uint16Array(LITERALS + MOST_LITERALS * LITERAL_SIZE);
  #window: Uint8Array;
  /** Where the next byte comes in the window, and from where on nobody has taken them. */
  #at = 0;
  #taken = 0;
  /** How many bytes behind `#at` a distance may lead to. */
  #filled = 0;
  #packed: PackedBytes = { bytes: new Uint8Array(0), position: 0, end: 0 };
  #range = 0;
  #code = 0;
  #state = 0;
  /** Of the last four matches, the latest first. */
  #distance = 0;
  #second = 0;
  #third = 0;
  #fourth = 0;
  /** Of a match that the window had no room for. */
  #left = 0;
  #literalContext = 0;
  #literalPosition = 0;
  #positionMask = 0;
  /** How many bytes came since the dictionary was empty. */
  #decoded = 0;

  /** @param dictionary in bytes, at most MOST_DICTIONARY. @param memory from which the window is taken, until `close`. */
  constructor(dictionary: number, memory: HeldMemory) {
    this.#memory = memory;
    this.#dictionary = Math.max(LEAST_WINDOW, dictionary);
    this.#window = new Uint8Array(LEAST_WINDOW);
  }

  /** Gives the window back; nothing may be decoded any more. */
  close(): void {
    this.#memory.release(this.#window.length - LEAST_WINDOW);
  }

  /** @param properties (pb * 5 + lp) * 9 + lc. @throws where they are none. */
  setProperties(properties: number): void {
    const context = properties % 9;
    const position = Math.floor(properties / 9) % 5;
    if (properties >= 225 || context + position > 4) throw new Error('it has wrong properties');
    this.#literalContext = context;
    this.#literalPosition = position;
    this.#positionMask = (1 << Math.floor(properties / 45)) - 1;
    this.resetState();
  }

  resetState(): void {
    this.#probabilities.fill(EVEN);
    this.#state = 0;
    this.#distance = this.#second = this.#third = this.#fourth = 0;
    this.#left = 0;
  }

  /** No distance leads to before here then, and positions count from here. */
  resetDictionary(): void {
    this.#filled = 0;
    this.#decoded = 0;
  }

  /** Reads the first five bytes of the coded ones. @throws where the first is not 0, as it is always. */
  beginCoding(start: Uint8Array): void {
    if (start[0] !== 0) throw new Error('its coding begins wrongly');
    this.#range = -1;
    this.#code = (start[1]! << 24) | (start[2]! << 16) | (start[3]! << 8) | start[4]!;
  }

  /** Whether the coding may end here: its last number is 0. */
  isAtEndOfCoding(): boolean {
    return this.#code === 0 && this.#left === 0;
  }

  /** What was decoded since the last time; its bytes change when more is decoded. */
  takePart(): Uint8Array {
    const part = this.#window.subarray(this.#taken, this.#at);
    if (this.#at === this.#window.length) this.#makeRoom();
    this.#taken = this.#at;
    return part;
  }

  /**
   * Takes bytes as they are.
   * @returns how many of them fitted in; after `takePart` there is room for more.
   */
  copy(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.#window.length - this.#at);
    this.#window.set(bytes.subarray(0, count), this.#at);
    this.#advance(count);
    return count;
  }

  /**
   * Decodes symbols. `takePart` has to follow.
   * @param packed its position is moved. @param isWhole whether nothing comes behind its end.
   * @param size how many bytes may still come. @throws where the bytes are damaged, or cut off.
   */
  decode(packed: PackedBytes, isWhole: boolean, size: number): { stop: Stop; decoded: number } {
    this.#packed = packed;
    const start = this.#at;
    const limit = Math.min(this.#window.length, start + PART_BYTES, start + size);
    const stopped = (stop: Stop) => ({ stop, decoded: this.#at - start });
    if (this.#left > 0) this.#repeat(this.#left, limit);
    while (this.#at < limit) {
      if (!isWhole && packed.position + MOST_SYMBOL_BYTES > packed.end) return stopped('input');
      const isMark = this.#decodeSymbol(limit);
      if (packed.position > packed.end) throw new Error('it is cut off');
      if (isMark) return stopped('mark');
    }
    return stopped(this.#at - start === size ? 'size' : 'part');
  }

  /** Reads what may follow the last symbol of a stream of known size: the mark of the end. @throws where it is none. */
  decodeMark(packed: PackedBytes): void {
    this.#packed = packed;
    if (!this.#decodeSymbol(this.#at)) throw new Error('it goes on behind its end');
    if (packed.position > packed.end) throw new Error('it is cut off');
  }

  /** Has the coding read the byte that it would read first for another symbol. */
  normalize(packed: PackedBytes): void {
    this.#packed = packed;
    this.#normalize();
    if (packed.position > packed.end) throw new Error('it is cut off');
  }

  #advance(count: number): void {
    this.#at += count;
    this.#decoded += count;
    this.#filled = Math.min(this.#filled + count, this.#dictionary);
  }

  /** The window is full: it grows, or goes round. */
  #makeRoom(): void {
    if (this.#window.length >= this.#dictionary) {
      this.#at = 0;
      return;
    }
    const length = Math.min(this.#window.length * 16, this.#dictionary);
    this.#memory.hold(length - this.#window.length);
    const larger = new Uint8Array(length);
    larger.set(this.#window);
    this.#window = larger;
  }

  /** @returns whether it is the mark of the end. */
  #decodeSymbol(limit: number): boolean {
    const position = this.#decoded & this.#positionMask;
    const state = this.#state;
    if (this.#bit(IS_MATCH + (state << 4) + position) === 0) {
      this.#decodeLiteral();
      this.#state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      return false;
    }
    let length: number;
    if (this.#bit(IS_REPEATED + state) === 0) {
      length = this.#decodeLength(MATCH_LENGTHS, position);
      const distance = this.#decodeDistance(length);
      if (distance === 0xffffffff) return true;
      this.#fourth = this.#third;
      this.#third = this.#second;
      this.#second = this.#distance;
      this.#distance = distance;
      this.#state = state < 7 ? 7 : 10;
    } else {
      const isShort =
        this.#bit(IS_NOT_FIRST + state) === 0
          ? this.#bit(IS_LONG + (state << 4) + position) === 0
          : this.#moveToFront(state);
      length = isShort ? 1 : this.#decodeLength(REPEATED_LENGTHS, position);
      const next = isShort ? 9 : 8;
      this.#state = state < 7 ? next : 11;
    }
    if (this.#distance >= this.#filled) {
      const isCutOff = this.#packed.position > this.#packed.end;
      throw new Error(isCutOff ? 'it is cut off' : 'it repeats what is not there');
    }
    this.#repeat(length, limit);
    return false;
  }

  /** Takes one of the distances before the last again. @returns false. */
  #moveToFront(state: number): boolean {
    let distance = this.#second;
    if (this.#bit(IS_NOT_SECOND + state) === 1) {
      distance = this.#third;
      if (this.#bit(IS_FOURTH + state) === 1) {
        distance = this.#fourth;
        this.#fourth = this.#third;
      }
      this.#third = this.#second;
    }
    this.#second = this.#distance;
    this.#distance = distance;
    return false;
  }

  /** Repeats what came `#distance + 1` bytes before, as far as there is room. */
  #repeat(length: number, limit: number): void {
    const window = this.#window;
    const count = Math.min(length, limit - this.#at);
    let to = this.#at;
    let from = to - this.#distance - 1;
    if (from < 0) from += window.length;
    if (from + 1 === to) window.fill(window[from]!, to, to + count);
    else {
      for (let left = count; left > 0; left--) {
        window[to++] = window[from++]!;
        if (from === window.length) from = 0;
      }
    }
    this.#advance(count);
    this.#left = length - count;
  }

  #decodeLiteral(): void {
    const window = this.#window;
    const at = this.#at;
    const before = this.#filled === 0 ? 0 : at === 0 ? window[window.length - 1]! : window[at - 1]!;
    const context =
      ((this.#decoded & ((1 << this.#literalPosition) - 1)) << this.#literalContext) +
      (before >> (8 - this.#literalContext));
    const base = LITERALS + LITERAL_SIZE * context;
    // As #bit does, eight times: most of the time goes by here.
    const probabilities = this.#probabilities;
    let range = this.#range;
    let code = this.#code;
    let isLikeMatch = this.#state >= 7;
    let match = 0;
    if (isLikeMatch) {
      const from = at - this.#distance - 1;
      match = window[from < 0 ? from + window.length : from]!;
    }
    let symbol = 1;
    for (let shift = 7; shift >= 0; shift--) {
      if ((range & 0xff000000) === 0) {
        range <<= 8;
        code = (code << 8) | this.#packed.bytes[this.#packed.position++]!;
      }
      const matchBit = (match >> shift) & 1;
      const index = isLikeMatch ? base + ((1 + matchBit) << 8) + symbol : base + symbol;
      const probability = probabilities[index]!;
      const bound = Math.imul(range >>> 11, probability);
      if (code >>> 0 < bound >>> 0) {
        range = bound;
        probabilities[index] = probability + ((2048 - probability) >> 5);
        symbol <<= 1;
        if (matchBit === 1) isLikeMatch = false;
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        probabilities[index] = probability - (probability >> 5);
        symbol = (symbol << 1) | 1;
        if (matchBit === 0) isLikeMatch = false;
      }
    }
    this.#range = range;
    this.#code = code;
    window[at] = symbol;
    this.#advance(1);
  }

  #decodeLength(base: number, position: number): number {
    if (this.#bit(base) === 0) return 2 + this.#tree(base + LENGTHS_LOW + (position << 3), 3);
    if (this.#bit(base + 1) === 0) return 10 + this.#tree(base + LENGTHS_MIDDLE + (position << 3), 3);
    return 18 + this.#tree(base + LENGTHS_HIGH, 8);
  }

  #decodeDistance(length: number): number {
    const slot = this.#tree(DISTANCE_SLOTS + (Math.min(length - 2, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const start = (2 | (slot & 1)) << bits;
    if (slot < 14) return start + this.#reverseTree(DISTANCES + start - slot - 1, bits);
    const middle = this.#evenBits(bits - 4) << 4;
    return (start + middle + this.#reverseTree(DISTANCE_ENDS, 4)) >>> 0;
  }

  #tree(base: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left--) symbol = (symbol << 1) | this.#bit(base + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(base: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const bit = this.#bit(base + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  /** Bits that are 0 as often as 1. */
  #evenBits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.#normalize();
      this.#range >>>= 1;
      const isOne = this.#code >>> 0 >= this.#range;
      if (isOne) this.#code = (this.#code - this.#range) | 0;
      value = (value << 1) | (isOne ? 1 : 0);
    }
    return value;
  }

  #normalize(): void {
    if ((this.#range & 0xff000000) !== 0) return;
    this.#range <<= 8;
    this.#code = (this.#code << 8) | this.#packed.bytes[this.#packed.position++]!;
  }

  /** The next bit, whose probability to be 0 lies at `index`. Range and code are 32 bits, kept as signed numbers. */
  #bit(index: number): number {
    if ((this.#range & 0xff000000) === 0) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#packed.bytes[this.#packed.position++]!;
    }
    const probability = this.#probabilities[index]!;
    const bound = Math.imul(this.#range >>> 11, probability);
    if (this.#code >>> 0 < bound >>> 0) {
      this.#range = bound;
      this.#probabilities[index] = probability + ((2048 - probability) >> 5);
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    this.#probabilities[index] = probability - (probability >> 5);
    return 1;
  }
}
