import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import { startChecksum } from './object-checksum.ts';
import type { ObjectStore } from './objects.ts';

/**
 * Streams an object whose digest nobody told us to a new file, and holds it to the size and to the checksum that S3
 * keeps of it.
 * @throws UserError when it is gone, or the bytes are others.
 */
export async function fetchObject(store: ObjectStore, key: string, path: string): Promise<void> {
  const uri = store.uriOf(key);
  const found = await store.head(key);
  const stream = found && (await store.open(key));
  if (!found || !stream)
    throw new UserError(`${uri} is gone.`, {
      where: { file: uri },
      fix: 'Check what removes objects there.',
    });
  const checksum = found.checksum && { ...found.checksum, running: startChecksum(found.checksum.algorithm) };
  let received = 0;
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      received += chunk.length;
      checksum?.running.update(chunk);
      yield chunk;
    }
  }
  await pipeline(
    Readable.from(counted(stream), { objectMode: true }),
    createWriteStream(path, { flags: 'wx' }),
  );
  const isSame = received === found.size && (!checksum || checksum.running.value() === checksum.value);
  if (isSame) return;
  throw new UserError(
    `The bytes of ${uri} are not those that S3 keeps ${checksum ? `the ${checksum.algorithm} checksum` : 'the size'} of.`,
    { where: { file: uri }, fix: 'Run the step again; if it fails again, store the object again.' },
  );
}
