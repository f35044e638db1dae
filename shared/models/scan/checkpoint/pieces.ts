import { posix } from 'node:path';
import type { Found, Place } from '../finding.ts';
import { isCheckpointData } from './names.ts';

/** Bytes of a file beside the metadata of a checkpoint, that its loader reads as one tensor or object. */
export interface Piece {
  /** The name of the file, in the same folder. */
  path: string;
  /** In bytes. */
  offset: number;
  length: number;
}

/** Of one file with tensors. */
interface Looked {
  size: number | undefined;
  /** Where each archive in it ends, by where it begins. */
  archives: Map<number, number>;
  /** Whether another stream has the same name. */
  isTwice: boolean;
}

/** Pieces of one model that are remembered: more are in no checkpoint. */
const MOST_PIECES = 1_000_000;
const MOST = MOST_PIECES.toLocaleString('en-US');
/** Problems of one metadata that are told. */
const MOST_TOLD = 20;

/**
 * Holds what the metadata of checkpoints names against what the scan looked into as a stream of its own: a file as a whole,
 * or each of the archives that lie one behind the other in it. Whichever is looked into first.
 */
export class CheckpointPieces {
  readonly #looked = new Map<string, Looked>();
  #named: { place: Place; pieces: readonly Piece[] }[] = [];
  #count = 0;

  /** Says that all of a stream is looked into. @param size in bytes, where it is known. */
  lookedInto(place: Place, size: number | undefined): void {
    if (!isCheckpointData(place)) return;
    this.#count += 1;
    if (this.#isFull) return;
    const key = keyOf(place);
    const known = this.#looked.get(key);
    if (known) known.isTwice = true;
    else this.#looked.set(key, { size, archives: new Map(), isTwice: false });
  }

  /** Says that an archive in a stream is looked into by itself. @param end behind its last byte. */
  lookedIntoArchive(place: Place, start: number, end: number): void {
    const looked = this.#looked.get(keyOf(place));
    if (!looked) return;
    this.#count += 1;
    if (!this.#isFull) looked.archives.set(start, end);
  }

  /** Says what the loader reads. @param place of the metadata. */
  named(place: Place, pieces: readonly Piece[]): void {
    this.#count += pieces.length;
    this.#named.push({ place, pieces: this.#isFull ? [] : pieces });
  }

  /** Tells, once all files beside them are looked into, which pieces were not; then nothing is named any more. */
  *settle(): Generator<{ place: Place; found: Found }> {
    const named = this.#named;
    this.#named = [];
    for (const { place, pieces } of named) {
      const problems = new Set<string>();
      if (this.#isFull) problems.add(`The checkpoints of the model have more than ${MOST} pieces.`);
      for (const piece of pieces) {
        const problem = this.#problemOf(place, piece);
        if (problem !== undefined) problems.add(problem);
        if (problems.size >= MOST_TOLD) break;
      }
      for (const what of problems) yield { place, found: unlooked(what) };
    }
  }

  #problemOf(place: Place, { path, offset, length }: Piece): string | undefined {
    const shown = JSON.stringify(path.slice(0, 300));
    if (!/^[\w-][\w.-]*\.distcp$/.test(path)) return `It names ${shown}, which is no file of a checkpoint.`;
    const looked = this.#looked.get(keyOf(place, path));
    if (!looked) return `It names ${shown}, which does not lie beside it.`;
    if (looked.isTwice) return `It names ${shown}, of which there are two.`;
    const end = offset + length;
    if ((offset === 0 && end === looked.size) || looked.archives.get(offset) === end) return undefined;
    return `It names the bytes from ${offset} to ${end} of ${shown}, which are no whole archive there.`;
  }

  /** Whether something was let go: then nobody can tell. */
  get #isFull(): boolean {
    return this.#count > MOST_PIECES;
  }
}

const unlooked = (what: string): Found => ({ rule: 'checkpoint-piece', offset: null, what });

/** Of a stream, or of the file of another name beside it: the same for names that are one file on some system. */
function keyOf({ file, members }: Place, beside?: string): string {
  const names = [file, ...members].map((name) => posix.normalize(name.replaceAll('\\', '/')));
  const last = names.pop()!;
  const name = beside === undefined ? last : posix.join(posix.dirname(last), beside);
  return [...names, name].join('\0').normalize('NFC').toLowerCase();
}
