import { UserError } from '../../shared/errors.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { ownVersions, versionsToRemove } from '../../shared/registries/retention.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { followUpRecord } from './follow-up-record.ts';
import type { Given } from './inputs.ts';
import { openModelRegistry } from './open-model.ts';
import { requiredInput } from './required-input.ts';

type Removed = ModelVersion['removed'];

/** Removes old versions. Its record is of the newest one that stays. */
export async function prune(given: Given, deps: Deps): Promise<ActionResult> {
  const keep = requiredInput(given, 'keep', '10');
  const { registry, registryText } = await openModelRegistry(given, deps);
  const removed = await keepNewest(registry, keep, deps);
  const stay = await registry.versions();
  const foreign = stay.length - (await ownVersions(registry)).length;
  const version = stay.at(-1);
  if (!version) {
    throw new UserError(`${registryText} holds no version of ${given.name}.`, {
      where: { key: 'registry' },
      fix: 'Check the registry and the name.',
    });
  }
  const earlier = await readAttachedRecord(registry, version.digest, 'ModelVersion');
  const evaluation = await readAttachedRecord(registry, version.digest, 'Evaluation');
  const record = followUpRecord(
    given,
    deps,
    { registryText, version, earlier, evaluation, standing: await registry.standing(version.digest) },
    {
      removed,
      reason: `${describeRemoved(removed).trim() || 'Nothing was removed.'} ${describeKept(stay.length - foreign, keep)}${describeForeign(foreign)}`,
    },
  );
  return {
    record: { ...record, verdict: 'pass' },
    outputs: { uri: version.uri, version: version.version, digest: version.digest },
  };
}

/** Removes what `versionsToRemove` says, one by one, and tells what is gone. @param spared never removed. */
export async function keepNewest(
  registry: Registry,
  keep: number,
  deps: Pick<Deps, 'log' | 'signal'>,
  spared: readonly string[] = [],
): Promise<Removed> {
  const removed: Removed = [];
  for (const { digest, version, createdAt } of await versionsToRemove(registry, keep, spared)) {
    deps.signal.throwIfAborted();
    deps.log.info(`Removing the version ${version} of ${createdAt ?? 'an unknown time'}`);
    await registry.remove(digest);
    removed.push({ digest, version, createdAt: createdAt ?? null });
  }
  return removed;
}

/** How many stay, and why more than was asked for. */
function describeKept(count: number, keep: number): string {
  const stay = count === 1 ? 'One version stays' : `${count} versions stay`;
  if (count === 0) return 'None stays that this action registered.';
  if (count <= keep) return `${stay}.`;
  return `${stay}, more than keep: ${keep}, since an alias, the way back of one or a rollout needs them.`;
}

function describeForeign(count: number): string {
  if (count === 0) return '';
  return count === 1
    ? ' One more was put there by another tool, as it has no record of this action, and is left alone.'
    : ` ${count} more were put there by other tools, as they have no record of this action, and are left alone.`;
}

/** A sentence for the record, or an empty text. */
export function describeRemoved(removed: Removed): string {
  if (removed.length === 0) return '';
  return removed.length === 1
    ? ' One old version was removed.'
    : ` ${removed.length} old versions were removed.`;
}
