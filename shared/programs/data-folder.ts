import { mkdir, symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

/**
 * What `DATA` names for a user's program: the file itself when there is one, else a folder of links to all of
 * them. @param folder is made when it is needed; it must not hold anything before.
 */
export async function dataVariable(files: readonly { path: string }[], folder: string): Promise<string> {
  const [first] = files;
  if (!first) throw new RangeError('there are no data files');
  return files.length === 1 ? resolve(first.path) : await linkFiles(files, folder);
}

/**
 * Fills a new folder with links to the files. Files of the same name from different folders get a number in
 * front, so that none hides another. @returns the folder's absolute path.
 */
export async function linkFiles(files: readonly { path: string }[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const taken = new Set<string>();
  for (const [index, { path }] of files.entries()) {
    let name = basename(path);
    if (taken.has(name)) name = `${index + 1}-${name}`;
    taken.add(name);
    await symlink(resolve(path), join(folder, name));
  }
  return resolve(folder);
}
