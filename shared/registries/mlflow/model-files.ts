/** The files of a model, to a place of artifacts and back. */

import { inParallel } from '../../concurrency/parallel.ts';
import { UserError } from '../../errors.ts';
import type { HashedModel } from '../../models/digest.ts';
import { sha256 } from '../../records/canonical-json.ts';
import { FILE_PATH_ANNOTATION, type Manifest, parseManifest } from '../manifest.ts';
import { pullFiles } from '../pull-files.ts';
import {
  type ArtifactStore,
  listAll,
  MANIFEST_FILE,
  MODEL_FOLDER,
  modelPath,
  readSmall,
} from './artifact-store.ts';
import { bytesContent } from './content.ts';

const LARGEST_MANIFEST_BYTES = 16 * 1024 * 1024;

export interface TransferOptions {
  progress?: (message: string) => void;
  signal?: AbortSignal;
}

/**
 * Sends what is not there, or is not what it should be as far as the store tells: by its digest, or by its size alone.
 * The place is of this version alone.
 */
export async function uploadModel(
  store: ArtifactStore,
  { files, manifest }: HashedModel,
  { progress, signal }: TransferOptions,
): Promise<void> {
  const there = new Map<string, number>();
  if (!store.knowsDigests) {
    for (const [path, size] of await listAll(store, MODEL_FOLDER)) there.set(path, size);
    for (const [name, size] of (await store.list('files')).files) there.set(`files/${name}`, size);
  }
  const missing = store.knowsDigests
    ? files
    : files.filter((file) => there.get(modelPath(file)) !== file.size);
  await inParallel(missing, async (file) => {
    signal?.throwIfAborted();
    const { path, digest, size, location } = file;
    progress?.(`Storing ${path} (${size} bytes)`);
    await store.put(modelPath(file), { digest, size, path: location });
  });
  // Asked of the list first: MLflow 2 answers 500 for a file that is not there.
  const isThere = (await store.list('')).files.has(MANIFEST_FILE);
  const kept = isThere ? await readSmall(store, MANIFEST_FILE, LARGEST_MANIFEST_BYTES) : undefined;
  if (!kept?.equals(manifest)) await store.put(MANIFEST_FILE, bytesContent(manifest));
}

/** What whoever loads the model with MLflow should know of its files; empty where there is nothing to say. */
export function remarkOn({ files }: HashedModel): string {
  if (!files.some(({ path }) => path === 'MLmodel')) {
    return 'mlflow.pyfunc cannot load it: it holds no MLmodel file.';
  }
  const strange = files.filter((file) => !modelPath(file).startsWith(`${MODEL_FOLDER}/`));
  if (strange.length === 0) return '';
  const names = strange.map(({ path }) => path).join(', ');
  return `mlflow.pyfunc may miss files whose names MLflow does not keep: ${names}.`;
}

/** Writes the files of a version into a folder, which appears only when it is whole and verified. */
export async function pullModelFiles(
  store: ArtifactStore,
  digest: string,
  folder: string,
  options: TransferOptions,
): Promise<void> {
  const manifest = await readManifest(store, digest);
  const places = new Map(
    manifest.layers.map((layer) => {
      const path = layer.annotations?.[FILE_PATH_ANNOTATION] ?? '';
      return [layer.digest, modelPath({ path, digest: layer.digest })];
    }),
  );
  const reader = {
    openBlob: (wanted: string) => store.open(places.get(wanted) ?? ''),
    mend: (damaged: string) => store.mend(places.get(damaged) ?? ''),
  };
  await pullFiles(reader, manifest, digest, folder, options);
}

async function readManifest(store: ArtifactStore, digest: string): Promise<Manifest> {
  const bytes = await readSmall(store, MANIFEST_FILE, LARGEST_MANIFEST_BYTES);
  if (bytes && sha256(bytes) === digest) return parseManifest(bytes, digest);
  throw new UserError(`The manifest of ${digest} in ${store.uri} is missing or damaged.`, {
    fix: 'Register the model again: the manifest is stored anew.',
  });
}
