import type { ByteReader } from '../byte-reader.ts';
import type { Scanner } from '../scan-input.ts';
import { compressedBy, sourceOfParts } from './compressed-by.ts';
import { boundedDictionary, LzmaDecoder, MOST_SYMBOL_BYTES } from './lzma-decoder.ts';
import { beginsLzma, LZMA_HEADER_BYTES, LZMA_UNKNOWN_SIZE } from './lzma-header.ts';
import { beginsXz, unpackXz } from './xz.ts';

/** `.xz` and `.lzma` streams: Python's `lzma` joins either with either. */
export const scanLzma: Scanner = compressedBy(async (reader) => {
  if (await beginsXz(reader)) return { source: sourceOfParts(unpackXz(reader)) };
  await reader.ensure(LZMA_HEADER_BYTES + 1);
  const isLzma = beginsLzma(reader.bytes.subarray(reader.position, reader.end));
  return isLzma ? { source: sourceOfParts(unpackLzma(reader)) } : undefined;
});

/** Unpacks one stream. @throws where it is damaged, or cut off. */
export async function* unpackLzma(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  const header = (await reader.take(LZMA_HEADER_BYTES))!;
  const view = new DataView(header.buffer, header.byteOffset);
  const size = view.getBigUint64(5, true);
  const decoder = new LzmaDecoder(boundedDictionary(view.getUint32(1, true)));
  decoder.setProperties(header[0]!);
  const start = await reader.take(5);
  if (!start) throw new Error('it is cut off');
  decoder.beginCoding(start);
  let left = size === LZMA_UNKNOWN_SIZE ? Number.POSITIVE_INFINITY : Number(size);
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
