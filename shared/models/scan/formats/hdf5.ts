import type { RandomAccess } from '../byte-reader.ts';
import type { ScanContext, ScanInput } from '../scan-input.ts';
import { JsonText } from '../text/json-text.ts';
import { reportOnce } from '../text/once.ts';
import { ConvertedLists } from './hdf5-converted.ts';
import { externalLinkAt, isFileListAt, isVirtualAt } from './hdf5-links.ts';
import { PicklesInHdf5 } from './hdf5-pickles.ts';
import { placesOfPickles } from './hdf5-places.ts';

const SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
/** In bytes. */
const LEAST_BLOCK = 512;
const PART = 1 << 18;
/** In bytes: what is looked at again with what follows; no link or name of a class is longer. */
const OVERLAP = 1 << 14;
const VERSION_PLACE = 8;
const SUPERBLOCK = 16;
const CLASS_NAME = '"class_name"';
/** Its version, and three bytes that are kept free. */
const FILE_LIST = Buffer.from([1, 0, 0, 0]);
/** The versions of a layout, and its class: put together of other datasets. */
const VIRTUAL = [Buffer.from([4, 3]), Buffer.from([5, 3])];
/** Of all libraries that write JSON, none writes plain letters so. */
const HIDDEN_LETTER = /\\u00[2-6][0-9a-f]/i;

const BLANKS = [0x20, 0x0a, 0x0d, 0x09];
/** In bytes: so far it is looked whether a key follows. */
const MOST_OF_KEY = 256;
/** Starts that come to nothing within so many bytes, and how many of them there may be: of all, and for each byte of the file. */
const SHORT_START = 64;
const MOST_STARTS = 50_000;
const STARTS_PER_BYTE = 1 / 200;

/** Where an object may begin; weights are full of braces that are none. */
function beginOfJson(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0x7b, from); at !== -1; at = bytes.indexOf(0x7b, at + 1))
    if (mayBeginObject(bytes, at + 1)) return at;
  return -1;
}

/** Whether a key and a colon follow, or may follow behind what is at hand. */
function mayBeginObject(bytes: Buffer, from: number): boolean {
  const end = Math.min(bytes.length, from + MOST_OF_KEY);
  const behindBlanks = (at: number): number => {
    let next = at;
    while (next < end && BLANKS.includes(bytes[next]!)) next++;
    return next;
  };
  const quote = behindBlanks(from);
  if (quote === end) return true;
  if (bytes[quote] !== 0x22) return false;
  let close = quote + 1;
  while (close < end && bytes[close] !== 0x22) close += bytes[close] === 0x5c ? 2 : 1;
  const colon = behindBlanks(close + 1);
  return colon >= end || bytes[colon] === 0x3a;
}

/**
 * HDF5 may begin behind a block of a user's own, of 512 bytes or twice, four times … as many: its libraries look there.
 *
 * @returns where it does; undefined where it is none, or begins at once.
 */
export async function hdf5BehindBlock({ size, readAt }: RandomAccess): Promise<number | undefined> {
  for (let at = LEAST_BLOCK; at + SIGNATURE.length <= size; at *= 2)
    if (SIGNATURE.equals(await readAt(at, SIGNATURE.length))) return at;
  return undefined;
}

/** Follows every JSON that begins somewhere in the bytes: HDF5 keeps a text in one piece. */
class JsonInBytes {
  readonly #context: ScanContext;
  #json: JsonText | undefined;
  /** How many objects that stand for a class were judged. */
  classes = 0;
  #shortStarts = 0;
  #isTooMuch = false;

  constructor(context: ScanContext) {
    this.#context = context;
  }

  /** @param offset of the bytes in the stream; they follow those before. */
  push(bytes: Buffer, offset: number): void {
    for (let at = 0; at < bytes.length && !this.#isTooMuch; ) {
      if (this.#json === undefined) {
        at = beginOfJson(bytes, at);
        if (at === -1) return;
        this.#json = new JsonText(this.#context.report, offset + at);
      }
      const { json } = this.#json;
      const before = json.offset;
      // Past its end JSON may have blanks only: with the first other byte it is over.
      json.push(bytes.subarray(at));
      if (json.problem === undefined) return;
      // Where it breaks off, another one may begin.
      const passed = json.offset - before - 1;
      at += passed;
      this.#end();
      if (passed < SHORT_START && ++this.#shortStarts > MOST_STARTS + (offset + at) * STARTS_PER_BYTE)
        this.#giveUp();
    }
  }

  #giveUp(): void {
    this.#isTooMuch = true;
    const what = 'More texts seem to begin as JSON than can be followed.';
    this.#context.report({ rule: 'cannot-look-into', offset: null, what });
  }

