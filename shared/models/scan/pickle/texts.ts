import { isArgumentParser, SHORTEST_PARSER } from './distributions.ts';
import { HASH_START, hashStep, knownWord } from './known-words.ts';
import { specialInWide } from './special-keys.ts';
import { IN_NAME, MOST_NAME, nameIn } from './text.ts';
import { ARGUMENT_PARSER, STRANGE_TEXT, type Value } from './values.ts';

/** What goes on the stack for a text: a known word, a reference to it, or that it names nothing. */
type Taken = string | number | typeof STRANGE_TEXT | typeof ARGUMENT_PARSER;

/** So many bytes of the last texts are kept, which is more than a million words. */
const KEPT_BYTES = 1 << 24;
const FIRST_BYTES = 1 << 9;
/** Beyond so many bytes in all, references could mean another text than they did. */
const MOST_BYTES = 2 ** 31 - 1 - KEPT_BYTES;
/** No name is shorter, so that a reference tells two texts apart by their places. */
const FOR_LENGTH = 1;

/**
 * The texts of a pickle that could name an import. Models have millions of texts and few of them do: each is kept as its
 * bytes, and only made a text where something asks for it. What is older than the last KEPT_BYTES is let go.
 */
export class Texts {
  #kept = new Uint8Array(FIRST_BYTES);
  /** How many bytes were kept so far, of all texts. */
  #total = FOR_LENGTH;

  take(bytes: Uint8Array, from: number, to: number): Taken {
    const length = to - from;
    if (length >= SHORTEST_PARSER && isArgumentParser(bytes, from, to)) return ARGUMENT_PARSER;
    if (length > MOST_NAME) return specialInWide(bytes, from, to) ?? STRANGE_TEXT;
    let at = this.#total % KEPT_BYTES;
    // Each lies in one piece.
    if (at + length + FOR_LENGTH > KEPT_BYTES) {
      this.#total += KEPT_BYTES - at;
      at = 0;
    }
    if (at + length + FOR_LENGTH > this.#kept.length) this.#grow();
    const kept = this.#kept;
    let hash = HASH_START;
    kept[at++] = length;
    for (let next = from; next < to; next++) {
      const byte = bytes[next]!;
      if (IN_NAME[byte] === 0) return (byte === 0 && specialInWide(bytes, from, to)) || STRANGE_TEXT;
      hash = hashStep(hash, byte);
      kept[at++] = byte;
    }
    const word = knownWord(bytes, from, to, hash);
    if (word !== undefined) return word;
    if (this.#total > MOST_BYTES) return STRANGE_TEXT;
    const reference = -this.#total;
    this.#total += length + FOR_LENGTH;
    return reference;
  }

  /** As `take`, of what was decoded already. */
  takeText(text: string | typeof STRANGE_TEXT): Taken {
    if (text === STRANGE_TEXT) return text;
    const bytes = Buffer.from(text);
    return this.take(bytes, 0, bytes.length);
  }

  /** The text itself, where the value is a reference to one; any other value as it is. */
  read(value: Value): Value {
    if (typeof value !== 'number' || value >= 0) return value;
    const place = -value;
    if (this.#total - place > KEPT_BYTES - 2 * MOST_NAME) return STRANGE_TEXT;
    const at = place % KEPT_BYTES;
    return nameIn(Buffer.from(this.#kept.buffer), at + FOR_LENGTH, at + FOR_LENGTH + this.#kept[at]!);
  }

  #grow(): void {
    const larger = new Uint8Array(Math.min(KEPT_BYTES, 4 * this.#kept.length));
    larger.set(this.#kept);
    this.#kept = larger;
  }
}
