import { applyCall, applyState, type CallNotes } from './calls.ts';
import { Memo } from './memo.ts';
import { ARGUMENT, COUNTED_1, COUNTED_4, COUNTED_8, LINE, NO_OPCODE, OPCODE, TWO_LINES } from './opcodes.ts';
import { python3Name } from './python2-names.ts';
import { Stack } from './stack.ts';
import { isFloatLine, isIntegerLine, nameIn, placeIn, quotedName, rawUnicodeName } from './text.ts';
import { Entries, Global, type Import, type Instance, STRANGE_TEXT, Tuple, type Value } from './values.ts';

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

export interface MachineEvents {
  imported(what: Import, offset: number): void;
  called(what: Import, offset: number): void;
  /** `getattr` is used otherwise than to name an attribute of what was imported. */
  reaches(offset: number): void;
  /** An import whose name cannot be told. */
  unresolved(why: string, offset: number): void;
  /** What an unpickler would stop at: `takes a value from an empty stack`. */
  problem(what: string, offset: number): void;
  /** Data from outside of the pickle is asked for. */
  persistent(id: Value, offset: number): void;
  /** An imported class or function gets other attributes. */
  patched(what: Import, offset: number): void;
}

export interface MachineOptions {
  /** Stops at the first problem, as an unpickler does, instead of reading on. */
  strict?: boolean;
  /** Whether arrays of joblib lie between the opcodes. */
  hasArrays?: boolean;
}

