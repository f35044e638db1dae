import type { ByteReader } from '../byte-reader.ts';

/** Reads a stream bit by bit, the highest of each byte first. */
export class BitReader {
  readonly #reader: ByteReader;
  /** The lowest `#count` bits of it are the next ones. */
  #bits = 0;
  #count = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Has so many bytes at hand, or all there are: reading waits for none. */
  async ensure(bytes: number): Promise<void> {
    if (this.#reader.available < bytes) await this.#reader.ensure(bytes);
  }

  /** @param count at most 24. */
  read(count: number): number {
    const value = this.peek(count);
    this.#count -= count;
    return value;
  }

  /** The next bits, which are not taken; behind the end they are anything. @param count at most 24. */
  peek(count: number): number {
    const reader = this.#reader;
    while (this.#count < count) {
      this.#bits = (this.#bits << 8) | (reader.bytes[reader.position++] ?? 0);
      this.#count += 8;
    }
    return (this.#bits >>> (this.#count - count)) & ((1 << count) - 1);
  }

  /** Takes bits that were peeked at. */
  pass(count: number): void {
    this.#count -= count;
  }

  /** Goes back to the first byte of which no bit was taken. */
  align(): void {
    this.#reader.position -= this.#count >> 3;
    this.#count = 0;
  }

  /** @throws where bits behind the end were taken. */
  check(): void {
    if (this.#reader.position - (this.#count >> 3) > this.#reader.end) throw new Error('it is cut off');
  }
}
