import { UserError } from '../../../shared/errors.ts';
import type { DeploymentEvent } from '../../../shared/records/deployment.ts';
import { type DriveResult, driveRollout } from '../drive.ts';
import { beginRollout, type RolloutState } from '../engine/engine.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import type { WeightChange } from '../engine/window.ts';
import type { Progress } from '../progress.ts';
import type { Check, DeployedModel } from '../targets/target.ts';
import { type Replay, replayTraffic } from '../traffic.ts';
import {
  driverOf,
  messageOf,
  type OperationResult,
  plainResult,
  type RunRequest,
  type Situation,
} from './operation.ts';
import { completePromotion } from './promotion.ts';

interface Ending {
  outcome: OperationResult['outcome'];
  verdict: OperationResult['verdict'];
  reason: string;
  aliasMoved: boolean;
}

type Start = { champion: DeployedModel } & (
  | { check: Check; resume?: undefined }
  | { resume: Progress & { state: RolloutState } }
);

/**
 * A canary from its first step (or from where an earlier run left it) to its end. Whatever happens on the way,
 * the traffic ends with the champion or with the challenger alone.
 */
export async function rollOut(
  situation: Situation,
  request: RunRequest,
  start: Start,
): Promise<OperationResult> {
  const { target, now } = situation;
  const plan = makePlan(request.rollout);
  const progress: Progress = start.resume ?? {
    version: 2,
    challenger: request.model,
    champion: start.champion,
    alias: request.alias,
    rollout: request.rollout,
    overrideReason: request.overrideReason,
    phase: 'rolling',
    driver: driverOf(situation),
    weights: [],
    state: null,
    startedAfter: 0,
  };
  const events: DeploymentEvent[] = [];
  const note = (kind: DeploymentEvent['kind'], weight: number, reason: string) =>
    events.push({ at: now().toISOString(), kind, weight, reason });
  let replay: Replay | undefined;
  let state: RolloutState | null = null;
  let weights: readonly WeightChange[] = progress.weights;
  let traffic: OperationResult['traffic'] = null;
  let ending: Ending;
  let promoting = false;
  try {
    state = start.resume
      ? resumed(start.resume.state, now())
      : await started(situation, plan, progress, start.check);
    progress.startedAfter = start.resume ? progress.startedAfter : state.lastSequence;
    replay = request.traffic && replayTraffic(request.traffic, target.entrance()!);
    const driven = await driveRollout({
      ...situation,
      plan,
      state,
      weights,
      save: async (next, changes) => {
        [state, weights] = [next, changes];
        await target.saveProgress({
          ...{ ...progress, state: next, weights: [...changes], driver: driverOf(situation) },
        } satisfies Progress);
      },
    });
    ({ state, weights } = driven);
    promoting = driven.decision.kind === 'promote';
    ending = await conclude(situation, { ...progress, state, weights: [...weights] }, driven.decision);
  } catch (error) {
    // The alias may name the challenger already: the next run finishes the promotion from what is stored.
    if (promoting) throw error;
    ending = await undo(situation, error);
  } finally {
    // A cancelled run has seconds to write its record, and an answer may take longer than that.
    const counts = await replay?.stop({ abandon: situation.signal.aborted });
    if (counts && request.traffic) {
      const { file, digest, ratePerSecond } = request.traffic;
      traffic = { file, digest, ratePerSecond, ...counts };
    }
  }
  const kind = { promoted: 'promote', 'rolled-back': 'rollback', held: 'hold' } as const;
  if (ending.outcome in kind) {
    note(kind[ending.outcome as keyof typeof kind], ending.outcome === 'promoted' ? 100 : 0, ending.reason);
  }
  return plainResult({
    outcome: ending.outcome,
    verdict: ending.verdict,
    reason: ending.reason,
    subject: request.model.digest,
    challenger: request.model,
    champion: start.champion,
    serving: ending.outcome === 'promoted' ? request.model.digest : start.champion.digest,
    alias: { name: request.alias, moved: ending.aliasMoved },
    rollout: request.rollout,
    state,
    events,
    overrideReason: progress.overrideReason,
    traffic,
    weights: [...weights],
  });
}

async function started(
  situation: Situation,
  plan: Plan,
  progress: Progress,
  check: Check,
): Promise<RolloutState> {
  const { target, now } = situation;
  await target.prepare(progress.challenger, plan.intervalMs, check);
  const { lastSequence } = await target.read();
  const state = beginRollout(plan, lastSequence);
  const reason = `the challenger ${progress.challenger.digest} is up and passed the check before any traffic.`;
  return { ...state, events: [{ at: now().toISOString(), kind: 'start', weight: 0, reason }] };
}

function resumed(state: RolloutState, at: Date): RolloutState {
  const weight = state.looks.at(-1)?.weight ?? 0;
  const reason = 'an earlier run ended before the rollout was decided; it goes on with all its evidence.';
  return { ...state, events: [...state.events, { at: at.toISOString(), kind: 'resume', weight, reason }] };
}

async function conclude(
  situation: Situation,
  progress: Progress,
  decision: DriveResult['decision'],
): Promise<Ending> {
  const { target } = situation;
  if (decision.kind === 'hold') {
    await target.setSplit({ weight: 0, mirror: false });
    await target.saveProgress({ ...progress, phase: 'held' } satisfies Progress);
    return {
      outcome: 'held',
      verdict: 'inconclusive',
      reason: `Held: ${decision.reason}`,
      aliasMoved: false,
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
    return {
      outcome: 'rolled-back',
      verdict: 'fail',
      reason: `Rolled back: ${result.reason}`,
      aliasMoved: false,
    };
  }
  await target.restore();
  await target.saveProgress(undefined);
  return {
    outcome: 'rolled-back',
    verdict: 'fail',
    reason: `Rolled back: ${decision.reason}`,
    aliasMoved: false,
  };
}

/**
 * Something broke on the way. A challenger that does not start is a fault of the model and a plain rollback; all
 * else is an error, after the traffic has been given back to the champion.
 */
async function undo(situation: Situation, error: unknown): Promise<Ending> {
  if (!(error instanceof UserError) && !situation.signal.aborted)
    situation.info(String((error as Error)?.stack ?? error));
  await situation.target.restore();
  await situation.target.saveProgress(undefined);
  const fault = error instanceof UserError && error.where.key === 'serve-command';
  const cancelled = situation.signal.aborted;
  const message = cancelled ? 'the run was cancelled' : messageOf(error);
  return {
    outcome: 'rolled-back',
    verdict: fault || cancelled ? 'fail' : 'error',
    reason: `Rolled back: ${message}.`,
    aliasMoved: false,
  };
}
