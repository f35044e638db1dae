/** The bytes of a data file as they are read: unpacked where the name says that they are packed. */
import { createReadStream } from 'node:fs';
import type { Duplex, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

export interface Packing {
  /** For messages. */
  name: string;
  unpack(): Duplex;
}

const PACKINGS: Record<string, Packing> = {
  '.gz': { name: 'gzip', unpack: () => createGunzip({ chunkSize: 1 << 20 }) },
  '.zst': { name: 'zstd', unpack: () => createZstdDecompress({ chunkSize: 1 << 20 }) },
};

/** How a file is packed, by its name; undefined where it is not. */
export function packingOf(path: string): Packing | undefined {
  const ending = Object.keys(PACKINGS).find((candidate) => path.toLowerCase().endsWith(candidate));
  return ending === undefined ? undefined : PACKINGS[ending];
}

/** A file unpacked, as a stream; what is wrong with the packing is an error of the stream. */
export function openUnpacked(path: string, options: { end?: number } = {}): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 20, ...options });
  const packing = packingOf(path);
  if (!packing) return file;
  const unpacked = packing.unpack();
  file.on('error', (error) => unpacked.destroy(error));
  unpacked.on('close', () => file.destroy());
  return file.pipe(unpacked);
}

/** A header line longer than this is no header. */
const BEGINNING_BYTES = 1 << 20;

/** The first bytes of a file, unpacked; fewer where it is shorter. */
export async function readBeginning(path: string, bytes = BEGINNING_BYTES): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  const stream = openUnpacked(path);
  try {
    for await (const part of stream) {
      parts.push(part);
      length += part.length;
      if (length >= bytes) break;
    }
  } finally {
    stream.destroy();
  }
  return Buffer.concat(parts).subarray(0, bytes);
}
