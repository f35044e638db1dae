/** Where a walk over JSON is told what it meets, in order. Texts longer than `MOST_TEXT` come cut. */
export interface JsonEvents {
  open(kind: 'object' | 'array'): void;
  close(kind: 'object' | 'array'): void;
  key(name: string): void;
  /** @param line of the text, from 1. */
  value(value: string | number | boolean | null, line: number): void;
  /** A key that this object has already. */
  duplicate(name: string): void;
}

/** In bytes: of a longer text only the beginning is kept. */
export const MOST_TEXT = 1 << 20;
const MOST_DEPTH = 512;
/** In characters, of all objects open at once: more is not held, and is refused. */
const MOST_KEYS = 64 << 20;

const EXPECTED = { value: 0, firstKey: 1, key: 2, colon: 3, after: 4, firstItem: 5, end: 6 } as const;
type Expected = (typeof EXPECTED)[keyof typeof EXPECTED];

const WORDS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
/** Python writes and reads these, though JSON has none of them. */
const PYTHON_NUMBERS = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
/** In bytes. */
const MOST_PLAIN = 40;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

interface OpenPart {
  kind: 'object' | 'array';
  keys: Set<string>;
  characters: number;
}

/**
 * Walks JSON as its bytes come, in one pass, and holds no more than one text and the keys of the objects that are open.
 * Stops at the first thing that is not JSON: `problem` says what, and nothing more is told.
 */
export class JsonStream {
  readonly #events: JsonEvents;
  readonly #open: OpenPart[] = [];
  #expected: Expected = EXPECTED.value;
  #keyCharacters = 0;
  #line = 1;
  #text = new Uint8Array(64);
  #length = 0;
  #inText = false;
  #escaped = false;
  #hasEscapes = false;
  #inWord = false;
  problem: string | undefined;
  /** How many bytes were walked over: where the problem is. */
  offset = 0;

  constructor(events: JsonEvents) {
    this.#events = events;
  }

  /** Whether one whole value was read. */
  get isComplete(): boolean {
    return this.#expected === EXPECTED.end && this.problem === undefined;
  }

