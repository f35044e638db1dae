import { posix } from 'node:path';
import { messageOf } from '../../errors.ts';
import { ByteReader, type RandomAccess } from './byte-reader.ts';
import { CheckpointPieces } from './checkpoint/pieces.ts';
import { sourceOf, type TemporaryCopy, temporaryCopy } from './file-bytes.ts';
import { type Found, type Place, shortened } from './finding.ts';
import { protobufModels } from './formats/any-protobuf.ts';
import { type Format, HEAD_BYTES, identify } from './identify.ts';
import { Limits, TooMuch } from './limits.ts';
import { scannerByName } from './loaders/by-name.ts';
import { RULES } from './rules.ts';
import type { ScanContext, ScanInput, Scanner } from './scan-input.ts';
import { scannerOf } from './scanners.ts';

interface FileScanOptions {
  /** Of the file on disk, in bytes. */
  size: number;
  signal: AbortSignal;
  temporaryFolder: string;
  report(place: Place, found: Found): void;
  count(format: Format): void;
  /** In bytes, of a file of the model by its path; undefined where there is none. */
  sizeOf?(path: string): number | undefined;
  /** Of the model; absent: of this file alone. */
  pieces?: CheckpointPieces;
}

/** In characters, of the text of a finding and of the name of a member: both may hold what the file says. */
const LONGEST_TEXT = 1_000;
const LONGEST_MEMBER = 300;

/** The scan of one file on disk, and of all streams in it. */
export class FileScan {
  readonly #options: FileScanOptions;
  readonly #limits: Limits;
  readonly #pieces: CheckpointPieces;
  /** How many streams were looked into. */
  streams = 0;

  constructor(options: FileScanOptions) {
    this.#options = options;
    this.#limits = new Limits(options.size);
    this.#pieces = options.pieces ?? new CheckpointPieces();
  }

