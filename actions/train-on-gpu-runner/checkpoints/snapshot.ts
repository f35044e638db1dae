import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../shared/errors.ts';
import { hashFile } from '../../../shared/models/files.ts';
import { sha256 } from '../../../shared/records/canonical-json.ts';
import { type Scan, scanFolder, signatureOf } from './scan.ts';
import type { SnapshotFile } from './store.ts';

/** What logs may take of memory, all together; larger ones are left out. */
const LOGS_BYTES = 32 << 20;

/** Digests of files that did not change since they were read. */
export type KnownDigests = Map<string, { mark: string; sha256: string }>;

/**
 * Reads what a scan has seen. When a second look finds the same, there was a moment at which all of it lay there so.
 * @param known is brought up to date. @returns undefined when something changed meanwhile.
 */
export async function readSnapshot(
  folder: string,
  scan: Scan,
  known: KnownDigests,
  ignored: (name: string) => boolean,
  signal: AbortSignal,
): Promise<SnapshotFile[] | undefined> {
  const files: SnapshotFile[] = [];
  try {
    for (const { path, mark, size, link } of scan.files) {
      const location = join(folder, path);
      if (link !== undefined) {
        files.push({ path, link, location });
        continue;
      }
      const before = known.get(path);
      const digest = before?.mark === mark ? before.sha256 : await digestOf(location, size, signal);
      if (digest === undefined) return undefined;
      known.set(path, { mark, sha256: digest });
      files.push({ path, size, sha256: digest, location });
    }
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`The checkpoint folder cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (signatureOf(await scanFolder(folder, ignored)) !== signatureOf(scan)) return undefined;
  const paths = new Set(files.map(({ path }) => path));
  for (const path of known.keys()) if (!paths.has(path)) known.delete(path);
  return [...files, ...(await readLogs(folder, scan))];
}

/** What grows is taken as it is now, and in memory: it will be longer when it is sent. */
async function readLogs(folder: string, { logs }: Scan): Promise<SnapshotFile[]> {
  const files: SnapshotFile[] = [];
  let left = LOGS_BYTES;
  for (const { path, size, link } of logs) {
    const location = join(folder, path);
    if (link !== undefined || size > left) continue;
    const bytes = await readFile(location).catch(() => undefined);
    if (!bytes) continue;
    left -= bytes.length;
    files.push({ path, size: bytes.length, sha256: sha256(bytes).slice('sha256:'.length), location, bytes });
  }
  return files;
}

async function digestOf(location: string, size: number, signal: AbortSignal): Promise<string | undefined> {
  const found = await hashFile(location, signal);
  return found.size === size ? found.digest.slice('sha256:'.length) : undefined;
}
