import { parseProgress } from '../progress.ts';
import type { DeployedModel } from '../targets/target.ts';
import { finishPromotion, settleUnknown } from './interrupted.ts';
import { leftToService } from './left-to-service.ts';
import { describeDriver, isAtWork, type OperationResult, type Situation } from './operation.ts';
import { resumable } from './resumable.ts';
import { rollOut } from './roll-out.ts';
import { leftAlone, nothingUnderWay, servingAfter, settledResult } from './settled.ts';

/**
 * `operation: continue`: one look at a rollout that is under way, from any runner, then exit: acts on what all windows
 * that are over say. After a step that waits for a person it takes the next one, unless a schedule started this run:
 * then it only looks for harm.
 */
export async function continueRollout(
  situation: Situation,
  lastKnown: DeployedModel | undefined,
): Promise<OperationResult> {
  const { target, now } = situation;
  const left = await leftToService(situation);
  if (left) return left;
  const found = await target.read();
  const progress = parseProgress(found.progress);
  if (!progress) {
    const { settled } = await settleUnknown(situation, found);
    return nothingUnderWay(situation, { found, lastKnown, settled });
  }
  if (isAtWork(progress, situation)) {
    return leftAlone({
      progress,
      found,
      why: `a run is at work (${describeDriver(progress.driver)})`,
    });
  }
  if (progress.phase === 'promoting') {
    const end = await finishPromotion(situation, found, progress);
    return settledResult(situation, {
      progress,
      ...end,
      serving: servingAfter(end.promoted, progress, found),
    });
  }
  if (progress.phase === 'held') {
    const why = 'it is held: operation: promote or abort decides';
    return leftAlone({ progress, found, why });
  }
  const approved = progress.phase === 'paused' && !situation.scheduled;
  const resume = await resumable(situation, progress, found, approved);
  if (typeof resume === 'string') {
    return settledResult(situation, {
      progress,
      promoted: false,
      said: resume,
      serving: found.champion?.digest ?? null,
    });
  }
  if ('outcome' in resume) return resume;
  return rollOut(
    situation,
    {
      model: progress.challenger,
      alias: progress.alias,
      rollout: resume.rollout,
      overrideReason: progress.overrideReason,
      until: now().getTime(),
      driver: 'schedule',
    },
    { champion: resume.champion, resume, approved },
  );
}
