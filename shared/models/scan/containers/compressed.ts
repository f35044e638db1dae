import { createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { ByteReader, type ByteSource } from '../byte-reader.ts';
import type { Scanner } from '../scan-input.ts';
import { checkedSource } from './checked-source.ts';
import { passGzipHeader } from './gzip-header.ts';
import { unpacking } from './unpacking.ts';

const CHUNK_BYTES = 256 * 1024;
/** Streams one behind the other in one file: loaders join them. BGZF has one for 64 KiB. */
const MOST_JOINED = 1_000_000;

/** One compressed stream of those that are joined. */
interface Joined {
  source: Required<ByteSource>;
  /** Reads what lies behind the packed bytes. @throws where it does not fit what was unpacked. */
  end?(): Promise<void>;
}

/** @returns undefined where no such stream begins; then nothing was taken. */
type Begin = (reader: ByteReader) => Promise<Joined | undefined>;

export const scanGzip: Scanner = compressedBy(async (reader) => {
  if (!(await passGzipHeader(reader))) return undefined;
  const packed = unpacking(reader, createInflateRaw({ chunkSize: CHUNK_BYTES }));
  const source = checkedSource(packed, () => undefined);
  return {
    source: { read: source.read, close: packed.close },
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

export const scanZstd: Scanner = compressedBy(async (reader) => {
  for (;;) {
    if (!(await reader.ensure(8))) return undefined;
    const view = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + reader.position, 8);
    const magic = view.getUint32(0, true);
    if (magic === 0xfd2fb528)
      return { source: unpacking(reader, createZstdDecompress({ chunkSize: CHUNK_BYTES })) };
    // A frame to be passed over (RFC 8878, 3.1.2).
    if (magic >>> 4 !== 0x184d2a5) return undefined;
    await reader.skip(8 + view.getUint32(4, true));
  }
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

/** A stream that cannot be unpacked here. */
export const refuseCompression =
  (name: string): Scanner =>
  async (_input, { report }) =>
    report({
      rule: 'cannot-look-into',
      offset: 0,
      what: `It is compressed by ${name}, which is not unpacked here.`,
    });

async function beginZlib(reader: ByteReader): Promise<Joined | undefined> {
  if (!(await reader.ensure(2))) return undefined;
  const [method, flags] = [reader.bytes[reader.position]!, reader.bytes[reader.position + 1]!];
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0) return undefined;
  return { source: unpacking(reader, createInflate({ chunkSize: CHUNK_BYTES })) };
}

/** Looks into what the streams unpack to, joined as loaders join them, and into what lies behind them. */
function compressedBy(begin: Begin): Scanner {
  return async ({ reader }, context) => {
    let current: Joined | undefined;
    let joined = 0;
    let failure: unknown;
    const next = async (): Promise<Uint8Array | null> => {
      for (;;) {
        if (!current) {
          context.signal.throwIfAborted();
          if (joined > 0) await passZeros(reader);
          current = await begin(reader);
          if (!current) return null;
          joined += 1;
          if (joined > MOST_JOINED) throw new Error(`it has more than ${MOST_JOINED} parts`);
        }
        const part = await current.source.read();
        if (part !== null) return part;
        await current.end?.();
        await current.source.close();
        current = undefined;
      }
    };
    const read = async () => {
      if (failure !== undefined) throw failure;
      try {
        return await next();
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const unpacked = checkedSource({ read }, context.unpacked);
    try {
      await context.inner('(unpacked)', { reader: new ByteReader(unpacked), size: undefined });
      if (unpacked.hasFailed) return;
      await unpacked.drain();
    } finally {
      await current?.source.close();
    }
    if (await reader.isAtEnd()) return;
    const { offset } = reader;
    const what = 'Bytes follow behind the compressed stream, which some loaders read and some do not.';
    context.report({ rule: 'archive-hidden', offset, what });
    await context.inner(`(bytes from ${offset} on)`, {
      reader: new ByteReader(reader.rest()),
      size: undefined,
    });
  };
}

/** Some programs pad with them; loaders pass over them. */
async function passZeros(reader: ByteReader): Promise<void> {
  while ((await reader.ensure(1)) && reader.bytes[reader.position] === 0) reader.position += 1;
}
