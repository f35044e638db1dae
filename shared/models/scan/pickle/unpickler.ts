import { nestedOf } from './arguments.ts';
import { applyCall, applyState, type CallNotes, type Guarded, guarded } from './calls.ts';
import { Memo, MemoAbove } from './memo.ts';
import { python3Name } from './python2-names.ts';
import { listOf, ResponseLists } from './response-lists.ts';
import { areResponses, isSpecialKey, judgeAttribute, ownerOf, RESPONSE_METHOD } from './special-keys.ts';
import { Stack } from './stack.ts';
import { MOST_NAME } from './text.ts';
import { Texts } from './texts.ts';
import {
  type Call,
  type Change,
  Entries,
  FRESH_LIST,
  Global,
  type Import,
  Instance,
  Made,
  RESPONSE_METHODS,
  SHARED_LIST,
  STRANGE_TEXT,
  Tuple,
  type Value,
} from './values.ts';

export interface UnpicklerEvents {
  imported(what: Import, offset: number): void;
  called(what: Import, how: Call, offset: number): void;
  /** What another call made is called, or what cannot be told. */
  calledUnknown(offset: number): void;
  /** `getattr` is used otherwise than to name an attribute of what was imported. */
  reaches(offset: number): void;
  /** An import whose name cannot be told. @param isNamed whether texts name it, so that an unpickler goes on. */
  unresolved(why: string, offset: number, isNamed: boolean): void;
  /** What an unpickler would stop at: `takes a value from an empty stack`. */
  problem(what: string, offset: number): void;
  /** Data from outside of the pickle is asked for. */
  persistent(id: Value, offset: number): void;
  /** An imported class or function gets other attributes. */
  patched(what: Import, offset: number): void;
  /** An import that is harmless otherwise is used as it must not be. @param why a clause. */
  refused(what: Import, why: string, offset: number): void;
}

export interface UnpicklerOptions {
  /** Stops at the first problem, as an unpickler does, instead of reading on. */
  strict?: boolean;
  /** Whether arrays of joblib lie between the opcodes. */
  hasArrays?: boolean;
}

/** What an unpickler has at one place of a pickle: stack, memo and protocol, of values of which only imports are known. */
export class Unpickler {
  readonly events: UnpicklerEvents;
  readonly stack: Stack;
  readonly memo: Pick<Memo, 'count' | 'put' | 'has' | 'get'>;
  readonly texts: Texts;
  /** In the stream, of the opcode that was read last. */
  offset = 0;
  protocol = 0;
  /** Whether a strict unpickler stops here. */
  hasFailed = false;
  /** How often each was put on the stack and not used there as it must be. */
  readonly #loose: Record<Guarded, number> = { getattr: 0, loads: 0, wrapper: 0, distribution: 0, memmap: 0 };
  /** Dictionaries whose entries are known. */
  #held = 0;
  readonly #lists = new ResponseLists();
  readonly #strict: boolean;
  readonly #notes: CallNotes;

