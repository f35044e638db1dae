/** A short text that is part of every key of its kind. */
export interface SecretSign {
  /** Three characters of ASCII at least. */
  text: string;
  /** Whether what lies right behind it, from `at` on, can be that of a key; true where the bytes end. */
  confirm?(bytes: Uint8Array, at: number, end: number): boolean;
}

interface Place {
  /** In lower case. */
  bytes: Uint8Array;
  /** How many bytes of it are before the two that are looked up. */
  before: number;
  kind: number;
  confirm: SecretSign['confirm'];
}

/** Letters in lower case. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte,
);
function cases(byte: number): number[] {
  const capital = byte & ~0x20;
  return capital !== byte && FOLDED[capital] === byte ? [byte, capital] : [byte];
}

/**
 * Finds which of some signs are in bytes, in one pass over them: letters count as the same in both cases. Every second
 * byte is looked up with the one behind it: a sign is found by its first two bytes or by those one further.
 */
export class SecretSigns {
  /** By two bytes: 0, or 1 more than the place of the signs that have them there. */
  readonly #pairs = new Uint8Array(1 << 16);
  readonly #places: Place[][] = [];

  /** @param signs of up to 31 kinds. */
  constructor(signs: readonly (readonly SecretSign[])[]) {
    for (const [index, ofKind] of signs.entries())
      for (const { text, confirm } of ofKind) {
        const bytes = Uint8Array.from(Buffer.from(text.toLowerCase()));
        for (const before of [0, 1]) this.#add({ bytes, before, kind: 1 << index, confirm });
      }
  }

  #add(place: Place): void {
    const { bytes, before } = place;
    const pairs = cases(bytes[before]!).flatMap((first) =>
      cases(bytes[before + 1]!).map((second) => (first << 8) | second),
    );
    // All cases of the same two letters share one list.
    this.#pairs[pairs[0]!] ||= this.#places.push([]);
    for (const pair of pairs) this.#pairs[pair] = this.#pairs[pairs[0]!]!;
    this.#places[this.#pairs[pairs[0]!]! - 1]!.push(place);
  }

  /** @returns bits of the kinds that have a sign between `start` and `end`. */
  in(bytes: Uint8Array, start: number, end: number): number {
    const pairs = this.#pairs;
    let kinds = 0;
    for (let at = start; at + 1 < end; at += 2) {
      const place = pairs[(bytes[at]! << 8) | bytes[at + 1]!]!;
      if (place !== 0) kinds |= this.#kindsAt(bytes, at, start, end, place);
    }
    return kinds;
  }

  #kindsAt(bytes: Uint8Array, at: number, start: number, end: number, place: number): number {
    let kinds = 0;
    for (const { bytes: sign, before, kind, confirm } of this.#places[place - 1]!) {
      const begin = at - before;
      const behind = begin + sign.length;
      if (begin < start || behind > end) continue;
      let same = 0;
      while (same < sign.length && FOLDED[bytes[begin + same]!] === sign[same]) same++;
      if (same === sign.length && (confirm?.(bytes, behind, end) ?? true)) kinds |= kind;
    }
    return kinds;
  }
}
