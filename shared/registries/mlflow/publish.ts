/**
 * Makes a version visible, once: MLflow creates another at every call, so that a job looks before and after. Of two
 * jobs that create at once the one with the lower number stays, and the other removes its own.
 */
import { randomUUID } from 'node:crypto';
import { UserError } from '../../errors.ts';
import type { VersionDetails } from '../registry-interface.ts';
import type { MlflowApi, ModelVersion, Tag } from './api.ts';
import { standingTags } from './standing.ts';
import { DIGEST_TAG, IMAGE_TAG, JOB_TAG, PARENT_TAG, shortened, userTags } from './tags.ts';

const LONGEST_LINK = 500;
const LOOKS = 60;
const PAUSE_MILLISECONDS = 1000;

export interface NewVersion {
  name: string;
  digest: string;
  source: string;
  runId: string;
  details: VersionDetails | undefined;
  /** A sentence that is added to the description. */
  remark: string;
}

/** Versions of a digest, the lowest number first. */
export function versionsOf(api: MlflowApi, name: string, digest: string): Promise<ModelVersion[]> {
  return api.versions(name, `tags.\`${DIGEST_TAG}\` = '${digest}'`);
}

/** The version that stays of this digest, and whether this job created it. */
export async function publish(
  api: MlflowApi,
  given: NewVersion,
  wait: (milliseconds: number) => Promise<void>,
): Promise<{ version: ModelVersion; created: boolean }> {
  const { name, digest, source, runId, details, remark } = given;
  const job = randomUUID();
  const runLink = details?.source.runUrl ?? '';
  const description = [details?.description, remark].filter(Boolean).join('\n\n');
  const created = await api.client.retry(async () => {
    const [present] = await versionsOf(api, name, digest);
    if (present) return present;
    return api.createVersionOnce({
      name,
      source,
      run_id: runId,
      ...(description ? { description: shortened(description) } : {}),
      ...(runLink && runLink.length <= LONGEST_LINK ? { run_link: runLink } : {}),
      tags: [...versionTags(digest, details), { key: JOB_TAG, value: job }],
    });
  });
  await untilReady(api, name, created, wait);
  const version = (await removeLater(api, name, digest)) ?? created;
  return { version, created: version.tags[JOB_TAG] === job };
}

/** What MLflow shows of a version besides its description. @throws UserError for a tag that MLflow does not take. */
export function versionTags(digest: string, details: VersionDetails | undefined): Tag[] {
  return [
    { key: DIGEST_TAG, value: digest },
    ...(details
      ? [...userTags(details.tags), ...ownTags(details), ...standingTags({}, details.standing)]
      : []),
  ];
}

/** The tags that a later registration of the same bytes sets anew. */
export function refreshedTags(details: VersionDetails): Tag[] {
  return [...userTags(details.tags), ...ownTags(details)];
}

function ownTags({ parent, image }: VersionDetails): Tag[] {
  return [
    ...(parent ? [{ key: PARENT_TAG, value: parent }] : []),
    ...(image ? [{ key: IMAGE_TAG, value: image }] : []),
  ];
}

/** Removes what jobs that came too late have created, unless an alias names it. @returns the version that stays. */
export async function removeLater(
  api: MlflowApi,
  name: string,
  digest: string,
): Promise<ModelVersion | undefined> {
  const [first, ...later] = await versionsOf(api, name, digest);
  if (later.length === 0) return first;
  const named = new Set((await api.model(name))?.aliases.map(({ version }) => version));
  for (const { version } of later) if (!named.has(version)) await api.deleteVersion(name, version);
  return first;
}

async function untilReady(
  api: MlflowApi,
  name: string,
  created: ModelVersion,
  wait: (milliseconds: number) => Promise<void>,
): Promise<void> {
  let version: ModelVersion | undefined = created;
  for (let look = 0; look < LOOKS && version; look++) {
    if (version.status === 'READY') return;
    if (version.status.startsWith('FAILED')) {
      throw new UserError(
        `MLflow could not register version ${version.version} of ${name}: ${version.status_message}.`,
      );
    }
    await wait(PAUSE_MILLISECONDS);
    version = await api.version(name, created.version);
  }
  // Gone: another job was faster and has removed it.
  if (!version) return;
  throw new UserError(`Version ${created.version} of ${name} is still not ready in MLflow.`, {
    fix: 'Look at it in MLflow, and run again.',
  });
}
