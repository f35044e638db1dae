import { UserError } from '../../shared/errors.ts';
import type { ModelVersion } from '../../shared/records/model-version.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import type { Registry } from '../../shared/registries/registry.ts';
import { versionsToRemove } from '../../shared/registries/retention.ts';
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
    { registryText, version, earlier, evaluation },
    {
      removed,
      reason: `${describeRemoved(removed).trim() || 'Nothing was removed.'} ${describeKept(stay.length, keep)}`,
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
  if (count <= keep) return `${stay}.`;
  return `${stay}, more than keep: ${keep}, since an alias, the way back of one or a rollout needs them.`;
}

/** A sentence for the record, or an empty text. */
export function describeRemoved(removed: Removed): string {
  if (removed.length === 0) return '';
  return removed.length === 1
    ? ' One old version was removed.'
    : ` ${removed.length} old versions were removed.`;
}
