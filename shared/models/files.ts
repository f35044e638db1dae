import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../errors.ts';
import { checkInnerPath, compareBytes } from './path.ts';

const READ_BYTES = 1024 * 1024;

export interface ModelFile {
  /** Relative to the model, with forward slashes. */
  path: string;
  /** Where the bytes lie on this machine. */
  location: string;
  /** In bytes. */
  size: number;
}

/**
 * Lists the files of a model, sorted by the bytes of their relative paths. A single file is a model of one file
 * under its own name. Folders without files leave no trace.
 * @throws UserError when there is nothing, or when something inside is neither a file nor a folder: a link could
 * bring in bytes from outside, and would be another model on another machine.
 */
export async function listModelFiles(model: string): Promise<ModelFile[]> {
  const root = await stat(model).catch(() => undefined);
  if (!root) {
    throw new UserError(`There is no model at ${model}.`, {
      where: { file: model },
      fix: 'Give the folder or file that training wrote.',
    });
  }
  if (root.isFile()) {
    const name = checkInnerPath(basename(model), 'The model');
    return [{ path: name, location: model, size: root.size }];
  }
  if (!root.isDirectory()) {
    throw new UserError(`The model ${model} is neither a file nor a folder.`, { where: { file: model } });
  }
  const files: ModelFile[] = [];
  await collect(model, '', files);
  if (files.length === 0) {
    throw new UserError(`The model folder ${model} holds no file.`, {
      where: { file: model },
      fix: 'Check that training wrote its model into this folder.',
    });
  }
  return files.sort((a, b) => compareBytes(a.path, b.path));
}

async function collect(root: string, prefix: string, files: ModelFile[]): Promise<void> {
  for (const name of await readdir(join(root, prefix))) {
    const path = checkInnerPath(prefix === '' ? name : `${prefix}/${name}`, 'The model');
    const location = join(root, path);
    const entry = await lstat(location);
    if (entry.isDirectory()) await collect(root, path, files);
    else if (entry.isFile()) files.push({ path, location, size: entry.size });
    else {
      const what = entry.isSymbolicLink() ? 'a symbolic link' : 'neither a file nor a folder';
      throw new UserError(`In the model, ${location} is ${what}.`, {
        where: { file: location },
        fix: 'Copy the file itself into the model folder.',
      });
    }
  }
}

/** The sha256 of a file as `sha256:<hex>` and its size in bytes, read as a stream (memory stays bounded). */
export async function hashFile(
  location: string,
  signal?: AbortSignal,
): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(location, { highWaterMark: READ_BYTES, signal })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}
