import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryName } from '../concurrency/process-identity.ts';
import { UserError } from '../errors.ts';
import type { BlobSource } from './manifest.ts';

/** Writing so that a reader, or the next run after a kill, sees all of a file or nothing of it. */

export const PARTIAL_STEM = 'partial-';

/** Writes a small file whole: temporary file, flush to disk, rename, flush of the folder. */
export async function writeDurably(path: string, temporaryFolder: string, bytes: Uint8Array): Promise<void> {
  await replaceDurably(path, temporaryFolder, async (handle) => {
    await handle.writeFile(bytes);
  });
}

/**
 * Writes a blob whole and verified.
 * @throws UserError when the bytes are not those of the digest: the file changed while it was read.
 */
export async function writeBlobDurably(
  path: string,
  temporaryFolder: string,
  blob: BlobSource,
  signal?: AbortSignal,
): Promise<void> {
  const source = await openSource(blob, signal);
  await replaceDurably(path, temporaryFolder, async (handle) => {
    await writeVerified(handle, source, blob.digest, 'path' in blob ? blob.path : 'The content');
  });
}

async function openSource(
  blob: BlobSource,
  signal: AbortSignal | undefined,
): Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>> {
  if ('bytes' in blob) return [blob.bytes];
  if ('open' in blob) return blob.open();
  return createReadStream(blob.path, { highWaterMark: 1 << 20, signal });
}

/** Streams bytes into an open file and checks their digest at the end. */
export async function writeVerified(
  handle: { write(chunk: Uint8Array): Promise<unknown> },
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  digest: string,
  what: string,
  fix = 'The bytes changed or are damaged: write them again and re-run.',
): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    await writeAll(handle, chunk);
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) {
    throw new UserError(`${what} has the digest ${found} where ${digest} was expected.`, { fix });
  }
}

async function writeAll(
  handle: { write(chunk: Uint8Array): Promise<unknown> },
  chunk: Uint8Array,
): Promise<void> {
  let rest = chunk;
  while (rest.length > 0) {
    const { bytesWritten } = (await handle.write(rest)) as { bytesWritten: number };
    rest = rest.subarray(bytesWritten);
  }
}

async function replaceDurably(
  path: string,
  temporaryFolder: string,
  fill: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  await mkdir(temporaryFolder, { recursive: true });
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(temporaryFolder, temporaryName(PARTIAL_STEM));
  try {
    const handle = await open(temporary, 'wx');
    try {
      await fill(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Windows knows no flush of a folder; there the rename itself is all that can be done. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
