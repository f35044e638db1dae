/** The records of a zip archive, read from bytes: APPNOTE 6.3.10 of PKWARE, sections 4.3.7 to 4.3.16. */

export const LOCAL_HEADER = 0x04034b50;
export const DIRECTORY_ENTRY = 0x02014b50;
export const END_RECORD = 0x06054b50;
const END_RECORD_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DESCRIPTOR = 0x08074b50;
export const LOCAL_BYTES = 30;
export const ENTRY_BYTES = 46;
export const END_BYTES = 22;
export const LOCATOR_BYTES = 20;
export const END_64_BYTES = 56;
const FULL = 0xffffffff;

/** What a local header and an entry of the directory both say of a member. */
export interface MemberHeader {
  flags: number;
  method: number;
  checksum: number;
  /** In bytes. */
  packedSize: number;
  size: number;
  nameBytes: Buffer;
  /** Length of the whole record. */
  length: number;
}

export interface DirectoryEntry extends MemberHeader {
  /** Of the local header, as it is written. */
  localOffset: number;
  isSymbolicLink: boolean;
  /** The name of the Info-ZIP field 0x7075, which some loaders take instead. */
  otherName: Buffer | undefined;
}

/** @param record 30 bytes. @returns how long the record is with its name and fields; undefined where it is none. */
export function localLength(record: Buffer): number | undefined {
  if (record.length < LOCAL_BYTES || record.readUInt32LE(0) !== LOCAL_HEADER) return undefined;
  return LOCAL_BYTES + record.readUInt16LE(26) + record.readUInt16LE(28);
}

/** @param record all of it, as `localLength` says. */
export function parseLocal(record: Buffer): MemberHeader {
  const nameEnd = LOCAL_BYTES + record.readUInt16LE(26);
  const header = {
    flags: record.readUInt16LE(6),
    method: record.readUInt16LE(8),
    checksum: record.readUInt32LE(14),
    packedSize: record.readUInt32LE(18),
    size: record.readUInt32LE(22),
    nameBytes: Buffer.from(record.subarray(LOCAL_BYTES, nameEnd)),
    length: record.length,
  };
  const wide = fieldOf(record.subarray(nameEnd), 1);
  let at = 0;
  const next = () => {
    at += 8;
    return wide && wide.length >= at ? Number(wide.readBigUInt64LE(at - 8)) : FULL;
  };
  if (header.size === FULL) header.size = next();
  if (header.packedSize === FULL) header.packedSize = next();
  return header;
}

/** @param record 46 bytes. @returns how long the entry is; undefined where it is none. */
export function entryLength(record: Buffer): number | undefined {
  if (record.length < ENTRY_BYTES || record.readUInt32LE(0) !== DIRECTORY_ENTRY) return undefined;
  return ENTRY_BYTES + record.readUInt16LE(28) + record.readUInt16LE(30) + record.readUInt16LE(32);
}

/** @param record all of it, as `entryLength` says. */
export function parseEntry(record: Buffer): DirectoryEntry {
  const nameEnd = ENTRY_BYTES + record.readUInt16LE(28);
  const fields = record.subarray(nameEnd, nameEnd + record.readUInt16LE(30));
  const wide = fieldOf(fields, 1);
  let at = 0;
  const widened = (value: number) => {
    if (value !== FULL || !wide || wide.length < at + 8) return value;
    at += 8;
    return Number(wide.readBigUInt64LE(at - 8));
  };
  const size = widened(record.readUInt32LE(24));
  const packedSize = widened(record.readUInt32LE(20));
  const localOffset = widened(record.readUInt32LE(42));
  const isUnix = record[5] === 3;
  return {
    flags: record.readUInt16LE(8),
    method: record.readUInt16LE(10),
    checksum: record.readUInt32LE(16),
    packedSize,
    size,
    nameBytes: Buffer.from(record.subarray(ENTRY_BYTES, nameEnd)),
    length: record.length,
    localOffset,
    isSymbolicLink: isUnix && ((record.readUInt32LE(38) >>> 16) & 0o170000) === 0o120000,
    otherName: fieldOf(fields, 0x7075)?.subarray(5),
  };
}

/** The first extra field of a kind. */
function fieldOf(fields: Buffer, kind: number): Buffer | undefined {
  for (let at = 0; at + 4 <= fields.length; ) {
    const length = fields.readUInt16LE(at + 2);
    if (fields.readUInt16LE(at) === kind) return fields.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

/** Where a record at the end says that the directory lies. */
export interface EndRecord {
  count: number;
  size: number;
  offset: number;
  commentLength: number;
  isSplit: boolean;
}

/** @param record 22 bytes that begin with the signature. */
export function parseEnd(record: Buffer): EndRecord {
  return {
    count: record.readUInt16LE(10),
    size: record.readUInt32LE(12),
    offset: record.readUInt32LE(16),
    commentLength: record.readUInt16LE(20),
    isSplit: record.readUInt16LE(8) !== record.readUInt16LE(10),
  };
}

/** @param record 20 bytes before the record at the end. @returns where it says that the wide record lies. */
export function parseLocator64(record: Buffer): number | undefined {
  if (record.length < LOCATOR_BYTES || record.readUInt32LE(0) !== LOCATOR_64) return undefined;
  return Number(record.readBigUInt64LE(8));
}

/** @param record 56 bytes. */
export function parseEnd64(record: Buffer): Omit<EndRecord, 'commentLength'> | undefined {
  if (record.length < END_64_BYTES || record.readUInt32LE(0) !== END_RECORD_64) return undefined;
  const [here, count] = [record.readBigUInt64LE(24), record.readBigUInt64LE(32)];
  return {
    count: Number(count),
    size: Number(record.readBigUInt64LE(40)),
    offset: Number(record.readBigUInt64LE(48)),
    isSplit: here !== count,
  };
}

/** How long the descriptor behind the bytes of a member is: 0, 12, 16, 20 or 24. @param bytes 24, or all there are. */
export function descriptorLength(bytes: Buffer, packedSize: number, size: number): number {
  const begin = bytes.length >= 4 && bytes.readUInt32LE(0) === DESCRIPTOR ? 4 : 0;
  const isWide =
    bytes.length >= begin + 20 &&
    Number(bytes.readBigUInt64LE(begin + 4)) === packedSize &&
    Number(bytes.readBigUInt64LE(begin + 12)) === size;
  if (isWide) return begin + 20;
  const isNarrow =
    bytes.length >= begin + 12 &&
    bytes.readUInt32LE(begin + 4) === packedSize % 2 ** 32 &&
    bytes.readUInt32LE(begin + 8) === size % 2 ** 32;
  return isNarrow ? begin + 12 : 0;
}
