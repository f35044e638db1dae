import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { finishPromotion, revert, settleUnknown } from './interrupted.ts';
import { describeDriver, isAtWork, type OperationResult, type Situation } from './operation.ts';
import { leftAlone, nothingUnderWay, servingAfter, settledResult } from './settled.ts';

/**
 * `operation: reconcile`, for a schedule: finds a rollout whose runner died, finishes a promotion that had begun and
 * takes everything else back. A rollout that somebody looks after is left alone.
 */
export async function reconcile(
  situation: Situation,
  lastKnown: DeployedModel | undefined,
): Promise<OperationResult> {
  const found = await situation.target.read();
  const progress = parseProgress(found.progress);
  if (!progress) {
    const { settled } = await settleUnknown(situation, found);
    return nothingUnderWay(situation, { found, lastKnown, settled });
  }
  const isForNothing = isGone(progress, found) && !isAtWork(progress, situation);
  const why = isForNothing ? undefined : whoLooksAfter(progress, situation);
  if (why) return leftAlone({ progress, found, why });
  if (progress.phase === 'promoting') {
    const end = await finishPromotion(situation, found, progress);
    return settledResult(situation, {
      progress,
      ...end,
      serving: servingAfter(end.promoted, progress, found),
    });
  }
  const said = await revert(situation, progress.challenger);
  const driver = describeDriver(progress.driver);
  return settledResult(situation, {
    progress,
    promoted: false,
    said: `${said.replace(/\.$/, '')}, since its run died (${driver}).`,
    serving: found.champion?.digest ?? null,
  });
}

/** Who waits for a challenger that no longer runs waits for nothing. A run at work may just be bringing it up. */
const isGone = (progress: Progress, found: TargetState): boolean =>
  progress.phase !== 'promoting' &&
  progress.weights.length > 0 &&
  found.challenger?.digest !== progress.challenger.digest;

/** Undefined when nobody does. A promotion that had begun is always finished: waiting would gain nothing. */
function whoLooksAfter(progress: Progress, situation: Situation): string | undefined {
  const { phase, driver } = progress;
  const seen = describeDriver(driver);
  if (isAtWork(progress, situation)) return `a run is at work (${seen})`;
  if (phase === 'paused') return `it waits for operation: continue (${seen})`;
  if (phase === 'held') return `it is held, and operation: promote or abort decides (${seen})`;
  if (phase === 'rolling' && driver.kind === 'schedule')
    return `operation: continue goes on with it (${seen})`;
  return undefined;
}
