/** Where `_target_` stands as a key in JSON or YAML, and what stands there as its value. */

export interface TargetPlace {
  /** The first word of the value; after `*` the name under which another place has it. */
  name: string;
  /** Whether what it says stands where it cannot be seen. */
  isElsewhere: boolean;
}

interface Options {
  /** Keys and values stand in quotes, and nothing else. */
  isJson: boolean;
  /** Where the part begins that is looked at again with what follows; undefined where nothing does. */
  end: number | undefined;
  /** Whether nothing came before and nothing follows. */
  isWhole: boolean;
}

const KEY = '_target_';
const BLANKS = /\s+/y;
const COMMENT = /#[^\n]*/y;
/** What YAML has before a value: a tag, a name for it, and the sign of a text over several lines. */
const TAG = /!\S*/y;
const ANCHOR = /&[\w-]+/y;
const BLOCK = /[|>][-+\d]*(?=\s)/y;
const WORD = /(?:\$\{[^}\n]{0,500}\}|[^\s"'#,[\]{}]){1,1000}/y;
/** In characters: no class has a longer name. */
const LONGEST_NAME = 1_000;
/** An alias as a key. */
const ALIAS_KEY = /\*([\w-]+)\s*:/g;
const ANCHORS = /&([\w-]+)(?=\s)/g;
/** So many characters may be walked over for each of the text: in one written to keep the scan busy all could be. */
const MOST_WORK = 16;
/** Places with the same name: nobody gives it again so often. */
const MOST_SAME = 10;

/** Values that cannot be told: one is enough to refuse the file, and no more are told than anybody reads. */
const MOST_ELSEWHERE = 100;

/** Follows one text. */
class Places {
  readonly #text: string;
  readonly #isJson: boolean;
  readonly #end: number;
  readonly #isWhole: boolean;
  #work = 0;
  #anchors: Map<string, number[]> | undefined;

  constructor(text: string, { isJson, end, isWhole }: Options) {
    this.#text = text;
    this.#isJson = isJson;
    this.#end = end ?? Number.POSITIVE_INFINITY;
    this.#isWhole = isWhole;
  }

  *all(): Generator<TargetPlace> {
    let elsewhere = 0;
    for (const behind of this.#keys()) {
      for (const place of this.#valueBehind(behind)) {
        if (place.isElsewhere) elsewhere++;
        yield place;
      }
      if (elsewhere >= MOST_ELSEWHERE) return;
      if (this.#work <= MOST_WORK * this.#text.length) continue;
      yield { name: KEY, isElsewhere: true };
      return;
    }
  }

  /** @returns where each ends that can be the key. */
  *#keys(): Generator<number> {
    const text = this.#text;
    const comments = new Comments(text);
    for (let at = text.indexOf(KEY); at !== -1; at = text.indexOf(KEY, at + 1)) {
      const behind = at + KEY.length;
      if (this.#isJson) {
        if (text[at - 1] === '"' && text[behind] === '"') yield behind;
      } else if (!/[\w.]/.test(text[at - 1] ?? ' ') && !comments.has(at)) yield behind;
    }
    if (this.#isJson) return;
    for (const { 0: alias, 1: name, index } of text.matchAll(ALIAS_KEY)) {
      const anchors = this.#anchorsOf(name!);
      const isKey = anchors.some((anchor) => text.startsWith(KEY, this.#skip(anchor, false)));
      if (isKey || anchors.length > MOST_SAME || !this.#isWhole) yield index + alias.length - 1;
    }
  }

  /** @param behind what can be a key. */
  *#valueBehind(behind: number): Generator<TargetPlace> {
    const text = this.#text;
    const colon = this.#blanks(/["']/.test(text[behind] ?? '') ? behind + 1 : behind);
    if (text[colon] === ':') {
      const value = this.#skip(colon + 1, true);
      const isCut = this.#end < text.length && value + this.#wordAt(value).length >= text.length;
      if (!isCut) yield* this.#valueAt(value);
      else if (behind < this.#end) yield { name: KEY, isElsewhere: true };
    } else if (colon >= text.length && behind < this.#end && this.#end < text.length)
      yield { name: KEY, isElsewhere: true };
  }

  *#valueAt(at: number): Generator<TargetPlace> {
    const name = this.#wordAt(at);
    if (name.length >= LONGEST_NAME) {
      yield { name: KEY, isElsewhere: true };
      return;
    }
    const [, alias] = /^\*([\w-]+)/.exec(name) ?? [];
    if (alias === undefined || this.#isJson) {
      yield { name, isElsewhere: false };
      return;
    }
    const anchors = this.#anchorsOf(alias);
    this.#work += 100 * anchors.length;
    if (anchors.length === 0 || anchors.length > MOST_SAME) yield { name, isElsewhere: true };
    for (const anchor of anchors) yield { name: this.#wordAt(this.#skip(anchor, false)), isElsewhere: false };
  }

  #wordAt(at: number): string {
    WORD.lastIndex = at;
    const word = WORD.exec(this.#text)?.[0] ?? '';
    // An opening brace that is never closed is looked for as far.
    this.#work += word.length + (word.endsWith('$') ? LONGEST_NAME : 1);
    return word;
  }

  /** Where texts of this name begin. */
  #anchorsOf(name: string): readonly number[] {
    if (this.#anchors === undefined) {
      this.#anchors = new Map();
      for (const { 0: anchor, 1: known, index } of this.#text.matchAll(ANCHORS)) {
        const places = this.#anchors.get(known!) ?? [];
        if (places.length === 0) this.#anchors.set(known!, places);
        if (places.length <= MOST_SAME) places.push(index + anchor.length);
      }
    }
    return this.#anchors.get(name) ?? [];
  }

  #blanks(from: number): number {
    return this.#over([BLANKS, COMMENT], from);
  }

  /** Over what may stand before a value, and its quote. */
  #skip(from: number, mayBeNamed: boolean): number {
    const at = this.#over(
      mayBeNamed ? [BLANKS, COMMENT, TAG, BLOCK, ANCHOR] : [BLANKS, COMMENT, TAG, BLOCK],
      from,
    );
    return /["']/.test(this.#text[at] ?? '') ? this.#over([BLANKS], at + 1) : at;
  }

  #over(patterns: readonly RegExp[], from: number): number {
    let at = from;
    for (let next = from; ; at = next) {
      for (const pattern of patterns) {
        pattern.lastIndex = next;
        if (pattern.test(this.#text)) next = pattern.lastIndex;
      }
      if (next === at) break;
    }
    this.#work += at - from + 1;
    return at;
  }
}

/** Tells of places, one behind the other, whether they are in a line that is a comment. */
class Comments {
  readonly #text: string;
  #from = 0;
  #isComment: boolean;

  constructor(text: string) {
    this.#text = text;
    this.#isComment = this.#beginsAt(0);
  }

  has(at: number): boolean {
    const passed = this.#text.slice(this.#from, at);
    const line = passed.lastIndexOf('\n') + 1;
    if (line > 0) this.#isComment = this.#beginsAt(this.#from + line);
    this.#from = at;
    // A text in quotes may have such a line, and end on it.
    this.#isComment &&= !/["']/.test(passed.slice(line));
    return this.#isComment;
  }

  #beginsAt(line: number): boolean {
    return /[ \t]*#/y.test(this.#text.slice(line, line + 200));
  }
}

/**
 * Finds every place at which `_target_` can be a key.
 *
 * @param text with `\n` between its lines and without escapes.
 */
export function placesOf(text: string, options: Options): Generator<TargetPlace> {
  return new Places(text, options).all();
}
