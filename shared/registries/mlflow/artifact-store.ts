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
import { PageBound } from '../../page-bound.ts';
import type { Content } from './content.ts';

export interface ArtifactStore {
  /** As MLflow writes the place, without a slash at its end. */
  readonly uri: string;
  /** Whether `put` sees by digest that a file is there; otherwise a file of the right size is taken for the right one. */
  readonly knowsDigests: boolean;
  /** What a person does about a file whose bytes are damaged, in one sentence. */
  mend(path: string): string;
  /** What lies right in a folder: sizes in bytes by name, and the names of folders. Empty where there is none. */
  list(folder: string): Promise<{ files: Map<string, number>; folders: string[] }>;
  /** Stores a file whole and verified: it is not there under its full size with other bytes. */
  put(path: string, content: Content): Promise<void>;
  /** Undefined when there is no such file. */
  open(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Removes everything below the place; what is gone is no error. */
  removeAll(): Promise<void>;
}

/** The whole of a small file; undefined when there is none. What is longer comes back cut, and so with another digest. */
export async function readSmall(
  store: ArtifactStore,
  path: string,
  limit: number,
): Promise<Buffer | undefined> {
  const stream = await store.open(path);
  if (!stream) return undefined;
  const parts: Uint8Array[] = [];
  let received = 0;
  for await (const part of stream) {
    received += part.length;
    if (received > limit) break;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Sizes in bytes by path of everything below a folder. @throws UserError for what is broken and never ends. */
export async function listAll(store: ArtifactStore, folder: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const bound = new PageBound(`the files in ${store.uri}/${folder}`);
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { files, folders } = await store.list(next);
    for (const [name, size] of files) found.set(`${next}/${name}`, size);
    for (const name of folders) waiting.push(`${next}/${name}`);
    bound.turn(files.size + folders.length, next);
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
