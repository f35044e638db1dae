import type { ByteReader } from '../byte-reader.ts';
import type { HeldMemory } from '../limits.ts';
import type { Scanner } from '../scan-input.ts';
import { compressedBy, sourceOfParts } from './compressed-by.ts';
import { boundedDictionary, LzmaDecoder, MOST_SYMBOL_BYTES } from './lzma-decoder.ts';
import { beginsLzma, LZMA_HEADER_BYTES, LZMA_UNKNOWN_SIZE } from './lzma-header.ts';
import { taken } from './taken.ts';
import { beginsXz, unpackXz } from './xz.ts';

/** As many as tell what a file is: streams of nothing may come before the one that tells. */
const HEAD_BYTES = 4096;

/** `.xz` and `.lzma` streams: Python's `lzma` joins either with either. */
export const scanLzma: Scanner = compressedBy(async (reader, { memory }) => {
  if (await beginsXz(reader)) return { source: sourceOfParts(unpackXz(reader, memory)) };
  await reader.ensure(HEAD_BYTES);
  const isLzma = beginsLzma(reader.bytes.subarray(reader.position, reader.end));
  return isLzma ? { source: sourceOfParts(unpackLzma(reader, memory)) } : undefined;
});

/** Unpacks one stream. @throws where it is damaged, or cut off. */
export async function* unpackLzma(reader: ByteReader, memory: HeldMemory): AsyncGenerator<Uint8Array, void> {
  const header = (await reader.take(LZMA_HEADER_BYTES))!;
  const view = new DataView(header.buffer, header.byteOffset);
  const size = view.getBigUint64(5, true);
  yield* unpackSymbols(reader, {
    properties: header[0]!,
    dictionary: view.getUint32(1, true),
    size: size === LZMA_UNKNOWN_SIZE ? undefined : Number(size),
    memory,
  });
}

/** The versions of what packed it, and the length of what follows; then properties and a dictionary (APPNOTE 5.8.8). */
const ZIP_HEADER_BYTES = 9;

/** Unpacks a member of a zip archive. @param size in bytes; undefined where a mark ends it. @throws as `unpackLzma`. */
export async function* unpackZipLzma(
  reader: ByteReader,
  size: number | undefined,
  memory: HeldMemory,
): AsyncGenerator<Uint8Array, void> {
  const header = await taken(reader, ZIP_HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset);
  if (view.getUint16(2, true) !== 5) throw new Error('it has wrong properties');
  yield* unpackSymbols(reader, { properties: header[4]!, dictionary: view.getUint32(5, true), size, memory });
}

interface Coded {
  properties: number;
  /** In bytes, as `size`. */
  dictionary: number;
  /** Of all that is unpacked; undefined where a mark ends it. */
  size: number | undefined;
  memory: HeldMemory;
}

async function* unpackSymbols(
  reader: ByteReader,
  { properties, dictionary, size, memory }: Coded,
): AsyncGenerator<Uint8Array, void> {
  const decoder = new LzmaDecoder(boundedDictionary(dictionary), memory);
  try {
    yield* decodeSymbols(reader, decoder, properties, size);
  } finally {
    decoder.close();
  }
}

async function* decodeSymbols(
  reader: ByteReader,
  decoder: LzmaDecoder,
  properties: number,
  size: number | undefined,
): AsyncGenerator<Uint8Array, void> {
  decoder.setProperties(properties);
  decoder.beginCoding(await taken(reader, 5));
  let left = size ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const isWhole = !(await reader.ensure(MOST_SYMBOL_BYTES));
    const { stop, decoded } = decoder.decode(reader, isWhole, left);
    left -= decoded;
    if (decoded > 0) yield decoder.takePart();
    if (stop === 'mark') break;
    if (stop !== 'size') continue;
    await reader.ensure(MOST_SYMBOL_BYTES);
    decoder.normalize(reader);
    if (!decoder.isAtEndOfCoding()) decoder.decodeMark(reader);
    break;
  }
  await reader.ensure(1);
  decoder.normalize(reader);
  if (!decoder.isAtEndOfCoding()) throw new Error('it is damaged at its end');
}
