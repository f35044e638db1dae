import { ARGUMENT, OPCODE } from '../pickle/opcodes.ts';
import { isCalledInCheckpoint, isCheckpointObject } from './names.ts';
import type { Piece } from './pieces.ts';

const {
  STOP,
  PROTO,
  FRAME,
  MARK,
  APPEND,
  APPENDS,
  SETITEM,
  SETITEMS,
  BUILD,
  MEMOIZE,
  BINPUT,
  LONG_BINPUT,
  NONE,
  NEWTRUE,
  NEWFALSE,
  BINFLOAT,
  BININT,
  BININT1,
  BININT2,
  LONG1,
  SHORT_BINUNICODE,
  BINUNICODE,
  EMPTY_LIST,
  EMPTY_DICT,
  EMPTY_TUPLE,
  TUPLE1,
  TUPLE2,
  TUPLE3,
  TUPLE,
  GLOBAL,
  STACK_GLOBAL,
  NEWOBJ,
  REDUCE,
  BINGET,
  LONG_BINGET,
} = OPCODE;

/** Something in the metadata of a checkpoint that torch does not write there. */
export class OddMetadata extends Error {
  /** In bytes, of the opcode. */
  readonly offset: number;

  constructor(offset: number, what: string) {
    super(what);
    this.offset = offset;
  }
}

class Imported {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}
/** An object of a class; `isBuilt` once it has its attributes. */
class Made {
  readonly of: Imported;
  isBuilt = false;

  constructor(of: Imported) {
    this.of = of;
  }
}
const MOST_ENTRIES = 16;
class Dictionary {
  /** Keys and values in turn; undefined where they are not known, or no more. */
  #items: Value[] | undefined = [];

  add(items: readonly Value[]): void {
    const known = this.#items;
    if (!known) return;
    const isKnown = known.length + items.length <= 2 * MOST_ENTRIES;
    const hasTexts = isKnown && items.every((item, index) => index % 2 === 1 || typeof item === 'string');
    if (hasTexts) known.push(...items);
    else this.#items = undefined;
  }

  /** What it holds, for the one object that gets it: so that nothing of a large checkpoint is kept. */
  take(): Map<Value, Value> | undefined {
    const items = this.#items;
    this.#items = undefined;
    if (!items) return undefined;
    const entries = new Map<Value, Value>();
    for (let index = 0; index < items.length; index += 2) entries.set(items[index], items[index + 1]);
    return entries;
  }
}
const TRANSFORMS = 'transform_descriptors';
const NO_ITEMS = Symbol('empty tuple');
const LIST = Symbol('list');
/** `undefined` is a value that has no attributes of its own: a number below 0, a tuple, what a known function gave. */
type Value =
  | undefined
  | null
  | number
  | string
  | typeof NO_ITEMS
  | typeof LIST
  | Imported
  | Made
  | Dictionary;

/**
 * Reads the `.metadata` of `torch.distributed.checkpoint`: one pickle of protocol 2 to 5, whose `_StorageInfo` say which
 * bytes of which file a loader unpickles. A loader takes any object with such attributes for one. So this reader knows every
 * object that is made and all attributes that it gets, and refuses what torch does not write.
 *
 * @returns all pieces that are named.
 * @throws OddMetadata where anything else is there, or what is named cannot be told.
 */
export const readCheckpointMetadata = (bytes: Buffer): Piece[] => new MetadataReader(bytes).read();

