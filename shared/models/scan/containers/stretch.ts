import type { ByteReader, ByteSource } from '../byte-reader.ts';

/** The next bytes of a reader as a stream of their own, which is counted. */
export interface Stretch extends ByteSource {
  /** So far. */
  readonly size: number;
  /** Reads what nobody has read. */
  drain(): Promise<void>;
}

/** @param length in bytes; fewer come where the reader ends before. */
export function stretchOf(reader: ByteReader, length: number): Stretch {
  let left = length;
  const read = async () => {
    if (left === 0 || !(await reader.ensure(1))) return null;
    const now = Math.min(left, reader.available);
    const part = reader.bytes.subarray(reader.position, reader.position + now);
    reader.position += now;
    left -= now;
    return part;
  };
  return {
    read,
    async drain() {
      while ((await read()) !== null) {}
    },
    get size() {
      return length - left;
    },
  };
}
