import { replaceEach } from './replace-each.ts';

/** A word of an expression or statement of Jinja. */
export interface JinjaWord {
  kind: 'name' | 'text' | 'number' | 'sign' | 'begin';
  /** Of a text: what it stands for, with its escapes resolved. */
  text: string;
}

const BEGIN = /\{[{%#]/g;
const RAW = /\{%[-+]?\s*raw\s*[-+]?%\}/y;
const END_OF_RAW = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const WORD =
  /\s+|(?<name>[\p{L}\p{Nl}\p{Pc}][\p{L}\p{M}\p{N}\p{Pc}]*)|(?<text>'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")|(?<number>\d[\d_]*(?:\.\d+)?)|(?<sign>[\s\S])/uy;
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|N\{([^}]*)\}|([\s\S]))/g;
const PLAIN: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

/** Jinja resolves the escapes of a text as Python does. */
function resolveEscapes(text: string): string {
  return replaceEach(text, ESCAPE, ([, hex, short, long, octal, named, plain]) => {
    if (named !== undefined) return named === 'LOW LINE' ? '_' : '?';
    if (plain !== undefined) return PLAIN[plain] ?? plain;
    const point =
      octal === undefined ? Number.parseInt((hex ?? short ?? long)!, 16) : Number.parseInt(octal, 8);
    return point <= 0x10ffff ? String.fromCodePoint(point) : '?';
  });
}

/** Where a comment or a raw part that begins here ends; undefined where none begins. Without an end, that of the text. */
function endOfUnread(text: string, at: number): number | undefined {
  if (text.startsWith('{#', at)) {
    const end = text.indexOf('#}', at + 2);
    return end === -1 ? text.length : end + 2;
  }
  RAW.lastIndex = at;
  if (!RAW.test(text)) return undefined;
  END_OF_RAW.lastIndex = RAW.lastIndex;
  return END_OF_RAW.test(text) ? END_OF_RAW.lastIndex : text.length;
}

/**
 * The words of all expressions and statements of a template, one after the other; `begin` is before each of them. What
 * is outside of them is text that a template only writes; comments and raw parts are left out.
 */
export function* jinjaWords(text: string): Generator<JinjaWord> {
  let at = 0;
  for (;;) {
    BEGIN.lastIndex = at;
    const begin = BEGIN.exec(text);
    if (begin === null) return;
    const unread = endOfUnread(text, begin.index);
    if (unread === undefined) {
      yield { kind: 'begin', text: begin[0] };
      at = yield* wordsOfPart(text, BEGIN.lastIndex, begin[0] === '{{' ? '}' : '%');
    } else at = unread;
  }
}

/** @returns where the part ends. */
function* wordsOfPart(text: string, begin: number, end: string): Generator<JinjaWord, number> {
  let depth = 0;
  // Of each kind, all texts behind one that is never closed are not closed either: none is looked through twice.
  const unclosed = new Set<string>();
  for (let at = begin; at < text.length; ) {
    if (unclosed.has(text[at]!)) {
      yield { kind: 'sign', text: text[at++]! };
      continue;
    }
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    if (match === null) return text.length;
    const sign = match.groups!.sign;
    if (sign === "'" || sign === '"') unclosed.add(sign);
    // Within a dictionary the signs that end a part do not.
    if (sign === end && text[at + 1] === '}' && depth === 0) return at + 2;
    if (sign === '{') depth++;
    if (sign === '}' && depth > 0) depth--;
    at = WORD.lastIndex;
    const word = wordOf(match);
    if (word !== undefined) yield word;
  }
  return text.length;
}

function wordOf({ groups }: RegExpExecArray): JinjaWord | undefined {
  const { name, text, number, sign } = groups!;
  // Python takes letters of other forms for the plain ones.
  if (name !== undefined) return { kind: 'name', text: name.normalize('NFKC') };
  if (text !== undefined) return { kind: 'text', text: resolveEscapes(text.slice(1, -1)) };
  if (number !== undefined) return { kind: 'number', text: number };
  return sign === undefined ? undefined : { kind: 'sign', text: sign };
}
