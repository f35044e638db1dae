import { Tale } from '../pickle/scan-pickle.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { type Kind, PickleTrial } from './hdf5-pickle-trial.ts';
import { Heaps, kindOfPlaces, type PickledPlaces } from './hdf5-places.ts';

/** Pickles that are followed at once: weights have thousands of bytes that can be the beginning of one with a long text. */
const MOST_OPEN = 10_000;
/** So many bytes may be followed for each of the file, and so many in any: pickles may lie in each other. */
const MOST_WORK = 16;
const FREE_WORK = 1 << 24;
/** What beginning with one takes, in bytes that are followed. */
const WORK_TO_BEGIN = 512;
/** Dangerous imports in the middle of something: the file is refused for fewer. */
const MOST_NAMED = 100;
/** To look for an opcode takes less than to follow one. */
const EASIER_TO_LOOK_AT = 16;

/**
 * Follows every pickle in a file of HDF5. PyTables, and so pandas, pickles each attribute and each object that HDF5 has
 * no type for, and loads what it finds there: an attribute that is a text of bytes, and an object in a heap. Whatever
 * begins with the mark of a pickle is followed as well, wherever it lies.
 */
export class PicklesInHdf5 {
  readonly #context: ScanContext;
  readonly #tale: Tale;
  readonly #size: number;
  readonly #places: PickledPlaces;
  readonly #heaps: Heaps;
  #open: PickleTrial[] = [];
  #work = 0;
  #passed = 0;
  #isTooMuch = false;
  #named = 0;

  constructor(input: ScanInput, context: ScanContext, places: PickledPlaces) {
    this.#context = context;
    this.#tale = new Tale({ ...input, role: undefined }, context, undefined);
    this.#size = input.size ?? Number.POSITIVE_INFINITY;
    this.#places = places;
    this.#heaps = new Heaps(places.lengthBytes);
  }

  /**
   * @param bytes the next stretch, with what is looked at again. @param text the same in latin1. @param offset of it.
   * @param from place of the first byte that no stretch before had. @param begins how many of it pickles are looked for in.
   */
  push(bytes: Uint8Array<ArrayBuffer>, text: string, offset: number, from: number, begins: number): void {
    if (this.#isTooMuch) return;
    const isLast = begins === bytes.length;
    this.#passed = offset + begins;
    for (const trial of this.#open) this.#work += trial.feed(bytes, from, offset, isLast);
    this.#open = this.#open.filter((trial) => !trial.isOver);
    for (const { at, size, kind } of kindOfPlaces(bytes, text, begins, this.#places)) {
      if (kind === 'heap') this.#heaps.open(bytes, at, offset);
      else this.#begin({ at, size, kind }, bytes, text, offset, isLast);
      if (this.#isBeyond()) return;
    }
    for (const { at, size } of this.#heaps.objects(bytes, offset, begins)) {
      this.#work += 16;
      this.#begin({ at, size, kind: 'whole' }, bytes, text, offset, isLast);
      if (this.#isBeyond()) return;
    }
  }

  finish(): void {
    this.#tale.settle();
  }

  /** In the heaps so far, in bytes. */
  get largestObject(): number {
    return this.#heaps.largest;
  }

  #begin(
    { at, size, kind }: { at: number; size: number; kind: Kind },
    bytes: Uint8Array<ArrayBuffer>,
    text: string,
    offset: number,
    isLast: boolean,
  ): void {
    if (kind === 'whole') this.#work += Math.min(size, text.length) / EASIER_TO_LOOK_AT;
    if (!mayImport(text, at, size, kind) || (kind === 'named' && this.#named >= MOST_NAMED)) return;
    const trial = new PickleTrial(this.#tale.events, kind, this.#size);
    this.#work += WORK_TO_BEGIN + trial.feed(bytes, at, offset, isLast);
    if (!trial.isOver) this.#open.push(trial);
    if (kind === 'named' && trial.isShown) this.#named += 1;
  }

  #isBeyond(): boolean {
    const most = FREE_WORK + MOST_WORK * this.#passed;
    if (this.#work <= most && this.#open.length <= MOST_OPEN && !this.#heaps.areTooMany) return false;
    this.#isTooMuch = true;
    this.#open = [];
    const what = 'More pickles seem to lie in each other than can be followed.';
    this.#context.report({ rule: 'cannot-look-into', offset: null, what });
    return true;
  }
}

/** Most texts hold no opcode that imports anything. */
function mayImport(text: string, at: number, size: number, kind: Kind): boolean {
  if (kind !== 'whole') return true;
  if (at + size > text.length) return true;
  return IMPORTS.test(text.slice(at, at + size));
}

/** GLOBAL, INST, STACK_GLOBAL, and those that take what was registered. */
const IMPORTS = /[ci][^\n]+\n[^\n]+\n|[\x82-\x84\x93]/;
