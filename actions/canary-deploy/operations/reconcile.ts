import { type Progress, parseProgress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { finishPromotion, revert, settleUnknown } from './interrupted.ts';
import { leftToService } from './left-to-service.ts';
import {
  describeDriver,
  isAtWork,
  isContinued,
  type OperationResult,
  type Situation,
  unseenMs,
} from './operation.ts';
import { leftAlone, nothingUnderWay, servingAfter, settledResult } from './settled.ts';

/**
 * `operation: reconcile`, for a schedule: finds a rollout whose runner died, finishes a promotion that had begun and
 * takes everything else back, also what was left to a schedule that never comes. A rollout that somebody looks after is
 * left alone.
 */
export async function reconcile(
  situation: Situation,
  lastKnown: DeployedModel | undefined,
): Promise<OperationResult> {
  const left = await leftToService(situation);
  if (left) return left;
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
  const cause = isForNothing ? 'its challenger no longer runs' : whatEnded(progress, situation);
  return settledResult(situation, {
    progress,
    promoted: false,
    said: `${said.replace(/\.$/, '')}, since ${cause} (${describeDriver(progress.driver)}).`,
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
  if (isContinued(progress, situation)) return `operation: continue goes on with it (${seen})`;
  return undefined;
}

/** Nobody knows whether there is a schedule for what a run left to one, so that only its silence tells. */
function whatEnded(progress: Progress, { now }: Situation): string {
  if (progress.driver.kind === 'run') return 'its run died';
  const hours = Math.floor(unseenMs(progress, now()) / 3_600_000);
  return `no operation: continue has looked at it for ${hours} hours`;
}
