/** DVC: `<data>.dvc` beside the data, and `dvc.lock` of a pipeline, each with the md5 of what it speaks of. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import * as z from 'zod';
import type { DataVersion } from './data-version.ts';
import { liesIn, type Repository } from './repository.ts';

const outSchema = z.object({
  path: z.string(),
  md5: z.string().optional(),
  etag: z.string().optional(),
  checksum: z.string().optional(),
});
const fileSchema = z.object({ outs: z.array(outSchema).default([]), wdir: z.string().default('.') });
const lockSchema = z.object({
  stages: z
    .record(
      z.string(),
      z.object({ deps: z.array(outSchema).default([]), outs: z.array(outSchema).default([]) }),
    )
    .default({}),
});

const MOST_FILES = 500;

/**
 * @param places of the data. @param folders in which its files of versions may lie.
 * @param everything takes all that the repository has, for a command that names its data itself.
 * @returns names are paths from the root of the repository, of which a file ending in `.dvc` is what `dvc pull` takes.
 */
export async function findDvcVersions(
  places: readonly string[],
  folders: readonly string[],
  repository: Repository | undefined,
  everything: boolean,
): Promise<DataVersion[]> {
  const root = repository?.root ?? '/';
  const all = everything
    ? (await repository?.git(['ls-files', '-z', '*.dvc', 'dvc.lock', '*/dvc.lock']))
        ?.toString('utf8')
        .split('\0')
    : undefined;
  const files = all ? all.filter(Boolean).map((path) => join(root, path)) : await filesIn(folders);
  const found: DataVersion[] = [];
  for (const file of files.slice(0, MOST_FILES)) {
    for (const { path, version } of await read(file, everything)) {
      const concerns = everything || places.some((place) => liesIn(place, path) || liesIn(path, place));
      if (concerns)
        found.push({ system: 'dvc', name: shown(repository ? relative(root, path) : path), version });
    }
  }
  return found;
}

async function filesIn(folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    found.push(...names.filter((name) => /.\.dvc$|^dvc\.lock$/.test(name)).map((name) => join(folder, name)));
  }
  return found;
}

/** @param everything leaves out what a pipeline reads: its code, which git keeps, and what other files speak of. */
async function read(file: string, everything: boolean): Promise<{ path: string; version: string }[]> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const { parse } = await import('yaml');
  try {
    const content: unknown = parse(text, { maxAliasCount: 0 });
    const isLock = file.endsWith('dvc.lock');
    const { wdir, outs } = isLock
      ? {
          wdir: '.',
          outs: Object.values(lockSchema.parse(content).stages).flatMap(({ deps, outs }) =>
            everything ? outs : [...deps, ...outs],
          ),
        }
      : fileSchema.parse(content);
    return outs.flatMap((out) => {
      const version = versionOf(out);
      return version ? [{ path: resolve(dirname(file), wdir, out.path), version }] : [];
    });
  } catch {
    // Not DVC's, or of a later form: then there is nothing to say about it.
    return [];
  }
}

function versionOf({ md5, etag, checksum }: z.infer<typeof outSchema>): string | undefined {
  if (md5) return `md5:${md5}`;
  if (etag) return `etag:${etag}`;
  return checksum && `checksum:${checksum}`;
}

const shown = (path: string): string => path.replaceAll('\\', '/');
