import { UserError } from '../../../shared/errors.ts';
import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { describeDriver, isAtWork, type Situation } from './operation.ts';
import { completePromotion, moveAlias, takeBackPromotion } from './promotion.ts';

/** What an earlier run left: something to resume, something settled just now, or nothing. */
export interface Leftover {
  /** A canary of the wanted model that can go on. */
  resume?: Progress;
  /** A canary of the wanted model that waits for a person to go on. */
  paused?: Progress;
  /** Plain-text sentence on what was finished or undone. */
  settled?: string;
}

/**
 * Deals with a rollout that an earlier run did not end. A promotion that had begun is finished; a canary of the
 * same model under the same rules goes on; anything else is rolled back.
 * @throws UserError when another job drives it at this moment.
 */
export async function settleInterrupted(
  situation: Situation,
  found: TargetState,
  wanted: { model: DeployedModel; sameRules: (progress: Progress) => boolean },
): Promise<Leftover> {
  const progress = parseProgress(found.progress);
  if (!progress) return settleUnknown(situation, found);
  // Outside GitHub nobody can tell a run from its repetition; who repeats it says that the first one is over.
  const isKnown = progress.driver.runUrl !== null || situation.runUrl !== undefined;
  if (isKnown && isAtWork(progress, situation)) throw otherRun(progress);
  if (progress.phase === 'promoting') {
    return { settled: (await finishPromotion(situation, found, progress)).said };
  }
  const same = progress.challenger.digest === wanted.model.digest && wanted.sameRules(progress);
  const stillThere =
    found.challenger?.digest === progress.challenger.digest &&
    found.champion?.digest === progress.champion?.digest;
  if (same && stillThere && progress.phase === 'paused') return { paused: progress };
  const hasTraffic = progress.state !== null || progress.weights.length > 0;
  if (same && stillThere && progress.phase === 'rolling' && hasTraffic) return { resume: progress };
  // A challenger that waits for a person keeps running when it is the one wanted now.
  const waiting = progress.phase === 'held' && progress.challenger.digest === wanted.model.digest;
  if (!waiting) return { settled: await revert(situation, progress.challenger) };
  await situation.target.saveProgress(undefined);
  return { settled: 'the challenger that was held is compared once more, from the beginning.' };
}

/** A challenger, or something stored, of which this version knows nothing more. */
export async function settleUnknown(situation: Situation, found: TargetState): Promise<Leftover> {
  if (!found.challenger && found.progress === undefined) return {};
  return { settled: await revert(situation, found.challenger) };
}

/** All traffic to the champion, and nothing is left of the rollout. @returns what was done, for people. */
export async function revert(situation: Situation, challenger: DeployedModel | null): Promise<string> {
  await situation.target.restore();
  await situation.target.saveProgress(undefined);
  return `the unfinished rollout${challenger ? ` of ${challenger.digest}` : ''} was rolled back.`;
}

/** Finishes what is stored as decided, from whatever point it was left at, or undoes it where that cannot be. */
export async function finishPromotion(
  situation: Situation,
  found: TargetState,
  progress: Progress,
): Promise<{ promoted: boolean; aliasMoved: boolean; said: string }> {
  const { digest } = progress.challenger;
  const what = `the ${progress.operation === 'rollback' ? 'return to' : 'promotion of'} ${digest}`;
  if (found.champion?.digest === digest) {
    // Where the service shifts the traffic by itself, the alias moves last.
    const moved = await moveAlias(situation, progress, 'finished after an interruption');
    if (moved.problem !== undefined) return undoService(situation, what, moved.problem);
    await situation.target.saveProgress(undefined);
    return {
      promoted: true,
      aliasMoved: moved.moved,
      said: `${what}, which an earlier run had begun, was complete.`,
    };
  }
  if (found.challenger?.digest !== digest) {
    // The alias may have moved before the challenger died.
    const isUndone = await takeBackPromotion(situation, progress, 'the challenger no longer runs');
    if (!isUndone) await revert(situation, progress.challenger);
    return {
      promoted: false,
      aliasMoved: false,
      said: `${what} could not be finished, since it no longer runs.`,
    };
  }
  const result = await completePromotion(situation, progress, 'finished after an interruption');
  return result.promoted
    ? { ...result, said: `${what}, which an earlier run had begun, was finished.` }
    : {
        promoted: false,
        aliasMoved: false,
        said: `${what}, which an earlier run had begun, was undone: ${result.reason}`,
      };
}

/** The service has shifted all traffic, and the alias cannot follow. */
async function undoService({ target }: Situation, what: string, problem: string) {
  await target.byService?.undo();
  await target.saveProgress(undefined);
  return {
    promoted: false,
    aliasMoved: false,
    said: `${what} was undone, since the alias could not be moved: ${problem}.`,
  };
}

/** Says who is at work. */
export function otherRun(progress: Progress): UserError {
  return new UserError(
    `Another run drives the rollout of ${progress.challenger.digest}: ${describeDriver(progress.driver)}.`,
    {
      where: { key: 'operation' },
      fix: 'Wait until it has ended or cancel it. If it died, operation: reconcile settles what it left after stale-after, and operation: abort at once.',
    },
  );
}
