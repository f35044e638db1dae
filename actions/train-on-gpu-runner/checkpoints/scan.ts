import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, posix } from 'node:path';
import { isInnerPath } from './manifest.ts';
import { isLogName, isTemporaryName } from './temporary-names.ts';

export interface ScannedFile {
  /** Relative to the folder, with forward slashes. */
  path: string;
  size: number;
  /** Changes whenever the content or the file behind the name does. */
  mark: string;
  /** Of its last change, in milliseconds since 1970. */
  changedAt: number;
  /** It was renamed (or given other rights) after the last byte was written. */
  isRenamed: boolean;
  /** Of a symbolic link: where it leads. */
  link: string | undefined;
}

/** What lies in the checkpoint folder at a moment. */
export interface Scan {
  /** Sorted by path. */
  files: ScannedFile[];
  /** Growing logs, which do not count when it is asked whether the folder is still. */
  logs: ScannedFile[];
  /** Folders of the first level that got their name after the last entry was put into them. */
  renamedFolders: Set<string>;
  /** Files that cannot be kept, with the reason. */
  leftOut: string[];
}

/** Lists a folder without reading a file. Files with temporary names are passed by. @param ignored names of the first level. */
export async function scanFolder(folder: string, ignored: (name: string) => boolean): Promise<Scan> {
  const scan: Scan = { files: [], logs: [], renamedFolders: new Set(), leftOut: [] };
  const visit = async (inner: string): Promise<void> => {
    for (const name of await readdir(join(folder, inner)).catch(ignoreGone)) {
      if (isTemporaryName(name) || (inner === '' && ignored(name))) continue;
      const path = inner === '' ? name : `${inner}/${name}`;
      const facts = await lstat(join(folder, path), { bigint: true }).catch(() => undefined);
      if (!facts) continue;
      const isRenamed = facts.ctimeNs > facts.mtimeNs;
      if (facts.isDirectory()) {
        if (inner === '' && isRenamed) scan.renamedFolders.add(name);
        await visit(path);
        continue;
      }
      const link = facts.isSymbolicLink() ? await readlink(join(folder, path)).catch(() => '') : undefined;
      const problem = problemOf(path, facts.isFile(), link);
      if (problem) {
        scan.leftOut.push(`${path} (${problem})`);
        continue;
      }
      const mark = link ?? [facts.size, facts.mtimeNs, facts.ctimeNs, facts.ino].join(':');
      const changedAt = Number(facts.mtimeNs / 1_000_000n);
      const file = { path, size: Number(facts.size), mark, changedAt, isRenamed, link };
      (isLogName(name) ? scan.logs : scan.files).push(file);
    }
  };
  await visit('');
  scan.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return scan;
}

/** A text that is the same only while nothing in the folder changes, logs aside. */
export function signatureOf({ files }: Pick<Scan, 'files'>): string {
  return JSON.stringify(files.map(({ path, mark }) => [path, mark]));
}

/** Whether a link inside the folder leads to somewhere else in it. */
export function isInnerLink(path: string, link: string): boolean {
  if (link === '' || isAbsolute(link) || link.includes('\\')) return false;
  return isInnerPath(posix.normalize(posix.join(dirname(path), link)).replace(/\/$/, ''));
}

function problemOf(path: string, isFile: boolean, link: string | undefined): string | undefined {
  if (!isInnerPath(path)) return 'its name cannot be kept';
  if (link !== undefined) return isInnerLink(path, link) ? undefined : 'a link that leads out of the folder';
  return isFile ? undefined : 'neither a file nor a folder';
}

/** Folders are removed while one looks, and the folder of all may not be there yet. */
function ignoreGone(error: NodeJS.ErrnoException): string[] {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
  return [];
}
