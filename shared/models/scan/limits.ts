/** Bounds on what one file of a model may unpack to: wide for models, narrow for bombs. */

/** Archives and compressed streams in each other. */
const MOST_DEPTH = 12;
/** Streams in one file: members, members of members, and so on. */
const MOST_STREAMS = 500_000;
/** So much may be unpacked of any file, however small it is. */
const FREE_BYTES = 1 << 30;
/** Beyond that, so many bytes for each byte on disk. Weights hardly compress; deflate reaches 1,032. */
const MOST_RATIO = 200;

/** A file holds more than any model needs. Not an error of a person's: it becomes a finding. */
export class TooMuch extends Error {
  override name = 'TooMuch';
}

/** What may still be unpacked of one file on disk. */
export class Limits {
  readonly #mostBytes: number;
  #bytes = 0;
  #streams = 0;

  /** @param size of the file on disk, in bytes. */
  constructor(size: number) {
    this.#mostBytes = Math.max(FREE_BYTES, size * MOST_RATIO);
  }

  /** @throws TooMuch where so many bytes more would be too many; nothing is counted. */
  expect(bytes: number): void {
    if (this.#bytes + bytes > this.#mostBytes) {
      const sum = (this.#bytes + bytes).toLocaleString('en-US');
      throw new TooMuch(
        `It unpacks to ${sum} bytes; ${this.#mostBytes.toLocaleString('en-US')} are let through.`,
      );
    }
  }

  /** Counts bytes that were unpacked. @throws TooMuch where they are too many. */
  unpacked(bytes: number): void {
    this.expect(bytes);
    this.#bytes += bytes;
  }

  /** Counts a stream. @param depth how many hold it. @throws TooMuch where they are too many or too deep. */
  enter(depth: number): void {
    this.#streams += 1;
    if (depth > MOST_DEPTH)
      throw new TooMuch(`It holds archives in each other, more than ${MOST_DEPTH} deep.`);
    if (this.#streams > MOST_STREAMS) {
      throw new TooMuch(`It holds more than ${MOST_STREAMS.toLocaleString('en-US')} parts.`);
    }
  }
}