  #end(): void {
    this.classes += this.#json?.keras.classes ?? 0;
    this.#json = undefined;
  }

  finish(): void {
    this.#end();
  }
}

function count(bytes: Buffer, text: string): number {
  let found = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1))
    if (bytes[at - 1] !== 0x5c) found++;
  return found;
}

function reportLinks(bytes: Buffer, offset: number, report: ScanContext['report']): void {
  for (let at = bytes.indexOf(0x40); at !== -1; at = bytes.indexOf(0x40, at + 1)) {
    const file = externalLinkAt(bytes, at);
    if (file !== undefined)
      report({
        rule: 'hdf5-external',
        offset: offset + at,
        what: `A link leads into the file ${JSON.stringify(file)}.`,
      });
  }
  for (let at = bytes.indexOf(FILE_LIST); at !== -1; at = bytes.indexOf(FILE_LIST, at + 1))
    if (isFileListAt(bytes, at))
      report({
        rule: 'hdf5-external',
        offset: offset + at,
        what: 'The data of a dataset lie in other files.',
      });
  for (const virtual of VIRTUAL)
    for (let at = bytes.indexOf(virtual); at !== -1; at = bytes.indexOf(virtual, at + 1))
      if (isVirtualAt(bytes, at))
        report({
          rule: 'hdf5-external',
          offset: offset + at,
          what: 'A dataset is put together from datasets of other files.',
        });
}

/**
 * Looks into an HDF5 file, as Keras saves: judges every configuration in it, and tells links to other files, and
 * judges every pickle, as PyTables and pandas save. Its tree is
 * not followed: all its bytes are looked at, in one pass, so that nothing in it can be out of reach.
 */
export async function scanHdf5(input: ScanInput, context: ScanContext): Promise<void> {
  const { reader } = input;
  const report = reportOnce(context.report);
  const json = new JsonInBytes(context);
  let names = 0;
  if (!(await reader.ensure(VERSION_PLACE + 1))) {
    report({ rule: 'cut-off', offset: reader.offset, what: 'The file ends within its header.' });
    return;
  }
  await reader.ensure(SUPERBLOCK);
  const head = reader.bytes.subarray(reader.position, reader.position + SUPERBLOCK);
  const pickles = new PicklesInHdf5(input, { ...context, report }, placesOfPickles(head));
  const converted = new ConvertedLists();
  const version = reader.bytes[reader.position + VERSION_PLACE]!;
  if (version > 3) {
    const what = `The file is HDF5 of version ${version}, which is not known here.`;
    report({ rule: 'cannot-look-into', offset: VERSION_PLACE, what });
  }
  for (let isLast = false, followed = reader.offset; !isLast; ) {
    context.signal.throwIfAborted();
    isLast = !(await reader.ensure(PART));
    const length = Math.min(reader.available, PART);
    const bytes = Buffer.from(
      new Uint8Array(reader.bytes.subarray(reader.position, reader.position + length)).buffer,
    );
    const passed = isLast ? length : length - OVERLAP;
    const text = bytes.toString('latin1');
    pickles.push(bytes, text, reader.offset, followed - reader.offset, passed);
    converted.push(bytes, passed);
    json.push(bytes.subarray(followed - reader.offset), followed);
    followed = reader.offset + length;
    names += count(bytes.subarray(0, isLast ? length : passed + CLASS_NAME.length - 1), CLASS_NAME);
    reportLinks(bytes, reader.offset, report);
    if (HIDDEN_LETTER.test(text))
      report({
        rule: 'cannot-look-into',
        offset: null,
        what: 'A text in the file hides plain letters behind escapes.',
      });
    reader.position += passed;
  }
  json.finish();
  pickles.finish();
  converted.finish(pickles.largestObject, report);
  if (names <= json.classes) return;
  const what = `${names} classes are named, and only ${json.classes} of them in a configuration that can be read.`;
  report({ rule: 'cannot-look-into', offset: null, what });
}
