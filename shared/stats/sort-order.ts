/**
 * The order that sorts an array of numbers, fast: least-significant-digit radix sort on the bits of the doubles,
 * several times faster than a comparator at a million rows.
 */
const SMALL = 2048;
const RADIX_BITS = 16;
const BUCKETS = 1 << RADIX_BITS;

/** Indices that put `values` in ascending order (stable; −0 before 0). @throws RangeError when a value is NaN. */
export function ascendingOrder(values: Float64Array): Uint32Array {
  const count = values.length;
  let order = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    order[index] = index;
    if (Number.isNaN(values[index]!)) throw new RangeError(`the value at ${index} is NaN and has no rank`);
  }
  if (count <= SMALL) return order.sort((a, b) => values[a]! - values[b]! || a - b);

  const digits = sortableDigits(values);
  let target = new Uint32Array(count);
  const starts = new Uint32Array(BUCKETS + 1);
  for (let pass = 0; pass < 4; pass++) {
    starts.fill(0);
    for (let index = 0; index < count; index++) starts[digits[index * 4 + pass]! + 1]!++;
    // All in one bucket: this digit decides nothing.
    if (starts[digits[pass]! + 1] === count) continue;
    for (let bucket = 0; bucket < BUCKETS; bucket++) starts[bucket + 1]! += starts[bucket]!;
    for (let index = 0; index < count; index++) {
      const row = order[index]!;
      target[starts[digits[row * 4 + pass]!]!++] = row;
    }
    [order, target] = [target, order];
  }
  return order;
}

/** Four 16-bit digits per value, lowest first, whose order as unsigned numbers is that of the doubles. */
function sortableDigits(values: Float64Array): Uint16Array {
  const words = new Uint32Array(values.slice().buffer);
  for (let low = 0; low < words.length; low += 2) {
    const high = words[low + 1]!;
    const negative = high >>> 31 === 1;
    words[low] = negative ? ~words[low]! : words[low]!;
    words[low + 1] = negative ? ~high : high ^ 0x80000000;
  }
  return new Uint16Array(words.buffer);
}
