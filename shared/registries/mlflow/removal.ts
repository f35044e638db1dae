import { randomUUID } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { refuseAliased } from '../refusals.ts';
import { type RemovalMark, removeMarked } from '../removal-mark.ts';
import type { MlflowApi, ModelVersion, Run } from './api.ts';
import { bucketFolder, placeOf } from './artifact-store.ts';
import type { ArtifactPlaces } from './open-artifacts.ts';
import { versionsOf } from './publish.ts';
import { findRuns } from './runs.ts';
import { ARTIFACTS_TAG, DIGEST_TAG } from './tags.ts';

/** Of a version that a job is about to remove; each removal adds a word of its own. */
const REMOVING_PREFIX = 'mlops.removing.';

/**
 * Removes the versions of a digest, then their bytes and runs: a version that can be found is whole. What a removal
 * that was interrupted has left goes too.
 * @throws UserError when an alias names one, or its bytes lie where those of others may lie.
 */
export async function removeVersion(
  api: MlflowApi,
  places: ArtifactPlaces,
  subject: { name: string; digest: string },
  now: () => Date,
): Promise<void> {
  const { name, digest } = subject;
  const versions = await versionsOf(api, name, digest);
  const runs = await findRuns(api, name, digest);
  for (const { run_id: id } of versions) {
    const run = id ? await api.run(id) : undefined;
    if (run?.data.tags[DIGEST_TAG] === digest && !runs.some(({ info }) => info.run_id === id)) runs.push(run);
  }
  const found = new Set([...versions.map(({ source }) => placeOf(source)), ...runs.map(placeOfRun)]);
  for (const place of found) checkOwn(place, name, digest, runs);
  const numbers = new Set(versions.map(({ version }) => version));
  await removeMarked(ownMark(api, name, versions), now, {
    refuse: async () => {
      const aliases = (await api.model(name))?.aliases ?? [];
      const named = aliases.filter(({ version }) => numbers.has(version));
      refuseAliased(Object.fromEntries(named.map(({ alias }) => [alias, digest])), digest);
    },
    remove: async () => {
      for (const { version } of versions) await api.deleteVersion(name, version);
      for (const place of found) await (await places.open(place)).removeAll();
      for (const { info } of runs) await api.deleteRun(info.run_id);
    },
  });
}

function ownMark(api: MlflowApi, name: string, versions: readonly ModelVersion[]): RemovalMark {
  const key = `${REMOVING_PREFIX}${randomUUID()}`;
  return {
    put: async (at) => {
      for (const { version } of versions) await api.setVersionTag(name, version, { key, value: at });
    },
    all: async () => (await Promise.all(versions.map((one) => marksOf(api, name, one.version)))).flat(),
    clear: async () => {
      for (const { version } of versions) await api.deleteVersionTag(name, version, key);
    },
  };
}

/** When each removal began that a version is marked with now. */
export async function marksOf(api: MlflowApi, name: string, version: number): Promise<string[]> {
  const tags = Object.entries((await api.version(name, version))?.tags ?? {});
  return tags.flatMap(([key, at]) => (key.startsWith(REMOVING_PREFIX) ? [at] : []));
}

const placeOfRun = ({ data, info }: Run): string => data.tags[ARTIFACTS_TAG] ?? info.artifact_uri;

/** All below the place is removed, so it must be one that this adapter makes, and not whatever a version names. */
function checkOwn(place: string, name: string, digest: string, runs: readonly Run[]): void {
  if (place.endsWith(`/${bucketFolder(name, digest)}`)) return;
  if (runs.some(({ info }) => info.artifact_uri.replace(/\/+$/, '') === place.replace(/\/+$/, ''))) return;
  throw new UserError(`The files of ${digest} lie in ${place}, where others may lie too.`, {
    fix: 'Remove the version in MLflow, and its files by hand.',
  });
}
