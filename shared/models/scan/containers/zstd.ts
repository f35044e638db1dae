/** Frames of Zstandard (RFC 8878, 3.1.1). */
import { createZstdDecompress } from 'node:zlib';
import { ByteReader, type ByteSource } from '../byte-reader.ts';
import type { HeldMemory } from '../limits.ts';
import { NotUnpacked } from './compressed-by.ts';
import { numberAt } from './taken.ts';
import { unpacking } from './unpacking.ts';

export const ZSTD_FRAME = 0xfd2fb528;
/** Node's decoder takes no larger window, nor do others unless they are told to: `zstd --long=27` asks for it. */
const MOST_WINDOW = 128 * 1024 * 1024;
const BLOCK_HEADER_BYTES = 3;
const IS_SINGLE_SEGMENT = 0x20;
const HAS_CHECKSUM = 4;
/** In bytes, by the two bits that tell them. */
const DICTIONARY_FIELDS = [0, 1, 2, 4];
const SIZE_FIELDS = [0, 2, 4, 8];

/**
 * Unpacks one frame. The reader stands behind it then: by itself a decoder goes on where another frame follows, whose
 * window nobody would have counted.
 * @param chunkSize of the parts, in bytes. @param memory from which the window is taken for as long.
 * @throws where it is damaged, or cut off; NotUnpacked where its window is too large.
 */
export async function* unpackZstdFrame(
  reader: ByteReader,
  memory: HeldMemory,
  chunkSize: number,
): AsyncGenerator<Uint8Array, void> {
  const header = await readHeader(reader);
  memory.hold(header.windowBytes);
  const frame = new ByteReader(new FrameBytes(reader, header));
  const unpacked = unpacking(frame, createZstdDecompress({ chunkSize }));
  try {
    for (let part = await unpacked.read(); part !== null; part = await unpacked.read()) yield part;
  } finally {
    await unpacked.close();
    memory.release(header.windowBytes);
  }
}

interface FrameHeader {
  length: number;
  /** Memory that it takes to unpack the frame. */
  windowBytes: number;
  hasChecksum: boolean;
}

/** Reads the header at the reader, and takes nothing. */
async function readHeader(reader: ByteReader): Promise<FrameHeader> {
  if (!(await reader.ensure(5))) throw new Error('it is cut off');
  if (numberAt(reader.bytes, reader.position) !== ZSTD_FRAME)
    throw new Error('it does not begin as Zstandard does');
  const descriptor = reader.bytes[reader.position + 4]!;
  const isSingleSegment = (descriptor & IS_SINGLE_SEGMENT) !== 0;
  const beforeSize = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_FIELDS[descriptor & 3]!;
  const sizeBytes = SIZE_FIELDS[descriptor >> 6]! || (isSingleSegment ? 1 : 0);
  const length = beforeSize + sizeBytes;
  if (!(await reader.ensure(length))) throw new Error('it is cut off');
  const { bytes, position } = reader;
  const size = contentSize(bytes.subarray(position + beforeSize, position + length));
  const windowSize = isSingleSegment ? size : windowOf(bytes[position + 5]!);
  if (windowSize > MOST_WINDOW) {
    const [asked, most] = [windowSize, MOST_WINDOW].map((count) => count.toLocaleString('en-US'));
    throw new NotUnpacked(`It asks for a window of ${asked} bytes; ${most} are let through.`);
  }
  return {
    length,
    windowBytes: Math.min(windowSize, size),
    hasChecksum: (descriptor & HAS_CHECKSUM) !== 0,
  };
}

/** @returns how many bytes the frame unpacks to; infinite where its header does not say. */
function contentSize(field: Uint8Array): number {
  if (field.length === 0) return Number.POSITIVE_INFINITY;
  const size = field.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return field.length === 2 ? size + 256 : size;
}

/** 3.1.1.1.2: a power of two and as many eighths of it, in bytes. */
const windowOf = (descriptor: number): number => 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8);

/** The bytes of one frame as they lie in a reader, found by the headers of its blocks. */
class FrameBytes implements ByteSource {
  readonly #reader: ByteReader;
  readonly #checksumBytes: number;
  /** Before the next header of a block, in bytes; or before the end. */
  #left: number;
  #isLast = false;

  constructor(reader: ByteReader, { length, hasChecksum }: FrameHeader) {
    this.#reader = reader;
    this.#checksumBytes = hasChecksum ? 4 : 0;
    this.#left = length;
  }

  /** Ends where the frame is cut off as well: its decoder says so. */
  async read(): Promise<Uint8Array | null> {
    const reader = this.#reader;
    if (this.#left === 0 && this.#isLast) return null;
    if (!(await reader.ensure(this.#left === 0 ? BLOCK_HEADER_BYTES : 1))) return null;
    const start = reader.position;
    // As many blocks as are at hand: a frame may have millions of empty ones.
    for (;;) {
      const now = Math.min(this.#left, reader.available);
      reader.position += now;
      this.#left -= now;
      if (this.#left > 0 || this.#isLast || reader.available < BLOCK_HEADER_BYTES) break;
      this.#beginBlock(reader.bytes, reader.position);
    }
    return reader.bytes.subarray(start, reader.position);
  }

  /** 3.1.1.2: whether it is the last one, its kind, and its size. */
  #beginBlock(bytes: Uint8Array, at: number): void {
    const header = bytes[at]! + bytes[at + 1]! * 2 ** 8 + bytes[at + 2]! * 2 ** 16;
    const isRepeatedByte = ((header >> 1) & 3) === 1;
    this.#isLast = (header & 1) === 1;
    this.#left = BLOCK_HEADER_BYTES + (isRepeatedByte ? 1 : header >> 3);
    if (this.#isLast) this.#left += this.#checksumBytes;
  }
}
