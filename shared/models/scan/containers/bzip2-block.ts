import type { BitReader } from './bzip2-bits.ts';

/** Huffman codes have 20 bits at most; so many symbols are coded by one table. */
const MOST_CODE_BITS = 20;
const GROUP_SYMBOLS = 50;
/** More bytes than a group of symbols takes. */
const GROUP_BYTES = (GROUP_SYMBOLS * MOST_CODE_BITS) / 8 + 8;
const [RUN_A, RUN_B] = [0, 1];
/** Longer runs than a block has room for. */
const MOST_RUN_BITS = 21;

/** What the symbols of a block stand for, before the Burrows-Wheeler transform is undone. */
export interface SortedBlock {
  /** One byte in each of the first `length` numbers. */
  length: number;
  /** Of the row that is the text. */
  origin: number;
}

/** One of the Huffman codes of a block. */
interface Code {
  least: number;
  /** The last code of each length. */
  limits: Int32Array;
  /** To be taken from a code of each length, for its place in `symbols`. */
  bases: Int32Array;
  symbols: Uint16Array;
}

/**
 * Reads a block of bzip2, behind its checksum, into `target`.
 * @param target as many numbers as a block has bytes at most. @throws where it is damaged, or cut off.
 */
export async function readBlock(bits: BitReader, target: Uint32Array): Promise<SortedBlock> {
  await bits.ensure(64);
  const origin = bits.read(24);
  const bytes = readBytesUsed(bits);
  const { selectors, codes } = await readCodes(bits, bytes.length + 2);
  const end = bytes.length + 1;
  let length = 0;
  let run = 0;
  let runBits = 0;
  for (const selector of selectors) {
    await bits.ensure(GROUP_BYTES);
    const code = codes[selector]!;
    for (let left = GROUP_SYMBOLS; left > 0; left--) {
      const symbol = readSymbol(bits, code);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += (symbol + 1) << runBits++;
        if (runBits > MOST_RUN_BITS) throw new Error('a run in it is too long');
        continue;
      }
      if (run > 0) {
        if (length + run > target.length) throw new Error('a block is too long');
        target.fill(bytes[0]!, length, length + run);
        length += run;
        run = runBits = 0;
      }
      if (symbol === end) {
        bits.check();
        if (origin >= length) throw new Error('a block begins nowhere');
        return { length, origin };
      }
      if (length === target.length) throw new Error('a block is too long');
      target[length++] = moveToFront(bytes, symbol - 1);
    }
    bits.check();
  }
  throw new Error('a block does not end');
}

/** The bytes that there are in a block, in their order. */
function readBytesUsed(bits: BitReader): Uint8Array {
  const sixteens = bits.read(16);
  const bytes: number[] = [];
  for (let high = 0; high < 16; high++) {
    if ((sixteens & (0x8000 >> high)) === 0) continue;
    const ones = bits.read(16);
    for (let low = 0; low < 16; low++) if ((ones & (0x8000 >> low)) !== 0) bytes.push(high * 16 + low);
  }
  if (bytes.length === 0) throw new Error('a block has no bytes');
  return Uint8Array.from(bytes);
}

async function readCodes(
  bits: BitReader,
  symbols: number,
): Promise<{ selectors: Uint8Array; codes: Code[] }> {
  const count = bits.read(3);
  const selectors = new Uint8Array(bits.read(15));
  if (count < 2 || count > 6 || selectors.length === 0) throw new Error('a block has wrong tables');
  const order = Uint8Array.from({ length: count }, (_, index) => index);
  for (let index = 0; index < selectors.length; index++) {
    if (index % 64 === 0) await bits.ensure(64);
    let place = 0;
    while (bits.read(1) === 1) if (++place === count) throw new Error('a block has wrong tables');
    selectors[index] = moveToFront(order, place);
  }
  const codes: Code[] = [];
  while (codes.length < count) codes.push(await readCode(bits, symbols));
  bits.check();
  return { selectors, codes };
}

/** Lengths are written as differences. */
async function readCode(bits: BitReader, symbols: number): Promise<Code> {
  const lengths = new Uint8Array(symbols);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbols; symbol++) {
    await bits.ensure(16);
    // Longer than the way from one length to the other and back is only what goes in circles.
    for (let steps = 0; bits.read(1) === 1; steps++) {
      length += bits.read(1) === 0 ? 1 : -1;
      if (length < 1 || length > MOST_CODE_BITS) throw new Error('a block has wrong codes');
      if (steps % 32 === 31) {
        bits.check();
        await bits.ensure(16);
      }
    }
    if (length < 1 || length > MOST_CODE_BITS) throw new Error('a block has wrong codes');
    lengths[symbol] = length;
  }
  return codeOf(lengths);
}

function codeOf(lengths: Uint8Array): Code {
  const limits = new Int32Array(MOST_CODE_BITS + 1).fill(-1);
  const bases = new Int32Array(MOST_CODE_BITS + 1);
  const ordered: number[] = [];
  let next = 0;
  for (let length = 1; length <= MOST_CODE_BITS; length++) {
    const before = ordered.length;
    for (let symbol = 0; symbol < lengths.length; symbol++)
      if (lengths[symbol] === length) ordered.push(symbol);
    bases[length] = next - before;
    next += ordered.length - before;
    limits[length] = next - 1;
    next <<= 1;
  }
  return {
    least: lengths.reduce((least, one) => Math.min(least, one)),
    limits,
    bases,
    symbols: Uint16Array.from(ordered),
  };
}

function readSymbol(bits: BitReader, { least, limits, bases, symbols }: Code): number {
  const ahead = bits.peek(MOST_CODE_BITS);
  for (let length = least; length <= MOST_CODE_BITS; length++) {
    const code = ahead >>> (MOST_CODE_BITS - length);
    if (code > limits[length]!) continue;
    bits.pass(length);
    const symbol = symbols[code - bases[length]!];
    if (symbol === undefined) break;
    return symbol;
  }
  throw new Error('a block has a symbol of no code');
}

function moveToFront(list: Uint8Array, place: number): number {
  const value = list[place]!;
  for (let index = place; index > 0; index--) list[index] = list[index - 1]!;
  list[0] = value;
  return value;
}
