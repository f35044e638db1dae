/** Delta tables: the folder `_delta_log` holds a commit `<20 digits>.json` per version, and checkpoints of some. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { DataVersion } from './data-version.ts';

const VERSION = /^(\d{20})\.(json|checkpoint\.(.+\.)?(parquet|json))$/;

/** The newest version of each folder that is a table. */
export async function findDeltaVersions(folders: readonly string[], from: string): Promise<DataVersion[]> {
  const found: DataVersion[] = [];
  for (const folder of folders) {
    const names = await readdir(join(folder, '_delta_log')).catch(() => []);
    const versions = names.flatMap((name) => VERSION.exec(name)?.[1] ?? []).sort();
    const newest = versions.at(-1);
    if (newest === undefined) continue;
    const name = relative(from, folder).replaceAll('\\', '/') || '.';
    found.push({ system: 'delta', name, version: BigInt(newest).toString() });
  }
  return found;
}
