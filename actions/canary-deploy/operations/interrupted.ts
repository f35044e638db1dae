import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import type { Situation } from './operation.ts';
import { completePromotion } from './promotion.ts';

/** What an earlier run left: something to resume, something settled just now, or nothing. */
export interface Leftover {
  /** A canary of the wanted model that can go on. */
  resume?: Progress & { state: NonNullable<Progress['state']> };
  /** Plain-text sentence on what was finished or undone. */
  settled?: string;
}

/**
 * Deals with a rollout that an earlier run did not end. A promotion that had begun is finished; a canary of the
 * same model under the same rules goes on; anything else is rolled back.
 */
export async function settleInterrupted(
  situation: Situation,
  found: TargetState,
  wanted: { model: DeployedModel; sameRules: (progress: Progress) => boolean },
): Promise<Leftover> {
  const progress = parseProgress(found.progress);
  if (!progress) {
    if (!found.challenger) return {};
    await situation.target.restore();
    await situation.target.saveProgress(undefined);
    return { settled: `the unfinished rollout of ${found.challenger.digest} was rolled back.` };
  }
  if (progress.phase === 'promoting') return finishPromotion(situation, found, progress);
  const same = progress.challenger.digest === wanted.model.digest && wanted.sameRules(progress);
  const stillThere =
    found.challenger?.digest === progress.challenger.digest &&
    found.champion?.digest === progress.champion?.digest;
  if (progress.phase === 'rolling' && same && stillThere && progress.state) {
    return { resume: { ...progress, state: progress.state } };
  }
  // A challenger that waits for a person keeps running when it is the one wanted now.
  const waiting = progress.phase === 'held' && progress.challenger.digest === wanted.model.digest;
  if (!waiting) await situation.target.restore();
  await situation.target.saveProgress(undefined);
  if (waiting) return { settled: 'the challenger that was held is compared once more, from the beginning.' };
  return { settled: `the unfinished rollout of ${progress.challenger.digest} was rolled back.` };
}

async function finishPromotion(
  situation: Situation,
  found: TargetState,
  progress: Progress,
): Promise<Leftover> {
  const { digest } = progress.challenger;
  if (found.champion?.digest === digest) {
    await situation.target.saveProgress(undefined);
    return { settled: `the promotion of ${digest}, which an earlier run had begun, was complete.` };
  }
  if (found.challenger?.digest !== digest) {
    await situation.target.restore();
    await situation.target.saveProgress(undefined);
    return { settled: `the promotion of ${digest} could not be finished, since it no longer runs.` };
  }
  const result = await completePromotion(situation, progress, 'finished after an interruption');
  return {
    settled: result.promoted
      ? `the promotion of ${digest}, which an earlier run had begun, was finished.`
      : `the promotion of ${digest}, which an earlier run had begun, was undone: ${result.reason}`,
  };
}
