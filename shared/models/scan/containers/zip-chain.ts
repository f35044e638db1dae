import type { RandomAccess } from '../byte-reader.ts';
import { bufferAt } from './zip-directories.ts';
import {
  END_64_BYTES,
  END_BYTES,
  END_RECORD,
  ENTRY_BYTES,
  entryLength,
  LOCAL_BYTES,
  LOCATOR_BYTES,
  localLength,
  parseEnd,
  parseEnd64,
  parseLocal,
  parseLocator64,
} from './zip-records.ts';

/** An archive among others in one file. */
export interface ChainedArchive {
  start: number;
  /** Behind its last byte. */
  end: number;
  /** Where its directory is said to lie, from its start on. */
  directory: number;
  /** Where its wide record of the end is said to lie, from its start on. */
  wideRecord: number | undefined;
}

/** What `torch.save` writes first into an archive. */
const FIRST_MEMBER = /^[^/]+\/data\.pkl$/;

/**
 * Takes a file of `torch.distributed.checkpoint` (`__0_0.distcp`) apart: what `torch.save` wrote of each tensor, one whole
 * archive behind the other, of which a loader opens each by its place. The places are in a pickle beside it (`.metadata`),
 * which is held against them: it could name bytes in the middle of a tensor.
 * @returns the archives, in the order of the file; undefined where there are not two at least, where anything lies in between,
 * or where a loader of the whole file could find another directory than theirs.
 */
export async function chainedArchives(access: RandomAccess): Promise<ChainedArchive[] | undefined> {
  const archives: ChainedArchive[] = [];
  for (let end = access.size; end > 0; ) {
    const archive = await archiveBefore(access, end);
    if (!archive) return undefined;
    archives.push(archive);
    end = archive.start;
  }
  const [last, first] = [archives[0], archives.at(-1)];
  if (!last || !first || last === first || (await misleads(access, first, last))) return undefined;
  return archives.reverse();
}

/** Loaders that count from the start of the file look at other places for what the last record of the end names. */
async function misleads(access: RandomAccess, first: ChainedArchive, last: ChainedArchive): Promise<boolean> {
  const entry = await bufferAt(access, last.directory, ENTRY_BYTES);
  if (last.directory !== first.directory && entryLength(entry) !== undefined) return true;
  const { wideRecord } = last;
  if (wideRecord === undefined || wideRecord === first.wideRecord) return false;
  return parseEnd64(await bufferAt(access, wideRecord, END_64_BYTES)) !== undefined;
}

/** The archive whose record of the end is right before `end`, without a comment. */
async function archiveBefore(access: RandomAccess, end: number): Promise<ChainedArchive | undefined> {
  const at = end - END_BYTES;
  const tail = await bufferAt(access, at, END_BYTES);
  if (tail.length < END_BYTES || tail.readUInt32LE(0) !== END_RECORD) return undefined;
  const narrow = parseEnd(tail);
  if (narrow.commentLength > 0) return undefined;
  const wideRecord = parseLocator64(await bufferAt(access, at - LOCATOR_BYTES, LOCATOR_BYTES));
  const wideAt = at - LOCATOR_BYTES - END_64_BYTES;
  const wide =
    wideRecord === undefined ? undefined : parseEnd64(await bufferAt(access, wideAt, END_64_BYTES));
  if (wideRecord !== undefined && !wide) return undefined;
  const { size, offset } = wide ?? narrow;
  const start = (wide ? wideAt : at) - size - offset;
  if (!(start >= 0 && start < end)) return undefined;
  const length = localLength(await bufferAt(access, start, LOCAL_BYTES));
  if (length === undefined || start + length > end) return undefined;
  const { nameBytes } = parseLocal(await bufferAt(access, start, length));
  return FIRST_MEMBER.test(nameBytes.toString('latin1'))
    ? { start, end, directory: offset, wideRecord }
    : undefined;
}
