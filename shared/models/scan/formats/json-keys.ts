/** In bytes: longer keys are not kept. */
const MOST_KEPT = 40;
const SLOTS = 1 << 11;

interface KnownKey {
  bytes: Uint8Array;
  text: string;
}

/** Decodes the keys of JSON. Those of most objects are the same few: they are not decoded again. */
export class JsonKeys {
  /** By their hash; the first that came stays. */
  readonly #known: (KnownKey | undefined)[] = [];

  decode(bytes: Buffer, start: number, end: number): string {
    if (end - start > MOST_KEPT) return bytes.toString('utf8', start, end);
    let hash = 0;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    const slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
    const known = this.#known[slot];
    if (known !== undefined && isSame(known.bytes, bytes, start, end - start)) return known.text;
    const text = bytes.toString('utf8', start, end);
    // A copy, since the bytes themselves change.
    if (known === undefined) this.#known[slot] = { bytes: Uint8Array.from(bytes.subarray(start, end)), text };
    return text;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
