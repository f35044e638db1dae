import { SECRET_SHAPES, type SecretShape } from './secret-shapes.ts';
import { SecretSigns } from './secret-signs.ts';

/** A key or password in a text. Of its value nothing but the beginning is kept. */
export interface Secret {
  kind: string;
  /** From 1. */
  line: number;
  /** Its first four characters. */
  beginning: string;
}

/** What stands for a value that is given elsewhere. */
const PLACEHOLDER =
  /^(?:\$|<|\{|%|\*|x{4}|your|my|example|changeme|dummy|test|none|null|env|os\.)|(?:example|placeholder|redacted|1234567890|abcdefgh)/i;
const SIGNS = new SecretSigns(SECRET_SHAPES.map(({ signs }) => signs));

/** Shannon's entropy of the characters of a text, in bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function isMeant(value: string, shape: SecretShape): boolean {
  if (shape.leastEntropy === undefined) return true;
  return entropy(value) >= shape.leastEntropy && !PLACEHOLDER.test(value);
}

function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === 0x0a) count++;
  return count;
}

/**
 * Which shapes of keys may be in a text, by words that are part of them: bits, 0 for none. It takes a fraction of the
 * time of `findSecrets`, and needs no text that is decoded.
 */
export function secretSigns(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return SIGNS.in(bytes, start, end);
}

/**
 * Finds keys and passwords by their shape.
 *
 * @param firstLine number of the line on which the text begins. @param signs of the text, where they are known.
 */
export function findSecrets(text: string, firstLine = 1, signs = secretSigns(Buffer.from(text))): Secret[] {
  if (signs === 0) return [];
  const found = new Map<number, Secret>();
  for (const [index, shape] of SECRET_SHAPES.entries()) {
    if ((signs & (1 << index)) === 0) continue;
    let line = firstLine;
    let counted = 0;
    for (const match of text.matchAll(shape.pattern)) {
      const value = match[1] ?? match[0];
      const at = match.index + match[0].lastIndexOf(value);
      if (!isMeant(value, shape) || found.has(at)) continue;
      line += lineEnds(text, counted, at);
      counted = at;
      found.set(at, { kind: shape.kind, line, beginning: value.slice(0, 4) });
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([, secret]) => secret);
}

/** What a finding says of it. */
export function secretWords({ kind, line, beginning }: Secret): string {
  const article = /^[AEIO]/.test(kind) || kind.startsWith('address') ? 'An' : 'A';
  return `${article} ${kind} that begins with ${JSON.stringify(beginning)} is written in line ${line}.`;
}
