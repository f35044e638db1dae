import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HashedModel } from '../models/digest.ts';
import { hashFile } from '../models/files.ts';
import { compareBytes } from '../models/path.ts';
import { unpackTar } from '../models/tar-read.ts';
import { type TarEntry, writeTar } from '../models/tar-write.ts';

export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';
/** Where model and code lie in the image. */
export const MODEL_PATH = 'opt/mlops/model';
export const CODE_PATH = 'opt/mlops/code';

export interface Layer {
  path: string;
  digest: string;
  size: number;
  /** What the history of the image says of it. */
  made: string;
}

/** The model's files as a layer: no dates, no owners, sorted, so that the same model is the same layer everywhere. */
export async function modelLayer(model: HashedModel, folder: string): Promise<Layer> {
  const entries = model.files.map(({ path, location, size, digest }) => ({
    path: `${MODEL_PATH}/${path}`,
    location,
    size,
    digest,
    isExecutable: false,
  }));
  return layerOf(entries, join(folder, 'model-layer.tar'), `model ${model.digest}`);
}

/** The packed code as a layer, at its place in the image. */
export async function codeLayer(archive: string, folder: string): Promise<Layer> {
  const unpacked = join(folder, 'code-layer');
  await unpackTar(archive, unpacked);
  const found = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const entries: TarEntry[] = [];
  for (const entry of found.filter((one) => one.isFile())) {
    const location = join(entry.parentPath, entry.name);
    const { size, mode } = await stat(location);
    const inner = location.slice(unpacked.length + 1).replaceAll('\\', '/');
    entries.push({ path: `${CODE_PATH}/${inner}`, location, size, isExecutable: (mode & 0o100) !== 0 });
  }
  entries.sort((a, b) => compareBytes(a.path, b.path));
  return layerOf(entries, join(folder, 'code-layer.tar'), 'code');
}

async function layerOf(entries: TarEntry[], path: string, made: string): Promise<Layer> {
  await writeTar(path, entries);
  return { path, ...(await hashFile(path)), made };
}
