import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { UserError } from '../errors.ts';
import { sha256 } from '../records/canonical-json.ts';
import { isPassing } from './aws-error.ts';
import type { S3Address, S3Connection } from './s3-connection.ts';

/** Records and their like are small; anything larger is streamed to a file instead. */
const LARGEST_IN_MEMORY = 512 * 1024 * 1024;
/** How often a stream that broke is taken up again without one new byte. */
const IDLE_TRIES = 5;

interface OpenedObject {
  size: number;
  etag: string;
  stream: AsyncIterable<Uint8Array>;
}

/** Opens an object as a stream; where the connection breaks it goes on at that byte of the very same object. */
export async function openStream(connection: S3Connection, address: S3Address): Promise<OpenedObject> {
  const first = await get(connection, address);
  const { size, etag } = first;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let body = first.body;
    let offset = 0;
    for (let tries = 0; ; ) {
      try {
        for await (const chunk of body) {
          offset += chunk.length;
          tries = 0;
          yield chunk;
        }
        if (offset >= size) return;
      } catch (error) {
        connection.options.signal?.throwIfAborted();
        if (!isBroken(error)) throw error;
        if (++tries > IDLE_TRIES) throw error;
      }
      if (offset >= size) return;
      body = (await get(connection, address, { Range: `bytes=${offset}-`, IfMatch: etag })).body;
    }
  }
  return { size, etag, stream: chunks() };
}

async function get(
  { client, options }: S3Connection,
  address: S3Address,
  part: { Range?: string; IfMatch?: string } = {},
): Promise<{ size: number; etag: string; body: AsyncIterable<Uint8Array> }> {
  const command = new GetObjectCommand({ ...address, ...part });
  const {
    Body,
    ContentLength = 0,
    ETag = '',
  } = await client.send(command, {
    ...(options.signal ? { abortSignal: options.signal } : {}),
  });
  return { size: ContentLength, etag: ETag, body: (Body ?? []) as AsyncIterable<Uint8Array> };
}

const isBroken = (error: unknown): boolean =>
  isPassing(error) || (error instanceof Error && /aborted|premature|terminated|socket/i.test(error.message));

/** Reads a small object whole. @throws UserError when it is too large for that, or not of the digest. */
export async function readWhole(
  connection: S3Connection,
  address: S3Address,
  uri: string,
  digest?: string,
): Promise<{ bytes: Uint8Array; etag: string }> {
  const { size, etag, stream } = await openStream(connection, address);
  if (size > LARGEST_IN_MEMORY) throw new UserError(`${uri} is too large to be read into memory.`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (digest !== undefined) checkDigest(sha256(bytes), digest, uri);
  return { bytes, etag };
}

/** Writes a stream to a new file, which is removed again when it is not of the digest. */
export async function saveVerified(
  stream: AsyncIterable<Uint8Array> | undefined,
  path: string,
  digest: string,
  uri: string,
): Promise<void> {
  if (!stream) {
    throw new UserError(`${uri} is gone.`, { fix: 'Store it again: what is there stays.' });
  }
  const handle = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new UserError(`The file ${path} is there already.`, { where: { file: path } });
  });
  const hash = createHash('sha256');
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    checkDigest(`sha256:${hash.digest('hex')}`, digest, `${uri} (for ${basename(path)})`);
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
  await handle.close();
}

function checkDigest(found: string, digest: string, what: string): void {
  if (found === digest) return;
  throw new UserError(`${what} has the digest ${found} where ${digest} was expected.`, {
    fix: 'The bytes changed or are damaged: store them again and re-run.',
  });
}
