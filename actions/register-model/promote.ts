import { UserError } from '../../shared/errors.ts';
import { readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { carriedOver } from './carried-over.ts';
import { decideOnUse } from './decide-on-use.ts';
import { gatherEvidence } from './evidence.ts';
import type { Given } from './inputs.ts';
import { moveAliases } from './move-aliases.ts';
import { openVersion } from './open-model.ts';
import { evidenceAttachments } from './package-version.ts';
import { versionDetails } from './version-details.ts';
import { outcome, versionRecord } from './version-record.ts';

/** Moves aliases to a version that has a passing Evaluation of this very digest, or that a person lets through. */
export async function promote(given: Given, deps: Deps): Promise<ActionResult> {
  const aliases = given.aliases ?? [];
  if (aliases.length === 0) {
    throw new UserError('operation: promote moves aliases, and none is given.', {
      where: { key: 'aliases' },
      fix: 'Give e.g. aliases: champion.',
    });
  }
  const { registry, registryText, version } = await openVersion(given, deps);
  const { digest } = version;
  const evidence = await gatherEvidence(deps.records, registry, digest, true);
  // Other models' Evaluations in the folder say nothing here: the version is fixed, and only its own counts.
  const standing = await registry.standing(digest);
  const known = { digest, evaluation: evidence.evaluation, standing };
  const { decision, provenance } = await decideOnUse(registry, given, known, deps);
  const earlier = await readAttachedRecord(registry, digest, 'ModelVersion');
  const carried = {
    registry: registryText,
    uri: version.uri,
    version: version.version,
    ...carriedOver(earlier),
    // A person who lets it through in spite of the wait has approved it.
    approval: decision.gate === 'overridden' ? ('approved' as const) : (standing.approval ?? null),
    stage: given.stage ?? standing.stage ?? null,
    ...provenance,
  };
  if (decision.gate === 'refused') {
    const reason = `Not promoted: ${decision.reason}.`;
    const parts = { ...carried, reason };
    return { record: versionRecord(given, deps, digest, decision, evidence.evaluation, parts) };
  }
  const present = await registry.aliases();
  const moves = aliases.map((alias) => ({ alias, from: present[alias] ?? null, to: digest }));
  const isDone = moves.every((move) => move.from === digest);
  const names = aliases.join(', ');
  const done = outcome(isDone ? `Is ${names} already` : `Promoted to ${names}`, decision);
  const reason = given.reason ? `${done} Reason given: ${given.reason}` : done;
  for (const { role, files, annotations } of await evidenceAttachments(evidence, deps.records)) {
    await registry.attach(digest, role, files, annotations);
  }
  const why = given.reason ?? given.overrideReason;
  // The record says "Promoted", so it comes after the move; a run that ends in between is mended by the next one.
  const aliasMoves = await moveAliases(registry, moves, 'promote', why, deps);
  const parts = { ...carried, reason, aliasMoves };
  const record = versionRecord(given, deps, digest, decision, evidence.evaluation, parts);
  if (carried.approval !== (standing.approval ?? null) || carried.stage !== (standing.stage ?? null)) {
    await registry.setStanding(digest, versionDetails({ ...record, reason: why ?? '' }).standing);
  }
  const { role, files, annotations } = recordAttachment(record);
  await registry.attach(digest, role, files, annotations);
  return {
    record,
    outputs: { uri: version.uri, version: version.version, digest },
  };
}
