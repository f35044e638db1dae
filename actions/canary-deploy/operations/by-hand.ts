import { UserError } from '../../../shared/errors.ts';
import { describeObjection } from '../../../shared/records/model-version.ts';
import { smokeCheck } from '../before/smoke-check.ts';
import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { driverOf, type OperationResult, plainResult, type Situation } from './operation.ts';
import { completePromotion } from './promotion.ts';

/** The operations that a person asks for: promote or abort what waits, roll back what serves, stop everything. */

/** `operation: promote`: the challenger that is held, or was left by a run that died, becomes the champion. */
export async function promoteByHand(situation: Situation): Promise<OperationResult> {
  const found = await situation.target.read();
  const progress = requireProgress(found);
  if (found.challenger?.digest !== progress.challenger.digest) {
    throw new UserError(`The challenger ${progress.challenger.digest} no longer runs.`, {
      fix: 'Run the rollout again.',
    });
  }
  const result = await completePromotion(situation, progress, 'promoted by a person');
  const reason = result.promoted ? 'Promoted by a person.' : `Not promoted: ${result.reason}`;
  return finished(situation, progress, {
    outcome: result.promoted ? 'promoted' : 'rolled-back',
    verdict: result.promoted ? 'pass' : 'fail',
    reason,
    kind: result.promoted ? 'promote' : 'rollback',
    serving: result.promoted ? progress.challenger.digest : (found.champion?.digest ?? null),
    aliasMoved: result.promoted && result.aliasMoved,
  });
}

/** `operation: abort`: the rollout that is held, or was left by a run that died, ends with the champion. */
export async function abortByHand(situation: Situation): Promise<OperationResult> {
  const found = await situation.target.read();
  const progress = requireProgress(found);
  await situation.target.restore();
  await situation.target.saveProgress(undefined);
  return finished(situation, progress, {
    outcome: 'rolled-back',
    verdict: 'pass',
    reason: 'Rolled back, as a person asked: the champion has all traffic.',
    kind: 'rollback',
    serving: found.champion?.digest ?? null,
    aliasMoved: false,
  });
}

/** `operation: rollback`: aborts what is under way; otherwise the champion before this one serves again. */
export async function rollBackByHand(situation: Situation, alias: string): Promise<OperationResult> {
  const found = await situation.target.read();
  if (parseProgress(found.progress)) return abortByHand(situation);
  const { champion, previous } = found;
  if (!champion || !previous) {
    throw new UserError('There is no earlier champion to go back to.', {
      where: { key: 'operation' },
      fix: 'Run canary-deploy with the version that should serve.',
    });
  }
  await refuseRejected(situation, previous);
  await situation.target.prepare(previous, 60_000, (door) => smokeCheck(door, []));
  const progress: Progress = {
    version: 2,
    challenger: previous,
    champion,
    alias,
    rollout: null,
    overrideReason: null,
    phase: 'promoting',
    driver: driverOf(situation),
    weights: [],
    state: null,
    startedAfter: 0,
  };
  const result = await completePromotion(situation, progress, 'rolled back by a person', 'rollback');
  const reason = result.promoted
    ? `Rolled back, as a person asked: ${previous.digest} serves again in place of ${champion.digest}.`
    : `Not rolled back: ${result.reason}`;
  return finished(situation, progress, {
    outcome: 'rolled-back',
    verdict: result.promoted ? 'pass' : 'fail',
    reason,
    kind: 'rollback',
    serving: (result.promoted ? previous : champion).digest,
    aliasMoved: result.promoted && result.aliasMoved,
  });
}

/** @throws UserError when people rejected the version: the target knows of no version before it. */
async function refuseRejected({ registryOf }: Situation, previous: DeployedModel): Promise<void> {
  const standing = await (await registryOf(previous)).standing(previous.digest);
  if (standing.approval !== 'rejected') return;
  throw new UserError(
    `The champion before, ${previous.digest}, may not serve again: ${describeObjection(standing)}.`,
    {
      where: { key: 'operation' },
      fix: "Let it be used again with register-model's operation: approve, or run canary-deploy with another version.",
    },
  );
}

/** `operation: stop`: the router lets its requests end, then all servers end. Nothing to stop is no error. */
export async function stopServing(
  situation: Situation,
  lastKnown: DeployedModel | undefined,
): Promise<OperationResult> {
  const { target } = situation;
  const found = target.served();
  await target.stop();
  const model = found.champion ?? found.challenger ?? lastKnown;
  if (!model) {
    throw new UserError('Nothing serves from this folder, and nothing ever did.', {
      where: { key: 'serving-dir' },
      fix: 'Check the input serving-dir.',
    });
  }
  const reason = found.champion ? 'Stopped: nothing serves any more.' : 'Nothing was serving.';
  return plainResult({
    outcome: 'stopped',
    verdict: 'pass',
    reason,
    subject: model.digest,
    champion: found.champion,
    events: [{ at: situation.now().toISOString(), kind: 'stop', weight: 0, reason }],
  });
}

function requireProgress(found: TargetState): Progress {
  const progress = parseProgress(found.progress);
  if (progress) return progress;
  throw new UserError('There is no rollout under way.', {
    where: { key: 'operation' },
    fix: 'Use operation: run to begin one, or operation: rollback to go back to the champion before this one.',
  });
}

function finished(
  situation: Situation,
  progress: Progress,
  end: Pick<OperationResult, 'outcome' | 'verdict' | 'reason' | 'serving'> & {
    kind: 'promote' | 'rollback';
    aliasMoved: boolean;
  },
): OperationResult {
  const { kind, aliasMoved, ...result } = end;
  return plainResult({
    ...result,
    subject: progress.challenger.digest,
    challenger: progress.challenger,
    champion: progress.champion,
    alias: { name: progress.alias, moved: aliasMoved },
    rollout: progress.rollout,
    state: progress.state,
    overrideReason: progress.overrideReason,
    events: [
      {
        at: situation.now().toISOString(),
        kind,
        weight: kind === 'promote' ? 100 : 0,
        reason: result.reason,
      },
    ],
  });
}
