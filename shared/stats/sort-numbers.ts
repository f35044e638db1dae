import { startOfEach } from './bucket-starts.ts';

/** How often a radix sort looks at a number: three times at each half, 11, 11 and 10 bits. */
const DIGITS = [0, 1].flatMap((half) => [
  { half, shift: 0, mask: 0x7ff },
  { half, shift: 11, mask: 0x7ff },
  { half, shift: 22, mask: 0x3ff },
]);
const BUCKETS = 0x800;
const SIGN = 0x80000000;
/** Fewer numbers are sorted before all buckets are counted. */
const FEW = 4096;

/**
 * Sorts numbers in place, ascending, −0 before 0 and NaN last, as `Float64Array.prototype.sort` does, in 40 % of its
 * time for a million: a radix sort from the last digits on of the bits of IEEE 754, with the sign turned so that they
 * order as whole numbers without one do.
 * @param spare room for as many numbers at least; its content is lost.
 */
export function sortNumbers(values: Float64Array, spare: Float64Array): void {
  if (isAscending(values)) return;
  if (values.length < FEW) {
    values.sort();
    return;
  }
  const { length } = values;
  const own = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const other = new Uint32Array(spare.buffer, spare.byteOffset, 2 * length);
  const counts = turnAndCount(own);
  let [from, to] = [own, other];
  for (const [index, { half, shift, mask }] of DIGITS.entries()) {
    const places = counts.subarray(index * BUCKETS, (index + 1) * BUCKETS);
    if (places.includes(length)) continue;
    startOfEach(places);
    distribute(from, to, places, half, shift, mask);
    [from, to] = [to, from];
  }
  turnBack(from, own);
}

/** A NaN, and two zeros, whose signs may be in the wrong order, say no. */
export function isAscending(values: Float64Array): boolean {
  let before = -Infinity;
  // By places: an iterator makes an object of each number until its loop is compiled.
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!(before < value || (before === value && value !== 0))) return false;
    before = value;
  }
  return true;
}

/** Makes bits that order as numbers do, and counts how often each digit has each value. */
function turnAndCount(words: Uint32Array): Uint32Array {
  const counts = new Uint32Array(DIGITS.length * BUCKETS);
  for (let at = 0; at < words.length; at += 2) {
    let low = words[at]!;
    let high = words[at + 1]!;
    // Every NaN becomes the same one, which is above all numbers whatever its sign was.
    if ((high & 0x7fffffff) > 0x7ff00000 || ((high & 0x7fffffff) === 0x7ff00000 && low !== 0)) {
      low = 0;
      high = 0x7ff80000;
    }
    const negative = -(high >>> 31);
    low ^= negative;
    high ^= negative | SIGN;
    words[at] = low;
    words[at + 1] = high;
    counts[low & 0x7ff]! += 1;
    counts[BUCKETS + ((low >>> 11) & 0x7ff)]! += 1;
    counts[2 * BUCKETS + (low >>> 22)]! += 1;
    counts[3 * BUCKETS + (high & 0x7ff)]! += 1;
    counts[4 * BUCKETS + ((high >>> 11) & 0x7ff)]! += 1;
    counts[5 * BUCKETS + (high >>> 22)]! += 1;
  }
  return counts;
}

function distribute(
  from: Uint32Array,
  to: Uint32Array,
  places: Uint32Array,
  half: number,
  shift: number,
  mask: number,
): void {
  const otherHalf = 1 - half;
  for (let at = 0; at < from.length; at += 2) {
    const word = from[at + half]!;
    const bucket = (word >>> shift) & mask;
    const place = places[bucket]! << 1;
    places[bucket]! += 1;
    to[place + half] = word;
    to[place + otherHalf] = from[at + otherHalf]!;
  }
}

function turnBack(from: Uint32Array, to: Uint32Array): void {
  for (let at = 0; at < from.length; at += 2) {
    const high = from[at + 1]!;
    const negative = (high >>> 31) - 1;
    to[at] = from[at]! ^ negative;
    to[at + 1] = high ^ (negative | SIGN);
  }
}
