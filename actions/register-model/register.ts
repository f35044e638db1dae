import { UserError } from '../../shared/errors.ts';
import { modelDigest } from '../../shared/models/digest.ts';
import { readAskedScan } from '../../shared/models/scan/scan-as-asked.ts';
import { describeScan, scanRefuses } from '../../shared/records/model-scan.ts';
import { decideByEvaluation, type GateDecision } from '../../shared/records/model-version.ts';
import { parseModelUri, type Standing } from '../../shared/registries/registry.ts';
import type { ActionResult, Deps } from '../../shared/runtime/definition.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import type { Given } from './inputs.ts';
import { lineage } from './lineage.ts';
import type { Move } from './move-aliases.ts';
import { openModelRegistry } from './open-model.ts';
import { requiredInput } from './required-input.ts';
import { scanHere } from './scan-here.ts';
import { storeVersion } from './store-version.ts';
import { versionRecord } from './version-record.ts';

/** Stores a model as a version, unless its Evaluation forbids it; then nothing is stored and the record says why. */
export async function register(given: Given, deps: Deps): Promise<ActionResult> {
  const path = requiredInput(given, 'model', 'model');
  if (parseModelUri(path)) {
    throw new UserError('operation: register takes a model on this machine, not a registry URI.', {
      where: { key: 'model' },
      fix: 'Give the folder or file of the model; operation: copy brings a version to another registry.',
    });
  }
  refuseHalfAnImage(given);
  const { registry, registryText } = await openModelRegistry(given, deps);
  const asked = await readAskedScan(given);
  const model = await modelDigest(path, { signal: deps.signal });
  // Before the registry hears of it. No reason of a person stands in for this: `scan-allow` and `scan` do.
  const { scan, outputs } = await scanHere(path, asked, deps);
  const refused = (decision: GateDecision, evidence: Evidence): ActionResult => {
    const reason = `Not registered: ${decision.reason}.`;
    const parts = { registry: registryText, reason, inputs: lineage(evidence), scan };
    const record = versionRecord(given, deps, model.digest, decision, evidence.evaluation, parts);
    return { record, outputs };
  };
  if (scanRefuses(scan)) {
    const evidence = await gatherEvidence(deps.records, registry, model.digest, false);
    const decision = { gate: 'refused' as const, reason: describeScan(scan) };
    return refused(decision, evidence);
  }
  const existing = await registry.resolve(model.digest);
  const evidence = await gatherEvidence(deps.records, registry, model.digest, existing !== undefined);
  const present = await registry.aliases();
  const moves = (given.aliases ?? []).map((alias) => ({
    alias,
    from: present[alias] ?? null,
    to: model.digest,
  }));
  refuseUnapprovedMove(given, moves);
  // Registering anew takes nothing back that a person said, and so moves no alias in spite of it.
  const movesAnAlias = existing !== undefined && moves.some(({ from, to }) => from !== to);
  const said = given.approval ? { approval: given.approval } : undefined;
  const standing = movesAnAlias ? (said ?? (await registry.standing(model.digest))) : undefined;
  const decision = decide(model.digest, evidence, moves, {
    overrideReason: given.overrideReason,
    standing,
  });
  if (decision.gate === 'refused') return refused(decision, evidence);
  const known = { registry, registryText, model, path, evidence, moves, decision, existing, scan };
  const stored = await storeVersion(known, given, deps);
  return { ...stored, outputs: { ...stored.outputs, ...outputs } };
}

/** The Evaluation decides; and a version without one takes no alias away from another version. */
function decide(
  digest: string,
  evidence: Evidence,
  moves: Move[],
  people: { overrideReason?: string; standing?: Standing },
): GateDecision {
  const { overrideReason, standing } = people;
  const { evaluation, otherSubjects, hasCalibration } = evidence;
  const decision = decideByEvaluation({
    digest,
    evaluation,
    otherSubjects,
    hasCalibration,
    overrideReason,
    ungatedMayPass: true,
    standing,
  });
  const taken = moves.find((move) => move.from !== null && move.from !== digest);
  if (decision.gate !== 'ungated' || !taken) return decision;
  const reason = `${decision.reason}, and the alias ${taken.alias} names another version (${taken.from})`;
  if (!overrideReason) return { gate: 'refused', reason };
  return { gate: 'overridden', reason: `${reason}; let through because: ${overrideReason}` };
}

/** An alias says that a version is in use; what waits for people, or was rejected by them, is not. */
function refuseUnapprovedMove({ approval, overrideReason }: Given, moves: Move[]): void {
  if (approval === undefined || approval === 'approved' || overrideReason) return;
  const move = moves.find(({ from, to }) => from !== to);
  if (!move) return;
  throw new UserError(`The alias ${move.alias} cannot move to a version with approval: ${approval}.`, {
    where: { key: 'aliases' },
    fix: 'Leave aliases out, and give them to operation: promote once the version is approved.',
  });
}

/** What must fail before anything is stored. */
function refuseHalfAnImage(given: Given): void {
  if (!given.baseImage) return;
  for (const [key, value] of [
    ['image', given.image],
    ['serve-command', given.serveCommand],
  ]) {
    if (value) continue;
    throw new UserError(`The input base-image needs the input ${key}.`, {
      where: { key },
      fix:
        key === 'image'
          ? 'Say where the image goes, e.g. image: ghcr.io/my-org/churn:1.'
          : 'Say how the model is served, e.g. serve-command: exec python3 serve.py.',
    });
  }
}
