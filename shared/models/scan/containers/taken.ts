/** Bytes that must be there: where a compressed stream ends before them, it is cut off. */
import type { ByteReader } from '../byte-reader.ts';

/** @returns the next bytes, which are taken. @throws where there are fewer. */
export async function taken(reader: ByteReader, count: number): Promise<Buffer> {
  const bytes = await reader.take(count);
  if (!bytes) throw new Error('it is cut off');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** @returns the number of 32 bits, lowest byte first, that stands at a place. */
export const numberAt = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
