/**
 * The words of many texts as numbers. Millions of words are looked up, most of them only once there, so that none is
 * made a string of its own: a word is a place in a text, found by a hash of its letters.
 */

/** Words as letters and digits in a row, without case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Each of some texts as the numbers of its words, from `starts[text]` to before `starts[text + 1]`. */
export interface Tokens {
  words: Int32Array;
  starts: Uint32Array;
}

const HASH_PRIME = 0x01000193;
const HASH_START = 0x811c9dc5;

/** A letter or digit of ASCII in lower case; 0 for everything else. */
const FOLDED = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 65 && code <= 90) return code + 32;
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) ? code : 0;
});
const fold = (code: number): number => (code < 128 ? FOLDED[code]! : code);

/** Gives every word a number, in the order in which words come. */
export class WordNumbers {
  /** In open addressing: the word's number and 1, or 0. */
  private slots = new Int32Array(1 << 12);
  private hashes = new Int32Array(1 << 11);
  private begins = new Uint32Array(1 << 11);
  private ends = new Uint32Array(1 << 11);
  private readonly texts: string[] = [];

  get size(): number {
    return this.texts.length;
  }

  /** The word of a number, in lower case. */
  word(number: number): string {
    return this.texts[number]!.slice(this.begins[number]!, this.ends[number]!).toLowerCase();
  }

  tokenise(names: readonly string[]): Tokens {
    const starts = new Uint32Array(names.length + 1);
    let words = new Int32Array(Math.max(16, 8 * names.length));
    let count = 0;
    const add = (word: number): void => {
      if (count === words.length) {
        const larger = new Int32Array(2 * count);
        larger.set(words);
        words = larger;
      }
      words[count++] = word;
    };
    names.forEach((text, at) => {
      if (!this.addPlain(text, add)) {
        // What is a letter, and how it is written small, is known of ASCII alone.
        count = starts[at]!;
        for (const word of wordsOf(text)) add(this.numberOf(word, 0, word.length, hashOf(word)));
      }
      starts[at + 1] = count;
    });
    return { words: words.subarray(0, count), starts };
  }

  /** @returns whether the text was ASCII, and so was cut. */
  private addPlain(text: string, add: (word: number) => void): boolean {
    let begin = -1;
    let hash = HASH_START;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) return false;
      const letter = FOLDED[code]!;
      if (letter !== 0) {
        if (begin < 0) begin = at;
        hash = Math.imul(hash ^ letter, HASH_PRIME);
      } else if (begin >= 0) {
        add(this.numberOf(text, begin, at, hash));
        begin = -1;
        hash = HASH_START;
      }
    }
    if (begin >= 0) add(this.numberOf(text, begin, text.length, hash));
    return true;
  }

  private numberOf(text: string, begin: number, end: number, hash: number): number {
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let found = this.slots[slot]!; found !== 0; found = this.slots[slot]!) {
      const number = found - 1;
      if (this.hashes[number] === hash && this.isWord(number, text, begin, end)) return number;
      slot = (slot + 1) & mask;
    }
    const number = this.texts.length;
    this.texts.push(text);
    if (number === this.hashes.length) this.grow();
    this.hashes[number] = hash;
    this.begins[number] = begin;
    this.ends[number] = end;
    if (this.slots.length === mask + 1) this.slots[slot] = number + 1;
    else this.place(number);
    return number;
  }

  private isWord(number: number, text: string, begin: number, end: number): boolean {
    const other = this.texts[number]!;
    const first = this.begins[number]!;
    if (this.ends[number]! - first !== end - begin) return false;
    for (let at = 0; at < end - begin; at++)
      if (fold(other.charCodeAt(first + at)) !== fold(text.charCodeAt(begin + at))) return false;
    return true;
  }

  /** Twice the room, so that half of the slots stay free. */
  private grow(): void {
    const twice = <Numbers extends Int32Array | Uint32Array>(old: Numbers, larger: Numbers): Numbers => {
      larger.set(old);
      return larger;
    };
    const { length } = this.hashes;
    this.hashes = twice(this.hashes, new Int32Array(2 * length));
    this.begins = twice(this.begins, new Uint32Array(2 * length));
    this.ends = twice(this.ends, new Uint32Array(2 * length));
    this.slots = new Int32Array(4 * length);
    for (let number = 0; number < length; number++) this.place(number);
  }

  private place(number: number): void {
    const mask = this.slots.length - 1;
    const hash = this.hashes[number]!;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = number + 1;
  }
}

function hashOf(word: string): number {
  let hash = HASH_START;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ fold(word.charCodeAt(at)), HASH_PRIME);
  return hash;
}
