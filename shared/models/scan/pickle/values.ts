/** What the machine knows of the values on an unpickler's stack: only what an import or the length of an array can hang on. */

/** Something that was imported. */
export interface Import {
  /** As Python 3 looks for it: names of Python 2 are translated. */
  readonly module: string;
  /** May be dotted: an attribute of an attribute. */
  readonly name: string;
}

/**
 * `bare`: only by `__new__`, which makes an empty object; `kept`: by whoever calls what was made of it. The others: it is not
 * called, but an object of it gets items with keys (`filled`), or by its own method `append` or `extend` (`appended`), `add` or
 * `update` (`added`).
 */
export type Call = 'now' | 'bare' | 'kept' | Change;
export type Change = 'filled' | 'appended' | 'added';

export class Global implements Import {
  readonly module: string;
  readonly name: string;
  #gives: Made | undefined;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }

  is(module: string, name: string): boolean {
    return this.module === module && this.name === name;
  }

  /** What a call of it gives, of which no more is known: always the same. */
  gives(mayBeGiven: boolean): Made {
    if (this.#gives?.mayBeGiven !== mayBeGiven) this.#gives = new Made(this, mayBeGiven);
    return this.#gives;
  }
}

/** What a call on a global gave. */
export class Instance {
  readonly of: Global;
  /** The arguments, where they are known. */
  readonly created: Tuple | undefined;
  /** Whether it was made bare, by `__new__`, so that all it has comes by BUILD. */
  readonly isBare: boolean;
  /** What BUILD gave it; `undefined` while it gave nothing. */
  state: Value | undefined;
  builds = 0;
  /** Of a type of NumPy, where it is one that NumPy writes. */
  layout: TypeLayout | undefined;

  constructor(of: Global, created: Tuple | undefined, isBare: boolean) {
    this.of = of;
    this.created = created;
    this.isBare = isBare;
  }
}

/** Of one value of a type of NumPy. */
export interface TypeLayout {
  /** Bytes. */
  itemSize: number;
  /** Whether it holds pointers to objects. */
  hasObjects: boolean;
}

/** What some call gave, of which only is known what was called. */
export class Made {
  /** Undefined for what the loader gives for a persistent id. */
  readonly of: Global | undefined;
  /** Whether it may be one of the arguments; only told apart where a distribution of SciPy could be among them. */
  readonly mayBeGiven: boolean;

  constructor(of: Global | undefined, mayBeGiven: boolean) {
    this.of = of;
    this.mayBeGiven = mayBeGiven;
  }
}

/** A short tuple. */
export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** A tuple in a tuple or in the memo, of which only one thing is known. */
export class Nested {
  /** An object or an import in it, the first that is no mere value; undefined where there is none. */
  readonly holds: Value;

  constructor(holds: Value) {
    this.holds = holds;
  }
}

const MOST_KEYS = 32;
const MOST_VALUES = 10_000;
const NO_KEYS: ReadonlyMap<string, Value> = new Map();

/**
 * A dictionary with few keys, all of them texts. Only kept while the state of an array of joblib, a distribution, or a type
 * of NumPy is read.
 */
export class Entries {
  // Made with the first entry: there may be many that stay empty.
  #of: Map<string, Value> | undefined;
  #values: Value[] | undefined;
  /** Whether something else than a text was a key, or one came twice, or there are too many, or something else may hold it. */
  isOdd = false;
  /** Whether there are values that are not known. */
  isUnknown = false;
  /** Whether it came out of the memo, so that it may get other values. */
  isShared = false;
  /** What has it and was looked at with the entries that it had then. */
  holder: Import | undefined;

  get of(): ReadonlyMap<string, Value> {
    return this.#of ?? NO_KEYS;
  }

  /** Whatever was a value, of any key. */
  get values(): readonly Value[] {
    return this.#values ?? [];
  }

  /** Forgets what it holds, once nobody asks for it any more. */
  release(): void {
    this.#of = undefined;
    this.#values = undefined;
    this.isOdd = true;
    this.isUnknown = true;
  }

  /** @param items keys and values in turn; undefined where they are not known. */
  set(items: readonly Value[] | undefined): void {
    if (!items || items.length % 2 === 1 || this.values.length + items.length > MOST_VALUES) {
      this.isOdd = true;
      this.isUnknown = true;
      return;
    }
    this.#of ??= new Map();
    this.#values ??= [];
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index];
      const value = items[index + 1];
      this.#values.push(value);
      if (typeof key !== 'string' || this.#of.has(key) || this.#of.size >= MOST_KEYS) this.isOdd = true;
      else this.#of.set(key, value);
    }
  }
}

/** A text that is not the name of anything, or was let go to keep memory bounded. */
export const STRANGE_TEXT = Symbol('text');
/** Bytes that were looked into as a stream of their own. */
export const INSPECTED_BYTES = Symbol('inspected bytes');
/** A tuple or a list of names of methods by which estimators predict. */
export const RESPONSE_METHODS = Symbol('response methods');
/** A list that is empty so far. */
export const FRESH_LIST = Symbol('fresh list');
/** A list that came out of the memo: no pickler adds anything to it there. */
export const SHARED_LIST = Symbol('shared list');
/** The text that SciPy makes for each of its distributions, which is Python and harmless. */
export const ARGUMENT_PARSER = Symbol('argument parser');

/**
 * `undefined` is a value of which nothing is known. Texts are known words, or numbers below 0 that refer to one (see
 * Texts); of numbers only the others are told apart, which counts and lengths are.
 */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | typeof STRANGE_TEXT
  | typeof INSPECTED_BYTES
  | typeof ARGUMENT_PARSER
  | typeof RESPONSE_METHODS
  | typeof FRESH_LIST
  | typeof SHARED_LIST
  | Global
  | Instance
  | Made
  | Tuple
  | Nested
  | Entries;
