import type { Deployment } from '../records/deployment.ts';
import { readAttachedRecord, recordAttachment } from './packaged-model.ts';
import type { Registry } from './registry-interface.ts';

/** What a registry knows of deployments, so that no version is removed that users may be served by. */
const ROLLOUT_ROLE = 'rollout';

/** Notes that a rollout of this version begins. It counts until the Deployment record of its end is attached. */
export async function markRollout(
  registry: Registry,
  digest: string,
  rollout: { startedAt: Date; runUrl: string | null },
): Promise<void> {
  const text = JSON.stringify({ startedAt: rollout.startedAt.toISOString(), runUrl: rollout.runUrl });
  await registry.attach(digest, ROLLOUT_ROLE, [
    { name: 'rollout.json', bytes: new TextEncoder().encode(text) },
  ]);
}

/** Keeps the record of a deployment with the version that it is about. */
export async function keepDeployment(registry: Registry, record: Deployment): Promise<void> {
  const { role, files, annotations } = recordAttachment(record);
  await registry.attach(record.subject.digest, role, files, annotations);
}

/** A challenger of these still runs. */
const UNDECIDED: readonly (Deployment['outcome'] | undefined)[] = ['held', 'paused', 'rolling'];

/** Whether a rollout of this version is under way, or was left undecided. A promoted one is held by its alias. */
export async function isBeingDeployed(registry: Registry, digest: string): Promise<boolean> {
  const attached = await registry.allAttachments(digest);
  const timeOf = (role: string) => attached.find((one) => one.role === role)?.createdAt;
  const [started, ended] = [timeOf(ROLLOUT_ROLE), timeOf('Deployment')];
  if (started !== undefined && (ended === undefined || started > ended)) return true;
  if (ended === undefined) return false;
  return UNDECIDED.includes((await readAttachedRecord(registry, digest, 'Deployment'))?.outcome);
}
