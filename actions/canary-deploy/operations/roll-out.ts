import type { DeploymentEvent } from '../../../shared/records/deployment.ts';
import type { Checks } from '../before/checks.ts';
import { driveRollout } from '../drive.ts';
import { beginRollout, type RolloutState } from '../engine/engine.ts';
import { makePlan, type Plan } from '../engine/plan.ts';
import type { WeightChange } from '../engine/window.ts';
import { ReadFailures } from '../metrics/read-failures.ts';
import { watched } from '../metrics/watched.ts';
import type { Progress } from '../progress.ts';
import type { DeployedModel } from '../targets/target.ts';
import { type Replay, replayTraffic, type Traffic } from '../traffic.ts';
import { conclude, type Ending, leaveSplit, splitChange, undo } from './ending.ts';
import { driverOf, firstProgress, type OperationResult, plainResult, type Situation } from './operation.ts';
import { rollOutByService } from './roll-out-by-service.ts';

/** What is rolled out, and how long this run may take part in it. */
export interface RollOutRequest {
  model: DeployedModel;
  alias: string;
  rollout: NonNullable<Progress['rollout']>;
  overrideReason: string | null;
  traffic?: Traffic | undefined;
  /** Milliseconds since 1970; see `driveRollout`. */
  until: number;
  /** A run that waits for the end is cancelled by a person; one look of a schedule just leaves. */
  driver: Progress['driver']['kind'];
}

export type Start = { champion: DeployedModel } & (
  | { checks: Checks; resume?: undefined }
  | {
      resume: Progress & { state: RolloutState };
      /** Whether a person lets it go on after the step after which it waits. */
      approved: boolean;
    }
);

/**
 * A canary from its first step (or from where an earlier run left it) to its end, or until this run may wait no
 * longer. Whatever happens on the way, the traffic ends with the champion or with the challenger alone, or a later
 * run knows where to go on.
 */
export async function rollOut(
  around: Situation,
  request: RollOutRequest,
  start: Start,
): Promise<OperationResult> {
  const failures = new ReadFailures(start.resume?.readFailures);
  const situation = await watched(around, request.rollout, failures);
  const { target, now } = situation;
  const { byService } = target;
  if (byService?.isWanted && !start.resume) {
    return rollOutByService(situation, byService, { ...request, champion: start.champion });
  }
  const plan = makePlan(request.rollout);
  const progress: Progress = start.resume
    ? { ...start.resume, phase: 'rolling', driver: driverOf(situation, request.driver) }
    : firstProgress(situation, {
        challenger: request.model,
        champion: start.champion,
        alias: request.alias,
        rollout: request.rollout,
        overrideReason: request.overrideReason,
      });
  let replay: Replay | undefined;
  let state: RolloutState | null = null;
  let weights: readonly WeightChange[] = progress.weights;
  let traffic: OperationResult['traffic'] = null;
  let ending: Ending;
  let promoting = false;
  const reached = (): Progress => ({
    ...{ ...progress, state, weights: [...weights], readFailures: failures.kept },
  });
  try {
    state = start.resume
      ? resumed(start.resume, request.driver, now())
      : await started(situation, plan, progress, start.checks);
    if (!start.resume) progress.startedAfter = state.lastSequence;
    replay = request.traffic && replayTraffic(request.traffic, target.entrance()!);
    const driven = await driveRollout({
      ...situation,
      plan,
      state,
      weights,
      until: request.until,
      approved: start.resume !== undefined && start.approved,
      whenCancelled: request.driver === 'schedule' ? 'leave' : 'rollback',
      save: async (next, changes) => {
        [state, weights] = [next, changes];
        await target.saveProgress({ ...reached(), driver: driverOf(situation, request.driver) });
      },
    });
    ({ state, weights } = driven);
    promoting = driven.decision.kind === 'promote';
    ending = await conclude(situation, reached(), driven.decision);
  } catch (error) {
    // The alias may name the challenger already: the next run finishes the promotion from what is stored.
    if (promoting) throw error;
    const changed = await splitChange(situation, error);
    ending = changed ? await leaveSplit(situation, reached(), changed) : await undo(situation, error);
  } finally {
    // A cancelled run has seconds to write its record, and an answer may take longer than that.
    const counts = await replay?.stop({ abandon: situation.signal.aborted });
    if (counts && request.traffic) {
      const { file, digest, ratePerSecond } = request.traffic;
      traffic = { file, digest, ratePerSecond, ...counts };
    }
  }
  const { foundWeight, ...end } = ending;
  const { outcome, reason } = end;
  const lastWeight = foundWeight ?? weights.at(-1)?.weight ?? 0;
  const weight = outcome === 'promoted' ? 100 : goesOn(outcome) ? lastWeight : 0;
  const kind = foundWeight === undefined ? ENDINGS[outcome] : 'warning';
  const events: DeploymentEvent[] = [
    // What was checked is in the state once there is one.
    ...(state || start.resume ? [] : start.checks.events),
    ...(kind ? [{ at: now().toISOString(), kind, weight, reason }] : []),
  ];
  return plainResult({
    ...end,
    subject: request.model.digest,
    challenger: request.model,
    champion: start.champion,
    serving: weight === 100 ? request.model.digest : start.champion.digest,
    alias: { name: request.alias, moved: end.aliasMoved },
    rollout: request.rollout,
    state,
    events,
    overrideReason: progress.overrideReason,
    traffic,
    weights: [...weights],
    before: start.resume ? [] : start.checks.results,
  });
}

const goesOn = (outcome: Ending['outcome']): boolean => outcome === 'paused' || outcome === 'rolling';

/** A pause is noted when it begins. */
const ENDINGS: Partial<Record<Ending['outcome'], DeploymentEvent['kind']>> = {
  promoted: 'promote',
  'rolled-back': 'rollback',
  held: 'hold',
  rolling: 'continue',
};

async function started(
  situation: Situation,
  plan: Plan,
  progress: Progress,
  checks: Checks,
): Promise<RolloutState> {
  const { target, now } = situation;
  // Before anything is started, so that whoever finds a challenger knows whose it is and who was at work.
  await target.saveProgress(progress);
  await target.prepare(progress.challenger, plan.intervalMs, checks.check);
  const { lastSequence } = await target.read();
  const state = beginRollout(plan, lastSequence);
  const reason = `the challenger ${progress.challenger.digest} is up and passed the check before any traffic.`;
  const at = now().toISOString();
  return { ...state, events: [...checks.events, { at, kind: 'start', weight: 0, reason }] };
}

/** One look of a schedule is nothing to note: there may be hundreds. */
function resumed(
  progress: Progress & { state: RolloutState },
  driver: Progress['driver']['kind'],
  at: Date,
): RolloutState {
  const { state } = progress;
  if (driver === 'schedule') return state;
  const weight = progress.weights.at(-1)?.weight ?? 0;
  const reason = 'an earlier run ended before the rollout was decided; it goes on with all its evidence.';
  return { ...state, events: [...state.events, { at: at.toISOString(), kind: 'resume', weight, reason }] };
}
