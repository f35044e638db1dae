import { mayAct, nestedOf } from './arguments.ts';
import { indexOfWord, wordAt } from './known-words.ts';
import {
  ARGUMENT_PARSER,
  Entries,
  FRESH_LIST,
  Global,
  INSPECTED_BYTES,
  Instance,
  Made,
  Nested,
  RESPONSE_METHODS,
  SHARED_LIST,
  STRANGE_TEXT,
  Tuple,
  type Value,
} from './values.ts';

/** Places that were filled out of order; no pickler leaves more than a few. */
const MOST_SCATTERED = 1_000_000;
/** What lies at places from here on may be any text, but for imports. */
const MOST_PLACES = 1 << 24;
/** Places in one chunk, as a power of two. */
const CHUNK_BITS = 12;
const CHUNK_PLACES = 1 << CHUNK_BITS;
const IN_CHUNK = CHUNK_PLACES - 1;
/** Imports, and what they made, that are remembered. */
const MOST_OBJECTS = 1_000_000;
const NOTHING = 0;
/** Numbers from here on stand for objects, those from 1 on for known words, and those below 0 for other texts. */
const FIRST_OBJECT = 1 << 20;
const INSPECTED = FIRST_OBJECT - 1;
const STRANGE = FIRST_OBJECT - 2;
const PARSER = FIRST_OBJECT - 3;
const RESPONSES = FIRST_OBJECT - 4;
const LIST = FIRST_OBJECT - 5;

/**
 * The memo of an unpickler, in bounded memory: of each place a number, which tells the text or the import there, or that
 * nothing is known of it.
 */
export class Memo {
  readonly #chunks: (Int32Array | undefined)[] = [];
  readonly #objects: Value[] = [];
  /** Where in the objects what calls made lies, of which there are few kinds. */
  readonly #made = new Map<Made, number>();
  /** The same of tuples, by what they hold. */
  readonly #tuples = new Map<Value, number>();
  /** What lies at places beyond the chunks. */
  readonly #far = new Map<number, number>();
  /** All places below this are filled. */
  #filled = 0;
  readonly #scattered = new Set<number>();

  /** How many places are filled, which is where MEMOIZE puts the next value. */
  get count(): number {
    return this.#filled + this.#scattered.size;
  }

  /** @returns whether the memo could follow. */
  put(place: number, value: Value): boolean {
    if (place === this.#filled) {
      this.#filled += 1;
      while (this.#scattered.size > 0 && this.#scattered.delete(this.#filled)) this.#filled += 1;
    } else if (place > this.#filled) {
      if (this.#scattered.size >= MOST_SCATTERED) return false;
      this.#scattered.add(place);
    }
    const number = this.#numberOf(value);
    if (number === undefined) return false;
    if (place < MOST_PLACES) this.#chunkFor(place >> CHUNK_BITS, number)[place & IN_CHUNK] = number;
    else if (number >= FIRST_OBJECT) this.#far.set(place, number);
    else if (this.#far.size > 0) this.#far.delete(place);
    return true;
  }

  has(place: number): boolean {
    return place < this.#filled || this.#scattered.has(place);
  }

  get(place: number): Value {
    const isFar = place >= MOST_PLACES;
    const number = isFar ? this.#far.get(place) : this.#chunks[place >> CHUNK_BITS]?.[place & IN_CHUNK];
    if (isFar && number === undefined) return this.has(place) ? STRANGE_TEXT : undefined;
    if (number === undefined || number === NOTHING) return undefined;
    if (number < 0) return number;
    if (number === INSPECTED) return INSPECTED_BYTES;
    if (number === STRANGE) return STRANGE_TEXT;
    if (number === PARSER) return ARGUMENT_PARSER;
    if (number === RESPONSES) return RESPONSE_METHODS;
    if (number === LIST) return SHARED_LIST;
    return number < FIRST_OBJECT ? wordAt(number - 1) : this.#objects[number - FIRST_OBJECT];
  }

  #chunkFor(index: number, number: number): Int32Array {
    const chunk = this.#chunks[index];
    if (chunk) return chunk;
    if (number === NOTHING) return NO_CHUNK;
    const made = new Int32Array(CHUNK_PLACES);
    this.#chunks[index] = made;
    return made;
  }

  /** @returns undefined where there are too many. */
  #numberOf(value: Value): number | undefined {
    if (value === undefined) return NOTHING;
    if (typeof value === 'number') return value < 0 ? value : NOTHING;
    if (typeof value === 'string') return 1 + (indexOfWord(value) ?? -1);
    if (value === INSPECTED_BYTES) return INSPECTED;
    if (value === STRANGE_TEXT) return STRANGE;
    if (value === ARGUMENT_PARSER) return PARSER;
    if (value === RESPONSE_METHODS) return RESPONSES;
    if (value === FRESH_LIST || value === SHARED_LIST) return LIST;
    if (value instanceof Tuple || value instanceof Nested) return this.#numberOfTuple(value);
    const isMade = value instanceof Made;
    const known = isMade ? this.#made.get(value) : undefined;
    if (known !== undefined) return FIRST_OBJECT + known;
    const isObject = value instanceof Global || value instanceof Instance || value instanceof Entries;
    if (!isMade && !isObject) return NOTHING;
    if (isMade) this.#made.set(value, this.#objects.length);
    return this.#keep(value);
  }

  /** Of a tuple, only what it holds is kept. */
  #numberOfTuple(value: Tuple | Nested): number | undefined {
    const nested = value instanceof Tuple ? nestedOf(value) : value;
    if (!mayAct(nested)) return NOTHING;
    const known = this.#tuples.get(nested.holds);
    if (known !== undefined) return FIRST_OBJECT + known;
    this.#tuples.set(nested.holds, this.#objects.length);
    return this.#keep(nested);
  }

  #keep(value: Value): number | undefined {
    const { length } = this.#objects;
    if (length >= MOST_OBJECTS) return undefined;
    this.#objects.push(value);
    return FIRST_OBJECT + length;
  }
}

/** Takes what nobody reads. */
const NO_CHUNK = new Int32Array(CHUNK_PLACES);

/** A memo above another, for a reading that must not change it. */
export class MemoAbove implements Pick<Memo, 'count' | 'put' | 'has' | 'get'> {
  readonly #below: Pick<Memo, 'count' | 'has' | 'get'>;
  readonly #own = new Map<number, Value>();
  #added = 0;

  constructor(below: Pick<Memo, 'count' | 'has' | 'get'>) {
    this.#below = below;
  }

  get count(): number {
    return this.#below.count + this.#added;
  }

  put(place: number, value: Value): boolean {
    if (!this.has(place)) this.#added += 1;
    this.#own.set(place, value);
    return true;
  }

  has(place: number): boolean {
    return this.#own.has(place) || this.#below.has(place);
  }

  get(place: number): Value {
    return this.#own.has(place) ? this.#own.get(place) : this.#below.get(place);
  }
}
