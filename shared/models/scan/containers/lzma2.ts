import type { ByteReader } from '../byte-reader.ts';
import type { HeldMemory } from '../limits.ts';
import { LzmaDecoder } from './lzma-decoder.ts';
import { taken } from './taken.ts';

/** What a control byte says of the chunk behind it. */
const END = 0;
const PLAIN_AFTER_RESET = 1;
const PLAIN = 2;
const CODED = 0x80;
const CODED_WITH_STATE_RESET = 0xa0;
const CODED_WITH_PROPERTIES = 0xc0;
const CODED_AFTER_RESET = 0xe0;

/**
 * Unpacks the chunks of LZMA2 (xz-embedded, "xz_dec_lzma2.c") up to the mark of their end.
 * @param dictionary in bytes. @throws where they are damaged, or cut off.
 */
export async function* unpackLzma2(
  reader: ByteReader,
  dictionary: number,
  memory: HeldMemory,
): AsyncGenerator<Uint8Array, void> {
  const decoder = new LzmaDecoder(dictionary, memory);
  try {
    yield* unpackChunks(reader, decoder);
  } finally {
    decoder.close();
  }
}

async function* unpackChunks(reader: ByteReader, decoder: LzmaDecoder): AsyncGenerator<Uint8Array, void> {
  let needs: 'dictionary' | 'properties' | 'state' | 'nothing' = 'dictionary';
  for (;;) {
    const control = (await taken(reader, 1))[0]!;
    if (control === END) return;
    if (control === PLAIN_AFTER_RESET || control >= CODED_AFTER_RESET) {
      decoder.resetDictionary();
      needs = 'properties';
    } else if (needs === 'dictionary') throw new Error('its first chunk needs another before it');
    if (control < CODED) {
      if (control > PLAIN) throw new Error('it has a chunk of an unknown kind');
      yield* copyChunk(reader, decoder);
      continue;
    }
    const sizes = await taken(reader, 4);
    const size = ((control & 0x1f) << 16) + (sizes[0]! << 8) + sizes[1]! + 1;
    const packedSize = (sizes[2]! << 8) + sizes[3]! + 1;
    if (control >= CODED_WITH_PROPERTIES) {
      decoder.setProperties((await taken(reader, 1))[0]!);
      needs = 'nothing';
    } else if (needs === 'properties') throw new Error('its first chunk has no properties');
    else if (control >= CODED_WITH_STATE_RESET) decoder.resetState();
    yield* decodeChunk(reader, decoder, size, packedSize);
  }
}

async function* copyChunk(reader: ByteReader, decoder: LzmaDecoder): AsyncGenerator<Uint8Array, void> {
  const size = await taken(reader, 2);
  let bytes: Uint8Array = await taken(reader, (size[0]! << 8) + size[1]! + 1);
  while (bytes.length > 0) {
    bytes = bytes.subarray(decoder.copy(bytes));
    yield decoder.takePart();
  }
}

async function* decodeChunk(
  reader: ByteReader,
  decoder: LzmaDecoder,
  size: number,
  packedSize: number,
): AsyncGenerator<Uint8Array, void> {
  if (!(await reader.ensure(packedSize)) || packedSize < 5) throw new Error('it is cut off');
  const packed = { bytes: reader.bytes, position: reader.position, end: reader.position + packedSize };
  decoder.beginCoding(packed.bytes.subarray(packed.position, packed.position + 5));
  packed.position += 5;
  for (let left = size; left > 0; ) {
    const { stop, decoded } = decoder.decode(packed, true, left);
    if (stop === 'mark') throw new Error('it ends too early');
    left -= decoded;
    yield decoder.takePart();
  }
  decoder.normalize(packed);
  if (packed.position !== packed.end || !decoder.isAtEndOfCoding())
    throw new Error('a chunk is damaged at its end');
  reader.position = packed.end;
}
