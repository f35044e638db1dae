import { messageOf } from '../../../shared/errors.ts';
import { describeObjection } from '../../../shared/records/model-version.ts';
import type { Progress } from '../progress.ts';
import type { Situation } from './operation.ts';

export type Promoted = { promoted: true; aliasMoved: boolean } | { promoted: false; reason: string };

/**
 * Makes the challenger the champion: the intention is stored, then the alias moves (if it still names the
 * champion that was compared with), then the traffic. Any later run can finish it from whatever point it was
 * left at. When the alias cannot be moved, the champion keeps all traffic.
 */
export async function completePromotion(
  situation: Situation,
  progress: Progress,
  reason: string,
): Promise<Promoted> {
  const { target } = situation;
  const { digest } = progress.challenger;
  const isGone = (await target.stillHas?.(digest)) === false;
  // An earlier run may have moved the alias. Where there is nothing to go back to, the model is what must serve.
  if (isGone && (await takeBackPromotion(situation, progress, 'the challenger no longer runs'))) {
    return { promoted: false, reason: `the challenger ${digest} no longer runs, or does not answer.` };
  }
  await target.saveProgress({ ...progress, phase: 'promoting' } satisfies Progress);
  const moved = await moveAlias(situation, progress, reason);
  if (moved.problem !== undefined) {
    await target.restore();
    await target.saveProgress(undefined);
    return { promoted: false, reason: `the alias ${progress.alias} could not be moved: ${moved.problem}.` };
  }
  await target.promote(digest);
  // All is done. What is stored tells the next run so, if it cannot be forgotten now.
  await target.saveProgress(undefined).catch((error: unknown) => {
    situation.info(`The progress of the rollout could not be removed: ${messageOf(error)}.`);
  });
  return { promoted: true, aliasMoved: moved.moved };
}

/** @returns `problem` when it names something else still, for people. */
export async function moveAlias(
  situation: Situation,
  { alias, challenger, champion, overrideReason, operation = 'promote' }: Progress,
  reason: string,
): Promise<{ moved: boolean; problem?: string }> {
  const registry = await situation.registryOf(challenger);
  const pointsTo = async () => (await registry.resolve(alias))?.digest;
  if ((await pointsTo()) === challenger.digest) return { moved: false };
  try {
    // A rollout takes long, and one that is held longer: people may have said something since it began.
    if (operation === 'promote' && overrideReason === null) {
      const objection = describeObjection(await registry.standing(challenger.digest));
      if (objection) return { moved: false, problem: objection };
    }
    await registry.moveAlias(alias, {
      to: challenger.digest,
      expected: champion?.digest ?? null,
      operation,
      reason,
      runUrl: situation.runUrl,
    });
    return { moved: true };
  } catch (error) {
    // The move may have taken effect before its answer was lost: what the registry says counts.
    if ((await pointsTo()) === challenger.digest) return { moved: true };
    return { moved: false, problem: messageOf(error) };
  }
}

/**
 * Takes a promotion back that had begun but has not moved the traffic, in the opposite order: the alias goes back,
 * then the challenger ends. Killed in between, it is a promotion once more that the next run finishes.
 * @returns false when there is nothing to go back to, so that it must be finished instead.
 */
export async function takeBackPromotion(
  situation: Situation,
  { alias, challenger, champion }: Progress,
  reason: string,
): Promise<boolean> {
  const registry = await situation.registryOf(challenger);
  if ((await registry.resolve(alias))?.digest === challenger.digest) {
    if (!champion) return false;
    await registry.moveAlias(alias, {
      to: champion.digest,
      expected: challenger.digest,
      operation: 'rollback',
      reason,
      runUrl: situation.runUrl,
    });
  }
  await situation.target.restore();
  await situation.target.saveProgress(undefined);
  return true;
}
