import { ATTEMPTS, attemptNumberOf, MANIFESTS, OBJECTS, objectKey, parseManifest } from './manifest.ts';
import type { CheckpointObjects } from './objects.ts';

/**
 * Removes what no checkpoint refers to that is to be kept: the newest ones, by attempt and sequence. Nothing of a later
 * attempt is touched, nor of another that took the same number where a server knows no conditions. Called between
 * the writing of one checkpoint and the next, so that no object is there that waits for its manifest.
 */
export async function prune(
  objects: CheckpointObjects,
  { attempt, number, keep }: { attempt: string; number: number; keep: number },
): Promise<undefined> {
  const isOurs = ({ key }: { key: string }): boolean => {
    const of = attemptNumberOf(key);
    return of !== undefined && (of < number || key.split('/')[1] === attempt);
  };
  const keys = async (beginning: string): Promise<string[]> =>
    (await objects.list(beginning)).filter(isOurs).map(({ key }) => key);
  const manifests = (await keys(MANIFESTS)).sort();
  const used = new Set<string>();
  for (const key of manifests.slice(-keep)) {
    const found = await objects.read(key);
    const manifest = found && parseManifest(new TextDecoder().decode(found.bytes));
    // What one cannot read, one does not know the objects of.
    if (!manifest || typeof manifest === 'string') return;
    for (const file of manifest.files)
      if ('sha256' in file) used.add(objectKey(manifest.attempt, file.sha256));
  }
  const attempts = (await keys(ATTEMPTS)).filter((key) => (attemptNumberOf(key) ?? number) < number);
  await objects.delete([...manifests.slice(0, -keep), ...attempts]);
  await objects.delete((await keys(OBJECTS)).filter((key) => !used.has(key)));
}
