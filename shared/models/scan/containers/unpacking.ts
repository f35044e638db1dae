import type { Transform } from 'node:stream';
import type { ByteReader, ByteSource } from '../byte-reader.ts';

/** A stream of Node's zlib, which counts what it has consumed. */
type Decoder = Transform & { bytesWritten: number };

/**
 * What a packed stream unpacks to. At its end `reader` stands at the first byte behind the packed ones.
 * @param decoder fed from `reader`, which nothing else may use until the end. @throws what the decoder says.
 */
export function unpacking(reader: ByteReader, decoder: Decoder): Required<ByteSource> {
  const parts = decoder[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  // Whoever reads hears of it; where nobody does any more, Node would end the process.
  decoder.on('error', () => undefined);
  let consumed = 0;
  let isFed = false;
  let failure: unknown;
  const settle = () => {
    reader.position += decoder.bytesWritten - consumed;
    consumed = decoder.bytesWritten;
  };
  const feed = async () => {
    while (await reader.ensure(1)) {
      const part = reader.bytes.subarray(reader.position, reader.end);
      // Not called back where the packed stream ends within the part: then the reading below sees the end.
      await new Promise<void>((resolve) => decoder.write(part, () => resolve()));
      if (decoder.destroyed) return;
      settle();
    }
    decoder.end();
  };
  return {
    async read() {
      if (failure !== undefined) throw failure;
      if (!isFed) {
        isFed = true;
        feed().catch((error: Error) => decoder.destroy(error));
      }
      try {
        const next = await parts.next();
        if (!next.done) return next.value;
      } catch (error) {
        failure = error;
        throw error;
      }
      settle();
      return null;
    },
    async close() {
      decoder.destroy();
    },
  };
}
