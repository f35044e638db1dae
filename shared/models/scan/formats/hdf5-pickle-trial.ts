import { judge } from '../pickle/judge.ts';
import { Machine } from '../pickle/machine.ts';
import { ARGUMENT, NO_OPCODE } from '../pickle/opcodes.ts';
import type { UnpicklerEvents } from '../pickle/unpickler.ts';
import type { Import } from '../pickle/values.ts';

/** `marked`: it begins with the mark of a pickle; `whole`: it is all of a value; `named`: a dangerous import in the middle of any. */
export type Kind = 'marked' | 'whole' | 'named';

/** Of a pickle that has not yet shown that it is one: bytes that are none fail before they have told so much. */
const MOST_WAITING = 200;
const NOTHING = new Uint8Array(0);

/**
 * Reads bytes as a pickle, in parts as they come. Nothing is told of them before they have shown that they are one, which
 * bytes of weights and texts never do: by a mark and an import, or by an import that is called, or before a STOP.
 */
export class PickleTrial {
  readonly #machine: Machine;
  readonly #kind: Kind;
  readonly #size: number;
  #waiting: (() => void)[] | undefined = [];
  #rest: Uint8Array<ArrayBuffer> = NOTHING;
  /** Bytes of a value that are still to be passed over; infinite up to the end of a line. */
  #left: number | undefined;
  isOver = false;
  #imports = 0;
  #isBegun = false;

  /** @param size of the file, in bytes. */
  constructor(events: UnpicklerEvents, kind: Kind, size: number) {
    this.#kind = kind;
    this.#size = size;
    this.#machine = new Machine(this.#tried(events, kind), { strict: true });
  }

  /**
   * @param bytes in which it begins or goes on at `from`; the first has the offset.
   * @returns how many were followed.
   */
  feed(bytes: Uint8Array<ArrayBuffer>, from: number, offset: number, isLast: boolean): number {
    if (this.#isNone(bytes, from)) return 0;
    const rest = this.#rest.length;
    if (rest === 0) return this.#advance(bytes, from, offset, isLast);
    const joined = new Uint8Array(rest + bytes.length - from);
    joined.set(this.#rest);
    joined.set(bytes.subarray(from), rest);
    return this.#advance(joined, 0, offset + from - rest, isLast);
  }

  #isNone(bytes: Uint8Array, from: number): boolean {
    if (!this.#isBegun) this.isOver = from >= bytes.length || ARGUMENT[bytes[from]!] === NO_OPCODE;
    this.#isBegun = true;
    return this.isOver;
  }

  #advance(bytes: Uint8Array<ArrayBuffer>, from: number, offset: number, isLast: boolean): number {
    const machine = this.#machine;
    let [at, work] = [from, 0];
    this.#rest = NOTHING;
    for (;;) {
      if (this.#left !== undefined) {
        at = this.#pass(bytes, at);
        if (this.#left !== undefined) break;
      }
      const before = at;
      at = machine.advance(bytes, at, bytes.length, offset, isLast);
      work += at - before;
      if (machine.pause === 'payload') {
        this.#left = machine.wants;
        this.isOver = offset + at + machine.wants > this.#size;
      } else if (machine.pause === 'long-line') this.#left = Number.POSITIVE_INFINITY;
      else if (machine.pause === 'more' && !isLast) this.#rest = bytes.slice(at);
      else {
        this.isOver = true;
        if (machine.pause === 'stopped' && this.#imports > 0 && this.#kind !== 'named') this.#show();
      }
      if (this.#left === undefined || this.isOver) break;
    }
    if (isLast) this.isOver = true;
    return work + this.#rest.length;
  }

  /** @returns the place behind what was passed over. */
  #pass(bytes: Uint8Array, at: number): number {
    let end = at + this.#left!;
    if (this.#left === Number.POSITIVE_INFINITY) {
      const line = bytes.indexOf(10, at);
      end = line < 0 ? end : line + 1;
    }
    if (end > bytes.length) {
      this.#left! -= bytes.length - at;
      return bytes.length;
    }
    this.#left = undefined;
    this.#machine.passed(this.#machine.skipped);
    return end;
  }

  /** Whether anything of it was told. */
  get isShown(): boolean {
    return this.#waiting === undefined;
  }

  #show(): void {
    for (const tell of this.#waiting ?? []) tell();
    this.#waiting = undefined;
    // What else is in it is found by its own name.
    if (this.#kind === 'named') this.isOver = true;
  }

  #tried(events: UnpicklerEvents, kind: Kind): UnpicklerEvents {
    const tell = (told: () => void): void => {
      if (!this.#waiting) told();
      else if (this.#waiting.push(told) >= MOST_WAITING) this.#show();
    };
    const used = (told: () => void): void => {
      tell(told);
      if (this.#imports > 0 && !this.#machine.hasFailed) this.#show();
    };
    const imported = (what: Import, offset: number): void => {
      tell(() => events.imported(what, offset));
      const isNamed = WORDS.test(what.module) && WORDS.test(what.name);
      // Names of pickles have a `c` within them too.
      if (isNamed && (kind !== 'named' || judge(what)?.isKnown)) this.#imports += 1;
      if (this.#imports > 0 && kind === 'marked') this.#show();
    };
    // What an import in the middle misses, its pickle may have had before.
    const only = kind === 'named' ? () => undefined : tell;
    return {
      imported,
      called: (what, how, offset) => used(() => events.called(what, how, offset)),
      patched: (what, offset) => used(() => events.patched(what, offset)),
      refused: (what, why, offset) => used(() => events.refused(what, why, offset)),
      unresolved: (why, offset, isNamed) => only(() => events.unresolved(why, offset, isNamed)),
      calledUnknown: (offset) => only(() => events.calledUnknown(offset)),
      reaches: (offset) => only(() => events.reaches(offset)),
      persistent: (id, offset) => only(() => events.persistent(id, offset)),
      problem: (what, offset) => only(() => events.problem(what, offset)),
    };
  }
}

const WORDS = /^[\w.]+$/;
