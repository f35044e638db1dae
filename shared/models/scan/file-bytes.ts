import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteSource, RandomAccess } from './byte-reader.ts';

const PART_BYTES = 256 * 1024;

/** Bytes of an open file at any place. Whoever opened it closes it. */
export function fileAccess(handle: FileHandle, size: number): RandomAccess {
  return {
    size,
    async readAt(offset, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
}

/** A stretch of what can be read at any place, as a stream. @param end offset behind its last byte. */
export function sourceOf(
  access: RandomAccess,
  start = 0,
  end = access.size,
  signal?: AbortSignal,
): ByteSource {
  let position = start;
  return {
    async read() {
      signal?.throwIfAborted();
      if (position >= end) return null;
      const part = await access.readAt(position, Math.min(PART_BYTES, end - position));
      position += part.length;
      return part.length === 0 ? null : part;
    },
  };
}

/** A stretch of what can be read at any place, as such a thing itself. */
export function partOf(access: RandomAccess, start: number, size: number): RandomAccess {
  return {
    size,
    readAt: (offset, length) => access.readAt(start + offset, Math.max(0, Math.min(length, size - offset))),
  };
}

/** What has fewer bytes is not worth a file: archives hold small members by the thousand. */
const MOST_IN_MEMORY = 256 * 1024;

/** The bytes of a stream at any place: in memory, or in a file that only this user may read, until `remove`. */
export interface TemporaryCopy {
  access: RandomAccess;
  remove(): Promise<void>;
}

/** Copies a stream, into a temporary file where it is long; nothing is left of that where it fails. */
export async function temporaryCopy(
  source: ByteSource,
  folder: string,
  signal: AbortSignal,
): Promise<TemporaryCopy> {
  const begin = await firstBytes(source);
  if (begin.length <= MOST_IN_MEMORY) return { access: bytesAccess(begin), remove: async () => undefined };
  const location = join(folder, `scan-${randomUUID()}`);
  const handle = await open(location, 'wx+', 0o600);
  const remove = async () => {
    await handle.close();
    await rm(location, { force: true });
  };
  try {
    await handle.writeFile(begin);
    let size = begin.length;
    for (let part = await source.read(); part !== null; part = await source.read()) {
      signal.throwIfAborted();
      await handle.writeFile(part);
      size += part.length;
    }
    return { access: fileAccess(handle, size), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns all of a source, where it has MOST_IN_MEMORY bytes at most; more otherwise. */
async function firstBytes(source: ByteSource): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  while (size <= MOST_IN_MEMORY) {
    const part = await source.read();
    if (part === null) break;
    parts.push(Buffer.from(part));
    size += part.length;
  }
  return Buffer.concat(parts);
}

/** Bytes in memory at any place. */
const bytesAccess = (bytes: Uint8Array): RandomAccess => ({
  size: bytes.length,
  readAt: async (offset, length) => bytes.slice(offset, offset + length),
});
