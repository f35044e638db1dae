/** As much of CBOR (RFC 8949) as Smithy's rpc-v2-cbor needs. A timestamp is tag 1: seconds since 1970. */

/** A moment, in seconds since 1970. */
export class CborTimestamp {
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

const BREAK = Symbol('break');
const TEXT = new TextDecoder('utf-8', { fatal: true });

/** Timestamps are read as seconds. @throws Error when the bytes are not one CBOR value. */
export function decodeCbor(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes follow the CBOR value.`);
  return value;
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(): unknown {
    const first = this.#take(1)[0] ?? 0;
    const major = first >> 5;
    const size = first & 31;
    if (major === 7) return this.#simple(size);
    const count = size === 31 ? Infinity : this.#number(size);
    switch (major) {
      case 0:
        return count;
      case 1:
        return -1 - count;
      case 2:
      case 3: {
        const bytes = count === Infinity ? Buffer.concat(this.#items(count).map(asBytes)) : this.#take(count);
        return major === 2 ? bytes : TEXT.decode(bytes);
      }
      case 4:
        return this.#items(count);
      case 5: {
        const flat = this.#items(count * 2);
        return Object.fromEntries(
          Array.from({ length: flat.length / 2 }, (_, index) => [
            String(flat[index * 2]),
            flat[index * 2 + 1],
          ]),
        );
      }
      default:
        if (count !== 1) throw new Error(`CBOR tag ${count} is not known here.`);
        return this.value();
    }
  }

  #items(count: number): unknown[] {
    const items: unknown[] = [];
    while (items.length < count) {
      const item = this.value();
      if (item === BREAK) break;
      items.push(item);
    }
    return items;
  }

  #number(size: number): number {
    if (size < 24) return size;
    const bytes = this.#take(1 << (size - 24));
    return size === 27 ? Number(bytes.readBigUInt64BE()) : bytes.readUIntBE(0, bytes.length);
  }

  #simple(size: number): unknown {
    if (size === 26) return this.#take(4).readFloatBE();
    if (size === 27) return this.#take(8).readDoubleBE();
    const known = new Map<number, unknown>([
      [20, false],
      [21, true],
      [22, null],
      [31, BREAK],
    ]);
    if (!known.has(size)) throw new Error(`The CBOR value 7.${size} is not known here.`);
    return known.get(size);
  }

  #take(count: number): Buffer {
    if (this.at + count > this.#bytes.length) throw new Error('The CBOR value is cut off.');
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }
}

const asBytes = (piece: unknown): Uint8Array =>
  typeof piece === 'string' ? Buffer.from(piece) : (piece as Uint8Array);

export function encodeCbor(value: unknown): Buffer {
  if (value instanceof CborTimestamp) return Buffer.concat([Buffer.from([0xc1]), float(value.seconds)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4]);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) return float(value);
    return value < 0 ? head(1, -1 - value) : head(0, value);
  }
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encodeCbor)]);
  if (typeof value !== 'object' || value === null) throw new Error(`No CBOR for ${String(value)}.`);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Buffer.concat([head(5, entries.length), ...entries.flat().map(encodeCbor)]);
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0xfb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(major: number, count: number): Buffer {
  if (count < 24) return Buffer.from([(major << 5) | count]);
  const size = count < 2 ** 8 ? 0 : count < 2 ** 16 ? 1 : count < 2 ** 32 ? 2 : 3;
  const bytes = Buffer.alloc(1 + 2 ** size, (major << 5) | (24 + size));
  if (size === 3) bytes.writeBigUInt64BE(BigInt(count), 1);
  else bytes.writeUIntBE(count, 1, 2 ** size);
  return bytes;
}
