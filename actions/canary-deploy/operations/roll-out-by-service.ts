import { messageOf, UserError } from '../../../shared/errors.ts';
import type { DeploymentEvent } from '../../../shared/records/deployment.ts';
import type { Progress } from '../progress.ts';
import type { DeployedModel, ServiceRollouts } from '../targets/target.ts';
import { driverOf, firstProgress, type OperationResult, plainResult, type Situation } from './operation.ts';
import { moveAlias } from './promotion.ts';

/**
 * A rollout that the service itself carries out, watched to its end. Here the alias moves last, since the service
 * decides; what is stored before tells any later run to move it. Where it cannot be moved the traffic goes back.
 */
export async function rollOutByService(
  situation: Situation,
  service: ServiceRollouts,
  request: {
    model: DeployedModel;
    champion: DeployedModel;
    alias: string;
    rollout: NonNullable<Progress['rollout']>;
    overrideReason: string | null;
    /** Milliseconds since 1970; from then on it is left to a later run. */
    until: number;
  },
): Promise<OperationResult> {
  const { target, now, signal } = situation;
  const { model, champion, alias, rollout, overrideReason, until } = request;
  const events: DeploymentEvent[] = [];
  const note = (kind: DeploymentEvent['kind'], weight: number, reason: string) =>
    events.push({ at: now().toISOString(), kind, weight, reason });
  const base = { subject: model.digest, challenger: model, champion, rollout, overrideReason, events };
  const progress = firstProgress(situation, { challenger: model, champion, alias, rollout, overrideReason });
  const rolledBack = (verdict: 'fail' | 'error', why: string): OperationResult => {
    const reason = `Rolled back: ${why}.`;
    note('rollback', 0, reason);
    return plainResult({ ...base, outcome: 'rolled-back', verdict, reason, serving: champion.digest });
  };
  const goesOn = (kind: 'warning' | 'continue', reason: string): OperationResult => {
    note(kind, events.at(-1)?.weight ?? 0, reason);
    const undecided = { outcome: 'rolling', verdict: 'inconclusive' } as const;
    return plainResult({ ...base, ...undecided, reason, serving: champion.digest });
  };

  await target.saveProgress({ ...progress, phase: 'promoting' } satisfies Progress);
  note('start', 0, 'the service shifts the traffic by its own guardrails, and takes it back by its alarms.');
  let end: Awaited<ReturnType<ServiceRollouts['shift']>>;
  try {
    end = await service.shift(model, rollout, {
      until,
      note: (weight, reason) => note('step', weight, reason),
    });
  } catch (error) {
    if (signal.aborted) {
      return goesOn(
        'warning',
        'The run was cancelled. The service goes on by itself; operation: reconcile settles how it ended.',
      );
    }
    // Whether it was asked for is not known: what is stored lets the next run find out.
    const isKnown =
      error instanceof UserError && ['alarms', 'model', 'traffic-shifting'].includes(error.where.key ?? '');
    if (!isKnown) throw error;
    await target.saveProgress(undefined);
    return rolledBack('error', messageOf(error));
  }
  if (end.promoted === null) {
    await target.saveProgress({
      ...{ ...progress, phase: 'promoting', driver: driverOf(situation, 'schedule') },
    } satisfies Progress);
    return goesOn(
      'continue',
      `max-wait is over, and ${end.reason}: operation: continue or reconcile settles how it ended.`,
    );
  }
  if (!end.promoted) {
    await target.saveProgress(undefined);
    return rolledBack('fail', end.reason);
  }
  const moved = await moveAlias(situation, progress, end.reason);
  if (moved.problem !== undefined) {
    await service.undo();
    await target.saveProgress(undefined);
    return rolledBack('fail', `the alias ${alias} could not be moved: ${moved.problem}`);
  }
  await target.saveProgress(undefined);
  const reason = `Promoted: ${end.reason}.`;
  note('promote', 100, reason);
  return plainResult({
    ...base,
    ...{ outcome: 'promoted', verdict: 'pass', reason, serving: model.digest },
    alias: { name: alias, moved: moved.moved },
  });
}
