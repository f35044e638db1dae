/** Changes that know nothing of the format. */
import type { Dice } from './dice.ts';

/** What a mutation may draw from. */
export interface Material {
  dice: Dice;
  /** Another file of the format. */
  other: () => Uint8Array;
  /** Words that mean something to the parser. */
  words: readonly Uint8Array[];
}

export type Mutation = (bytes: Uint8Array, material: Material) => Uint8Array;

/** Numbers at which programs go wrong, as AFL has them. */
const INTERESTING = [
  ...[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 100, 127, 128, 129, 255, 256, 257, 511, 512, 1000, 1024],
  ...[4095, 4096, 4097, 32_767, 32_768, 65_535, 65_536, 2 ** 20, 2 ** 20 + 1, 2 ** 24],
  ...[
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 2,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 40,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 63,
    -1,
    -2,
  ],
];

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** @returns `bytes` with `put` in place of `count` bytes. */
export const replaced = (bytes: Uint8Array, at: number, count: number, put: Uint8Array): Uint8Array =>
  joined(bytes.subarray(0, at), put, bytes.subarray(at + count));

function number(dice: Dice): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, BigInt(dice.pick(INTERESTING)) & 0xffff_ffff_ffff_ffffn, true);
  const bytes = new Uint8Array(view.buffer).slice(0, dice.pick([1, 2, 4, 4, 8, 8]));
  return dice.chance(0.25) ? bytes.reverse() : bytes;
}

/** A stretch of the bytes. */
function stretch(bytes: Uint8Array, dice: Dice): [at: number, count: number] {
  const at = dice.below(bytes.length + 1);
  return [at, dice.length(Math.max(1, bytes.length - at))];
}

const overwrite = (bytes: Uint8Array, at: number, put: Uint8Array): Uint8Array =>
  replaced(bytes, at, put.length, put);

export const HAVOC: readonly Mutation[] = [
  function flipBit(bytes, { dice }) {
    const made = new Uint8Array(bytes);
    if (made.length > 0) made[dice.below(made.length)]! ^= 1 << dice.below(8);
    return made;
  },
  (bytes, { dice }) => overwrite(bytes, dice.below(bytes.length + 1), dice.bytes(dice.length(8))),
  (bytes, { dice }) => overwrite(bytes, dice.below(bytes.length + 1), number(dice)),
  function addToByte(bytes, { dice }) {
    const made = new Uint8Array(bytes);
    if (made.length > 0) made[dice.below(made.length)]! += dice.below(33) - 16;
    return made;
  },
  (bytes, { dice }) => replaced(bytes, dice.below(bytes.length + 1), 0, dice.bytes(dice.length(64))),
  (bytes, { dice }) => bytes.slice(0, dice.below(bytes.length + 1)),
  (bytes, { dice }) => replaced(bytes, ...stretch(bytes, dice), new Uint8Array()),
  function repeat(bytes, { dice }) {
    const [at, count] = stretch(bytes, dice);
    const part = bytes.subarray(at, at + count);
    const times = dice.chance(0.1) ? dice.length(2000) : dice.length(4);
    return replaced(bytes, at, 0, joined(...Array.from({ length: times }, () => part)));
  },
  function copyWithin(bytes, { dice }) {
    const [at, count] = stretch(bytes, dice);
    return overwrite(bytes, dice.below(bytes.length + 1), bytes.slice(at, at + count));
  },
  function splice(bytes, { dice, other }) {
    const second = other();
    return joined(
      bytes.subarray(0, dice.below(bytes.length + 1)),
      second.subarray(dice.below(second.length + 1)),
    );
  },
  function insertOfOther(bytes, { dice, other }) {
    const second = other();
    const [at, count] = stretch(second, dice);
    return replaced(bytes, dice.below(bytes.length + 1), 0, second.slice(at, at + count));
  },
  function fill(bytes, { dice }) {
    const [at, count] = stretch(bytes, dice);
    return new Uint8Array(bytes).fill(
      dice.pick([0, 0xff, 0x20, 0x41, 0x7b, 0x5b, dice.below(256)]),
      at,
      at + count,
    );
  },
  function word(bytes, { dice, words }) {
    if (words.length === 0) return bytes;
    const put = dice.pick(words);
    const at = dice.below(bytes.length + 1);
    return dice.chance(0.5) ? replaced(bytes, at, 0, put) : overwrite(bytes, at, put);
  },
];
