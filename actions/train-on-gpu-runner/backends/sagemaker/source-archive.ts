/** The source of a training: what the command finds in its folder. */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { UserError } from '../../../../shared/errors.ts';
import { hashFile } from '../../../../shared/models/files.ts';
import { checkInnerPath, compareBytes } from '../../../../shared/models/path.ts';
import { type TarEntry, writeTar } from '../../../../shared/models/tar-write.ts';

/** In bytes, before it is compressed. What is larger is data. */
const LARGEST_SOURCE = 500 * 1024 * 1024;
const LEFT_OUT = new Set(['__pycache__', 'node_modules', 'venv']);
const LONGEST_LIST = 256 * 1024 * 1024;

/**
 * Packs the folder: in a git checkout what git tracks and what it does not ignore, elsewhere everything but
 * hidden entries, environments and caches. Equal files make an equal archive.
 * @param without files and folders that stay out. @param data files that stay out unless git tracks them.
 * @returns path of the `.tar.gz`, and the digest of the archive in it: compression may differ from runner to runner.
 * @throws UserError for an empty or too large folder, and for links that lead out of it.
 */
export async function packSource(
  folder: string,
  into: string,
  { without, data }: { without: readonly string[]; data: readonly string[] },
): Promise<{ path: string; digest: string; files: number }> {
  const tracked = await listedByGit(folder, ['--cached']);
  const others = tracked && (await listedByGit(folder, ['--others', '--exclude-standard']));
  const inGit = new Set(tracked);
  const isData = new Set(data.map((path) => resolve(path)));
  const out = without.map((path) => resolve(path));
  const root = await realpath(folder).catch((cause) => {
    throw new UserError(`The source folder ${folder} cannot be read.`, {
      where: { key: 'source-dir', file: folder },
      fix: 'Check the path; it is relative to the working directory.',
      cause,
    });
  });
  const entries: TarEntry[] = [];
  const paths = tracked && others ? [...new Set([...tracked, ...others])] : await walk(folder, '');
  for (const path of paths) {
    const location = join(folder, path);
    const place = resolve(location);
    if (out.some((left) => place === left || place.startsWith(left + sep))) continue;
    if (isData.has(place) && !inGit.has(path)) continue;
    entries.push(...(await entriesAt(folder, path, root)));
  }
  check(entries, folder);
  entries.sort((a, b) => compareBytes(a.path, b.path));
  await writeTar(`${into}.tar`, entries);
  await pipeline(createReadStream(`${into}.tar`), createGzip(), createWriteStream(`${into}.tar.gz`));
  const { digest } = await hashFile(`${into}.tar`);
  return { path: `${into}.tar.gz`, digest, files: entries.length };
}

/** Paths relative to the folder; undefined where there is no git, or no checkout. */
async function listedByGit(folder: string, which: string[]): Promise<string[] | undefined> {
  try {
    const words = ['-C', folder, 'ls-files', '-z', ...which];
    const { stdout } = await promisify(execFile)('git', words, { maxBuffer: LONGEST_LIST });
    return stdout.split('\0').filter((path) => path !== '');
  } catch {
    return undefined;
  }
}

/** Every path that is no folder; hidden entries, environments and caches left out. */
async function walk(folder: string, prefix: string): Promise<string[]> {
  const found = await readdir(join(folder, prefix), { withFileTypes: true });
  if (prefix !== '' && found.some(({ name }) => name === 'pyvenv.cfg' || name === 'conda-meta')) return [];
  const paths: string[] = [];
  for (const entry of found) {
    // Hidden: caches, and files of secrets.
    if (entry.name.startsWith('.') || LEFT_OUT.has(entry.name) || entry.name.endsWith('.pyc')) continue;
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await walk(folder, path)));
    else paths.push(path);
  }
  return paths;
}

async function entriesAt(folder: string, path: string, root: string): Promise<TarEntry[]> {
  const location = join(folder, path);
  checkInnerPath(path, 'The source folder');
  const found = await lstat(location).catch((error: NodeJS.ErrnoException) => {
    // Deleted, and git still tracks it.
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    return undefined;
  });
  if (!found) return [];
  // A submodule: git names its folder only.
  if (found.isDirectory()) {
    const inner = await walk(folder, path);
    return (await Promise.all(inner.map((each) => entriesAt(folder, each, root)))).flat();
  }
  if (found.isFile()) return [entry(path, location, found)];
  const target = await realpath(location).catch(() => undefined);
  const behind = target === undefined ? undefined : await stat(target);
  const isInside = target !== undefined && !relative(root, target).startsWith('..');
  if (isInside && behind?.isFile()) return [entry(path, location, behind)];
  throw new UserError(`In the source folder, ${path} is a link that leads to no file in it.`, {
    where: { file: location, key: 'source-dir' },
    fix: 'Put the file there, or keep the link out by .gitignore.',
  });
}

const entry = (path: string, location: string, { size, mode }: { size: number; mode: number }): TarEntry => ({
  ...{ path, location, size },
  isExecutable: (mode & 0o100) !== 0,
});

function check(entries: readonly TarEntry[], folder: string): void {
  const where = { file: folder, key: 'source-dir' };
  if (entries.length === 0)
    throw new UserError(`The source folder ${folder} holds no file.`, { where, fix: 'Check source-dir.' });
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total <= LARGEST_SOURCE) return;
  const largest = entries.reduce((best, each) => (each.size > best.size ? each : best));
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  throw new UserError(
    `The source folder ${folder} holds ${mebibytes(total)}, more than ${mebibytes(LARGEST_SOURCE)}; the largest file is ${largest.path} (${mebibytes(largest.size)}).`,
    { where, fix: 'Give data by the input data, and name what the training does not need in .gitignore.' },
  );
}
