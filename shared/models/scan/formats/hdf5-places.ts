/** Where a pickle may begin in HDF5 (HDF5 File Format Specification 3.0, II, III.E, IV.A.2.b, d and m). */
import { judge } from '../pickle/judge.ts';
import { python3Name } from '../pickle/python2-names.ts';
import type { Kind } from './hdf5-pickle-trial.ts';

export interface PickledPlaces {
  /** In bytes, of a length in this file. */
  lengthBytes: number;
  /** A type that attributes share. */
  shared: RegExp;
}

export interface PickledPlace {
  at: number;
  /** In bytes; infinite where it is not known. */
  size: number;
  kind: Kind | 'heap';
}

/** In characters of a module and of a name. */
const NAMED = /c(?<module>[\w.]{1,200})\n(?<name>[\w.]{1,200})\n/y;
const HEAP = [0x47, 0x43, 0x4f, 0x4c];
/** Of a text of a fixed length: its class, how it is filled up, and its length; then that it is one, or so many of them. */
const TEXT_TYPE =
  /[\x13\x23\x33][\x00-\x02\x10-\x12]\0\0[\s\S]{4}(?:\x01\0\0[\s\S]{5}|\x01[\x01\x02][\0\x01][\s\S]{5}|\x02[\0-\x02][\0\x01][\0-\x02])/y;
/** A type that many attributes share, by where it lies; then that the value is one. */
const sharedType = (offsetBytes: number): RegExp =>
  new RegExp(
    `[\\x01-\\x03][\\0-\\x03](?!\\0{${offsetBytes}})[\\s\\S]{${offsetBytes - 2}}\\0\\0(?:\\0{6})?(?:\\x02\\0{3}|\\x01\\0{7})`,
    'y',
  );
/** Which bytes any of these begin with. */
const BEGINS = new Uint8Array(256);
for (const byte of [0x80, 0x63, 0x47, 0x13, 0x23, 0x33, 1, 2, 3]) BEGINS[byte] = 1;
const UNKNOWN = Number.POSITIVE_INFINITY;

/** @param head the first bytes of a file of HDF5. */
export function placesOfPickles(head: Uint8Array): PickledPlaces {
  const [offsetBytes, lengthBytes] = head[8]! < 2 ? [head[13], head[14]] : [head[9], head[10]];
  return {
    lengthBytes: lengthBytes === 2 || lengthBytes === 4 ? lengthBytes : 8,
    shared: sharedType(offsetBytes === 4 ? 4 : 8),
  };
}

/** @param text the bytes in latin1. @param begins how many of them a place may begin in. */
export function* kindOfPlaces(
  bytes: Uint8Array,
  text: string,
  begins: number,
  { shared }: PickledPlaces,
): Generator<PickledPlace> {
  const found = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (let at = nextBegin(bytes, 0, begins); at < begins; at = nextBegin(bytes, at + 1, begins)) {
    const first = bytes[at]!;
    if (first === 0x80) {
      yield { at, size: UNKNOWN, kind: 'marked' };
    } else if (first === 0x63) {
      const { module, name } = found(NAMED, at)?.groups ?? {};
      if (module !== undefined && judge(python3Name(module, name!))?.isKnown)
        yield { at, size: UNKNOWN, kind: 'named' };
    } else if (first === 0x47) {
      if (HEAP.every((letter, index) => bytes[at + index] === letter))
        yield { at, size: UNKNOWN, kind: 'heap' };
    } else if (first > 3) {
      if (!found(TEXT_TYPE, at)) continue;
      const size = littleEndian(text, at + 4, 4);
      for (const behind of behindSpace(text, at + 8)) yield { at: behind, size, kind: 'whole' };
    } else {
      const type = found(shared, at)?.[0];
      if (type !== undefined) yield { at: at + type.length, size: UNKNOWN, kind: 'whole' };
    }
  }
}

/** By two bytes: weights have nothing but such as are none, and are passed over fast. */
function nextBegin(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const first = bytes[at]!;
    if (BEGINS[first] === 0) continue;
    const second = bytes[at + 1]!;
    if (first === 0x80 ? second >= 2 && second <= 5 : first > 3 || second <= 3) {
      if (first !== 0x63 || (second > 0x2d && second < 0x7b)) {
        if (first >= 0x40 || first < 4 || (bytes[at + 2] === 0 && bytes[at + 3] === 0)) return at;
      }
    }
  }
  return end;
}

/** Behind how many values there are; in older attributes filled up to eight bytes. */
function behindSpace(text: string, at: number): number[] {
  const [version, rank, flags] = [0, 1, 2].map((place) => text.charCodeAt(at + place));
  const dimensions = rank! * 8 * (flags! & 1 ? 2 : 1);
  if (version === 1) return [at + 8 + dimensions];
  return [at + 4 + dimensions, at + 8 + dimensions];
}

function littleEndian(text: string, at: number, count: number): number {
  let value = 0;
  for (let index = count - 1; index >= 0; index--) value = value * 256 + text.charCodeAt(at + index);
  return value;
}

/** Heaps that are followed at once: they lie one behind the other. */
const MOST_HEAPS = 16;

/** Heaps of objects, each of which is followed from one object to the next. */
export class Heaps {
  readonly #lengthBytes: number;
  #open: { next: number; end: number }[] = [];

  constructor(lengthBytes: number) {
    this.#lengthBytes = lengthBytes;
  }

  /** Whether there were more than may be. */
  areTooMany = false;
  /** Object so far, in bytes. */
  largest = 0;

  /** @param at the place of a heap in the bytes, whose first has this offset. */
  open(bytes: Uint8Array, at: number, offset: number): void {
    const length = this.#length(bytes, at + 8);
    const begin = offset + at;
    this.areTooMany ||= this.#open.length >= MOST_HEAPS;
    this.#open.push({ next: begin + aligned(8 + this.#lengthBytes), end: begin + length });
  }

  /** @returns objects whose head begins below `begins`, by their place in the bytes. */
  *objects(bytes: Uint8Array, offset: number, begins: number): Generator<{ at: number; size: number }> {
    const head = aligned(8 + this.#lengthBytes);
    for (const heap of this.#open) {
      while (
        heap.next < heap.end &&
        heap.next - offset < begins &&
        heap.next - offset + head <= bytes.length
      ) {
        const at = heap.next - offset;
        const size = this.#length(bytes, at + 8);
        const isFree = bytes[at] === 0 && bytes[at + 1] === 0;
        if (!isFree) this.largest = Math.max(this.largest, size);
        if (!isFree) yield { at: at + head, size };
        heap.next = isFree ? heap.end : heap.next + head + aligned(size);
      }
    }
    this.#open = this.#open.filter(({ next, end }) => next < end && next > offset);
  }

  #length(bytes: Uint8Array, at: number): number {
    let length = 0;
    for (let index = this.#lengthBytes - 1; index >= 0; index--)
      length = length * 256 + (bytes[at + index] ?? 0);
    return length;
  }
}

const aligned = (size: number): number => Math.ceil(size / 8) * 8;
