import type { RandomAccess } from '../byte-reader.ts';
import {
  type DirectoryEntry,
  END_64_BYTES,
  END_BYTES,
  END_RECORD,
  ENTRY_BYTES,
  type EndRecord,
  entryLength,
  LOCATOR_BYTES,
  parseEnd,
  parseEnd64,
  parseEntry,
  parseLocator64,
} from './zip-records.ts';

/** How far from the end loaders look for the record: its own length and the longest comment. */
const TAIL_BYTES = END_BYTES + 0xffff;
/** More records at the end than that are found only in files made to confuse. */
const MOST_RECORDS = 16;

/** One list of members that some loader finds. */
export interface Directory {
  /** Of its entries. */
  count: number;
  /** Of its first entry, in the file. */
  start: number;
  end: number;
  /** To be added to the offsets of local headers: the bytes before the archive. */
  shift: number;
}

export interface EndOfArchive {
  /** Of the record, in the file; where a wide one belongs to it, of that. */
  start: number;
  /** Behind the comment. */
  end: number;
  /** Of the comment. */
  commentStart: number;
  directories: Directory[];
  /** What is odd about it, as sentences. */
  remarks: string[];
}

export const bufferAt = async (access: RandomAccess, offset: number, length: number): Promise<Buffer> => {
  if (offset < 0 || offset >= access.size) return Buffer.alloc(0);
  const bytes = await access.readAt(offset, length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
};

/** Every record at the end that a loader may take, the last one first: nearly all loaders take that. */
export async function findEnds(access: RandomAccess): Promise<EndOfArchive[]> {
  const tailStart = Math.max(0, access.size - TAIL_BYTES);
  const tail = await bufferAt(access, tailStart, TAIL_BYTES);
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END_RECORD);
  const ends: EndOfArchive[] = [];
  let at = tail.lastIndexOf(signature, tail.length - END_BYTES);
  while (at >= 0 && tail.length >= END_BYTES && ends.length < MOST_RECORDS) {
    ends.push(await readEnd(access, tailStart + at, parseEnd(tail.subarray(at, at + END_BYTES))));
    at = at === 0 ? -1 : tail.lastIndexOf(signature, at - 1);
  }
  return ends;
}

async function readEnd(access: RandomAccess, at: number, narrow: EndRecord): Promise<EndOfArchive> {
  const remarks: string[] = [];
  const end = Math.min(access.size, at + END_BYTES + narrow.commentLength);
  if (at + END_BYTES + narrow.commentLength > access.size) remarks.push('Its comment is cut off.');
  const claims: { size: number; offset: number; count: number; before: number; isWide: boolean }[] = [];
  if (narrow.isSplit) remarks.push('It is one part of an archive of several files.');
  const locatorAt = at - LOCATOR_BYTES;
  const wideAt = parseLocator64(await bufferAt(access, locatorAt, LOCATOR_BYTES));
  let start = at;
  if (wideAt !== undefined) {
    for (const place of new Set([locatorAt - END_64_BYTES, wideAt])) {
      const wide = parseEnd64(await bufferAt(access, place, END_64_BYTES));
      if (!wide) continue;
      start = Math.min(start, place);
      claims.push({ ...wide, before: place, isWide: true });
      const differs =
        (narrow.offset !== 0xffffffff && narrow.offset !== wide.offset) ||
        (narrow.size !== 0xffffffff && narrow.size !== wide.size);
      if (differs) remarks.push('Its record of zip64 names another directory than the plain one.');
    }
  }
  const isOther = !claims.some((wide) => wide.offset === narrow.offset && wide.size === narrow.size);
  const isFull = narrow.offset === 0xffffffff || narrow.size === 0xffffffff;
  if (claims.length === 0 || (isOther && !isFull)) {
    claims.push({ ...narrow, before: start, isWide: false });
  }
  const directories = new Map<number, Directory>();
  for (const { size, offset, count, before, isWide } of claims) {
    const found: number[] = [];
    for (const place of new Set([before - size, offset])) {
      const known = directories.get(place);
      const directory = known ?? (await readDirectory(access, place, place - offset, start));
      if (!directory || (directory.count === 0 && count > 0)) continue;
      directories.set(place, directory);
      found.push(place);
      const isCount = (isWide ? directory.count : directory.count % 0x10000) === count;
      if (!isCount)
        remarks.push(`It says that the directory has ${count} entries; it has ${directory.count}.`);
      if (directory.end !== place + size) remarks.push('The directory is not as long as its record says.');
    }
    if (found.length === 0) remarks.push('No directory lies where it says.');
  }
  if (directories.size > 1) remarks.push('Loaders find different directories by it.');
  return { start, end, commentStart: at + END_BYTES, directories: [...directories.values()], remarks };
}

/** The entries of a directory: an archive may have more than are worth holding. */
export async function* entriesOf(
  access: RandomAccess,
  { start, end }: Directory,
): AsyncGenerator<DirectoryEntry> {
  for (let at = start; at < end; ) {
    const length = entryLength(await bufferAt(access, at, ENTRY_BYTES));
    if (length === undefined) return;
    yield parseEntry(await bufferAt(access, at, length));
    at += length;
  }
}

/** Entries one after the other, as long as there are any, whatever number or length a record says. */
async function readDirectory(
  access: RandomAccess,
  start: number,
  shift: number,
  limit: number,
): Promise<Directory | undefined> {
  if (!(start >= 0) || start > limit) return undefined;
  let count = 0;
  let at = start;
  while (at < limit) {
    const length = entryLength(await bufferAt(access, at, ENTRY_BYTES));
    if (length === undefined || at + length > limit) break;
    count += 1;
    at += length;
  }
  return { count, start, end: at, shift };
}
