/** Lines that are passed on several at once. */

/** Lines are passed on together, so that a gigabyte of them is no million of writes. */
const BATCH_CHARACTERS = 65_536;

export class LineBatch {
  readonly #passOn: (text: string) => void;
  #waiting: string[] = [];
  #characters = 0;

  /** @param passOn is given lines with line breaks between. */
  constructor(passOn: (text: string) => void) {
    this.#passOn = passOn;
  }

  /** It is passed on when the present work is done, at the latest. */
  add(line: string): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.flush());
    this.#waiting.push(line);
    this.#characters += line.length;
    if (this.#characters > BATCH_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const text = this.#waiting.join('\n');
    this.#waiting = [];
    this.#characters = 0;
    this.#passOn(text);
  }
}
