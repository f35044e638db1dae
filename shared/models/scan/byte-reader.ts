/** Bytes one after the other, from a file or from what unpacks one. */
export interface ByteSource {
  /** The next part, of any length over 0; null at the end. Its bytes may change at the next call. */
  read(): Promise<Uint8Array | null>;
  /** Lets go of what is open. */
  close?(): Promise<void>;
}

/** Bytes at any place, of a file on disk. */
export interface RandomAccess {
  size: number;
  /** @returns as many as there are, at most `length`. */
  readAt(offset: number, length: number): Promise<Uint8Array>;
}

const NOTHING = new Uint8Array(0);
/** More is never held at once. */
export const MOST_BUFFERED = 1 << 20;

/**
 * Reads a stream of bytes forwards, with a part of it at hand: after `await ensure(n)` the `n` bytes from `position` of
 * `bytes` on are there, and are read without waiting.
 */
export class ByteReader {
  readonly #source: ByteSource;
  /** What is at hand; only from `position` to `end`. */
  bytes: Uint8Array<ArrayBuffer> = NOTHING;
  position = 0;
  end = 0;
  /** Offset in the stream of `bytes[0]`. */
  #begin = 0;
  #isEnded = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Of the next byte, in the stream. */
  get offset(): number {
    return this.#begin + this.position;
  }

  /** How many bytes can be read without waiting. */
  get available(): number {
    return this.end - this.position;
  }

  /** @param count at most MOST_BUFFERED. @returns whether there are so many. */
  async ensure(count: number): Promise<boolean> {
    if (count > MOST_BUFFERED) throw new RangeError(`${count} bytes are more than are held at once`);
    while (this.available < count && !this.#isEnded) await this.#fill();
    return this.available >= count;
  }

  /** As `ensure`, and then takes them. @returns undefined where there are fewer; then nothing was taken. */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (!(await this.ensure(count))) return undefined;
    const taken = this.bytes.slice(this.position, this.position + count);
    this.position += count;
    return taken;
  }

  /** @returns how many were passed over: fewer than asked for only at the end. */
  async skip(count: number): Promise<number> {
    let left = count;
    for (;;) {
      const now = Math.min(left, this.available);
      this.position += now;
      left -= now;
      if (left === 0 || this.#isEnded) return count - left;
      await this.#fill();
    }
  }

  /** Whether nothing is left. */
  async isAtEnd(): Promise<boolean> {
    return !(await this.ensure(1));
  }

  /** What is left, as a source: nothing else may read from here then. */
  rest(): ByteSource {
    return {
      read: async () => {
        if (!(await this.ensure(1))) return null;
        const part = this.bytes.slice(this.position, this.end);
        this.position = this.end;
        return part;
      },
    };
  }

  async #fill(): Promise<void> {
    const part = await this.#source.read();
    if (part === null) {
      this.#isEnded = true;
      return;
    }
    const kept = this.available;
    const needed = kept + part.length;
    // No larger than what is there: many a stream has a few bytes, and all ask for more to tell what they are.
    const target =
      needed > this.bytes.length ? new Uint8Array(2 ** Math.ceil(Math.log2(needed))) : this.bytes;
    target.set(this.bytes.subarray(this.position, this.end));
    target.set(part, kept);
    this.#begin += this.position;
    this.bytes = target;
    this.position = 0;
    this.end = kept + part.length;
  }
}
