import { KNOWN_WORDS } from './judge.ts';

/** Slots of the table, a power of two well above the number of words. */
const SLOTS = 1 << 15;
const table = new Int32Array(SLOTS).fill(-1);
const spelled = KNOWN_WORDS.map((word) => Buffer.from(word, 'latin1'));
const indices = new Map(KNOWN_WORDS.map((word, index) => [word, index]));

/** FNV-1a, of 32 bits: a start, and one step for each byte. */
export const HASH_START = 0x811c_9dc5 | 0;
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x0100_0193);

for (const [index, bytes] of spelled.entries()) {
  let slot = bytes.reduce(hashStep, HASH_START) & (SLOTS - 1);
  while (table[slot] !== -1) slot = (slot + 1) & (SLOTS - 1);
  table[slot] = index;
}

/** @param hash of the bytes. @returns the module or name of an import that models need, which the bytes spell. */
export function knownWord(bytes: Uint8Array, from: number, to: number, hash: number): string | undefined {
  for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
    const index = table[slot]!;
    if (index === -1) return undefined;
    if (isSame(spelled[index]!, bytes, from, to)) return KNOWN_WORDS[index];
  }
}

function isSame(word: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (word.length !== to - from) return false;
  for (let at = 0; at < word.length; at++) if (word[at] !== bytes[from + at]) return false;
  return true;
}

/** A number for each known word, from 0 on. */
export const indexOfWord = (word: string): number | undefined => indices.get(word);
export const wordAt = (index: number): string | undefined => KNOWN_WORDS[index];
