import type { ByteReader } from '../byte-reader.ts';

/**
 * Room for what is unpacked. Streams that are joined have one, one after the other: to make it, which fills it with
 * zeros, takes longer than to unpack a small stream.
 * @param make an array of a length. @returns what gives the array of a reader, whose content is what was left there.
 */
export function rooms<T extends Uint8Array | Uint32Array>(
  make: (length: number) => T,
): (reader: ByteReader, length: number) => T {
  const made = new WeakMap<ByteReader, T>();
  return (reader, length) => {
    let room = made.get(reader);
    if (room === undefined || room.length < length) {
      room = make(length);
      made.set(reader, room);
    }
    return room.subarray(0, length) as T;
  };
}
