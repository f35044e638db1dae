/** XXH32 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), of bytes as they come. */
const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE_BYTES = 16;

const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
const rounded = (sum: number, lane: number): number =>
  Math.imul(rotated((sum + Math.imul(lane, PRIME_2)) | 0, 13), PRIME_1);

export class XxHash32 {
  #first = (PRIME_1 + PRIME_2) | 0;
  #second = PRIME_2 | 0;
  #third = 0;
  #fourth = -PRIME_1 | 0;
  /** Of less than a stripe. */
  #rest: Uint8Array = new Uint8Array(0);
  #length = 0;

  update(part: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) {
      this.#first = rounded(this.#first, view.getInt32(at, true));
      this.#second = rounded(this.#second, view.getInt32(at + 4, true));
      this.#third = rounded(this.#third, view.getInt32(at + 8, true));
      this.#fourth = rounded(this.#fourth, view.getInt32(at + 12, true));
    }
    this.#rest = bytes.slice(at);
    this.#length += part.length;
  }

  digest(): number {
    let sum =
      this.#length < STRIPE_BYTES
        ? PRIME_5
        : rotated(this.#first, 1) +
          rotated(this.#second, 7) +
          rotated(this.#third, 12) +
          rotated(this.#fourth, 18);
    sum = (sum + this.#length) | 0;
    const rest = this.#rest;
    const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
    let at = 0;
    for (; at + 4 <= rest.length; at += 4)
      sum = Math.imul(rotated((sum + Math.imul(view.getInt32(at, true), PRIME_3)) | 0, 17), PRIME_4);
    for (; at < rest.length; at++)
      sum = Math.imul(rotated((sum + Math.imul(rest[at]!, PRIME_5)) | 0, 11), PRIME_1);
    sum = Math.imul(sum ^ (sum >>> 15), PRIME_2);
    sum = Math.imul(sum ^ (sum >>> 13), PRIME_3);
    return (sum ^ (sum >>> 16)) >>> 0;
  }
}

export function xxHash32(bytes: Uint8Array): number {
  const hash = new XxHash32();
  hash.update(bytes);
  return hash.digest();
}
