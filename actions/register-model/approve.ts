import { readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { followUpRecord } from './follow-up-record.ts';
import type { Given } from './inputs.ts';
import { openVersion } from './open-model.ts';

/**
 * Says whether a version may be used, in the store's own fields where it has them. A rejected version and one that
 * waits are neither promoted nor deployed.
 */
export async function approve(given: Given, deps: Deps): Promise<ActionResult> {
  const { registry, registryText, version } = await openVersion(given, deps);
  const { digest } = version;
  const earlier = await readAttachedRecord(registry, digest, 'ModelVersion');
  const evaluation = await readAttachedRecord(registry, digest, 'Evaluation');
  const before = await registry.standing(digest);
  const approval = given.approval ?? 'approved';
  const stage = given.stage ?? before.stage ?? null;
  const why = given.reason ? `: ${given.reason}` : '';
  const was = before.approval && before.approval !== approval ? `, was ${before.approval}` : '';
  const record = followUpRecord(
    given,
    deps,
    { registryText, version, earlier, evaluation, standing: before },
    {
      approval,
      stage,
      reason: `The version is ${approval}${stage ? ` (${stage})` : ''}${was}${why}.`,
    },
  );
  await registry.setStanding(digest, {
    approval,
    ...(given.stage ? { stage: given.stage } : {}),
    ...(record.by ? { by: record.by } : {}),
    ...(deps.source.runUrl ? { runUrl: deps.source.runUrl } : {}),
    ...(given.reason ? { reason: given.reason } : {}),
    at: record.createdAt,
  });
  const { role, files, annotations } = recordAttachment(record);
  await registry.attach(digest, role, files, annotations);
  return { record, outputs: { uri: version.uri, version: version.version, digest } };
}
