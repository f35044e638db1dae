import type { Value } from './values.ts';

/** No pickler puts more on the stack at once: it fills lists and dictionaries by thousands. Only tuples may be longer. */
const MOST_VALUES = 8_000_000;

/** The stack of an unpickler, with its marks. What is not there is taken for a value of which nothing is known. */
export class Stack {
  /** Only the first `length`; what lies above was taken. */
  #values: Value[] = [];
  #length = 0;
  readonly #marks: number[] = [];
  /** Where the values above the last mark begin. */
  #bottom = 0;
  /** Told what the unpickler would stop at. */
  readonly #problem: (what: string) => void;

  constructor(problem: (what: string) => void) {
    this.#problem = problem;
  }

  get length(): number {
    return this.#length;
  }

  push(value: Value): void {
    if (this.#length >= MOST_VALUES) {
      this.#problem(`has more than ${MOST_VALUES.toLocaleString('en-US')} values at once on its stack`);
      this.#length = this.#bottom;
    }
    this.#values[this.#length++] = value;
  }

  pop(): Value {
    if (this.#length > this.#bottom) return this.#values[--this.#length];
    this.#problem('takes a value from an empty stack');
    return undefined;
  }

  top(): Value {
    if (this.#length > this.#bottom) return this.#values[this.#length - 1];
    this.#problem('takes a value from an empty stack');
    return undefined;
  }

  mark(): void {
    if (this.#marks.length >= MOST_VALUES) {
      this.#problem('has too many marks on its stack');
      return;
    }
    this.#marks.push(this.#length);
    this.#bottom = this.#length;
  }

  /** What POP does: takes a value or, where there is none above it, a mark. */
  discard(): void {
    if (this.#length === this.#bottom && this.#marks.length > 0) this.#takeMark();
    else this.pop();
  }

  /** Takes what is above the last mark, and the mark. @param most how many are wanted; more are let go unseen. */
  popMark(most: number): Value[] | undefined {
    if (this.#marks.length === 0) {
      this.#problem('takes a mark that is not there');
      return undefined;
    }
    const from = this.#takeMark();
    const items = this.#length - from <= most ? this.#values.slice(from, this.#length) : undefined;
    this.#length = from;
    return items;
  }

  /** Shows what is above the last mark, in pairs, to whoever looks for keys that are known words. */
  forEachPair(show: (key: Value, value: Value) => void): void {
    const values = this.#values;
    for (let at = this.#bottom; at + 1 < this.#length; at += 2) {
      if (typeof values[at] === 'string') show(values[at], values[at + 1]);
    }
  }

  /** Puts the same values and marks on another stack, which is empty. */
  copyTo(other: Stack): void {
    other.#values = this.#values.slice(0, this.#length);
    other.#length = this.#length;
    for (const mark of this.#marks) other.#marks.push(mark);
    other.#bottom = this.#bottom;
  }

  #takeMark(): number {
    const from = this.#marks.pop()!;
    this.#bottom = this.#marks[this.#marks.length - 1] ?? 0;
    return from;
  }
}
