import { messageOf } from '../../errors.ts';
import type { RandomAccess } from './byte-reader.ts';
import { type TemporaryCopy, temporaryCopy } from './file-bytes.ts';
import type { Found, Place } from './finding.ts';
import { type Format, HEAD_BYTES, identify } from './identify.ts';
import { Limits, TooMuch } from './limits.ts';
import type { ScanContext, ScanInput } from './scan-input.ts';
import { scannerOf } from './scanners.ts';

interface FileScanOptions {
  /** Of the file on disk, in bytes. */
  size: number;
  signal: AbortSignal;
  temporaryFolder: string;
  report(place: Place, found: Found): void;
  count(format: Format): void;
}

/** The scan of one file on disk, and of all streams in it. */
export class FileScan {
  readonly #options: FileScanOptions;
  readonly #limits: Limits;
  /** How many streams were looked into. */
  streams = 0;

  constructor(options: FileScanOptions) {
    this.#options = options;
    this.#limits = new Limits(options.size);
  }

  /** Tells the format of a stream and has its scanner look into it. @throws where the signal aborts. */
  async look(input: ScanInput): Promise<void> {
    try {
      await this.#identifyAndScan(input);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (!(error instanceof TooMuch)) throw error;
      // One more byte is too many everywhere in this file: said once, where it came up, and nothing more is unpacked.
      if (!this.#isTooMuch)
        this.#options.report(input.place, { rule: 'too-much', offset: null, what: error.message });
      this.#isTooMuch = true;
      if (input.place.members.length > 0) throw error;
    }
  }

  #isTooMuch = false;

  async #identifyAndScan(input: ScanInput): Promise<void> {
    const { place, reader } = input;
    this.#options.signal.throwIfAborted();
    this.#limits.enter(place.members.length);
    this.streams += 1;
    const copies: TemporaryCopy[] = [];
    try {
      const failure = await failureOf(reader.ensure(HEAD_BYTES));
      // What was read before something went wrong is looked into as well.
      if (failure !== undefined && reader.available === 0) throw failure;
      if (reader.available === 0) return;
      const head = reader.bytes.subarray(reader.position, Math.min(reader.end, reader.position + HEAD_BYTES));
      const format = identify(head, input);
      this.#options.count(format);
      const scan = await scannerOf(format);
      await scan?.(input, this.#contextOf(input, copies));
      if (failure !== undefined) throw failure;
      if (input.random) await this.#lookForArchive(input, input.random, format, copies);
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof TooMuch) throw error;
      this.#options.report(place, {
        rule: 'unreadable',
        offset: null,
        what: `Reading it fails: ${messageOf(error)}.`,
      });
    } finally {
      for (const copy of copies) await copy.remove();
    }
  }

  /** Zip archives are found from their end: behind bytes of any other format there may be one. */
  async #lookForArchive(
    input: ScanInput,
    random: RandomAccess,
    format: Format,
    copies: TemporaryCopy[],
  ): Promise<void> {
    if (format === 'zip' || input.role === 'numbers') return;
    const { endsWithArchive } = await import('./containers/zip-at-end.ts');
    if (!(await endsWithArchive(random, format))) return;
    this.#options.count('zip');
    const scan = await scannerOf('zip');
    await scan?.(input, this.#contextOf(input, copies));
  }

  #contextOf(input: ScanInput, copies: TemporaryCopy[]): ScanContext {
    const { signal, temporaryFolder, report } = this.#options;
    const { place, reader, random } = input;
    return {
      signal,
      report: (found) => report(place, found),
      inner: (member, stream) =>
        this.look({ ...stream, place: { file: place.file, members: [...place.members, member] } }),
      unpacked: (bytes) => this.#limits.unpacked(bytes),
      expect: (bytes) => this.#limits.expect(bytes),
      async randomAccess() {
        if (random) return random;
        copies[0] ??= await temporaryCopy(reader.rest(), temporaryFolder, signal);
        return copies[0].access;
      },
    };
  }
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
