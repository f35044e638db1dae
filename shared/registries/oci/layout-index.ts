import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { type Descriptor, INDEX_TYPE, REF_NAME_ANNOTATION } from '../manifest.ts';
import { indexSchema, type OciIndex, type TagMove } from './store.ts';

/** Reads the index of an image layout; of a folder that is not there it is empty. */
export async function readIndex(folder: string): Promise<OciIndex> {
  const path = join(folder, 'index.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UserError(`${path} cannot be read (${error.code}).`, {
      where: { file: path, key: 'registry' },
    });
  });
  if (text === undefined) return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [] };
  try {
    return indexSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`${path} is not an OCI index.`, {
      where: { file: path },
      fix: 'Restore the folder from a copy; this file is never edited by hand.',
      cause,
    });
  }
}

export function tagOf(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[REF_NAME_ANNOTATION];
}

export function tagsOf(index: OciIndex): Record<string, string> {
  const tags: Record<string, string> = Object.create(null);
  for (const entry of index.manifests) {
    const tag = tagOf(entry);
    if (tag !== undefined) tags[tag] = entry.digest;
  }
  return tags;
}

export function taggedDescriptor({ tag, manifest }: TagMove): Descriptor {
  const { descriptor } = manifest;
  return { ...descriptor, annotations: { ...descriptor.annotations, [REF_NAME_ANNOTATION]: tag } };
}
