import { basename } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { type HashedModel, modelDigest } from '../../shared/models/digest.ts';
import type { RecordInput } from '../../shared/records/envelope.ts';
import {
  decideByEvaluation,
  type GateDecision,
  type ModelVersion,
} from '../../shared/records/model-version.ts';
import { readAttachedRecord } from '../../shared/registries/packaged-model.ts';
import { formatModelUri, parseModelUri, type Registry } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import type { Given } from './inputs.ts';
import { type Move, moveAliases } from './move-aliases.ts';
import { openModelRegistry } from './open-model.ts';
import { codeAttachment, evidenceAttachments, recordAttachment } from './package-version.ts';
import { versionRecord } from './version-record.ts';

/** Stores a model as a version, unless its Evaluation forbids it; then nothing is stored and the record says why. */
export async function register(given: Given, deps: Deps): Promise<ActionResult> {
  if (parseModelUri(given.model)) {
    throw new UserError('operation: register takes a model on this machine, not a registry URI.', {
      where: { key: 'model' },
      fix: 'Give the folder or file of the model.',
    });
  }
  const { registry, registryText } = await openModelRegistry(given, deps);
  const model = await modelDigest(given.model, { signal: deps.signal });
  const existing = await registry.resolve(model.digest);
  const evidence = await gatherEvidence(deps.records, registry, model.digest, existing !== undefined);
  const present = await registry.aliases();
  const moves = (given.aliases ?? []).map((alias) => ({
    alias,
    from: present[alias] ?? null,
    to: model.digest,
  }));
  const decision = decide(model.digest, evidence, moves, given.overrideReason);
  if (decision.gate === 'refused') {
    const reason = `Not registered: ${decision.reason}.`;
    const parts = { registry: registryText, reason, inputs: lineage(evidence) };
    return { record: versionRecord(given, deps, model.digest, decision, evidence.evaluation, parts) };
  }
  return store({
    given,
    deps,
    registry,
    registryText,
    model,
    evidence,
    moves,
    decision,
    isKnown: !!existing,
  });
}

/** The Evaluation decides; and a version without one takes no alias away from another version. */
function decide(
  digest: string,
  evidence: Evidence,
  moves: Move[],
  overrideReason: string | undefined,
): GateDecision {
  const { evaluation, otherSubjects } = evidence;
  const decision = decideByEvaluation({
    digest,
    evaluation,
    otherSubjects,
    overrideReason,
    ungatedMayPass: true,
  });
  const taken = moves.find((move) => move.from !== null && move.from !== digest);
  if (decision.gate !== 'ungated' || !taken) return decision;
  const reason = `it has no Evaluation, and the alias ${taken.alias} names another version (${taken.from})`;
  if (!overrideReason) return { gate: 'refused', reason };
  return { gate: 'overridden', reason: `${reason}; let through because: ${overrideReason}` };
}

interface Work {
  given: Given;
  deps: Deps;
  registry: Registry;
  registryText: string;
  model: HashedModel;
  evidence: Evidence;
  moves: Move[];
  decision: GateDecision;
  isKnown: boolean;
}

async function store(work: Work): Promise<ActionResult> {
  const { given, deps, registry, registryText, model, evidence, moves, decision, isKnown } = work;
  const earlier = isKnown ? await readAttachedRecord(registry, model.digest, 'ModelVersion') : undefined;
  const without = [given.records, given.model];
  const code = await codeAttachment(given, deps.temporaryFolder, without);
  const attachments = [
    ...(await evidenceAttachments(evidence, deps.records)),
    ...(code.attachment ? [code.attachment] : []),
  ];
  const before = moves[0]?.from ?? null;
  const uri = formatModelUri({ ...registry.location, reference: model.digest });
  const stored = [...new Set([...(earlier?.stored ?? []), ...attachments.map((one) => one.role)])];
  const recordOf = (created: boolean, aliasMoves: Move[]): ModelVersion =>
    versionRecord(given, deps, model.digest, decision, evidence.evaluation, {
      registry: registryText,
      reason: reasonOf(decision, created),
      inputs: [...lineage(evidence), ...(code.inputs.length > 0 ? code.inputs : codeInputs(earlier))],
      uri,
      version: model.digest,
      created,
      aliasMoves,
      // Seen from itself a version has no parent: what was there before it was registered stays its parent.
      parent: before === model.digest ? (earlier?.parent ?? null) : before,
      tags: { ...earlier?.tags, ...given.tags },
      files: { count: model.files.length, bytes: model.files.reduce((sum, file) => sum + file.size, 0) },
      predictCommand: given.predictCommand ?? earlier?.predictCommand ?? null,
      serveCommand: given.serveCommand ?? earlier?.serveCommand ?? null,
      stored,
    });
  // The registry's copy claims no moves of aliases: those come after it, and the history of each alias has them.
  attachments.push(recordAttachment(recordOf(!isKnown, [])));
  const pushed = await registry.pushModel(model, { attachments });
  const changed = await moveAliases(registry, moves, 'register', given.overrideReason, deps);
  deps.log.info(`${uri} (${pushed.created ? 'new' : 'known before'}, from ${basename(given.model)})`);
  const record = recordOf(pushed.created, changed);
  return { record, outputs: { uri, version: model.digest, digest: model.digest } };
}

function reasonOf(decision: GateDecision, created: boolean): string {
  const again = created ? '' : ' These very bytes were registered before: its records were refreshed.';
  const ungated = decision.gate === 'ungated' ? 'Registered as ungated' : 'Registered';
  return `${ungated}: ${decision.reason}.${again}`;
}

/** What the model was made from and judged on. */
function lineage(evidence: Evidence): RecordInput[] {
  const ofEvaluation = (evidence.evaluation?.inputs ?? []).map((input) => ({
    ...input,
    role: `evaluation-${input.role}`,
  }));
  return [...(evidence.trainingRun?.inputs ?? []), ...ofEvaluation];
}

function codeInputs(earlier: ModelVersion | undefined): RecordInput[] {
  return (earlier?.inputs ?? []).filter(({ role }) => role === 'code' || role === 'requirements');
}
