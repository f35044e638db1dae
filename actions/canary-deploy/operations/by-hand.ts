import { capitalized } from '../../../shared/capitalized.ts';
import { UserError } from '../../../shared/errors.ts';
import { describeObjection } from '../../../shared/records/model-version.ts';
import { makeChecks, NOTHING_BEFORE } from '../before/checks.ts';
import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { finishPromotion, revert } from './interrupted.ts';
import {
  firstProgress,
  type OperationResult,
  plainResult,
  QUIET_WINDOW_MS,
  type Situation,
} from './operation.ts';
import { completePromotion, takeBackPromotion } from './promotion.ts';
import { servingAfter } from './settled.ts';

/** The operations that a person asks for: promote or abort what waits, roll back what serves, stop everything. */

/** `operation: promote`: the challenger that is held, or was left by a run that died, becomes the champion. */
export async function promoteByHand(situation: Situation): Promise<OperationResult> {
  const found = await situation.target.read();
  const progress = requireProgress(found);
  if (progress.phase === 'promoting') return finishByHand(situation, found, progress);
  if (found.challenger?.digest !== progress.challenger.digest) {
    throw new UserError(`The challenger ${progress.challenger.digest} no longer runs.`, {
      fix: 'Run the rollout again.',
    });
  }
  const result = await completePromotion(situation, progress, 'promoted by a person');
  return finished(situation, progress, {
    ...promotionEnd(result.promoted, progress, found),
    reason: result.promoted ? 'Promoted by a person.' : `Not promoted: ${result.reason}`,
    aliasMoved: result.promoted && result.aliasMoved,
  });
}

/** What had been decided is finished, whoever decided it. */
async function finishByHand(
  situation: Situation,
  found: TargetState,
  progress: Progress,
): Promise<OperationResult> {
  const { promoted, said, aliasMoved } = await finishPromotion(situation, found, progress);
  const reason = capitalized(said);
  return finished(situation, progress, { ...promotionEnd(promoted, progress, found), reason, aliasMoved });
}

function promotionEnd(promoted: boolean, progress: Progress, found: TargetState) {
  const back = progress.operation === 'rollback';
  return {
    outcome: promoted && !back ? ('promoted' as const) : ('rolled-back' as const),
    verdict: promoted ? ('pass' as const) : ('fail' as const),
    kind: promoted && !back ? ('promote' as const) : ('rollback' as const),
    serving: servingAfter(promoted, progress, found),
  };
}

/**
 * `operation: abort`: the rollout that is held, paused, left or driven by a schedule ends with the champion. A promotion
 * that had begun is taken back while the traffic has not moved; afterwards `operation: rollback` is what goes back.
 */
export async function abortByHand(situation: Situation): Promise<OperationResult> {
  const { target } = situation;
  const found = await target.read();
  if (found.challenger && !parseProgress(found.progress)) return abortUnknown(situation, found);
  const progress = requireProgress(found);
  if (progress.phase === 'promoting') {
    const hasMoved = found.champion?.digest === progress.challenger.digest;
    if (hasMoved || !(await takeBackPromotion(situation, progress, 'aborted by a person'))) {
      return finishByHand(situation, found, progress);
    }
  } else {
    await revert(situation, progress.challenger);
  }
  return finished(situation, progress, {
    outcome: 'rolled-back',
    verdict: 'pass',
    reason: 'Rolled back, as a person asked: the champion has all traffic.',
    kind: 'rollback',
    serving: found.champion?.digest ?? null,
    aliasMoved: false,
  });
}

/** A challenger of which nothing is stored that this version understands. */
async function abortUnknown(situation: Situation, found: TargetState): Promise<OperationResult> {
  const { champion, challenger } = found;
  const said = await revert(situation, challenger);
  const reason = capitalized(said);
  return plainResult({
    outcome: 'rolled-back',
    verdict: 'pass',
    reason,
    subject: challenger!.digest,
    challenger,
    champion,
    serving: champion?.digest ?? null,
    events: [{ at: situation.now().toISOString(), kind: 'rollback', weight: 0, reason }],
  });
}

/**
 * `operation: rollback`: aborts what is under way; otherwise the champion before this one serves again, however long
 * ago it was replaced, unless this one serves since a rollback from it. One that was interrupted goes on.
 */
export async function rollBackByHand(situation: Situation, alias: string): Promise<OperationResult> {
  const { target, info } = situation;
  const found = await target.read();
  const underWay = parseProgress(found.progress);
  if (underWay && underWay.operation !== 'rollback') return abortByHand(situation);
  if (underWay?.phase === 'promoting') return finishByHand(situation, found, underWay);
  if (!underWay && (found.challenger || found.progress !== undefined)) {
    info(await revert(situation, found.challenger));
  }
  const { champion, previous } = found;
  if (!champion || !previous) {
    throw new UserError('There is no earlier champion to go back to.', {
      where: { key: 'operation' },
      fix: 'Run canary-deploy with the version that should serve.',
    });
  }
  if (await hasFledFrom(situation, { alias, champion, previous })) {
    return plainResult({
      ...{ outcome: 'rolled-back', verdict: 'pass', subject: champion.digest, champion },
      reason: `Nothing was to be done: ${champion.digest} serves since a rollback from ${previous.digest}, and going back once more would serve that again. To serve it all the same, or a version before these two, run canary-deploy with it.`,
      serving: champion.digest,
      alias: { name: alias, moved: false },
    });
  }
  await refuseRejected(situation, previous);
  const progress = firstProgress(situation, {
    challenger: previous,
    champion,
    alias,
    rollout: null,
    overrideReason: null,
    operation: 'rollback',
  });
  const { check } = makeChecks(NOTHING_BEFORE, situation);
  await target.saveProgress(progress);
  try {
    await target.prepare(previous, QUIET_WINDOW_MS, check);
  } catch (error) {
    await revert(situation, previous);
    throw error;
  }
  const result = await completePromotion(situation, progress, 'rolled back by a person');
  const reason = result.promoted
    ? `Rolled back, as a person asked: ${previous.digest} serves again in place of ${champion.digest}.`
    : `Not rolled back: ${result.reason}`;
  return finished(situation, progress, {
    ...promotionEnd(result.promoted, progress, found),
    reason,
    aliasMoved: result.promoted && result.aliasMoved,
  });
}

/** Whether the champion before is the one that the last rollback went away from, so that two in a row swing not back. */
async function hasFledFrom(
  { registryOf }: Situation,
  { alias, champion, previous }: { alias: string; champion: DeployedModel; previous: DeployedModel },
): Promise<boolean> {
  const last = (await (await registryOf(champion)).aliasHistory(alias)).at(-1);
  return last?.operation === 'rollback' && last.to === champion.digest && last.from === previous.digest;
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
