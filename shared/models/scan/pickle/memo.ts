import { isKnownWord } from './judge.ts';
import { Global, INSPECTED_BYTES, Instance, type Value } from './values.ts';

/** Texts that are no part of a known name; whoever imports by one beyond them imports what cannot be told. */
const MOST_TEXTS = 200_000;
/** Places that were filled out of order; no pickler leaves more than a few. */
const MOST_SCATTERED = 1_000_000;

/** The memo of an unpickler, in bounded memory: values of which nothing is known take no place in it. */
export class Memo {
  /** What lies below, for a reading that must not change it. */
  readonly #below: Memo | undefined;
  #known = new Map<number, Value>();
  /** All places below this are filled. */
  #filled = 0;
  readonly #scattered = new Set<number>();
  #texts = 0;

  constructor(below?: Memo) {
    this.#below = below;
    if (below) this.#filled = below.#filled;
  }

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
    const kept = this.#kept(value);
    if (kept !== undefined || this.#below) this.#known.set(place, kept);
    else if (place !== this.#filled - 1) this.#known.delete(place);
    return true;
  }

  has(place: number): boolean {
    return place < this.#filled || this.#scattered.has(place) || (this.#below?.has(place) ?? false);
  }

  get(place: number): Value {
    if (this.#below && !this.#known.has(place)) return this.#below.get(place);
    return this.#known.get(place);
  }

  #kept(value: Value): Value {
    if (typeof value === 'string') {
      if (isKnownWord(value)) return value;
      if (this.#texts >= MOST_TEXTS) return undefined;
      this.#texts += 1;
      return value;
    }
    if (value instanceof Global || value instanceof Instance) return value;
    return value === INSPECTED_BYTES ? value : undefined;
  }
}
