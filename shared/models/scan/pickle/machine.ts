import { BYTES, countOfLong, lengthBytes, MOST_INLINE, mayHoldStream, readLength, TEXTS } from './counted.ts';
import { LONGEST_PARSER } from './distributions.ts';
import { applyFixed } from './fixed-opcodes.ts';
import { applyLine, applyNamed } from './line-opcodes.ts';
import { ARGUMENT, COUNTED_1, COUNTED_8, LINE, NO_OPCODE, OPCODE, TWO_LINES } from './opcodes.ts';
import { specialInWide } from './special-keys.ts';
import { Unpickler, type UnpicklerEvents, type UnpicklerOptions } from './unpickler.ts';
import { type Instance, STRANGE_TEXT, type Value } from './values.ts';

/** Why the machine does not go on by itself. */
export type Pause =
  /** `wants` bytes must be at hand. */
  | 'more'
  /** The next `wants` bytes are the value of an opcode: pass them over, then call `passed`. */
  | 'payload'
  /** As `payload`, but up to the end of the line. */
  | 'long-line'
  /** joblib reads an array from here, not opcodes: pass it over, then call `passed`. */
  | 'array'
  | 'stopped'
  /** No unpickler goes on from here. */
  | 'failed';

const LONGEST_LINE = 1 << 16;
const { BINFLOAT, MEMOIZE, SHORT_BINUNICODE, FRAME, BUILD, STOP } = OPCODE;

/**
 * Follows the opcodes of one pickle as CPython's unpickler does, without making a single object: `advance` works on what
 * is at hand and never waits.
 */
export class Machine {
  pause: Pause = 'more';
  /** Bytes, of the pause. */
  wants = 1;
  /** Whether the payload of the pause is bytes, and not a text or a number. */
  isBytes = false;
  /** Whether the payload of the pause is a text. */
  isText = false;
  /** The wrapper whose array follows, of a pause at an array. */
  array: Instance | undefined;
  readonly #unpickler: Unpickler;
  /** Where in the stream the frame ends that is read; infinite outside of frames. */
  #frameEnd = Number.POSITIVE_INFINITY;
  #nextFrameEnd = 0;
  /** Offset in the stream of the first byte at hand. */
  #base = 0;
  #buffer: Buffer = Buffer.alloc(0);

  /** @param below whose stack and memo this one begins with, and does not change. */
  constructor(events: UnpicklerEvents, options: UnpicklerOptions = {}, below?: Machine) {
    this.#unpickler = new Unpickler(events, options, below ? below.#unpickler : undefined);
  }

  /** How many values lie on the stack. */
  get depth(): number {
    return this.#unpickler.stack.length;
  }

