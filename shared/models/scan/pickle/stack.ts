import type { Value } from './values.ts';

/** No pickler puts more on the stack at once: it fills lists and dictionaries by thousands. Only tuples may be longer. */
const MOST_VALUES = 8_000_000;

/** The stack of an unpickler, with its marks. What is not there is taken for a value of which nothing is known. */
export class Stack {
  #values: Value[] = [];
  readonly #marks: number[] = [];
  /** Told what the unpickler would stop at. */
  readonly #problem: (what: string) => void;

  constructor(problem: (what: string) => void) {
    this.#problem = problem;
  }

  get length(): number {
    return this.#values.length;
  }

  push(value: Value): void {
    if (this.#values.length >= MOST_VALUES) {
      this.#problem(`has more than ${MOST_VALUES.toLocaleString('en-US')} values at once on its stack`);
      this.#values.length = this.#bottom;
    }
    this.#values.push(value);
  }

  pop(): Value {
    if (this.#values.length > this.#bottom) return this.#values.pop();
    this.#problem('takes a value from an empty stack');
    return undefined;
  }

  top(): Value {
    if (this.#values.length > this.#bottom) return this.#values[this.#values.length - 1];
    this.#problem('takes a value from an empty stack');
    return undefined;
  }

  replaceTop(value: Value): void {
    this.pop();
    this.#values.push(value);
  }

  mark(): void {
    if (this.#marks.length >= MOST_VALUES) this.#problem('has too many marks on its stack');
    else this.#marks.push(this.#values.length);
  }

  /** What POP does: takes a value or, where there is none above it, a mark. */
  discard(): void {
    if (this.#values.length === this.#bottom && this.#marks.length > 0) this.#marks.pop();
    else this.pop();
  }

  /** Takes what is above the last mark, and the mark. @param most how many are wanted; more are let go unseen. */
  popMark(most: number): Value[] | undefined {
    const from = this.#marks.pop();
    if (from === undefined) {
      this.#problem('takes a mark that is not there');
      return undefined;
    }
    const items = this.#values.length - from <= most ? this.#values.slice(from) : undefined;
    this.#values.length = from;
    return items;
  }

  /** Puts the same values and marks on another stack, which is empty. */
  copyTo(other: Stack): void {
    other.#values = this.#values.slice();
    other.#marks.push(...this.#marks);
  }

  get #bottom(): number {
    return this.#marks[this.#marks.length - 1] ?? 0;
  }
}
