import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inParallel } from '../../../shared/concurrency/parallel.ts';
import { messageOf, UserError } from '../../../shared/errors.ts';
import {
  MANIFESTS,
  type Manifest,
  type ManifestFile,
  OBJECTS,
  objectKey,
  parseManifest,
} from './manifest.ts';
import type { CheckpointObjects } from './objects.ts';
import { isInnerLink } from './scan.ts';

/** Inside the checkpoint folder, so that what is in it can be renamed into place. */
export const RESTORING = '.mlops-restoring';
/** A living attempt may remove an old checkpoint while it is fetched; then there is a newer one. */
const LOOKS = 3;

export interface Restored {
  state: 'nothing' | 'finished' | 'restored';
  /** Of the training. */
  step: number | null;
  /** Newer checkpoints that could not be used, with the reason. */
  skipped: string[];
}

class Damaged extends Error {}

/**
 * Puts the newest whole checkpoint into a folder: every object of its manifest is there, and has its digest. One that
 * is not whole is passed by for the one before it.
 * @param prepare called before the first file comes into the folder; afterwards the folder must be empty.
 * @throws UserError when the place cannot be read: that is no reason to begin from nothing.
 */
export async function restore(
  objects: CheckpointObjects,
  work: string,
  folder: string,
  prepare: () => Promise<void>,
): Promise<Restored> {
  let skipped: string[] = [];
  let prepared: Promise<void> | undefined;
  const prepareOnce = (): Promise<void> => {
    prepared ??= prepare();
    return prepared;
  };
  for (let look = 0; look < LOOKS; look++) {
    const before = skipped;
    skipped = [];
    const manifests = (await objects.list(MANIFESTS))
      .map(({ key }) => key)
      .filter((key) => key.endsWith('.json'));
    const sizes = new Map((await objects.list(OBJECTS)).map(({ key, size }) => [key, size]));
    for (const key of manifests.sort().reverse()) {
      const found = await tryOne(objects, { key, work, sizes, folder, prepare: prepareOnce });
      if (typeof found !== 'string')
        return { state: found.finished ? 'finished' : 'restored', step: found.step, skipped };
      skipped.push(`${objects.uriOf(key)}: ${found}`);
    }
    if (skipped.join() === before.join()) break;
  }
  return { state: 'nothing', step: null, skipped };
}

/** @returns the manifest of what is in place now, or why it cannot be used. */
async function tryOne(
  objects: CheckpointObjects,
  {
    key,
    work,
    sizes,
    folder,
    prepare,
  }: { key: string; work: string; sizes: Map<string, number>; folder: string; prepare: () => Promise<void> },
): Promise<Manifest | string> {
  const found = await objects.read(key);
  if (!found) return 'its manifest is gone';
  const manifest = parseManifest(new TextDecoder().decode(found.bytes));
  if (typeof manifest === 'string') return manifest;
  if (manifest.work !== work) return 'it is of other work';
  if (manifest.finished) return manifest;
  const files = manifest.files.filter((file) => 'sha256' in file);
  for (const file of files) {
    const size = sizes.get(objectKey(manifest.attempt, file.sha256));
    if (size === undefined) return `the object of ${file.path} is missing`;
    if (size !== file.size) return `the object of ${file.path} has ${size} bytes of ${file.size}`;
  }
  await prepare();
  const into = join(folder, RESTORING);
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  try {
    await inParallel(files, (file) => fetchFile(objects, manifest.attempt, file, into));
    for (const file of manifest.files) if ('link' in file) await makeLink(file, into);
  } catch (error) {
    await rm(into, { recursive: true, force: true });
    if (error instanceof Damaged) return error.message;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'an object is gone';
    if (error instanceof UserError) throw error;
    throw new UserError(`The checkpoint ${objects.uriOf(key)} could not be fetched: ${messageOf(error)}.`, {
      fix: 'Run the job again: the checkpoint is still there.',
      cause: error,
    });
  }
  for (const name of await readdir(into)) await rename(join(into, name), join(folder, name));
  await rm(into, { recursive: true, force: true });
  return manifest;
}

async function fetchFile(
  objects: CheckpointObjects,
  attempt: string,
  file: ManifestFile,
  into: string,
): Promise<void> {
  const stream = await objects.open(objectKey(attempt, file.sha256));
  if (!stream) throw new Damaged(`the object of ${file.path} is gone`);
  const path = join(into, file.path);
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  const handle = await open(path, 'wx');
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  if (hash.digest('hex') !== file.sha256) throw new Damaged(`the bytes of ${file.path} are damaged`);
}

async function makeLink({ path, link }: { path: string; link: string }, into: string): Promise<void> {
  if (!isInnerLink(path, link)) throw new Damaged(`its link ${path} leads out of the folder`);
  await mkdir(dirname(join(into, path)), { recursive: true });
  await symlink(link, join(into, path));
}