  constructor(events: UnpicklerEvents, options: UnpicklerOptions, below?: Unpickler) {
    this.events = events;
    this.#strict = options.strict ?? false;
    this.stack = new Stack((what) => this.problem(what));
    this.memo = below ? new MemoAbove(below.memo) : new Memo();
    this.texts = below?.texts ?? new Texts();
    this.#notes = {
      hasArrays: options.hasArrays ?? false,
      pendingStates: 0,
      distribution: undefined,
      patched: (what) => events.patched(what, this.offset),
      called: (what, how) => events.called(what, how, this.offset),
      calledUnknown: () => events.calledUnknown(this.offset),
      problem: (what) => this.problem(what),
      unresolved: (why) => events.unresolved(why, this.offset, true),
      attribute: (module, name) => this.#attribute(module, name),
      refused: (what, why) => events.refused(what, why, this.offset),
      used: (what) => {
        const kind = guarded(what);
        if (kind) this.#loose[kind] -= 1;
      },
      read: (value) => this.texts.read(value),
    };
    if (below) {
      this.protocol = below.protocol;
      below.stack.copyTo(this.stack);
    }
  }

  /** Tells something as of the opcode that was read last. */
  problem(what: string): void {
    this.events.problem(what, this.offset);
    if (this.#strict) this.hasFailed = true;
  }

  /** Tells what is only known at the end of a pickle. */
  end(): void {
    const { getattr, loads, wrapper, distribution, memmap } = this.#loose;
    if (getattr !== 0) this.events.reaches(this.offset);
    if (loads !== 0) this.events.unresolved(MADE_BYTES, this.offset, true);
    // An object that gets it for its class is an array to joblib, wherever it likes.
    if (wrapper !== 0) this.problem('has a class of joblib otherwise than to read an array');
    const why = 'is used otherwise than to make an empty distribution';
    if (distribution !== 0) this.events.refused(this.#notes.distribution!, why, this.offset);
    const isOpened =
      'is named otherwise than as the kind of an array, and opens files of the machine when it is called';
    if (memmap !== 0) this.events.refused(MEMMAP, isOpened, this.offset);
  }

  import(module: string, name: string): void {
    if (module.length > MOST_NAME || name.length > MOST_NAME) {
      const isNamed = MAY_BE_NAME.test(module) && MAY_BE_NAME.test(name);
      this.events.unresolved('its name is longer than any', this.offset, isNamed);
      this.stack.push(undefined);
      return;
    }
    if (this.#strict && !(MAY_BE_MODULE.test(module) && MAY_BE_NAME.test(name))) this.hasFailed = true;
    const found = this.protocol < 3 ? python3Name(module, name) : { module, name };
    this.events.imported(found, this.offset);
    this.#again(new Global(found.module, found.name));
  }

  /** STACK_GLOBAL */
  importNamed(): void {
    const name = this.texts.read(this.stack.pop());
    const module = this.texts.read(this.stack.pop());
    if (typeof name === 'string' && typeof module === 'string') {
      this.import(module, name);
      return;
    }
    this.stack.push(undefined);
    if (this.hasFailed) return;
    const isUnknown = (value: Value) =>
      value === undefined || value instanceof Made || value === FRESH_LIST || value === SHARED_LIST;
    const isText = (value: Value) => typeof value === 'string' || value === STRANGE_TEXT;
    if (isText(name) && isText(module))
      this.events.unresolved('its name is no name of Python', this.offset, true);
    else if (isUnknown(name) || isUnknown(module)) {
      this.events.unresolved('its name is made while it is loaded', this.offset, false);
      this.problem('imports what no text names');
    } else this.problem('imports what no text names');
  }

  /** REDUCE and NEWOBJ */
  call(isBare: boolean): void {
    const args = this.stack.pop();
    const made = this.stack.pop();
    this.#apply(made, args instanceof Tuple ? args : undefined, isBare);
  }

  /** INST and OBJ. @param args undefined where they are too many to be looked into. */
  callWith(made: Value, args: readonly Value[] | undefined): void {
    this.#apply(made, args && new Tuple(args), false);
  }

  #apply(made: Value, args: Tuple | undefined, isBare: boolean): void {
    this.stack.push(applyCall(made, args, isBare, this.#notes));
  }

  /** BUILD. @returns the wrapper of the array that joblib reads from here on, which is not on the stack any more. */
  build(): Instance | undefined {
    const state = this.stack.pop();
    if (!applyState(this.stack.top(), state, this.#notes)) return undefined;
    return this.stack.pop() as Instance;
  }

  get(place: number): void {
    if (!this.memo.has(place)) this.problem('takes from its memo what was never put there');
    this.#again(this.memo.get(place));
  }

  put(place: number): void {
    if (!this.memo.put(place, this.stack.top())) this.problem('fills its memo as no pickler does');
  }

  /** DUP */
  repeat(): void {
    const value = this.stack.top();
    // No pickler repeats a tuple, and the imports in it would be counted once.
    const again = value instanceof Tuple ? nestedOf(value) : value;
    this.#again(again === FRESH_LIST ? SHARED_LIST : again);
  }

  /** Whether what dictionaries hold is asked for, as that of an array or a distribution is. */
  get wantsEntries(): boolean {
    return this.#notes.pendingStates > 0;
  }

  /** TUPLE1 to TUPLE3 */
  tuple(count: number): void {
    const third = count > 2 ? this.stack.pop() : undefined;
    const second = count > 1 ? this.stack.pop() : undefined;
    const first = this.stack.pop();
    // Pairs of numbers are in most models, and only tell something where the shape of an array is asked for.
    const isDull = count > 1 && isPlain(first) && isPlain(second) && isPlain(third);
    if (isDull && !this.wantsEntries) this.stack.push(count === 2 ? DULL_PAIR : DULL_TRIPLE);
    else {
      const items: readonly Value[] = [first, second, third];
      this.pushTuple(items.slice(0, count));
    }
  }

  pushTuple(items: readonly Value[]): void {
    this.stack.push(areResponses(items) ? RESPONSE_METHODS : new Tuple(items.map(flat)));
  }

  /** Persistent ids: what lies outside is not known, but for classes, which torch names so in its old files. */
  persistent(id: Value): void {
    const read = id instanceof Tuple ? new Tuple(id.items.map((item) => this.texts.read(item))) : id;
    this.events.persistent(read, this.offset);
    const [kind, what] = read instanceof Tuple ? read.items : [];
    const isClass = kind === 'module' && what instanceof Global;
    this.#again(isClass ? what : this.#notes.distribution ? MAYBE_GIVEN : OF_LOADER);
  }

  /** A dictionary; its entries are only known while an object waits for its state. */
  dictionary(items?: readonly Value[]): void {
    const entries = this.wantsEntries && this.#held < MOST_HELD ? new Entries() : undefined;
    if (entries) this.#held += 1;
    if (entries && items?.length !== 0) this.setEntries(entries, items);
    this.stack.push(entries);
  }

  /** Forgets the entries of the state of an array, once that was read. */
  release(state: Value): void {
    if (!(state instanceof Entries)) return;
    state.release();
    this.#held -= 1;
  }

  /** @param items keys and values in turn; undefined where they are too many to be looked into. */
  setEntries(target: Value, items: readonly Value[] | undefined): void {
    if (target instanceof Entries) target.set(items?.map((item) => this.texts.read(item)));
    else this.changes(target, 'filled');
  }

  /** LIST and EMPTY_LIST. @param items undefined where they are too many to be looked into. */
  list(items: readonly Value[] | undefined): void {
    this.stack.push(listOf(items));
  }

  /** APPEND and APPENDS, to what lies on the stack. @param items undefined where they are too many to be looked into. */
  append(items: readonly Value[] | undefined): void {
    const target = this.stack.top();
    if (typeof target !== 'symbol') {
      this.changes(target, 'appended');
      return;
    }
    this.stack.pop();
    this.stack.push(this.#lists.append(target, items));
    this.#judgeLists();
  }

  #judgeLists(): void {
    if (this.#lists.areDoubtful) this.events.refused(ownerOf(RESPONSE_METHOD), OTHERS, this.offset);
  }

  /** Looks at a key that may be special, with its value. */
  entry(key: Value, value: Value): void {
    if (!isSpecialKey(key)) return;
    if (key === RESPONSE_METHOD && value === RESPONSE_METHODS) {
      this.#lists.areUsed = true;
      this.#judgeLists();
    }
    const why = judgeAttribute(key, this.texts.read(value));
    if (why !== undefined) this.events.refused(ownerOf(key), why, this.offset);
  }

  /** Something is added to what should be a list, a set or a dictionary. */
  changes(target: Value, how: Change): void {
    if (target instanceof Global) this.#notes.patched(target);
    else if (target instanceof Made && target.of) this.#notes.called(target.of, how);
    else if (target instanceof Made) this.#notes.calledUnknown();
    else if (target instanceof Instance) this.#notes.called(target.of, how);
  }

  #attribute(module: string, name: string): Global {
    this.events.imported({ module, name }, this.offset);
    return new Global(module, name);
  }

  #again(value: Value): void {
    if (value instanceof Global) {
      const kind = guarded(value);
      if (kind) this.#loose[kind] += 1;
      if (kind === 'distribution') this.#notes.distribution = value;
    }
    // Something else holds it as well, and could change it.
    if (value instanceof Entries) {
      value.isOdd = true;
      value.isShared = true;
      if (value.holder) this.events.refused(value.holder, 'could get other entries than it has', this.offset);
    }
    this.stack.push(value);
  }
}

const MEMMAP: Import = { module: 'numpy', name: 'memmap' };

/** What a loader gives for a persistent id. */
const OF_LOADER = new Made(undefined, false);
const MAYBE_GIVEN = new Made(undefined, true);
/** Dictionaries at once of which the entries are kept: picklers have one for each array or function that waits for its state. */
const MOST_HELD = 50_000;
const MADE_BYTES = 'torch could load bytes by it that are made while they are loaded';
/** What Python could find by such a name, in one that stands in a file or was made up. */
const MAY_BE_MODULE = /^[\w.\u0080-\uffff-]+$/;
const MAY_BE_NAME = /^[\w.\u0080-\uffff]+$/;
const OTHERS = 'could call another method than those that predict';
const DULL_PAIR = new Tuple([undefined, undefined]);
const DULL_TRIPLE = new Tuple([undefined, undefined, undefined]);
const isPlain = (value: Value): boolean =>
  value === undefined || value === FRESH_LIST || (typeof value === 'number' && value >= 0);

/**
 * Of tuples in tuples little is kept, so that nothing grows without bound: of one that begins with a type of NumPy, that type;
 * of others, whether something in it is more than a value.
 */
function flat(value: Value): Value {
  if (value instanceof Entries) {
    // Whatever gets the tuple could change the dictionary.
    value.isOdd = true;
    return value;
  }
  if (!(value instanceof Tuple) || value.items.length === 0) return value;
  const [first] = value.items;
  if (first instanceof Instance && first.of.is('numpy', 'dtype')) return first;
  return nestedOf(value);
}
