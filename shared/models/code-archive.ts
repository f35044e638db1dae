import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { checkInnerPath, compareBytes } from './path.ts';
import { type TarEntry, writeTar } from './tar-write.ts';

/** Code is text; more than this is data or an environment that was caught by mistake. */
const LARGEST_CODE = 100 * 1024 * 1024;
const LEFT_OUT = new Set(['__pycache__', 'node_modules', 'venv']);
/** A folder with one of these in it is an environment or a registry, not code. */
const FOREIGN_MARKS = ['pyvenv.cfg', 'conda-meta', 'oci-layout'];

/**
 * Packs a code folder as a deterministic tar. Hidden entries, environments, caches, registries and the folders
 * given in `without` stay out.
 * @param folder what to pack. @param archive where to write. @param without paths left out wherever they lie.
 * @returns the relative paths that were packed.
 * @throws UserError for a missing or empty folder, links, and more than 100 MB.
 */
export async function packCode(
  folder: string,
  archive: string,
  without: readonly string[],
): Promise<string[]> {
  const entries: TarEntry[] = [];
  await collect(folder, '', new Set(without.map((path) => resolve(path))), entries);
  if (entries.length === 0) {
    throw new UserError(`The code folder ${folder} holds no file to pack.`, {
      where: { file: folder, key: 'code' },
    });
  }
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > LARGEST_CODE) {
    const largest = entries.reduce((best, entry) => (entry.size > best.size ? entry : best));
    throw new UserError(`The code folder ${folder} holds ${Math.round(total / 1e6)} MB, more than 100 MB.`, {
      where: { file: folder, key: 'code' },
      fix: `Give the folder with the code alone; its largest file is ${largest.path}.`,
    });
  }
  entries.sort((a, b) => compareBytes(a.path, b.path));
  await writeTar(archive, entries);
  return entries.map((entry) => entry.path);
}

async function collect(
  root: string,
  prefix: string,
  without: Set<string>,
  entries: TarEntry[],
): Promise<void> {
  const names = await readdir(join(root, prefix)).catch((cause) => {
    const isFile = (cause as NodeJS.ErrnoException).code === 'ENOTDIR';
    throw new UserError(`The code folder ${root} ${isFile ? 'is a file' : 'cannot be read'}.`, {
      where: { file: root, key: 'code' },
      fix: isFile
        ? 'Give the folder that it lies in.'
        : 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  if (prefix !== '' && FOREIGN_MARKS.some((mark) => names.includes(mark))) return;
  for (const name of names) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    const location = join(root, path);
    if (name.startsWith('.') || name.endsWith('.pyc') || LEFT_OUT.has(name)) continue;
    if (without.has(resolve(location))) continue;
    const entry = await lstat(location);
    checkInnerPath(path, 'The code folder');
    if (entry.isDirectory()) await collect(root, path, without, entries);
    else if (entry.isFile()) {
      entries.push({ path, location, size: entry.size, isExecutable: (entry.mode & 0o100) !== 0 });
    } else {
      throw new UserError(`In the code folder, ${location} is neither a file nor a folder.`, {
        where: { file: location, key: 'code' },
        fix: 'Replace the link by what it names, or keep it out of this folder.',
      });
    }
  }
}
