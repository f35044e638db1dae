import { JsonKeys } from './json-keys.ts';
import { isJsonNumber, skipNumbers } from './json-number.ts';

/** Where a walk over JSON is told what it meets, in order. Texts longer than `MOST_TEXT` come cut. */
export interface JsonEvents {
  open(kind: 'object' | 'array'): void;
  close(kind: 'object' | 'array'): void;
  key(name: string): void;
  /** @param line of the text, from 1. */
  value(value: string | number | boolean | null, line: number): void;
  /** A key that this object has already. */
  duplicate(name: string): void;
  /** Whether it is to be told where this key comes twice; without it, that of all keys is. */
  remembers?(name: string): boolean;
  /** Whether numbers are told as well; most walks need none, and reading them takes long. */
  takesNumbers?: boolean;
  /**
   * Asked before a text that is a value is decoded; where it says no, the text is not told. Without it, all are.
   * @param hasEscapes whether it is written otherwise than it reads.
   */
  takesText?(bytes: Buffer, start: number, end: number, hasEscapes: boolean): boolean;
}

/** In bytes: of a longer text only the beginning is kept. */
export const MOST_TEXT = 1 << 20;
const MOST_DEPTH = 512;
/** In characters, of all objects open at once: more is not held, and is refused. */
const MOST_KEYS = 64 << 20;

/** In a list, items; in an object and outside of both, a value. */
const EXPECTED = {
  firstItem: 0,
  item: 1,
  value: 2,
  firstKey: 3,
  key: 4,
  colon: 5,
  after: 6,
  end: 7,
} as const;
type Expected = (typeof EXPECTED)[keyof typeof EXPECTED];

