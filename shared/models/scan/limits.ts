/**
 * Bounds on what one file of a model may unpack to: wide for models, narrow for bombs. A bomb is refused after 256 MiB to
 * 430 MiB, however large it is: no stretch of a small file may unpack to more than 256 MiB beyond 100 bytes for each of
 * its own. An array of zeros that joblib has compressed comes to that, weights never do.
 */

/** Archives and compressed streams in each other. */
const MOST_DEPTH = 12;
/** Streams in one file: members, members of members, and so on. */
const MOST_STREAMS = 500_000;
/** So much may be unpacked of any stretch of a file, however well that is packed. */
const FREE_BYTES = 256 * 1024 * 1024;
/** Or so many bytes for each byte of the file: long stretches of zeros in a large one are no bomb. */
const FREE_RATIO = 24;
/** Beyond that, so many bytes for each byte that was read. Weights hardly compress; LZ4 reaches 255, deflate 1,032. */
const MOST_RATIO = 100;

/**
 * So many findings for which a file is refused whatever a person allows. Beyond that none says anything new, and archives
 * that lie over each other would have a hundred thousand in a few kilobytes, and take half a minute.
 */
const MOST_ERRORS = 1_000;

/** So many bytes the windows of streams in each other may take together: two of the longest that xz has. */
const MOST_HELD = 128 * 1024 * 1024;

/** A file holds more than any model needs. Not an error of a person's: it becomes a finding. */
export class TooMuch extends Error {
  override name = 'TooMuch';
}

/** Memory that is taken for as long as a stream is read. */
export interface HeldMemory {
  /** @throws TooMuch where so many bytes more are too many; then nothing is counted. */
  hold(bytes: number): void;
  release(bytes: number): void;
}

/** What may still be unpacked of one file on disk. */
export class Limits implements HeldMemory {
  readonly #free: number;
  /** May be unpacked now. */
  #credit: number;
  /** Bytes of the file for which nothing was credited yet: none counts twice, wherever archives point. */
  #unread: number;
  #bytes = 0;
  #streams = 0;
  #errors = 0;
  #held = 0;

  /** @param size of the file on disk, in bytes. */
  constructor(size: number) {
    this.#free = Math.max(FREE_BYTES, size * FREE_RATIO);
    this.#credit = this.#free;
    this.#unread = size;
  }

  /** Counts bytes that were read from the disk. */
  read(bytes: number): void {
    const counted = Math.min(bytes, this.#unread);
    this.#unread -= counted;
    this.#credit = Math.min(this.#free, this.#credit + counted * MOST_RATIO);
  }

  /** @throws TooMuch where so many bytes more would be too many for all of the file; nothing is counted. */
  expect(bytes: number): void {
    this.#check(bytes, this.#credit + this.#unread * MOST_RATIO);
  }

  /** Counts bytes that were unpacked. @throws TooMuch where they are too many for what was read. */
  unpacked(bytes: number): void {
    this.#check(bytes, this.#credit);
    this.#credit -= bytes;
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

  /** Counts a finding for which the file is refused. @throws TooMuch where there are too many. */
  refused(): void {
    this.#errors += 1;
    if (this.#errors > MOST_ERRORS) {
      throw new TooMuch(
        `It has more than ${MOST_ERRORS.toLocaleString('en-US')} errors: the rest is not looked into.`,
      );
    }
  }

  hold(bytes: number): void {
    if (this.#held + bytes > MOST_HELD) {
      const [asked, most] = [this.#held + bytes, MOST_HELD].map((count) => count.toLocaleString('en-US'));
      throw new TooMuch(
        `It holds streams in each other that need ${asked} bytes of memory at once: ${most} are let through.`,
      );
    }
    this.#held += bytes;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }

  #check(bytes: number, most: number): void {
    if (bytes <= most) return;
    const [sum, free] = [this.#bytes + bytes, this.#free].map((count) =>
      Math.floor(count).toLocaleString('en-US'),
    );
    throw new TooMuch(
      `It unpacks to ${sum} bytes and more: ${free} are let through, and ${MOST_RATIO} for each byte on disk.`,
    );
  }
}
