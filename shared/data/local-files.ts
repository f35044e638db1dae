import { glob, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { dataAmong, READABLE } from './data-formats.ts';

/**
 * The data files that a path, a glob or a folder stands for.
 * @throws UserError when there are none, or the folder is a table of a format whose log says which files count.
 */
export async function filesOf(pattern: string): Promise<string[]> {
  const matches = await matchPattern(pattern);
  if (matches.length > 0) return matches;
  throw new UserError(`No data file matches ${JSON.stringify(pattern)}`, {
    where: { file: pattern },
    fix: 'Paths are relative to the working directory; a step before this one may have to fetch or make the file.',
  });
}

async function matchPattern(pattern: string): Promise<string[]> {
  const entry = await stat(pattern).catch(() => undefined);
  if (entry?.isFile()) return [pattern];
  if (entry?.isDirectory()) return filesBelow(pattern);
  if (!/[*?[{]/.test(pattern)) return [];
  const matches: string[] = [];
  for await (const match of glob(pattern)) {
    const path = isAbsolute(pattern) ? resolve(match) : relative('.', match);
    if ((await stat(path)).isFile()) matches.push(path);
  }
  return matches;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const parts = (path: string): string[] => relative(folder, path).split(/[\\/]/);
  requireNoLog(folder, paths.map(parts));
  const visible = paths.filter((path) => !parts(path).some((part) => part.startsWith('.')));
  const readable = dataAmong(visible, (path) => path);
  if (readable.length > 0) return readable;
  throw new UserError(`The folder ${folder} holds no data file`, { where: { file: folder }, fix: READABLE });
}

/** Of such a table old files stay where they are: all of them together are rows that were deleted, or there twice. */
export function requireNoLog(folder: string, paths: readonly string[][]): void {
  const isDelta = paths.some((parts) => parts.includes('_delta_log'));
  const isIceberg = paths.some(
    (parts) => parts.at(-2) === 'metadata' && parts.at(-1)?.endsWith('.metadata.json'),
  );
  if (!isDelta && !isIceberg) return;
  throw new UserError(`${folder} is ${isDelta ? 'a Delta' : 'an Iceberg'} table, not a folder of files.`, {
    where: { file: folder },
    fix: 'Export the rows to judge as Parquet files: which of the files count is only in the log of the table.',
  });
}
