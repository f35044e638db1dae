/**
 * A place where MLflow keeps the files of one model: below a run behind the tracking server, or in a bucket. All
 * that the adapter stores lies below it:
 *
 *     model/…                        the model's files under their own names; the version's `source`
 *     files/<sha256>                 those whose names MLflow's servers do not keep
 *     manifest.json                  the ModelPack manifest, whose sha256 is the digest
 *     attachments/<role>/…           what is known about the version
 */
import { UserError } from '../../errors.ts';
import type { Content } from './content.ts';

export interface ArtifactStore {
  /** As MLflow writes the place, without a slash at its end. */
  readonly uri: string;
  /** What lies right in a folder: sizes in bytes by name, and the names of folders. Empty where there is none. */
  list(folder: string): Promise<{ files: Map<string, number>; folders: string[] }>;
  /** Stores a file whole and verified: it is not there under its full size with other bytes. */
  put(path: string, content: Content): Promise<void>;
  /** Undefined when there is no such file. */
  open(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Removes everything below the place; what is gone is no error. */
  removeAll(): Promise<void>;
}

/** Sizes in bytes by path of everything below a folder. */
export async function listAll(store: ArtifactStore, folder: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const { files, folders } = await store.list(folder);
  for (const [name, size] of files) found.set(`${folder}/${name}`, size);
  for (const name of folders) {
    for (const [path, size] of await listAll(store, `${folder}/${name}`)) found.set(path, size);
  }
  return found;
}

export const MODEL_FOLDER = 'model';
export const MANIFEST_FILE = 'manifest.json';
export const ATTACHMENTS_FOLDER = 'attachments';

/**
 * Whether servers of MLflow keep a path as it is: they decode it again and again, as a URL, and refuse some signs.
 */
export function isKeptPath(path: string): boolean {
  return path
    .split('/')
    .every((name) => /^(?!\.+$)[\p{L}\p{N}._][\p{L}\p{M}\p{N} ._+=@,()-]*(?<! )$/u.test(name));
}

/** Where a file of the model lies. */
export function modelPath(file: { path: string; digest: string }): string {
  return isKeptPath(file.path)
    ? `${MODEL_FOLDER}/${file.path}`
    : `files/${file.digest.slice('sha256:'.length)}`;
}

/** Where all of a version lies, from where its model lies. @throws UserError when another tool has put it there. */
export function placeOf(source: string): string {
  const end = `/${MODEL_FOLDER}`;
  if (source.endsWith(end)) return source.slice(0, -end.length);
  throw new UserError(`The source ${source} is not where register-model puts a model.`, {
    fix: 'Remove the tag mlops.digest from this version, and register the model again.',
  });
}

/** The folder of a digest below a prefix that holds many. */
export function bucketFolder(name: string, digest: string): string {
  return `${name}/${digest.slice('sha256:'.length)}`;
}
