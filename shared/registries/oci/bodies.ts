import { createReadStream } from 'node:fs';
import { UserError } from '../../errors.ts';
import type { RequestBody } from './http-client.ts';

/** A file as a body that is read only as fast as it is sent: a converted Node stream would run ahead into memory. */
export function streamFile(path: string): RequestBody {
  const chunks = createReadStream(path, { highWaterMark: 256 * 1024 }).iterator();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value as Buffer);
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
    if (size > limit)
      throw new UserError(`The registry answered with a manifest of more than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
