import { crc32 } from 'node:zlib';
import type { ByteSource } from '../byte-reader.ts';

/**
 * A stream whose bytes are counted as they pass. It is a class for the sake of memory: of an object that is written with
 * its own getters V8 keeps a hidden class until its next large collection, and an archive has such a stream a member.
 */
export class CountedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #hear: (part: Uint8Array) => void;
  #size = 0;
  #hasFailed = false;

  /** @param hear is given the bytes before anybody sees them. */
  constructor(source: ByteSource, hear: (part: Uint8Array) => void) {
    this.#source = source;
    this.#hear = hear;
  }

  /** In bytes, so far. */
  get size(): number {
    return this.#size;
  }

  /** Whether reading has failed: whoever read then has said so. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  async read(): Promise<Uint8Array | null> {
    try {
      const part = await this.#source.read();
      if (part === null) return null;
      this.#hear(part);
      this.#size += part.length;
      return part;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Reads what nobody has read, so that all of it is counted. */
  async drain(): Promise<void> {
    while ((await this.read()) !== null) {}
  }
}

/** A stream whose bytes are counted and summed up as they pass. */
export class CheckedSource extends CountedSource {
  #checksum = 0;

  /** @param count hears of the bytes before anybody sees them. */
  constructor(source: ByteSource, count: (bytes: number) => void = () => undefined) {
    super(source, (part) => {
      count(part.length);
      this.#checksum = crc32(part, this.#checksum);
    });
  }

  /** CRC-32 so far. */
  get checksum(): number {
    return this.#checksum;
  }
}
