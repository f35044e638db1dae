import type { ByteReader, ByteSource } from '../byte-reader.ts';

/** The next bytes of a reader as a stream of their own, which is counted; fewer come where the reader ends before. */
export class Stretch implements ByteSource {
  readonly #reader: ByteReader;
  readonly #length: number;
  #left: number;

  /** @param length in bytes. */
  constructor(reader: ByteReader, length: number) {
    this.#reader = reader;
    this.#length = length;
    this.#left = length;
  }

  /** In bytes, so far. */
  get size(): number {
    return this.#length - this.#left;
  }

  async read(): Promise<Uint8Array | null> {
    const reader = this.#reader;
    if (this.#left === 0 || !(await reader.ensure(1))) return null;
    const now = Math.min(this.#left, reader.available);
    const part = reader.bytes.subarray(reader.position, reader.position + now);
    reader.position += now;
    this.#left -= now;
    return part;
  }

  /** Reads what nobody has read. */
  async drain(): Promise<void> {
    while ((await this.read()) !== null) {}
  }
}
