import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { inParallel } from '../concurrency/parallel.ts';
import { removeAbandoned, temporaryName } from '../concurrency/process-identity.ts';
import { UserError } from '../errors.ts';
import { modelDigest } from '../models/digest.ts';
import { isRawLayer } from '../models/media-types.ts';
import { checkInnerPath } from '../models/path.ts';
import { writeVerified } from './durable.ts';
import { type Descriptor, FILE_PATH_ANNOTATION, type Manifest, TITLE_ANNOTATION } from './manifest.ts';
import type { OciStore } from './oci/store.ts';

/** Records and their like are small; anything larger is streamed to a file instead. */
const LARGEST_IN_MEMORY = 512 * 1024 * 1024;

/** What is needed of a store to read from it. */
export type BlobReader = Pick<OciStore, 'openBlob' | 'mend'>;

/**
 * Writes the files of a model into a folder. They are gathered beside it and verified, and the folder appears
 * only when it is whole; a folder that holds this very model already is left as it is.
 * @throws UserError for packed layers, unsafe paths, damaged bytes, or a folder with something else in it.
 */
export async function pullFiles(
  store: BlobReader,
  manifest: Manifest,
  digest: string,
  folder: string,
  options: { progress?: (message: string) => void; signal?: AbortSignal },
): Promise<void> {
  const files = manifest.layers.map((layer) => ({ layer, path: pathOf(layer) }));
  const present = await readdir(folder).catch(() => undefined);
  if (present && present.length > 0) {
    if ((await modelDigest(folder).catch(() => undefined))?.digest === digest) return;
    throw new UserError(`The folder ${folder} for the model is not empty.`, {
      where: { file: folder },
      fix: 'Give a folder that is empty or does not exist.',
    });
  }
  const parent = dirname(resolve(folder));
  const stem = `.${basename(resolve(folder))}.partial-`;
  await mkdir(parent, { recursive: true });
  removeAbandoned(parent, stem);
  const partial = join(parent, temporaryName(stem));
  try {
    await inParallel(files, async ({ layer, path }) => {
      options.signal?.throwIfAborted();
      options.progress?.(`Fetching ${path} (${layer.size} bytes)`);
      await mkdir(dirname(join(partial, path)), { recursive: true });
      await saveStoredFile(store, layer, join(partial, path));
    });
    if (present) await rmdir(folder);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

function pathOf(layer: Descriptor): string {
  const path = layer.annotations?.[FILE_PATH_ANNOTATION] ?? layer.annotations?.[TITLE_ANNOTATION];
  if (path === undefined) throw new UserError(`A layer of the model (${layer.digest}) has no file name.`);
  if (!isRawLayer(layer.mediaType)) {
    throw new UserError(`The model's layer ${path} is packed (${layer.mediaType}).`, {
      fix: 'This version reads models whose files are stored as raw layers, as register-model writes them.',
    });
  }
  return checkInnerPath(path, 'The model');
}

/** Streams one stored file to a new path, verified before this returns. @throws UserError when damaged or gone. */
export async function saveStoredFile(store: BlobReader, layer: Descriptor, path: string): Promise<void> {
  const handle = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new UserError(`The file ${path} is there already, or is named twice.`, { where: { file: path } });
  });
  try {
    await writeVerified(
      handle,
      await openStored(store, layer),
      layer.digest,
      `The stored file ${layer.annotations?.[FILE_PATH_ANNOTATION] ?? basename(path)}`,
      store.mend(layer.digest),
    );
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
  await handle.close();
}

/** Reads one stored file into memory, verified. @throws UserError when it is damaged, gone or too large. */
export async function readStoredFile(store: BlobReader, layer: Descriptor): Promise<Uint8Array> {
  if (layer.size > LARGEST_IN_MEMORY)
    throw new UserError(`The stored file ${layer.digest} is too large to read.`);
  const chunks: Uint8Array[] = [];
  const sink = {
    write: async (chunk: Uint8Array) => {
      chunks.push(Uint8Array.from(chunk));
      return { bytesWritten: chunk.length };
    },
  };
  await writeVerified(
    sink,
    await openStored(store, layer),
    layer.digest,
    'The stored file',
    store.mend(layer.digest),
  );
  return Buffer.concat(chunks);
}

async function openStored(store: BlobReader, layer: Descriptor): Promise<AsyncIterable<Uint8Array>> {
  const stream = await store.openBlob(layer.digest);
  if (stream) return noLonger(stream, layer, store.mend(layer.digest));
  throw new UserError(`The registry lacks the bytes ${layer.digest} that a manifest names.`, {
    fix: 'Register the model again: what is missing is stored, what is there stays.',
  });
}

/** What sends without end must fill neither memory nor the disk before its digest is seen to be wrong. */
async function* noLonger(
  stream: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  fix: string,
): AsyncIterable<Uint8Array> {
  let received = 0;
  for await (const chunk of stream) {
    received += chunk.length;
    if (received > size)
      throw new UserError(`The stored file ${digest} is longer than it should be.`, { fix });
    yield chunk;
  }
}
