import type { ByteReader, RandomAccess } from './byte-reader.ts';
import type { Piece } from './checkpoint/pieces.ts';
import type { Place, Report } from './finding.ts';
import type { HeldMemory } from './limits.ts';

/** One stream of bytes to look into: a file of the model, or what lies in it. */
export interface ScanInput {
  place: Place;
  /** At its first byte. */
  reader: ByteReader;
  /** In bytes, where it is known. */
  size: number | undefined;
  /** Where it lies on disk by itself. */
  random?: RandomAccess;
  /**
   * What its loader takes it for, whatever it looks like; absent: its bytes tell. `numbers`: the bytes of a tensor,
   * which may begin with anything: only what can be nothing else is taken for another format. `saved-numbers`: the same, or
   * the archive that `torch.save` made of the tensor.
   */
  role?: 'pickle' | 'numbers' | 'saved-numbers';
}

/** What the scanner of a format is given beside its bytes. */
export interface ScanContext {
  report: Report;
  /** Looks into a stream that this one holds. @param member its name, as it is written. */
  inner(member: string, stream: Omit<ScanInput, 'place'>): Promise<void>;
  /** Bytes that can be read at any place: those of the input itself, or of a temporary copy of it. */
  randomAccess(): Promise<RandomAccess>;
  /** Counts what was unpacked. @throws TooMuch where it is more than any model needs. */
  unpacked(bytes: number): void;
  /** Asks whether so many bytes may still be unpacked; counts nothing. @throws TooMuch where they may not. */
  expect(bytes: number): void;
  /** Of this file and all that lies in it. */
  memory: HeldMemory;
  /**
   * How large a file of the model is, in bytes; undefined where the model has none there. Absent within an archive,
   * whose other members are not known. @param path relative to the folder of the file that is looked into.
   */
  sizeBeside?(path: string): number | undefined;
  /** Says that bytes of this stream, an archive among others, are looked into by themselves. @param end behind the last one. */
  lookedIntoArchive(start: number, end: number): void;
  /** Says which bytes of files beside this one a loader reads by themselves; told at the end are those that were not looked into. */
  named(pieces: readonly Piece[]): void;
  signal: AbortSignal;
}

/** Looks into one format; tells all it finds, and never throws for what the bytes hold. */
export type Scanner = (input: ScanInput, context: ScanContext) => Promise<void>;
