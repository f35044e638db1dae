/** A value as Python writes it: of the literals that the header of an array may have. */
export type PythonValue = string | number | boolean | null | PythonValue[] | PythonDict;

/** A dictionary, with its entries as written: a key may come twice. */
export interface PythonDict {
  entries: [PythonValue, PythonValue][];
}

const MOST_DEPTH = 32;
const ESCAPES: Record<string, string> = { '\\': '\\', "'": "'", '"': '"', n: '\n', t: '\t', r: '\r' };

class NoLiteral extends Error {}

/** Reads one literal, and nothing else: no names, calls, operators or prefixes. */
class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PythonValue {
    const value = this.#value(0);
    this.#blank();
    if (this.#at < this.#text.length) throw new NoLiteral();
    return value;
  }

  #blank(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #isNext(character: string): boolean {
    this.#blank();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): PythonValue {
    if (depth > MOST_DEPTH) throw new NoLiteral();
    if (this.#isNext('{')) return { entries: this.#items('}', () => this.#entry(depth)) };
    if (this.#isNext('[')) return this.#items(']', () => this.#value(depth + 1));
    if (this.#isNext('(')) return this.#items(')', () => this.#value(depth + 1));
    const next = this.#text[this.#at];
    if (next === "'" || next === '"') return this.#string(next);
    return this.#word();
  }

  #entry(depth: number): [PythonValue, PythonValue] {
    const key = this.#value(depth + 1);
    if (!this.#isNext(':')) throw new NoLiteral();
    return [key, this.#value(depth + 1)];
  }

  #items<Item>(end: string, item: () => Item): Item[] {
    const items: Item[] = [];
    while (!this.#isNext(end)) {
      if (items.length > 0 && !this.#isNext(',')) throw new NoLiteral();
      if (items.length > 0 && this.#isNext(end)) break;
      items.push(item());
    }
    return items;
  }

  #string(quote: string): string {
    let text = '';
    for (this.#at++; ; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined || character === '\n') throw new NoLiteral();
      if (character === quote) break;
      text += character === '\\' ? this.#escape() : character;
    }
    this.#at++;
    return text;
  }

  #escape(): string {
    const kind = this.#text[++this.#at] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[kind];
    if (digits === undefined) {
      const plain = ESCAPES[kind];
      if (plain === undefined) throw new NoLiteral();
      return plain;
    }
    const code = this.#text.slice(this.#at + 1, this.#at + 1 + digits);
    const point =
      /^[0-9a-fA-F]+$/.test(code) && code.length === digits ? Number.parseInt(code, 16) : 0x110000;
    if (point > 0x10ffff) throw new NoLiteral();
    this.#at += digits;
    return String.fromCodePoint(point);
  }

  #word(): PythonValue {
    const [word] = /^[\w-]*/.exec(this.#text.slice(this.#at, this.#at + 40))!;
    this.#at += word.length;
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    // Python 2 wrote long integers with an L.
    if (/^-?\d{1,19}L?$/.test(word)) return Number.parseInt(word, 10);
    throw new NoLiteral();
  }
}

/** @returns undefined where the text is no literal, or one of a kind that no header of an array has. */
export function readPythonLiteral(text: string): PythonValue | undefined {
  try {
    return new LiteralReader(text).whole();
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}
