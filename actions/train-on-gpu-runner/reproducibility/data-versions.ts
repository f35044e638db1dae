/** Versions of data that a system of versions keeps: DVC, lakeFS and Delta. */
import { dirname, resolve } from 'node:path';
import type { Params } from '../params.ts';
import type { DataVersion } from './data-version.ts';
import { findDeltaVersions } from './delta.ts';
import { findDvcVersions } from './dvc.ts';
import { findLakeFsVersions, lakeFsAddresses } from './lakefs.ts';
import { liesIn, type Repository } from './repository.ts';

export interface DataOfWork {
  command: string;
  params: Params;
  /** The input, as given. */
  sources: readonly string[];
  /** Where its files lie on this machine. */
  files: readonly string[];
}

/** What is known without asking a server. Each version once, in the order of systems and names. */
export async function findDataVersions(
  data: DataOfWork,
  env: NodeJS.ProcessEnv,
  folder: string,
  repository: Repository | undefined,
): Promise<DataVersion[]> {
  const texts = [...data.sources, ...textsOf(data.params)];
  // A command or a parameter may name data that the input does not: tables, above all.
  const paths = [
    ...data.files,
    ...texts.filter((text) => !/^[a-z][\w+.-]*:/i.test(text) && text.length < 500),
  ];
  const places = [...new Set(paths.map((path) => resolve(folder, path)))];
  const folders = foldersAbove(places, repository?.root ?? folder);
  const found = await Promise.all([
    findDvcVersions(places, folders, repository, data.files.length === 0),
    findLakeFsVersions(folders, folder),
    lakeFsAddresses([...texts, data.command], env),
    findDeltaVersions(folders, folder),
  ]);
  const unique = new Map(found.flat().map((version) => [JSON.stringify(version), version]));
  return [...unique.values()];
}

function textsOf(value: Params[string]): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [];
}

/** Each place and the folders above it, as far as the root; of places outside of it, itself and the one above. */
function foldersAbove(places: readonly string[], root: string): string[] {
  const folders = new Set<string>();
  for (const place of places) {
    folders.add(place);
    folders.add(dirname(place));
    for (let at = place; liesIn(at, root); at = dirname(at)) {
      folders.add(at);
      if (at === root || dirname(at) === at) break;
    }
  }
  return [...folders];
}
