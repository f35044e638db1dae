import { createInflateRaw } from 'node:zlib';
import { ByteReader, type ByteSource, type RandomAccess } from '../byte-reader.ts';
import { sourceOf } from '../file-bytes.ts';
import type { ScanContext } from '../scan-input.ts';
import { unpackBzip2 } from './bzip2.ts';
import { sourceOfParts } from './compressed-by.ts';
import { unpackZipLzma } from './lzma.ts';
import { MOST_AT_ONCE, type SmallInflater } from './small-inflater.ts';
import { unpacking } from './unpacking.ts';
import { unpackXz } from './xz.ts';
import type { Reading } from './zip-members.ts';
import { unpackZstdFrame } from './zstd.ts';

const STORED = 0;
const DEFLATED = 8;
const BZIP2 = 12;
const LZMA = 14;
const ZSTANDARD = 93;
const XZ = 95;
/** APPNOTE 4.4.5. */
const OTHER_METHODS: Record<number, string> = {
  1: 'shrunk',
  6: 'imploded',
  9: 'packed by Deflate64',
  98: 'packed by PPMd',
  99: 'encrypted by AES',
};
const LEAST_CHUNK = 16 * 1024;
const MOST_CHUNK = 256 * 1024;

/** The bytes of a member as they unpack. */
interface MemberBytes {
  source: ByteSource;
  /** How many packed bytes were not needed, once the source has ended. */
  left(): number;
}

/** @param inflater of this archive. @returns a text that says why it cannot be unpacked, otherwise. */
export function bytesOfMember(
  reading: Reading,
  access: RandomAccess,
  context: ScanContext,
  inflater: SmallInflater,
): MemberBytes | string {
  const { start, end, method, size, isEncrypted } = reading;
  if (isEncrypted) return 'encrypted';
  if (method === STORED) return { source: sourceOf(access, start, end, context.signal), left: () => 0 };
  if (method === DEFLATED && size !== undefined && Math.max(size, end - start) <= MOST_AT_ONCE) {
    return inflatedAtOnce(reading, access, inflater);
  }
  return unpackedInParts(reading, access, context);
}

function unpackedInParts(
  { start, end, method, size, hasMark }: Reading,
  access: RandomAccess,
  { signal, memory }: ScanContext,
): MemberBytes | string {
  const chunkSize = Math.max(LEAST_CHUNK, Math.min(size ?? MOST_CHUNK, MOST_CHUNK));
  const reader = new ByteReader(sourceOf(access, start, end, signal));
  const source = () => {
    if (method === DEFLATED) return unpacking(reader, createInflateRaw({ chunkSize }));
    if (method === ZSTANDARD) return sourceOfParts(unpackZstdFrame(reader, memory, chunkSize));
    if (method === BZIP2) return sourceOfParts(unpackBzip2(reader));
    if (method === LZMA) return sourceOfParts(unpackZipLzma(reader, hasMark ? undefined : size, memory));
    return method === XZ ? sourceOfParts(unpackXz(reader, memory)) : undefined;
  };
  const unpacked = source();
  if (!unpacked) return OTHER_METHODS[method] ?? `packed by the unknown method ${method}`;
  return {
    source: unpacked,
    // Of an unlisted member nothing says where it ends but itself.
    left: () => (size === undefined ? 0 : end - start - reader.offset),
  };
}

function inflatedAtOnce({ start, end }: Reading, access: RandomAccess, inflater: SmallInflater): MemberBytes {
  // What is damaged, or not as long as it says, is unpacked in parts: so far as it goes.
  let parts: ByteSource | undefined;
  let reader: ByteReader | undefined;
  let isDone = false;
  const read = async (): Promise<Uint8Array | null> => {
    if (parts) return parts.read();
    if (isDone) return null;
    const bytes = await inflater.inflate(await access.readAt(start, end - start));
    if (bytes) {
      isDone = true;
      return bytes.length === 0 ? null : bytes;
    }
    reader = new ByteReader(sourceOf(access, start, end));
    parts = unpacking(reader, createInflateRaw({ chunkSize: LEAST_CHUNK }));
    return parts.read();
  };
  return {
    source: { read, close: async () => parts?.close?.() },
    left: () => (reader ? end - start - reader.offset : 0),
  };
}
