import { crc32 } from 'node:zlib';
import type { ByteSource } from '../byte-reader.ts';

/** A stream whose bytes are counted as they pass. */
export interface CountedSource extends ByteSource {
  /** So far. */
  readonly size: number;
  /** Whether reading has failed: whoever read then has said so. */
  readonly hasFailed: boolean;
  /** Reads what nobody has read, so that all of it is counted. */
  drain(): Promise<void>;
}

/** A stream whose bytes are counted and summed up as they pass. */
export interface CheckedSource extends CountedSource {
  /** CRC-32 so far. */
  readonly checksum: number;
}

/** @param hear is given the bytes before anybody sees them. */
export function countedSource(source: ByteSource, hear: (part: Uint8Array) => void): CountedSource {
  let size = 0;
  let hasFailed = false;
  const read = async () => {
    try {
      const part = await source.read();
      if (part === null) return null;
      hear(part);
      size += part.length;
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
    get hasFailed() {
      return hasFailed;
    },
  };
}

/** @param count hears of the bytes before anybody sees them. */
export function checkedSource(source: ByteSource, count: (bytes: number) => void): CheckedSource {
  let checksum = 0;
  const counted = countedSource(source, (part) => {
    count(part.length);
    checksum = crc32(part, checksum);
  });
  return {
    ...counted,
    get size() {
      return counted.size;
    },
    get hasFailed() {
      return counted.hasFailed;
    },
    get checksum() {
      return checksum;
    },
  };
}
