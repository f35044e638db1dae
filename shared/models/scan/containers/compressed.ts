import { createInflate, createInflateRaw } from 'node:zlib';
import type { ByteReader } from '../byte-reader.ts';
import type { Scanner } from '../scan-input.ts';
import { CheckedSource } from './checked-source.ts';
import { compressedBy, type Joined, sourceOfParts } from './compressed-by.ts';
import { passGzipHeader } from './gzip-header.ts';
import { passSkippedFrames } from './skipped-frames.ts';
import { unpacking } from './unpacking.ts';
import { unpackZstdFrame, ZSTD_FRAME } from './zstd.ts';

const CHUNK_BYTES = 256 * 1024;

export const scanGzip: Scanner = compressedBy(async (reader) => {
  if (!(await passGzipHeader(reader))) return undefined;
  const packed = unpacking(reader, createInflateRaw({ chunkSize: CHUNK_BYTES }));
  const source = new CheckedSource(packed);
  return {
    source: { read: () => source.read(), close: packed.close },
    async end() {
      const trailer = await reader.take(8);
      if (!trailer) throw new Error('its checksum is cut off');
      const view = new DataView(trailer.buffer, trailer.byteOffset);
      if (view.getUint32(0, true) !== source.checksum) throw new Error('it does not have its CRC-32');
      if (view.getUint32(4, true) !== source.size % 2 ** 32) throw new Error('it does not have its size');
    },
  };
});

export const scanZlib: Scanner = compressedBy(beginZlib);

export const scanZstd: Scanner = compressedBy(async (reader, context) => {
  if ((await passSkippedFrames(reader, context)) !== ZSTD_FRAME) return undefined;
  return { source: sourceOfParts(unpackZstdFrame(reader, context.memory, CHUNK_BYTES)) };
});

/** What joblib wrote before 0.10: `ZF`, the size in hexadecimal digits, and a zlib stream. */
export const scanOldJoblib: Scanner = async (input, context) => {
  const header = await input.reader.take(20);
  const size = Number.parseInt(
    Buffer.from(header ?? [])
      .toString('latin1')
      .slice(2)
      .replace(/L? *$/, ''),
    16,
  );
  if (!Number.isSafeInteger(size)) throw new Error('its header holds no size');
  context.expect(size);
  if ((await input.reader.ensure(1)) && input.reader.bytes[input.reader.position] === 0x20)
    await input.reader.skip(1);
  await scanZlib(input, context);
};

async function beginZlib(reader: ByteReader): Promise<Joined | undefined> {
  if (!(await reader.ensure(2))) return undefined;
  const [method, flags] = [reader.bytes[reader.position]!, reader.bytes[reader.position + 1]!];
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0) return undefined;
  return { source: unpacking(reader, createInflate({ chunkSize: CHUNK_BYTES })) };
}
