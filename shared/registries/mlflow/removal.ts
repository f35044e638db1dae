import { UserError } from '../../errors.ts';
import type { MlflowApi, Run } from './api.ts';
import { bucketFolder, placeOf } from './artifact-store.ts';
import type { ArtifactPlaces } from './open-artifacts.ts';
import { versionsOf } from './publish.ts';
import { findRuns } from './runs.ts';
import { ARTIFACTS_TAG, DIGEST_TAG } from './tags.ts';

/**
 * Removes the versions of a digest, then their bytes and runs: a version that can be found is whole. What a removal
 * that was interrupted has left goes too.
 * @throws UserError when an alias names one, or its bytes lie where those of others may lie.
 */
export async function removeVersion(
  api: MlflowApi,
  places: ArtifactPlaces,
  name: string,
  digest: string,
): Promise<void> {
  const versions = await versionsOf(api, name, digest);
  const numbers = new Set(versions.map(({ version }) => version));
  const alias = (await api.model(name))?.aliases.find(({ version }) => numbers.has(version))?.alias;
  if (alias !== undefined) {
    throw new UserError(`The alias ${alias} points to ${digest}, so it is not removed.`, {
      fix: 'Move the alias to another version first.',
    });
  }
  const runs = await findRuns(api, name, digest);
  for (const { run_id: id } of versions) {
    const run = id ? await api.run(id) : undefined;
    if (run?.data.tags[DIGEST_TAG] === digest && !runs.some(({ info }) => info.run_id === id)) runs.push(run);
  }
  const found = new Set([...versions.map(({ source }) => placeOf(source)), ...runs.map(placeOfRun)]);
  for (const place of found) checkOwn(place, name, digest, runs);
  for (const { version } of versions) await api.deleteVersion(name, version);
  for (const place of found) await (await places.open(place)).removeAll();
  for (const { info } of runs) await api.deleteRun(info.run_id);
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
