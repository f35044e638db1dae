import { crc32 } from 'node:zlib';
import type { ByteSource } from '../byte-reader.ts';

/** A stream whose bytes are counted as they pass. */
export interface CheckedSource extends ByteSource {
  /** So far. */
  readonly size: number;
  /** CRC-32 so far. */
  readonly checksum: number;
  /** Whether reading has failed: whoever read then has said so. */
  readonly hasFailed: boolean;
  /** Reads what nobody has read, so that size and checksum are those of the whole. */
  drain(): Promise<void>;
}

/** @param count hears of the bytes before anybody sees them. */
export function checkedSource(source: ByteSource, count: (bytes: number) => void): CheckedSource {
  let size = 0;
  let checksum = 0;
  let hasFailed = false;
  const read = async () => {
    try {
      const part = await source.read();
      if (part === null) return null;
      count(part.length);
      size += part.length;
      checksum = crc32(part, checksum);
      return part;
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  return {
    read,
    async drain() {
      while ((await read()) !== null) {}
    },
    get size() {
      return size;
    },
    get checksum() {
      return checksum;
    },
    get hasFailed() {
      return hasFailed;
    },
  };
}
