import { basename } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import type { HashedModel } from '../../shared/models/digest.ts';
import { worstVerdict } from '../../shared/records/envelope.ts';
import { type AppliedScan, describeScan, scanVerdict } from '../../shared/records/model-scan.ts';
import type { GateDecision, ModelVersion } from '../../shared/records/model-version.ts';
import { CARD_ROLE, readAttachedRecord, recordAttachment } from '../../shared/registries/packaged-model.ts';
import { formatModelUri, type Registry, type Version } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import type { Evidence } from './evidence.ts';
import type { Given } from './inputs.ts';
import { codeInputs, lineage } from './lineage.ts';
import { type Move, moveAliases } from './move-aliases.ts';
import { codeAttachment, evidenceAttachments } from './package-version.ts';
import { describeRemoved, keepNewest } from './prune.ts';
import { serveImage } from './serve-image.ts';
import { readSigner, STATEMENT_ROLE, unsignedStatement } from './sign-version.ts';
import { surroundings } from './surroundings.ts';
import { approvalByGate, ownMetrics, versionDetails } from './version-details.ts';
import { outcome, versionRecord } from './version-record.ts';

export interface Known {
  registry: Registry;
  registryText: string;
  model: HashedModel;
  /** Of the model on this machine. */
  path: string;
  evidence: Evidence;
  moves: Move[];
  decision: GateDecision;
  /** The version with these very bytes, when there is one. */
  existing: Version | undefined;
  /** What its files may do when they are loaded. */
  scan: AppliedScan;
}

/** Stores what was let through, with all that belongs to it, and then moves the aliases. */
export async function storeVersion(known: Known, given: Given, deps: Deps): Promise<ActionResult> {
  const { registry, registryText, model, evidence, moves, decision, existing, scan } = known;
  // Before anything is sent: a key that cannot be read must not leave an unsigned version behind.
  const signer = await readSigner(given, deps);
  const earlier = existing ? await readAttachedRecord(registry, model.digest, 'ModelVersion') : undefined;
  const standing = existing ? await registry.standing(model.digest) : undefined;
  const code = await codeAttachment(given, deps.temporaryFolder, [given.records, known.path]);
  const about = await surroundings(given, evidence);
  const image = await serveImage(given, deps, registry.location, model, code.attachment);
  const attachments = [
    ...(await evidenceAttachments(evidence, deps.records)),
    ...(code.attachment ? [code.attachment] : []),
    ...(about.attachment ? [about.attachment] : []),
  ];
  const signed = signer ? ['signature', 'provenance'] : [STATEMENT_ROLE];
  const roles = [...attachments.map((one) => one.role), CARD_ROLE, ...signed];
  const before = moves[0]?.from ?? null;
  const uri = formatModelUri({ ...registry.location, reference: model.digest });
  const recordOf = (version: Pick<ModelVersion, 'created' | 'version' | 'aliasMoves'>): ModelVersion => {
    const record = versionRecord(given, deps, model.digest, decision, evidence.evaluation, {
      ...version,
      registry: registryText,
      reason: reasonOf(decision, version.created, scan),
      scan,
      inputs: [...lineage(evidence), ...(code.inputs.length > 0 ? code.inputs : codeInputs(earlier))],
      uri,
      // Seen from itself a version has no parent: what was there before it was registered stays its parent.
      parent: before === model.digest ? (earlier?.parent ?? null) : before,
      tags: { ...earlier?.tags, ...given.tags },
      approval: given.approval ?? standing?.approval ?? approvalByGate(decision.gate),
      stage: given.stage ?? standing?.stage ?? null,
      metrics: ownMetrics(evidence.evaluation),
      environment: about.environment ?? earlier?.environment ?? null,
      image: image ?? earlier?.image ?? null,
      provenance: signer?.provenance ?? earlier?.provenance ?? null,
      copiedFrom: earlier?.copiedFrom ?? null,
      files: { count: model.files.length, bytes: model.files.reduce((sum, file) => sum + file.size, 0) },
      predictCommand: given.predictCommand ?? earlier?.predictCommand ?? null,
      serveCommand: given.serveCommand ?? earlier?.serveCommand ?? null,
      stored: [...new Set([...(earlier?.stored ?? []), ...roles])],
    });
    return { ...record, verdict: worstVerdict([record.verdict, scanVerdict(scan)]) };
  };
  attachments.push(await about.card(recordOf({ created: !existing, version: null, aliasMoves: [] })));
  // The registry's copy claims no moves of aliases: those come after it, and the history of each alias has them.
  const kept = recordOf({ created: !existing, version: existing?.version ?? null, aliasMoves: [] });
  attachments.push(recordAttachment(kept));
  if (signer) attachments.push(...(await signer.attachments(registry, kept, evidence, attachments)));
  else attachments.push(await unsignedStatement(registry, kept, evidence, attachments, deps));
  const pushed = await registry.pushModel(model, { attachments, details: versionDetails(kept) });
  // Details set the standing of a new version alone.
  const isUnsaid = standing !== undefined && standing.approval === undefined && kept.approval !== null;
  if (existing && (given.approval || given.stage || isUnsaid)) {
    await registry.setStanding(model.digest, versionDetails(kept).standing);
  }
  const { version = model.digest } = existing ?? (await registry.resolve(model.digest)) ?? {};
  const changed = await moveAliases(registry, moves, 'register', given.overrideReason, deps);
  deps.log.info(`${uri} (${pushed.created ? 'new' : 'known before'}, from ${basename(known.path)})`);
  const record = recordOf({ created: pushed.created, version, aliasMoves: changed });
  if (given.keep !== undefined) {
    record.reason += await removeOld(record, registry, given.keep, deps);
  }
  return { record, outputs: { uri, version, digest: model.digest } };
}

/** What cannot be removed is no reason to lose the record of what was stored. */
async function removeOld(
  record: ModelVersion,
  registry: Registry,
  keep: number,
  deps: Deps,
): Promise<string> {
  try {
    record.removed = await keepNewest(registry, keep, deps, [record.subject.digest]);
    return describeRemoved(record.removed);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    deps.log.warning(`Old versions were not removed: ${error.message}`, error.where);
    return ` Old versions were not removed: ${error.message}`;
  }
}

function reasonOf(decision: GateDecision, created: boolean, scan: AppliedScan): string {
  const again = created ? '' : ' These very bytes were registered before: its records were refreshed.';
  const ungated = decision.gate === 'ungated' ? 'Registered as ungated' : 'Registered';
  const found = scanVerdict(scan) === 'pass' ? '' : ` But ${describeScan(scan)}.`;
  return `${outcome(ungated, decision)}${found}${again}`;
}
