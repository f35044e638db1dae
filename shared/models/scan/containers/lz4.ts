/** Frames of LZ4 (lz4, doc/lz4_Frame_format.md). */
import type { ByteReader } from '../byte-reader.ts';
import type { Scanner } from '../scan-input.ts';
import { compressedBy, sourceOfParts } from './compressed-by.ts';
import { unpackLz4Block } from './lz4-block.ts';
import { rooms } from './rooms.ts';
import { passSkippedFrames } from './skipped-frames.ts';
import { numberAt, taken } from './taken.ts';
import { XxHash32, xxHash32 } from './xxhash32.ts';

const FRAME = 0x184d2204;
const LEGACY_FRAME = 0x184c2102;
/** Distances reach no further. */
const HISTORY_BYTES = 64 * 1024;
const LEGACY_BLOCK_BYTES = 8 << 20;
const IS_PLAIN = 0x80000000;

const roomForPacked = rooms((length) => new Uint8Array(length));
const roomForUnpacked = rooms((length) => new Uint8Array(length));

export const scanLz4: Scanner = compressedBy(async (reader, context) => {
  const magic = await passSkippedFrames(reader, context);
  if (magic === FRAME) return { source: sourceOfParts(unpackFrame(reader)) };
  return magic === LEGACY_FRAME ? { source: sourceOfParts(unpackLegacyFrame(reader)) } : undefined;
});

interface Header {
  areBlocksLinked: boolean;
  hasBlockChecksums: boolean;
  hasChecksum: boolean;
  /** In bytes, of all that is unpacked. */
  size: bigint | undefined;
  mostBlockBytes: number;
}

/** @throws where the frame is damaged, or cut off. */
export async function* unpackFrame(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  const header = await takeHeader(reader);
  const { areBlocksLinked, hasBlockChecksums, hasChecksum, size, mostBlockBytes } = header;
  const bytes = roomForUnpacked(reader, HISTORY_BYTES + mostBlockBytes);
  const checksum = new XxHash32();
  let history = 0;
  let unpacked = 0n;
  for (;;) {
    const word = await takenNumber(reader);
    if (word === 0) break;
    const length = word % IS_PLAIN;
    if (length > mostBlockBytes) throw new Error('a block is too long');
    const packed = await takenBlock(reader, length);
    if (hasBlockChecksums && (await takenNumber(reader)) !== xxHash32(packed))
      throw new Error('a block does not have its checksum');
    const start = history;
    const end =
      word >= IS_PLAIN
        ? plain(packed, bytes, start)
        : unpackLz4Block(packed, bytes.subarray(0, start + mostBlockBytes), start, 0);
    const part = bytes.subarray(start, end);
    unpacked += BigInt(part.length);
    if (hasChecksum) checksum.update(part);
    yield part;
    history = areBlocksLinked ? keepHistory(bytes, end) : 0;
  }
  if (size !== undefined && size !== unpacked) throw new Error('it does not have its size');
  if (hasChecksum && (await takenNumber(reader)) !== checksum.digest())
    throw new Error('it does not have its checksum');
}

async function takeHeader(reader: ByteReader): Promise<Header> {
  await reader.take(4);
  const [flags, block] = await taken(reader, 2);
  if (flags! >> 6 !== 1) throw new Error('it is of an unknown version');
  const kind = (block! >> 4) & 7;
  if ((flags! & 2) !== 0 || (block! & 0x8f) !== 0 || kind < 4) throw new Error('its header is damaged');
  const hasSize = (flags! & 8) !== 0;
  const hasDictionary = (flags! & 1) !== 0;
  const fields = await taken(reader, (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0));
  const sum = xxHash32(Uint8Array.of(flags!, block!, ...fields));
  if ((await taken(reader, 1))[0] !== ((sum >>> 8) & 255))
    throw new Error('its header does not have its checksum');
  return {
    areBlocksLinked: (flags! & 0x20) === 0,
    hasBlockChecksums: (flags! & 0x10) !== 0,
    hasChecksum: (flags! & 4) !== 0,
    size: hasSize ? new DataView(fields.buffer, fields.byteOffset).getBigUint64(0, true) : undefined,
    mostBlockBytes: 2 ** (8 + 2 * kind),
  };
}

function plain(block: Uint8Array, target: Uint8Array, start: number): number {
  target.set(block, start);
  return start + block.length;
}

/** Moves what later blocks may repeat to the beginning. @returns how long it is. */
function keepHistory(bytes: Uint8Array, end: number): number {
  const kept = Math.min(end, HISTORY_BYTES);
  bytes.copyWithin(0, end - kept, end);
  return kept;
}

/** What `lz4 -l` writes, as the kernel of Linux reads it: blocks up to the end, or to another frame. */
export async function* unpackLegacyFrame(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  await reader.take(4);
  const bytes = roomForUnpacked(reader, LEGACY_BLOCK_BYTES);
  while (await reader.ensure(4)) {
    const length = numberAt(reader.bytes, reader.position);
    // No block is so long: it is the beginning of another frame.
    if (length > LEGACY_BLOCK_BYTES + LEGACY_BLOCK_BYTES / 255 + 16) return;
    await reader.take(4);
    yield bytes.subarray(0, unpackLz4Block(await takenBlock(reader, length), bytes, 0, 0));
  }
}

const takenNumber = async (reader: ByteReader): Promise<number> => numberAt(await taken(reader, 4), 0);

/** A block may be longer than what a reader holds at once. It changes with the next one. */
async function takenBlock(reader: ByteReader, length: number): Promise<Uint8Array> {
  const block = roomForPacked(reader, length);
  for (let filled = 0; filled < length; ) {
    if (!(await reader.ensure(1))) throw new Error('it is cut off');
    const now = Math.min(reader.available, length - filled);
    block.set(reader.bytes.subarray(reader.position, reader.position + now), filled);
    reader.position += now;
    filled += now;
  }
  return block;
}