class MetadataReader {
  readonly #bytes: Buffer;
  readonly #pieces: Piece[] = [];
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  readonly #memo: Value[] = [];
  #at = 0;
  /** Of the opcode that is read. */
  #start = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(): Piece[] {
    for (;;) {
      this.#start = this.#at;
      const opcode = this.#bytes[this.#take(1)]!;
      if (opcode === STOP) return this.#pieces;
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    switch (opcode) {
      case PROTO:
      case FRAME:
        this.#take(ARGUMENT[opcode]!);
        return;
      case MARK:
        this.#marks.push(this.#stack.length);
        return;
      case APPEND:
        this.#append(1);
        return;
      case APPENDS:
        this.#append(this.#countToMark());
        return;
      case SETITEM:
        this.#setItems(2);
        return;
      case SETITEMS:
        this.#setItems(this.#countToMark());
        return;
      case BUILD:
        this.#build(this.#pop());
        return;
      case MEMOIZE:
        this.#memo.push(this.#top());
        return;
      case BINPUT:
      case LONG_BINPUT:
        if (this.#number(ARGUMENT[opcode]!) !== this.#memo.length)
          throw this.#odd('fills its memo out of order');
        this.#memo.push(this.#top());
        return;
      default:
        this.#stack.push(this.#valueOf(opcode));
    }
  }

  /** What an opcode puts on the stack. */
  #valueOf(opcode: number): Value {
    switch (opcode) {
      case NONE:
        return null;
      case NEWTRUE:
      case NEWFALSE:
        return undefined;
      case BINFLOAT:
        this.#take(8);
        return undefined;
      case BININT: {
        const number = this.#bytes.readInt32LE(this.#take(4));
        return number < 0 ? undefined : number;
      }
      case BININT1:
      case BININT2:
        return this.#number(ARGUMENT[opcode]!);
      case LONG1:
        return this.#long(this.#number(1));
      case SHORT_BINUNICODE:
        return this.#text(this.#number(1));
      case BINUNICODE:
        return this.#text(this.#number(4));
      case EMPTY_LIST:
        return LIST;
      case EMPTY_DICT:
        return new Dictionary();
      case EMPTY_TUPLE:
        return NO_ITEMS;
      case TUPLE1:
      case TUPLE2:
      case TUPLE3:
        this.#popMany(opcode - TUPLE1 + 1);
        return undefined;
      case TUPLE:
        return this.#popMany(this.#countToMark()).length === 0 ? NO_ITEMS : undefined;
      case GLOBAL:
        return new Imported(this.#line(), this.#line());
      case STACK_GLOBAL: {
        const [module, name] = this.#popMany(2);
        if (typeof module === 'string' && typeof name === 'string') return new Imported(module, name);
        throw this.#odd('imports what no text names');
      }
      case NEWOBJ: {
        const [of, given] = this.#popMany(2);
        const isPlain = of instanceof Imported && isCheckpointObject(of.module, of.name);
        if (isPlain && given === NO_ITEMS) return new Made(of);
        throw this.#odd('makes an object that is none of a checkpoint');
      }
      case REDUCE: {
        const [called] = this.#popMany(2);
        const isPlain = called instanceof Imported && isCalledInCheckpoint(called.module, called.name);
        if (isPlain) return undefined;
        throw this.#odd('calls what checkpoints do not call');
      }
      case BINGET:
      case LONG_BINGET: {
        const place = this.#number(ARGUMENT[opcode]!);
        if (place >= this.#memo.length) throw this.#odd('takes from its memo what was never put there');
        return this.#memo[place];
      }
      default:
        throw this.#odd('has an opcode that torch does not write there');
    }
  }

  /** Gives an object its attributes, once: one that may have those of a `_StorageInfo` must be one, and all known. */
  #build(state: Value): void {
    const target = this.#top();
    if (!(target instanceof Made) || target.isBuilt) throw this.#odd('changes what is made already');
    target.isBuilt = true;
    // Takes a tuple apart, into attributes of its own names.
    if (target.of.name === 'TensorProperties' && state === undefined) return;
    const entries = state instanceof Dictionary ? state.take() : undefined;
    if (!entries) throw this.#odd('has an object of other attributes');
    if (target.of.name === '_StorageInfo') this.#pieces.push(this.#pieceOf(entries));
    else if (entries.has('relative_path')) throw this.#odd('has an object of other attributes');
  }

  #pieceOf(entries: ReadonlyMap<Value, Value>): Piece {
    const isTransformed = entries.has(TRANSFORMS) && entries.get(TRANSFORMS) !== null;
    if (isTransformed) throw this.#odd('has pieces that are compressed or otherwise transformed');
    const [path, offset, length] = ['relative_path', 'offset', 'length'].map((key) => entries.get(key));
    const isKnown = typeof path === 'string' && typeof offset === 'number' && typeof length === 'number';
    if (isKnown) return { path, offset, length };
    throw this.#odd('has a piece whose place cannot be told');
  }

  #append(count: number): void {
    this.#popMany(count);
    if (this.#top() !== LIST) throw this.#odd('adds to what is no list');
  }

  #setItems(count: number): void {
    const items = this.#popMany(count);
    const target = this.#top();
    if (!(target instanceof Dictionary) || count % 2 === 1) throw this.#odd('adds to what is no dictionary');
    target.add(items);
  }

  /** @returns where the next bytes begin, which are then behind. */
  #take(count: number): number {
    const from = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) throw this.#odd('ends before its STOP');
    return from;
  }

  #number(width: number): number {
    return this.#bytes.readUIntLE(this.#take(width), width);
  }

  #long(width: number): number | undefined {
    const from = this.#take(width);
    const number = width > 0 && width <= 6 ? this.#bytes.readIntLE(from, width) : -1;
    return number < 0 ? undefined : number;
  }

  #text(length: number): string {
    const from = this.#take(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  #line(): string {
    const end = this.#bytes.indexOf(10, this.#at);
    if (end < 0) throw this.#odd('ends before its STOP');
    return this.#bytes.toString('utf8', this.#take(end + 1 - this.#at), end);
  }

  #top(): Value {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#odd('takes a value from an empty stack');
    return this.#stack.at(-1);
  }

  #pop(): Value {
    this.#top();
    return this.#stack.pop();
  }

  #popMany(count: number): Value[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0))
      throw this.#odd('takes a value from an empty stack');
    return this.#stack.splice(this.#stack.length - count);
  }

  /** Takes the last mark. @returns how many values are above it. */
  #countToMark(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#odd('takes a mark that is not there');
    return this.#stack.length - mark;
  }

  #odd(what: string): OddMetadata {
    return new OddMetadata(this.#start, what);
  }
}