/** Payloads up to so many bytes are read as a whole, to see whether they are a name. */
const MOST_INLINE = 256;
/** Tuples up to so many values are looked into. */
const MOST_ITEMS = 16;
const MOST_KEYS = 32;
const LONGEST_LINE = 1 << 16;
const BINFLOAT = OPCODE.BINFLOAT;

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
  readonly stack: Stack;
  readonly memo: Memo;
  readonly #events: MachineEvents;
  readonly #strict: boolean;
  readonly #notes: CallNotes;
  #protocol = 0;
  #offset = 0;
  #hasFailed = false;
  /** Where in the stream the frame ends that is read; 0 outside of frames. */
  #frameEnd = 0;
  #nextFrameEnd = 0;
  /** Offset in the stream of the first byte at hand. */
  #base = 0;
  /** How often `getattr` was put on the stack and not called there with names. */
  #looseGetattrs = 0;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(events: MachineEvents, options: MachineOptions = {}, below?: Machine) {
    this.#events = events;
    this.#strict = options.strict ?? false;
    this.memo = new Memo(below?.memo);
    this.stack = new Stack((what) => this.#problem(what));
    this.#notes = {
      hasArrays: options.hasArrays ?? false,
      pendingArrays: 0,
      patched: (what) => events.patched(what, this.#offset),
      called: (what) => events.called(what, this.#offset),
      problem: (what) => this.#problem(what),
      unresolved: (why) => events.unresolved(why, this.#offset),
      attribute: (module, name) => this.#attribute(module, name),
    };
    if (below) {
      this.#protocol = below.#protocol;
      below.stack.copyTo(this.stack);
    }
  }

  /** The wrapper whose array follows, of a pause at an array. */
  array: Instance | undefined;

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
    let at = position;
    this.pause = 'more';
    this.wants = 1;
    while (at < end) {
      const opcode = bytes[at]!;
      // Most of what is in lists of numbers.
      if (
        opcode === BINFLOAT &&
        at + 9 <= end &&
        (this.#frameEnd === 0 || offset + at + 9 <= this.#frameEnd)
      ) {
        this.#offset = offset + at;
        this.stack.push(undefined);
        at += 9;
        continue;
      }
      const argument = ARGUMENT[opcode]!;
      this.#offset = offset + at;
      if (argument < LINE) {
        if (at + 1 + argument > end) return this.#wait(at, 1 + argument, isLast);
        this.#fixed(opcode, at + 1);
        at += 1 + argument;
      } else if (argument >= COUNTED_1 && argument <= COUNTED_8) {
        at = this.#counted(opcode, argument, at, end, isLast);
      } else if (argument === NO_OPCODE) {
        this.#fail(`has the byte 0x${opcode.toString(16).padStart(2, '0')} where an opcode belongs`);
        return at;
      } else {
        at = this.#lines(opcode, argument, at, end, isLast);
      }
      if (this.#frameEnd > 0) this.#checkFrame(at, opcode === OPCODE.FRAME);
      if (opcode === OPCODE.FRAME && this.#frameEnd === 0) this.#frameEnd = this.#nextFrameEnd;
      if (this.#hasFailed) this.pause = 'failed';
      if (opcode === OPCODE.STOP && this.#looseGetattrs !== 0) this.#events.reaches(this.#offset);
      if (this.pause !== 'more' || this.wants > 1) return at;
    }
    if (isLast) this.#fail('ends before STOP');
    return at;
  }

  /** Goes on after a payload, a long line or an array. @param value what lies on the stack now. */
  passed(value: Value): void {
    this.stack.push(value);
    this.pause = 'more';
  }

  /**
   * CPython's reader in C holds a frame at once, and drops what is left of it where an opcode needs more: whoever lets one
   * cross the end of a frame shows other opcodes to it than to the reader in Python, and to this.
   * @param at behind the opcode that was read last.
   */
  #checkFrame(at: number, isFrame: boolean): void {
    if (this.#offset >= this.#frameEnd) {
      this.#frameEnd = 0;
      return;
    }
    const to = this.#base + at + (this.pause === 'payload' ? this.wants : 0);
    const isCrossed = isFrame ? this.#nextFrameEnd > this.#frameEnd : to > this.#frameEnd;
    if (!isCrossed && this.pause !== 'long-line') return;
    this.#events.unresolved('what is read there differs from one loader to another', this.#offset);
    this.#problem('has an opcode across the end of its frame');
    this.#frameEnd = 0;
  }

  /** Tells something as of the opcode that was read last. */
  #problem(what: string): void {
    this.#events.problem(what, this.#offset);
    if (this.#strict) this.#hasFailed = true;
  }

  #fail(what: string): void {
    this.#events.problem(what, this.#offset);
    if (this.#looseGetattrs !== 0) this.#events.reaches(this.#offset);
    this.#hasFailed = true;
    this.pause = 'failed';
  }

  #wait(at: number, wants: number, isLast: boolean): number {
    if (isLast) this.#fail('ends in the middle of an opcode');
    this.wants = wants;
    return at;
  }

  #counted(opcode: number, argument: number, at: number, end: number, isLast: boolean): number {
    const width = argument === COUNTED_1 ? 1 : argument === COUNTED_4 ? 4 : 8;
    const from = at + 1 + width;
    if (from > end) return this.#wait(at, 1 + width, isLast);
    const buffer = this.#buffer;
    const length =
      width === 1
        ? buffer[at + 1]!
        : width === 4
          ? buffer.readUInt32LE(at + 1)
          : Number(buffer.readBigUInt64LE(at + 1));
    const isText = TEXTS[opcode] === 1;
    if (opcode === OPCODE.LONG4 && length >= 2 ** 31) {
      this.#fail('has a number of negative length');
      return at;
    }
    this.isBytes = BYTES[opcode] === 1;
    if (
      length > MOST_INLINE ||
      (!isText && length >= 4 && this.#mayHold(from, Math.min(end, from + length)))
    ) {
      this.pause = 'payload';
      this.wants = length;
      return from;
    }
    if (from + length > end) return this.#wait(at, from - at + length, isLast);
    if (isText) this.stack.push(nameIn(buffer, from, from + length));
    else
      this.stack.push(
        opcode === OPCODE.LONG1 && length <= 6 && length > 0 ? buffer.readIntLE(from, length) : undefined,
      );
    return from + length;
  }

  /** Whether short bytes could be a stream of their own: only what begins as one does, or a part of it. */
  #mayHold(from: number, end: number): boolean {
    const first = from < end ? this.#buffer[from]! : 0x80;
    return (
      this.isBytes &&
      (first === 0x80 || first === 0x50 || (ARGUMENT[first] !== NO_OPCODE && end - from >= 12))
    );
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
    if (argument === TWO_LINES) this.#named(opcode, texts[0]!, texts[1]!);
    else this.#line(opcode, texts[0]!);
    return from;
  }

  #longLine(opcode: number, at: number, end: number): number {
    if (end - at <= LONGEST_LINE) return this.#wait(at, 2 * (end - at), false);
    if (opcode === OPCODE.UNICODE || opcode === OPCODE.STRING || opcode === OPCODE.FLOAT) {
      this.pause = 'long-line';
      return at + 1;
    }
    if (opcode === OPCODE.GLOBAL || opcode === OPCODE.INST) {
      this.#events.unresolved('its name is longer than any', this.#offset);
    }
    this.#fail('has a line that is longer than any');
    return at;
  }

  #named(opcode: number, module: string, name: string): void {
    this.#import(module, name);
    if (opcode === OPCODE.GLOBAL) return;
    const made = this.stack.pop();
    const args = this.stack.popMark(MOST_ITEMS);
    this.stack.push(applyCall(made, args ? new Tuple(args) : undefined, false, this.#notes));
  }

  #import(module: string, name: string): void {
    const found = this.#protocol < 3 ? python3Name(module, name) : { module, name };
    this.#events.imported(found, this.#offset);
    const global = new Global(found.module, found.name);
    if (this.#isGetattr(global)) this.#looseGetattrs += 1;
    this.stack.push(global);
  }

  #attribute(module: string, name: string): Global {
    this.#looseGetattrs -= 1;
    this.#events.imported({ module, name }, this.#offset);
    return new Global(module, name);
  }

  #isGetattr(value: Value): boolean {
    return value instanceof Global && value.is('builtins', 'getattr');
  }

  #stackGlobal(): void {
    const name = this.stack.pop();
    const module = this.stack.pop();
    if (typeof name === 'string' && typeof module === 'string') {
      this.#import(module, name);
      return;
    }
    this.stack.push(undefined);
    if (this.#hasFailed) return;
    const isText = (value: Value) => typeof value === 'string' || value === STRANGE_TEXT;
    if (isText(name) && isText(module))
      this.#events.unresolved('its name is no name of Python', this.#offset);
    else if (name === undefined || module === undefined) {
      this.#events.unresolved('its name is made while it is loaded', this.#offset);
      this.#problem('imports what no text names');
    } else this.#problem('imports what no text names');
  }

  #line(opcode: number, line: string): void {
    switch (opcode) {
      case OPCODE.INT:
      case OPCODE.LONG:
        if (!isIntegerLine(line)) this.#problem('has no number where one belongs');
        this.stack.push(
          opcode === OPCODE.INT && (line === '01' || line === '00')
            ? line === '01'
            : Number(line.replace(/L?\s*$/, '')),
        );
        return;
      case OPCODE.FLOAT:
        if (!isFloatLine(line)) this.#problem('has no number where one belongs');
        this.stack.push(undefined);
        return;
      case OPCODE.STRING: {
        const text = quotedName(line);
        if (text === undefined) this.#problem('has a text without quotes');
        this.stack.push(text);
        return;
      }
      case OPCODE.UNICODE:
        this.stack.push(rawUnicodeName(line));
        return;
      case OPCODE.PERSID:
        this.#events.persistent(line, this.#offset);
        this.stack.push(undefined);
        return;
      default: {
        const place = placeIn(line);
        if (place === undefined) this.#problem('names no place in its memo');
        else if (opcode === OPCODE.GET) this.#get(place);
        else this.#put(place);
      }
    }
  }

  #get(place: number): void {
    if (!this.memo.has(place)) this.#problem('takes from its memo what was never put there');
    this.#again(this.memo.get(place));
  }

  #again(value: Value): void {
    if (typeof value === 'object' && this.#isGetattr(value)) this.#looseGetattrs += 1;
    this.stack.push(value);
  }

  #put(place: number): void {
    if (!this.memo.put(place, this.stack.top())) this.#problem('fills its memo as no pickler does');
  }

  #call(isBare: boolean): void {
    const args = this.stack.pop();
    const made = this.stack.pop();
    this.stack.push(applyCall(made, args instanceof Tuple ? args : undefined, isBare, this.#notes));
  }

  #build(): void {
    const state = this.stack.pop();
    const top = this.stack.top();
    if (!applyState(top, state, this.#notes)) return;
    this.array = this.stack.pop() as Instance;
    this.pause = 'array';
  }

  #fixed(opcode: number, at: number): void {
    const stack = this.stack;
    const buffer = this.#buffer;
    switch (opcode) {
      case OPCODE.BINFLOAT:
        stack.push(undefined);
        return;
      case OPCODE.MEMOIZE:
        this.#put(this.memo.count);
        return;
      case OPCODE.BININT1:
        stack.push(buffer[at]);
        return;
      case OPCODE.BINGET:
        this.#get(buffer[at]!);
        return;
      case OPCODE.LONG_BINGET:
        this.#get(buffer.readUInt32LE(at));
        return;
      case OPCODE.BINPUT:
        this.#put(buffer[at]!);
        return;
      case OPCODE.LONG_BINPUT:
        this.#put(buffer.readUInt32LE(at));
        return;
      case OPCODE.MARK:
        stack.mark();
        return;
      case OPCODE.BININT2:
        stack.push(buffer.readUInt16LE(at));
        return;
      case OPCODE.BININT:
        stack.push(buffer.readInt32LE(at));
        return;
      case OPCODE.NONE:
        stack.push(null);
        return;
      case OPCODE.NEWTRUE:
        stack.push(true);
        return;
      case OPCODE.NEWFALSE:
        stack.push(false);
        return;
      case OPCODE.EMPTY_TUPLE:
        stack.push(NO_ITEMS);
        return;
      case OPCODE.TUPLE1:
      case OPCODE.TUPLE2:
      case OPCODE.TUPLE3:
        this.#tuple(opcode - OPCODE.TUPLE1 + 1);
        return;
      case OPCODE.TUPLE: {
        const items = stack.popMark(MOST_ITEMS);
        stack.push(items ? new Tuple(items.map(flat)) : undefined);
        return;
      }
      case OPCODE.EMPTY_DICT:
        stack.push(this.#notes.pendingArrays > 0 ? new Entries() : undefined);
        return;
      case OPCODE.EMPTY_LIST:
      case OPCODE.EMPTY_SET:
      case OPCODE.NEXT_BUFFER:
        stack.push(undefined);
        return;
      case OPCODE.LIST:
      case OPCODE.FROZENSET:
        stack.popMark(0);
        stack.push(undefined);
        return;
      case OPCODE.DICT: {
        const items = stack.popMark(2 * MOST_KEYS);
        const entries = this.#notes.pendingArrays > 0 ? new Entries() : undefined;
        if (entries) setEntries(entries, items);
        stack.push(entries);
        return;
      }
      case OPCODE.APPEND:
        stack.pop();
        this.#changes(stack.top());
        return;
      case OPCODE.APPENDS:
      case OPCODE.ADDITEMS:
        stack.popMark(0);
        this.#changes(stack.top());
        return;
      case OPCODE.SETITEM: {
        const value = stack.pop();
        const key = stack.pop();
        const target = stack.top();
        if (target instanceof Entries) setEntries(target, [key, value]);
        else this.#changes(target);
        return;
      }
      case OPCODE.SETITEMS: {
        const items = stack.popMark(2 * MOST_KEYS);
        const target = stack.top();
        if (target instanceof Entries) setEntries(target, items);
        else this.#changes(target);
        return;
      }
      case OPCODE.POP:
        stack.discard();
        return;
      case OPCODE.POP_MARK:
        stack.popMark(0);
        return;
      case OPCODE.DUP:
        this.#again(stack.top());
        return;
      case OPCODE.READONLY_BUFFER:
        stack.top();
        return;
      case OPCODE.REDUCE:
        this.#call(false);
        return;
      case OPCODE.NEWOBJ:
        this.#call(true);
        return;
      case OPCODE.NEWOBJ_EX:
        stack.pop();
        this.#call(false);
        return;
      case OPCODE.OBJ: {
        const items = stack.popMark(MOST_ITEMS + 1);
        if (items?.length === 0) this.#problem('calls nothing');
        stack.push(applyCall(items?.[0], items ? new Tuple(items.slice(1)) : undefined, false, this.#notes));
        return;
      }
      case OPCODE.BUILD:
        this.#build();
        return;
      case OPCODE.STACK_GLOBAL:
        this.#stackGlobal();
        return;
      case OPCODE.BINPERSID:
        this.#events.persistent(stack.pop(), this.#offset);
        stack.push(undefined);
        return;
      case OPCODE.EXT1:
      case OPCODE.EXT2:
      case OPCODE.EXT4:
        this.#events.unresolved('it is a number in the registry of the machine that loads it', this.#offset);
        stack.push(undefined);
        return;
      case OPCODE.PROTO:
        if (buffer[at]! > 5) this.#problem(`is of protocol ${buffer[at]}, which there is not`);
        else this.#protocol = buffer[at]!;
        return;
      case OPCODE.STOP:
        stack.pop();
        this.pause = 'stopped';
        return;
      default:
        this.#nextFrameEnd = this.#base + at + 8 + Number(buffer.readBigUInt64LE(at));
        return;
    }
  }

  #tuple(count: number): void {
    const items: Value[] = [];
    for (let index = 0; index < count; index++) items.unshift(flat(this.stack.pop()));
    this.stack.push(new Tuple(items));
  }

  #changes(target: Value): void {
    if (target instanceof Global) this.#notes.patched(target);
  }
}

const NO_ITEMS = new Tuple([]);
/** Tuples in tuples are not looked into, so that nothing grows without bound. */
const flat = (value: Value): Value =>
  (value instanceof Tuple && value.items.length > 0) || value instanceof Entries ? undefined : value;

function setEntries(target: Entries, items: readonly Value[] | undefined): void {
  if (!items || items.length % 2 === 1) {
    target.isOdd = true;
    return;
  }
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (typeof key !== 'string' || target.of.has(key) || target.of.size >= MOST_KEYS) target.isOdd = true;
    else target.of.set(key, items[index + 1]);
  }
}

const flags = (...opcodes: number[]): Uint8Array => {
  const of = new Uint8Array(256);
  for (const opcode of opcodes) of[opcode] = 1;
  return of;
};
const TEXTS = flags(
  OPCODE.BINSTRING,
  OPCODE.SHORT_BINSTRING,
  OPCODE.BINUNICODE,
  OPCODE.SHORT_BINUNICODE,
  OPCODE.BINUNICODE8,
);
/** Values that a call could read as a stream: texts of Python 2 are bytes. */
const BYTES = flags(
  OPCODE.BINBYTES,
  OPCODE.SHORT_BINBYTES,
  OPCODE.BINBYTES8,
  OPCODE.BYTEARRAY8,
  OPCODE.BINSTRING,
  OPCODE.SHORT_BINSTRING,
);