  /** The file on disk; what is read of it says how much it may unpack to. */
  counted(access: RandomAccess): RandomAccess {
    return {
      size: access.size,
      readAt: async (offset, length) => {
        const bytes = await access.readAt(offset, length);
        this.#limits.read(bytes.length);
        return bytes;
      },
    };
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
    if (input.place.members.length > 0) return;
    for (const { place, found } of this.#pieces.settle()) this.#options.report(place, found);
  }

  #isTooMuch = false;

  async #identifyAndScan(given: ScanInput): Promise<void> {
    const { place } = given;
    this.#options.signal.throwIfAborted();
    this.#limits.enter(place.members.length);
    this.streams += 1;
    if (given.role === undefined) this.#pieces.lookedInto(place, given.size);
    const copies: TemporaryCopy[] = [];
    try {
      const input = await this.#scannedByName(given, copies);
      const { reader } = input;
      const failure = await failureOf(reader.ensure(HEAD_BYTES));
      // What was read before something went wrong is looked into as well.
      if (failure !== undefined && reader.available === 0) throw failure;
      if (reader.available === 0) return;
      const head = reader.bytes.subarray(reader.position, Math.min(reader.end, reader.position + HEAD_BYTES));
      const formats = identify(head, input);
      const last = formats.at(-1) as Format;
      if (formats.length === 1) await this.#scanAs(last, input, copies);
      else await this.#scanAsEach(head.slice(), input, copies);
      if (failure !== undefined) throw failure;
      if (input.random) {
        await this.#lookForHdf5(input, input.random, last, copies);
        await this.#lookForArchive(input, input.random, last, copies);
      }
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (error instanceof TooMuch) throw error;
      this.#report(place, {
        rule: 'unreadable',
        offset: null,
        what: `Reading it fails: ${messageOf(error)}.`,
      });
    } finally {
      for (const copy of copies) await copy.remove();
    }
  }

  async #scanAs(format: Format, input: ScanInput, copies: TemporaryCopy[]): Promise<void> {
    this.#options.count(format);
    const scan = await this.#scannerOf(format);
    await scan?.(input, this.#contextOf(input, copies));
  }

  /** A stream that is two formats is read once for each. */
  async #scanAsEach(head: Uint8Array, input: ScanInput, copies: TemporaryCopy[]): Promise<void> {
    const access = await this.#contextOf(input, copies).randomAccess();
    const { size } = access;
    const formats = new Set<Format>();
    for (const format of identify(head, { ...input, size })) {
      if (format !== 'any-protobuf') formats.add(format);
      else for (const kind of await protobufModels(access)) formats.add(kind);
    }
    if (formats.size > 1) formats.delete('unknown');
    for (const format of formats) {
      await this.#scanAs(format, { ...input, size, reader: new ByteReader(sourceOf(access)) }, copies);
    }
  }

  /** Looks into what a loader opens by its name. @returns the same bytes from their beginning, for what they look like. */
  async #scannedByName(input: ScanInput, copies: TemporaryCopy[]): Promise<ScanInput> {
    const scan = input.role === undefined ? await scannerByName(input.place) : undefined;
    if (!scan) return input;
    const context = this.#contextOf(input, copies);
    const access = await context.randomAccess();
    await scan({ ...input, reader: new ByteReader(sourceOf(access)) }, context);
    return { ...input, reader: new ByteReader(sourceOf(access)) };
  }

  /** HDF5 is found behind bytes of any other format. */
  async #lookForHdf5(
    input: ScanInput,
    random: RandomAccess,
    format: Format,
    copies: TemporaryCopy[],
  ): Promise<void> {
    if (format === 'hdf5' || isNumbers(input)) return;
    const { hdf5BehindBlock, scanHdf5 } = await import('./formats/hdf5.ts');
    const begin = await hdf5BehindBlock(random);
    if (begin === undefined) return;
    this.#options.count('hdf5');
    const reader = new ByteReader(sourceOf(random, begin));
    await scanHdf5({ ...input, reader }, this.#contextOf(input, copies));
  }

  /** Zip archives are found from their end: behind bytes of any other format there may be one. */
  async #lookForArchive(
    input: ScanInput,
    random: RandomAccess,
    format: Format,
    copies: TemporaryCopy[],
  ): Promise<void> {
    if (format === 'zip' || isNumbers(input)) return;
    const { endsWithArchive } = await import('./containers/zip-at-end.ts');
    if (!(await endsWithArchive(random, format))) return;
    this.#options.count('zip');
    const scan = await this.#scannerOf('zip');
    await scan?.(input, this.#contextOf(input, copies));
  }

  /** Asked for once each: an archive may hold a hundred thousand streams. */
  readonly #scanners = new Map<Format, Promise<Scanner | undefined>>();

  #scannerOf(format: Format): Promise<Scanner | undefined> {
    const known = this.#scanners.get(format) ?? scannerOf(format);
    this.#scanners.set(format, known);
    return known;
  }

  #report(place: Place, found: Found): void {
    this.#options.report(place, found);
    if (RULES[found.rule].level === 'error' && found.name === undefined) this.#limits.refused();
  }

  #contextOf(input: ScanInput, copies: TemporaryCopy[]): ScanContext {
    const { signal, temporaryFolder, sizeOf } = this.#options;
    const { place, reader, random } = input;
    return {
      signal,
      report: (found) => this.#report(place, { ...found, what: shortened(found.what, LONGEST_TEXT) }),
      inner: (member, stream) => {
        const members = [...place.members, shortened(member, LONGEST_MEMBER)];
        return this.look({ ...stream, place: { file: place.file, members } });
      },
      unpacked: (bytes) => this.#limits.unpacked(bytes),
      expect: (bytes) => this.#limits.expect(bytes),
      memory: this.#limits,
      ...(sizeOf &&
        place.members.length === 0 && {
          sizeBeside: (path: string) => sizeOf(posix.join(posix.dirname(place.file), path)),
        }),
      lookedIntoArchive: (start, end) => this.#pieces.lookedIntoArchive(place, start, end),
      named: (pieces) => this.#pieces.named(place, pieces),
      async randomAccess() {
        if (random) return random;
        copies[0] ??= await temporaryCopy(reader.rest(), temporaryFolder, signal);
        return copies[0].access;
      },
    };
  }
}

const isNumbers = ({ role }: ScanInput): boolean => role === 'numbers' || role === 'saved-numbers';

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
