/** How a rollout ends: as was decided, as somebody else left it, or undone because something broke. */
import { messageOf, UserError } from '../../../shared/errors.ts';
import { CheckFailed } from '../before/checks.ts';
import type { DriveResult } from '../drive.ts';
import type { Progress } from '../progress.ts';
import { SplitChanged } from '../targets/split-changed.ts';
import { driverOf, type OperationResult, type Situation } from './operation.ts';
import { completePromotion } from './promotion.ts';

export interface Ending {
  outcome: OperationResult['outcome'];
  verdict: OperationResult['verdict'];
  reason: string;
  aliasMoved: boolean;
  /** Per cent that the challenger has, where somebody else set it. */
  foundWeight?: number;
}

/** Does what was decided. */
export async function conclude(
  situation: Situation,
  progress: Progress,
  decision: DriveResult['decision'],
): Promise<Ending> {
  const { target } = situation;
  const undecided = { verdict: 'inconclusive', aliasMoved: false } as const;
  if (decision.kind === 'hold') {
    await target.setSplit({ weight: 0, mirror: false });
    await target.saveProgress({ ...progress, phase: 'held' } satisfies Progress);
    return { ...undecided, outcome: 'held', reason: `Held: ${decision.reason}` };
  }
  if (decision.kind === 'pause') {
    await target.saveProgress({ ...progress, phase: 'paused' } satisfies Progress);
    return {
      ...undecided,
      outcome: 'paused',
      reason: `Paused: ${decision.reason} The split stays as it is until operation: continue.`,
    };
  }
  if (decision.kind === 'leave' && situation.servesOn) {
    const driver = driverOf(situation, 'schedule');
    await target.saveProgress({ ...progress, driver, phase: 'rolling' } satisfies Progress);
    return {
      ...undecided,
      outcome: 'rolling',
      reason: `Under way, and operation: continue goes on: ${decision.reason}`,
    };
  }
  if (decision.kind === 'promote') {
    const result = await completePromotion(situation, progress, decision.reason);
    if (result.promoted) {
      return {
        outcome: 'promoted',
        verdict: 'pass',
        reason: `Promoted: ${decision.reason}`,
        aliasMoved: result.aliasMoved,
      };
    }
    return rolledBack(result.reason);
  }
  await target.restore();
  await target.saveProgress(undefined);
  if (decision.kind === 'rollback') return rolledBack(decision.reason);
  return rolledBack(
    `max-wait is over, and on this runner nothing serves any more once the job has ended: ${decision.reason}`,
  );
}

const rolledBack = (reason: string): Ending => ({
  outcome: 'rolled-back',
  verdict: 'fail',
  reason: `Rolled back: ${reason}`,
  aliasMoved: false,
});

/** The split that somebody else set, where that is what broke a rollout or is found besides. */
export async function splitChange(
  { target, signal, info }: Situation,
  error: unknown,
): Promise<SplitChanged | undefined> {
  if (error instanceof SplitChanged) return error;
  // Who cancels a run asks for the champion, and soon.
  if (signal.aborted) return undefined;
  return target.confirmSplit?.().then(
    () => undefined,
    (found: unknown) => {
      if (!(found instanceof SplitChanged)) return undefined;
      info(messageOf(error));
      return found;
    },
  );
}

/** What a person did counts for more than the rollout: nothing is moved, and a person or a later run goes on. */
export async function leaveSplit(
  situation: Situation,
  progress: Progress,
  { found, message, fix }: SplitChanged,
): Promise<Ending> {
  const reason = `${message} ${fix}`;
  situation.monitoring?.warn(reason);
  const driver = driverOf(situation, 'schedule');
  await situation.target.saveProgress({ ...progress, driver, phase: 'rolling' } satisfies Progress);
  const foundWeight = found?.weight ?? progress.weights.at(-1)?.weight ?? 0;
  return { outcome: 'rolling', verdict: 'inconclusive', reason, aliasMoved: false, foundWeight };
}

/**
 * Something broke on the way. A challenger that does not start or fails a check is a fault of the model and a plain
 * rollback; all else is an error, after the traffic has been given back to the champion.
 */
export async function undo(situation: Situation, error: unknown): Promise<Ending> {
  if (!(error instanceof UserError) && !situation.signal.aborted)
    situation.info(String((error as Error)?.stack ?? error));
  await situation.target.restore();
  await situation.target.saveProgress(undefined);
  const fault =
    error instanceof CheckFailed || (error instanceof UserError && error.where.key === 'serve-command');
  const cancelled = situation.signal.aborted;
  const message = cancelled ? 'the run was cancelled' : messageOf(error);
  return { ...rolledBack(`${message}.`), verdict: fault || cancelled ? 'fail' : 'error' };
}