  /**
   * Works through the opcodes at hand.
   * @param offset of `bytes[0]` in the stream, for what is told. @param isLast whether nothing follows after `end`.
   * @returns the place of the first byte that is not used.
   */
  advance(
    bytes: Uint8Array<ArrayBuffer>,
    position: number,
    end: number,
    offset: number,
    isLast: boolean,
  ): number {
    if (this.#buffer.buffer !== bytes.buffer || this.#buffer.length !== bytes.length) {
      this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.#base = offset;
    this.pause = 'more';
    this.wants = 1;
    const unpickler = this.#unpickler;
    const { stack, texts } = unpickler;
    const buffer = this.#buffer;
    let at = position;
    // What most of large models is made of is done at once, up to here.
    let simpleEnd = Math.min(end, this.#frameEnd - offset);
    while (at < end) {
      const opcode = buffer[at]!;
      if (opcode === BINFLOAT && at + 9 <= simpleEnd) {
        unpickler.offset = offset + at;
        stack.push(undefined);
        at += 9;
        continue;
      }
      if (opcode === SHORT_BINUNICODE && at + 257 <= simpleEnd) {
        unpickler.offset = offset + at;
        const to = at + 2 + buffer[at + 1]!;
        stack.push(texts.take(buffer, at + 2, to));
        at = to;
        continue;
      }
      if (opcode === MEMOIZE && at < simpleEnd) {
        unpickler.offset = offset + at;
        unpickler.put(unpickler.memo.count);
        at += 1;
        if (!unpickler.hasFailed) continue;
        this.pause = 'failed';
        return at;
      }
      unpickler.offset = offset + at;
      at = this.#step(opcode, at, end, isLast);
      if (this.pause !== 'more' || this.wants > 1) return at;
      simpleEnd = Math.min(end, this.#frameEnd - offset);
    }
    if (isLast) this.#fail('ends before STOP');
    return at;
  }

  /** Whether a strict machine has met what an unpickler stops at. */
  get hasFailed(): boolean {
    return this.#unpickler.hasFailed;
  }

  /** What lies on the stack for a payload that nobody looked into: texts longer than a name may be one with many dots. */
  get skipped(): Value {
    return this.isText ? STRANGE_TEXT : undefined;
  }

  /** Goes on after a payload, a long line or an array. @param value what lies on the stack now. */
  passed(value: Value): void {
    if (this.pause === 'array') this.#unpickler.release(this.array?.state);
    this.#unpickler.stack.push(value);
    this.pause = 'more';
  }

  /** @returns the place behind the opcode, or its own where more must be at hand. */
  #step(opcode: number, at: number, end: number, isLast: boolean): number {
    const argument = ARGUMENT[opcode]!;
    let next: number;
    if (argument < LINE) {
      next = at + 1 + argument;
      if (next > end) return this.#wait(at, 1 + argument, isLast);
      this.#fixed(opcode, at + 1);
    } else if (argument >= COUNTED_1 && argument <= COUNTED_8) {
      next = this.#counted(opcode, argument, at, end, isLast);
    } else if (argument === NO_OPCODE) {
      this.#fail(`has the byte 0x${opcode.toString(16).padStart(2, '0')} where an opcode belongs`);
      return at;
    } else {
      next = this.#lines(opcode, argument, at, end, isLast);
    }
    if (this.#frameEnd !== Number.POSITIVE_INFINITY) this.#checkFrame(next, opcode === FRAME);
    if (opcode === FRAME && this.#frameEnd === Number.POSITIVE_INFINITY) this.#frameEnd = this.#nextFrameEnd;
    if (this.#unpickler.hasFailed) this.pause = 'failed';
    if (opcode === STOP) this.#unpickler.end();
    return next;
  }

  #fixed(opcode: number, at: number): void {
    if (opcode === BUILD) {
      this.array = this.#unpickler.build();
      if (this.array) this.pause = 'array';
    } else if (opcode === STOP) {
      this.#unpickler.stack.pop();
      this.pause = 'stopped';
    } else if (opcode === FRAME) {
      this.#nextFrameEnd = this.#base + at + 8 + Number(this.#buffer.readBigUInt64LE(at));
    } else {
      applyFixed(this.#unpickler, opcode, this.#buffer, at);
    }
  }

  #counted(opcode: number, argument: number, at: number, end: number, isLast: boolean): number {
    const width = lengthBytes(argument);
    const from = at + 1 + width;
    if (from > end) return this.#wait(at, 1 + width, isLast);
    const buffer = this.#buffer;
    const length = readLength(buffer, at + 1, width);
    const isText = TEXTS[opcode] === 1;
    if (opcode === OPCODE.LONG4 && length >= 2 ** 31) {
      this.#fail('has a number of negative length');
      return at;
    }
    this.isBytes = BYTES[opcode] === 1;
    this.isText = isText;
    const mayHold = () => this.isBytes && mayHoldStream(buffer, from, Math.min(end, from + length));
    const isWanted = isText && !this.isBytes && length <= LONGEST_PARSER && this.#unpickler.wantsEntries;
    if ((length > MOST_INLINE && !isWanted) || (!isText && length >= 4 && mayHold())) {
      this.pause = 'payload';
      this.wants = length;
      return from;
    }
    if (from + length > end) return this.#wait(at, from - at + length, isLast);
    const { stack, texts } = this.#unpickler;
    if (isText) stack.push(texts.take(buffer, from, from + length));
    else if (this.isBytes) stack.push(specialInWide(buffer, from, from + length));
    else stack.push(opcode === OPCODE.LONG1 ? countOfLong(buffer, from, length) : undefined);
    return from + length;
  }

  #lines(opcode: number, argument: number, at: number, end: number, isLast: boolean): number {
    let lineEnd = this.#buffer.indexOf(10, at + 1);
    let [lines, from] = [argument === TWO_LINES ? 2 : 1, at + 1];
    const texts: string[] = [];
    for (; lines > 0; lines--) {
      const isEnded = lineEnd >= 0 && lineEnd < end;
      if (!isEnded && !isLast) return this.#longLine(opcode, at, end);
      // A file that ends without a line feed: the unpickler takes the last byte for it.
      const to = isEnded ? lineEnd : end - 1;
      const encoding = opcode === OPCODE.GLOBAL ? 'utf8' : 'latin1';
      texts.push(to < from ? '' : this.#buffer.toString(encoding, from, to));
      from = Math.max(from, to + 1);
      lineEnd = this.#buffer.indexOf(10, from);
    }
    if (argument === TWO_LINES) applyNamed(this.#unpickler, opcode, texts[0]!, texts[1]!);
    else applyLine(this.#unpickler, opcode, texts[0]!);
    return from;
  }

  #longLine(opcode: number, at: number, end: number): number {
    if (end - at <= LONGEST_LINE) return this.#wait(at, 2 * (end - at), false);
    if (opcode === OPCODE.UNICODE || opcode === OPCODE.STRING || opcode === OPCODE.FLOAT) {
      this.pause = 'long-line';
      this.isText = opcode !== OPCODE.FLOAT;
      return at + 1;
    }
    if (opcode === OPCODE.GLOBAL || opcode === OPCODE.INST) {
      const isNamed = /^[^\n]*\n?[\w.]+$/.test(this.#buffer.toString('latin1', at + 1, end));
      this.#unpickler.events.unresolved('its name is longer than any', this.#unpickler.offset, isNamed);
    }
    this.#fail('has a line that is longer than any');
    return at;
  }

  /**
   * CPython's reader in C holds a frame at once, and drops what is left of it where an opcode needs more: whoever lets one
   * cross the end of a frame shows other opcodes to it than to the reader in Python, and to this.
   * @param at behind the opcode that was read last.
   */
  #checkFrame(at: number, isFrame: boolean): void {
    const { offset, events } = this.#unpickler;
    if (offset >= this.#frameEnd) {
      this.#frameEnd = Number.POSITIVE_INFINITY;
      return;
    }
    const to = this.#base + at + (this.pause === 'payload' ? this.wants : 0);
    const isCrossed = isFrame ? this.#nextFrameEnd > this.#frameEnd : to > this.#frameEnd;
    if (!isCrossed && this.pause !== 'long-line') return;
    events.unresolved('what is read there differs from one loader to another', offset, false);
    // Where all of it is in memory, CPython's reader in C does not look at frames at all, and goes on.
    events.problem('has an opcode across the end of its frame', offset);
    this.#frameEnd = Number.POSITIVE_INFINITY;
  }

  #fail(what: string): void {
    this.#unpickler.events.problem(what, this.#unpickler.offset);
    this.#unpickler.end();
    this.#unpickler.hasFailed = true;
    this.pause = 'failed';
  }

  #wait(at: number, wants: number, isLast: boolean): number {
    if (isLast) this.#fail('ends in the middle of an opcode');
    this.wants = wants;
    return at;
  }
}