  push(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length && this.problem === undefined; index++, this.offset++) {
      const byte = bytes[index]!;
      if (byte === 0x0a) this.#line++;
      if (this.#inText) this.#textByte(byte);
      else if (!this.#inWord || !this.#wordByte(byte)) this.#structure(byte);
    }
  }

  /** No more bytes come. */
  finish(): void {
    if (this.problem !== undefined) return;
    if (this.#inWord) this.#endWord();
    if (this.problem === undefined && this.#expected !== EXPECTED.end) this.#fail('ends in the middle');
  }

  #fail(what: string): void {
    this.problem = what;
  }

  /** What was appended. Most texts are short and plain, and are read faster without a decoder. */
  #read(): string {
    if (this.#length > MOST_PLAIN) return DECODER.decode(this.#text.subarray(0, this.#length));
    let text = '';
    for (let index = 0; index < this.#length; index++) {
      const byte = this.#text[index]!;
      if (byte >= 0x80) return DECODER.decode(this.#text.subarray(0, this.#length));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #append(byte: number): void {
    if (this.#length >= MOST_TEXT) return;
    if (this.#length === this.#text.length) {
      const larger = new Uint8Array(this.#text.length * 2);
      larger.set(this.#text);
      this.#text = larger;
    }
    this.#text[this.#length++] = byte;
  }

  #textByte(byte: number): void {
    if (this.#escaped) {
      this.#escaped = false;
      this.#append(byte);
    } else if (byte === BACKSLASH) {
      this.#escaped = true;
      this.#hasEscapes = true;
      this.#append(byte);
    } else if (byte === QUOTE) {
      this.#inText = false;
      this.#endText();
    } else if (byte < 0x20) this.#fail('has a control character in a text');
    else this.#append(byte);
  }

  #endText(): void {
    const raw = this.#read();
    const text = this.#hasEscapes ? this.#unescape(raw) : raw;
    if (text === undefined) return;
    if (this.#expected === EXPECTED.firstKey || this.#expected === EXPECTED.key) this.#key(text);
    else this.#scalar(text);
  }

  #unescape(raw: string): string | undefined {
    // A text that was cut may end within an escape.
    const whole = this.#length < MOST_TEXT ? raw : raw.replace(/\\(?:u[0-9a-f]{0,3})?$/i, '');
    try {
      return JSON.parse(`"${whole}"`) as string;
    } catch {
      this.#fail('has an escape that JSON does not know');
      return undefined;
    }
  }

  #key(name: string): void {
    const part = this.#open.at(-1)!;
    if (part.keys.has(name)) this.#events.duplicate(name);
    else {
      part.keys.add(name);
      part.characters += name.length + 16;
      this.#keyCharacters += name.length + 16;
      if (this.#keyCharacters > MOST_KEYS) {
        this.#fail('has more keys than any model needs');
        return;
      }
    }
    this.#events.key(name);
    this.#expected = EXPECTED.colon;
  }

  #scalar(value: string | number | boolean | null): void {
    this.#events.value(value, this.#line);
    this.#expected = this.#open.length === 0 ? EXPECTED.end : EXPECTED.after;
  }

  #wordByte(byte: number): boolean {
    const belongs =
      (byte >= 0x30 && byte <= 0x39) ||
      ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
      byte === 0x2b ||
      byte === 0x2d ||
      byte === 0x2e;
    if (belongs) this.#append(byte);
    else this.#endWord();
    return belongs || this.problem !== undefined;
  }

  #endWord(): void {
    this.#inWord = false;
    const word = this.#read();
    if (NUMBER.test(word)) {
      this.#scalar(Number(word));
      return;
    }
    const known = WORDS.get(word) ?? PYTHON_NUMBERS.get(word);
    if (WORDS.has(word) || known !== undefined) this.#scalar(known ?? null);
    else this.#fail('has a word that JSON does not know');
  }

  #structure(byte: number): void {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
    const expected = this.#expected;
    const takesValue = expected === EXPECTED.value || expected === EXPECTED.firstItem;
    const takesKey = expected === EXPECTED.key || expected === EXPECTED.firstKey;
    if (byte === QUOTE && (takesValue || takesKey)) {
      this.#inText = true;
      this.#hasEscapes = false;
      this.#length = 0;
    } else if (byte === 0x7b && takesValue) this.#begin('object');
    else if (byte === 0x5b && takesValue) this.#begin('array');
    else if (byte === 0x7d) this.#end('object');
    else if (byte === 0x5d) this.#end('array');
    else if (byte === 0x3a && expected === EXPECTED.colon) this.#expected = EXPECTED.value;
    else if (byte === 0x2c && expected === EXPECTED.after)
      this.#expected = this.#open.at(-1)!.kind === 'object' ? EXPECTED.key : EXPECTED.value;
    else if (takesValue) {
      this.#inWord = true;
      this.#length = 0;
      this.#wordByte(byte);
    } else this.#fail(expected === EXPECTED.end ? 'goes on after its end' : 'is out of order');
  }

  #begin(kind: 'object' | 'array'): void {
    if (this.#open.length >= MOST_DEPTH) {
      this.#fail(`is nested more than ${MOST_DEPTH} deep`);
      return;
    }
    this.#open.push({ kind, keys: new Set(), characters: 0 });
    this.#events.open(kind);
    this.#expected = kind === 'object' ? EXPECTED.firstKey : EXPECTED.firstItem;
  }

  #end(kind: 'object' | 'array'): void {
    const part = this.#open.at(-1);
    const first = kind === 'object' ? EXPECTED.firstKey : EXPECTED.firstItem;
    if (part?.kind !== kind || (this.#expected !== EXPECTED.after && this.#expected !== first)) {
      this.#fail('closes what is not open');
      return;
    }
    this.#open.pop();
    this.#keyCharacters -= part.characters;
    this.#events.close(kind);
    this.#expected = this.#open.length === 0 ? EXPECTED.end : EXPECTED.after;
  }
}