const WORDS = new Map<string, boolean | null | number>([
  ['true', true],
  ['false', false],
  ['null', null],
  // Python writes and reads these, though JSON has none of them.
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The bytes that numbers and words are made of. */
const IN_WORD = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[\dA-Za-z+\-.]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

interface OpenPart {
  isObject: boolean;
  keys: Set<string> | undefined;
  characters: number;
}

/**
 * Walks JSON as its bytes come, in one pass, and holds no more than one text and the keys of the objects that are open.
 * Stops at the first thing that is not JSON: `problem` says what, and nothing more is told.
 */
export class JsonStream {
  readonly #events: JsonEvents;
  readonly #open: OpenPart[] = [];
  readonly #keys = new JsonKeys();
  #expected: Expected = EXPECTED.value;
  #keyCharacters = 0;
  #line = 1;
  /** What came before the bytes at hand of a text or word that goes on in them. */
  #kept = Buffer.alloc(0);
  #length = 0;
  #inText = false;
  #isEscaped = false;
  #hasEscapes = false;
  #inWord = false;
  problem: string | undefined;
  /** Whether the problem is that there is more of it than is followed: to a loader it may be JSON all the same. */
  isBeyondLimits = false;
  /** How many bytes were walked over: where the problem is. */
  offset = 0;

  constructor(events: JsonEvents) {
    this.#events = events;
  }

  /** Whether one whole value was read. */
  get isComplete(): boolean {
    return this.#expected === EXPECTED.end && this.problem === undefined;
  }

  push(part: Uint8Array): void {
    if (this.problem !== undefined) return;
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.length);
    const begin = this.offset;
    let at = 0;
    while (at < bytes.length) {
      if (this.#inText) at = this.#textFrom(bytes, at, begin);
      else if (this.#inWord) at = this.#wordFrom(bytes, at, begin);
      else {
        if (this.#expected <= EXPECTED.item && !this.#events.takesNumbers) {
          const next = skipNumbers(bytes, at, bytes.length);
          if (next > at) this.#expected = EXPECTED.item;
          at = next;
          if (at === bytes.length) break;
        }
        this.offset = begin + at;
        this.#structure(bytes[at]!);
        // The first byte of a word belongs to it.
        if (!this.#inWord) at++;
      }
      if (this.problem === undefined) continue;
      this.offset = begin + at;
      return;
    }
    this.offset = begin + bytes.length;
  }

  /** No more bytes come. */
  finish(): void {
    if (this.problem !== undefined) return;
    if (this.#inWord) this.#endWord(this.#kept, 0, this.#length);
    if (this.problem === undefined && this.#expected !== EXPECTED.end) this.#fail('ends in the middle');
  }

  #fail(what: string): void {
    this.problem = what;
  }

  #failBeyondLimits(what: string): void {
    this.isBeyondLimits = true;
    this.#fail(what);
  }

  /** Keeps what goes on in the bytes that come next. */
  #keep(bytes: Buffer, start: number, end: number): void {
    const length = Math.min(end - start, MOST_TEXT - this.#length);
    if (this.#length + length > this.#kept.length) {
      const larger = Buffer.alloc(Math.max(64, 2 ** Math.ceil(Math.log2(this.#length + length))));
      larger.set(this.#kept.subarray(0, this.#length));
      this.#kept = larger;
    }
    bytes.copy(this.#kept, this.#length, start, start + length);
    this.#length += length;
  }

  /** @returns where to go on: behind the quote that ends the text, or behind what is wrong in it. */
  #textFrom(bytes: Buffer, start: number, begin: number): number {
    let at = start;
    if (this.#isEscaped) {
      at++;
      this.#isEscaped = false;
    }
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        this.#hasEscapes = true;
        at++;
      } else if (byte < 0x20) {
        this.#fail('has a control character in a text');
        return at + 1;
      }
    }
    if (at >= bytes.length) {
      this.#isEscaped = at > bytes.length;
      this.#keep(bytes, start, bytes.length);
      return bytes.length;
    }
    this.#inText = false;
    this.offset = begin + at;
    if (this.#length === 0) this.#endText(bytes, start, Math.min(at, start + MOST_TEXT));
    else {
      this.#keep(bytes, start, at);
      this.#endText(this.#kept, 0, this.#length);
    }
    return at + 1;
  }

  #endText(bytes: Buffer, start: number, end: number): void {
    const isKey = this.#expected === EXPECTED.firstKey || this.#expected === EXPECTED.key;
    if (!isKey && this.#events.takesText?.(bytes, start, end, this.#hasEscapes) === false) {
      // What nobody takes has to be JSON all the same.
      if (this.#hasEscapes && this.#unescape(bytes.toString('latin1', start, end), end - start) === undefined)
        return;
      this.#endScalar();
      return;
    }
    const raw = isKey ? this.#keys.decode(bytes, start, end) : bytes.toString('utf8', start, end);
    const text = this.#hasEscapes ? this.#unescape(raw, end - start) : raw;
    if (text === undefined) return;
    if (isKey) this.#key(text);
    else this.#scalar(text);
  }

  #unescape(raw: string, length: number): string | undefined {
    // A text that was cut may end within an escape.
    const whole = length < MOST_TEXT ? raw : raw.replace(/\\(?:u[0-9a-f]{0,3})?$/i, '');
    try {
      return JSON.parse(`"${whole}"`) as string;
    } catch {
      this.#fail('has an escape that JSON does not know');
      return undefined;
    }
  }

  #key(name: string): void {
    if (this.#events.remembers?.(name) !== false) this.#remember(name);
    this.#events.key(name);
    this.#expected = EXPECTED.colon;
  }

  #remember(name: string): void {
    const part = this.#open.at(-1)!;
    part.keys ??= new Set();
    if (part.keys.has(name)) {
      this.#events.duplicate(name);
      return;
    }
    part.keys.add(name);
    part.characters += name.length + 16;
    this.#keyCharacters += name.length + 16;
    if (this.#keyCharacters > MOST_KEYS) this.#failBeyondLimits('has more keys than any model needs');
  }

  #scalar(value: string | number | boolean | null): void {
    this.#events.value(value, this.#line);
    this.#endScalar();
  }

  #endScalar(): void {
    this.#expected = this.#open.length === 0 ? EXPECTED.end : EXPECTED.after;
  }

  #wordFrom(bytes: Buffer, start: number, begin: number): number {
    let at = start;
    while (at < bytes.length && IN_WORD[bytes[at]!] === 1) at++;
    if (at === bytes.length) this.#keep(bytes, start, at);
    else {
      this.offset = begin + at;
      if (this.#length === 0) this.#endWord(bytes, start, at);
      else {
        this.#keep(bytes, start, at);
        this.#endWord(this.#kept, 0, this.#length);
      }
      // Where a word is none, the byte behind it is where the problem is.
      if (this.problem !== undefined) return at + 1;
    }
    return at;
  }

  #endWord(bytes: Buffer, start: number, end: number): void {
    this.#inWord = false;
    if (isJsonNumber(bytes, start, end)) {
      if (this.#events.takesNumbers) this.#scalar(Number(bytes.toString('latin1', start, end)));
      else this.#endScalar();
      return;
    }
    const known = end - start > 9 ? undefined : WORDS.get(bytes.toString('latin1', start, end));
    if (known !== undefined) this.#scalar(known);
    else this.#fail('has a word that JSON does not know');
  }

  #structure(byte: number): void {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      if (byte === 0x0a) this.#line++;
      return;
    }
    const expected = this.#expected;
    const takesValue = expected <= EXPECTED.value;
    const takesKey = expected === EXPECTED.key || expected === EXPECTED.firstKey;
    if (byte === QUOTE && (takesValue || takesKey)) {
      this.#inText = true;
      this.#hasEscapes = false;
      this.#length = 0;
    } else if (byte === 0x7b && takesValue) this.#begin(true);
    else if (byte === 0x5b && takesValue) this.#begin(false);
    else if (byte === 0x7d) this.#end(true);
    else if (byte === 0x5d) this.#end(false);
    else if (byte === 0x3a && expected === EXPECTED.colon) this.#expected = EXPECTED.value;
    else if (byte === 0x2c && expected === EXPECTED.after)
      this.#expected = this.#open.at(-1)!.isObject ? EXPECTED.key : EXPECTED.item;
    else if (takesValue && IN_WORD[byte] === 1) {
      this.#inWord = true;
      this.#length = 0;
    } else if (takesValue) this.#fail('has a word that JSON does not know');
    else this.#fail(expected === EXPECTED.end ? 'goes on after its end' : 'is out of order');
  }

  #begin(isObject: boolean): void {
    if (this.#open.length >= MOST_DEPTH) {
      this.#failBeyondLimits(`is nested more than ${MOST_DEPTH} deep`);
      return;
    }
    this.#open.push({ isObject, keys: undefined, characters: 0 });
    this.#events.open(isObject ? 'object' : 'array');
    this.#expected = isObject ? EXPECTED.firstKey : EXPECTED.firstItem;
  }

  #end(isObject: boolean): void {
    const part = this.#open.at(-1);
    const first = isObject ? EXPECTED.firstKey : EXPECTED.firstItem;
    if (part?.isObject !== isObject || (this.#expected !== EXPECTED.after && this.#expected !== first)) {
      this.#fail('closes what is not open');
      return;
    }
    this.#open.pop();
    this.#keyCharacters -= part.characters;
    this.#events.close(isObject ? 'object' : 'array');
    this.#endScalar();
  }
}
