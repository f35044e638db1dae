import { createReadStream } from 'node:fs';
import { UserError } from '../../errors.ts';
import type { BlobSource } from '../manifest.ts';

/** What `fetch` takes as a body. */
export type RequestBody = NonNullable<RequestInit['body']>;

const READ_BYTES = 256 * 1024;

/** The bytes of a blob from an offset on, as a body that is read only as fast as it is sent. */
export async function bodyOf(blob: BlobSource, start = 0): Promise<RequestBody> {
  if ('bytes' in blob) return Uint8Array.from(blob.bytes.subarray(start));
  if ('open' in blob) return streamOf(await blob.open());
  return streamOf(createReadStream(blob.path, { highWaterMark: READ_BYTES, start }));
}

/** By hand, since a converted Node stream would run ahead into memory. */
function streamOf(source: AsyncIterable<Uint8Array>): RequestBody {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Reads an answer into memory. @throws UserError when it is longer than `limit` bytes. */
export async function readLimited(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw new UserError(`The registry answered with more than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const LARGEST_JSON = 16 * 1024 * 1024;

/** An answer as JSON; undefined when it is none. @throws UserError when it is very long. */
export async function readJson(response: Response, limit = LARGEST_JSON): Promise<unknown> {
  const text = new TextDecoder().decode(await readLimited(response, limit));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
