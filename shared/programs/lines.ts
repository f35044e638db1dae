import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut, so that a program that prints one endless line cannot fill the memory. */
const LONGEST_LINE = 16_384;

/**
 * Cuts a stream of bytes into lines of UTF-8 text. A carriage return inside a line starts it anew, as on a
 * terminal, so that of a progress bar only the last state of the line is kept.
 */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const parts = (
      this.#rest + this.#decoder.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk))
    ).split('\n');
    this.#rest = this.#shorten(parts.pop() ?? '');
    for (const part of parts) this.#emit(part);
  }

  /** Hands out what came after the last line break. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest) this.#emit(rest);
  }

  #shorten(rest: string): string {
    if (rest.length <= LONGEST_LINE) return rest;
    const restart = rest.lastIndexOf('\r', rest.length - 2);
    const kept = restart >= 0 ? rest.slice(restart + 1) : rest;
    // One character more than is shown, so that the line is still known to be too long when it ends.
    return kept.slice(0, LONGEST_LINE + 1);
  }

  #emit(line: string): void {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    const visible = text.slice(text.lastIndexOf('\r') + 1);
    this.#onLine(visible.length > LONGEST_LINE ? `${visible.slice(0, LONGEST_LINE)} … (line cut)` : visible);
  }
}

/** Keeps the last lines of an output: at most `count` lines and about `characters` characters. */
export class Tail {
  readonly #count: number;
  readonly #characters: number;
  #lines: string[] = [];

  constructor(count: number, characters: number) {
    this.#count = count;
    this.#characters = characters;
  }

  add(line: string): void {
    this.#lines.push(line);
    // Trimmed in blocks: shifting a long array for every line would be slow.
    if (this.#lines.length > this.#count * 2) this.#lines = this.#lines.slice(-this.#count);
  }

  lines(): string[] {
    const kept: string[] = [];
    let left = this.#characters;
    for (const line of this.#lines.slice(-this.#count).reverse()) {
      left -= line.length + 1;
      if (left < 0) {
        if (kept.length === 0) kept.push(line.slice(-this.#characters));
        break;
      }
      kept.push(line);
    }
    return kept.reverse();
  }
}
