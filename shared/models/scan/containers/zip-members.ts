import type { RandomAccess } from '../byte-reader.ts';
import type { Found } from '../finding.ts';
import { problemOfName } from './member-names.ts';
import { bufferAt, type Directory } from './zip-directories.ts';
import {
  type DirectoryEntry,
  descriptorLength,
  LOCAL_BYTES,
  localLength,
  type MemberHeader,
  parseLocal,
} from './zip-records.ts';

const ENCRYPTED = 1;
const HAS_MARK = 2;
const HAS_DESCRIPTOR = 8;
const LZMA = 14;
const IS_UTF8 = 0x800;

/** One way in which some loader reads the bytes of a member. */
export interface Reading {
  name: string;
  /** Of the packed bytes, in the file. */
  start: number;
  end: number;
  method: number;
  /** As declared, in bytes; undefined where only the bytes themselves tell. */
  size: number | undefined;
  /** CRC-32 as declared. */
  checksum: number | undefined;
  isEncrypted: boolean;
  /** Whether a mark ends what LZMA has packed; otherwise its size does. */
  hasMark: boolean;
}

/** A member, and the bytes that it takes. */
export interface Member {
  name: string;
  /** Of its local header. */
  start: number;
  /** Behind its bytes and their descriptor. */
  end: number;
  readings: Reading[];
}

export type Problem = (found: Found) => void;

const nameOf = ({ flags, nameBytes }: MemberHeader): string =>
  (flags & IS_UTF8) !== 0 ? nameBytes.toString('utf8') : nameBytes.toString('latin1');

/** The local header at a place of the file; undefined where there is none. */
export async function localAt(access: RandomAccess, offset: number): Promise<MemberHeader | undefined> {
  const length = localLength(await bufferAt(access, offset, LOCAL_BYTES));
  if (length === undefined || offset + length > access.size) return undefined;
  return parseLocal(await bufferAt(access, offset, length));
}

/** A member that the directory lists, as the directory and as its own header have it. */
export async function listedMember(
  access: RandomAccess,
  entry: DirectoryEntry,
  directory: Directory,
  problem: Problem,
): Promise<Member | undefined> {
  const name = nameOf(entry);
  const start = entry.localOffset + directory.shift;
  problemsOfName(entry, name, start, problem);
  if (entry.isSymbolicLink) {
    problem({ rule: 'archive-link', offset: start, what: `${JSON.stringify(name)} is a symbolic link.` });
  }
  const local = await localAt(access, start);
  if (!local) {
    const what = `The directory lists ${JSON.stringify(name)} where no member begins.`;
    problem({ rule: 'archive-disagreement', offset: start, what });
    return undefined;
  }
  for (const difference of differences(entry, local)) {
    const what = `${JSON.stringify(name)} has another ${difference} in the directory than before its bytes.`;
    problem({ rule: 'archive-disagreement', offset: start, what });
  }
  const first = reading(entry, name, start + local.length, access.size);
  if (start + local.length + entry.packedSize > access.size) {
    const what = `${JSON.stringify(name)} reaches past the end of the archive.`;
    problem({ rule: 'archive-disagreement', offset: start, what });
  }
  const readings = [first];
  const hasSizes = (local.flags & HAS_DESCRIPTOR) === 0 || local.packedSize !== 0;
  const other = reading(
    hasSizes ? local : { ...local, packedSize: entry.packedSize, size: entry.size, checksum: entry.checksum },
    nameOf(local),
    start + local.length,
    access.size,
  );
  if (other.method !== first.method || other.end !== first.end) readings.push(other);
  const hasDescriptor = ((entry.flags | local.flags) & HAS_DESCRIPTOR) !== 0;
  const after = hasDescriptor
    ? descriptorLength(await bufferAt(access, first.end, 24), entry.packedSize, entry.size)
    : 0;
  return { name, start, end: first.end + after, readings };
}

/** A member that no directory lists. @param limit where the next known bytes begin. */
export function hiddenMember(local: MemberHeader, start: number, limit: number): Member {
  const name = nameOf(local);
  const only = reading(local, name, start + local.length, limit);
  if ((local.flags & HAS_DESCRIPTOR) !== 0 && local.packedSize === 0) {
    Object.assign(only, { end: limit, size: undefined, checksum: undefined });
  }
  return { name, start, end: only.end, readings: [only] };
}

function reading(header: MemberHeader, name: string, start: number, limit: number): Reading {
  const { flags, method, size, checksum, packedSize } = header;
  const end = Math.max(start, Math.min(start + packedSize, limit));
  const isEncrypted = (flags & ENCRYPTED) !== 0;
  return { name, start, end, method, size, checksum, isEncrypted, hasMark: (flags & HAS_MARK) !== 0 };
}

function differences(entry: DirectoryEntry, local: MemberHeader): string[] {
  const isLater = (local.flags & HAS_DESCRIPTOR) !== 0;
  const differs = (ofEntry: number, ofLocal: number) =>
    ofEntry !== ofLocal && !(isLater && (ofLocal === 0 || ofLocal === 0xffffffff));
  const found: string[] = [];
  if (!entry.nameBytes.equals(local.nameBytes)) found.push('name');
  if (entry.otherName && !entry.otherName.equals(entry.nameBytes) && (entry.flags & IS_UTF8) !== 0) {
    found.push('Unicode name');
  }
  if (entry.method !== local.method) found.push('compression');
  if ((entry.flags & ENCRYPTED) !== (local.flags & ENCRYPTED)) found.push('mark of encryption');
  if (entry.method === LZMA && (entry.flags & HAS_MARK) !== (local.flags & HAS_MARK))
    found.push('mark of an end');
  if (differs(entry.packedSize, local.packedSize)) found.push('packed size');
  if (differs(entry.size, local.size)) found.push('size');
  if (differs(entry.checksum, local.checksum)) found.push('checksum');
  return found;
}

function problemsOfName(entry: DirectoryEntry, name: string, offset: number, problem: Problem): void {
  const found = problemOfName(name, entry.nameBytes, (entry.flags & IS_UTF8) !== 0);
  if (found) problem({ ...found, offset });
}
