import { formatNumber, formatShare } from '../../../shared/report/numbers.ts';
import { zeroErrorUpperBound } from '../../../shared/stats/zero-error-bound.ts';
import { baselineP95, type RolloutState } from './engine.ts';
import { predictionDistance, readEvidence } from './evidence.ts';
import type { Plan } from './plan.ts';
import { findServerHarm, missingOfServers } from './server-limits.ts';
import { findDeadlySilence, findSilence } from './silence.ts';
import {
  compareErrors,
  comparePredictions,
  compareSlow,
  compareSplit,
  eValue,
  nameSplit,
  shortNumber,
  summarise,
} from './wording.ts';

/** What to do after a look, and why in one plain-text sentence. */
export interface Decision {
  /** `pause`: the step is done, and a person must say whether it goes on. */
  kind: 'continue' | 'extend' | 'step' | 'pause' | 'promote' | 'rollback' | 'hold';
  reason: string;
}

/** Before the first step the champion's 95th percentile needs at least this many requests. */
const BASELINE_REQUESTS = 100;

/** Decides from the state alone. A rollback goes before everything else. */
export function decide(plan: Plan, state: RolloutState): Decision {
  const harm = state.step < 0 ? undefined : findHarm(plan, state);
  if (harm) return { kind: 'rollback', reason: harm };
  const last = state.step === plan.steps.length - 1;
  const isContinued = state.step >= 0 && state.continuedStep === state.step;
  // What was done once stays done while a person is waited for.
  const isPaused = state.step >= 0 && state.pausedStep === state.step && !isContinued;
  const waiting = isPaused || isContinued ? undefined : unfinished(plan, state);
  const silence = findSilence(plan, state);
  if (silence && (isPaused || isContinued)) {
    return { kind: 'pause', reason: `${nameStep(state)} is done, but does not go on: ${silence}.` };
  }
  const missing = waiting
    ? [waiting]
    : [
        ...(silence ? [silence] : []),
        ...(last && !isPaused && !isContinued ? missingForPromotion(plan, state) : []),
      ];
  if (missing.length === 0 && state.step >= 0 && plan.steps[state.step]!.pause && !isContinued) {
    return { kind: 'pause', reason: `${nameStep(state)} is done, and waits for a person to let it go on.` };
  }
  if (missing.length === 0 && !last) {
    const next = nameSplit(plan.steps[state.step + 1]!);
    return { kind: 'step', reason: `${nameStep(state)} is done: ${next}.` };
  }
  if (missing.length === 0) return promotion(plan, state);
  if (waiting && !bakeIsOver(plan, state)) return { kind: 'continue', reason: waiting };
  if (state.extendedMs < plan.maxExtendMs) return { kind: 'extend', reason: `${missing.join('; ')}.` };
  return afterDeadline(plan, state, missing);
}

/** What was let on by a person may lack some of the evidence: where `on_inconclusive` is promote it paused without. */
function promotion(plan: Plan, state: RolloutState): Decision {
  const lacking = missingForPromotion(plan, state);
  const why =
    lacking.length === 0
      ? 'every test for promotion is met'
      : `a person let it go on although the evidence has not decided: ${lacking.join('; ')}`;
  return { kind: 'promote', reason: `${summarise(plan, state)}, and ${why}.` };
}

function bakeIsOver(plan: Plan, state: RolloutState): boolean {
  return state.bakedMs >= (state.step < 0 ? plan.intervalMs : plan.steps[state.step]!.bakeMs);
}

/** Why the current step cannot end yet. */
function unfinished(plan: Plan, state: RolloutState): string | undefined {
  const needed = state.step < 0 ? Math.max(BASELINE_REQUESTS, plan.minRequests) : plan.minRequests;
  if (!bakeIsOver(plan, state)) return `${nameStep(state)} still bakes`;
  if (state.stepRequests >= needed) {
    return state.step < 0 && baselineP95(state) === null
      ? "the champion's latency was not seen yet"
      : undefined;
  }
  const arm = state.step < 0 ? 'champion' : 'challenger';
  return `the ${arm} had ${formatNumber(state.stepRequests)} of the ${formatNumber(needed)} requests that ${nameStep(state)} needs`;
}

function nameStep(state: RolloutState): string {
  return state.step < 0 ? 'the measuring of the champion' : `step ${state.step + 1}`;
}

function findHarm(plan: Plan, state: RolloutState): string | undefined {
  const evidence = readEvidence(plan, state.processes);
  const { limits } = plan;
  const numbers = (value: number, limit: number) => `(e-value ${eValue(value)}, limit ${eValue(limit)}).`;
  const aboveFloor = evidence.floor === null || evidence.floor >= limits.floor;
  if (evidence.rollbackErrors >= limits.rollback && aboveFloor) {
    return `the challenger fails more often than the champion: ${compareErrors(plan, state)} ${numbers(evidence.rollbackErrors, limits.rollback)}`;
  }
  if (evidence.ceiling !== null && evidence.ceiling >= limits.ceiling) {
    return `the challenger fails more often than the ceiling of ${formatShare(plan.ceiling, 2)} allows: ${compareErrors(plan, state)} ${numbers(evidence.ceiling, limits.ceiling)}`;
  }
  if (evidence.rollbackLatency !== null && evidence.rollbackLatency >= limits.rollback) {
    return `the challenger is slower than the champion: ${compareSlow(plan, state)} ${numbers(evidence.rollbackLatency, limits.rollback)}`;
  }
  if (evidence.slowCeiling !== null && evidence.slowCeiling >= limits.ceiling) {
    return `the challenger is slow more often than the ceiling of ${formatShare(plan.latency?.ceiling, 2)} allows: ${compareSlow(plan, state)} ${numbers(evidence.slowCeiling, limits.ceiling)}`;
  }
  const isFar = (predictionDistance(state.processes) ?? 0) >= (plan.predictions?.maxDistance ?? 1);
  if (evidence.rollbackPredictions !== null && evidence.rollbackPredictions >= limits.rollback && isFar) {
    return `the challenger predicts otherwise than the champion: ${comparePredictions(plan, state)} ${numbers(evidence.rollbackPredictions, limits.rollback)}`;
  }
  return findServerHarm(plan, state) ?? findDeadlySilence(plan, state);
}

function missingForPromotion(plan: Plan, state: RolloutState): string[] {
  const own = plan.isAlone ? missingAlone(plan, state) : missingBesideChampion(plan, state);
  return [...own, ...missingOfServers(plan, state)];
}

/** With all traffic at the challenger: it must be shown to be below its ceilings. */
function missingAlone(plan: Plan, state: RolloutState): string[] {
  const { promoteBelowCeiling, promoteFastEnough } = readEvidence(plan, state.processes);
  const { promote } = plan.limits;
  const missing: string[] = [];
  if (promoteBelowCeiling === null || promoteBelowCeiling < promote) {
    missing.push(
      `an error rate of ${formatShare(plan.ceiling, 2)} or more is not excluded yet (${compareErrors(plan, state)})`,
    );
  }
  if (plan.latency && (promoteFastEnough === null || promoteFastEnough < promote)) {
    missing.push(
      `a slow share of ${formatShare(plan.latency.ceiling, 2)} or more is not excluded yet (${compareSlow(plan, state)})`,
    );
  }
  return missing;
}

function missingBesideChampion(plan: Plan, state: RolloutState): string[] {
  const { processes } = state;
  const evidence = readEvidence(plan, processes);
  const { promote, split } = plan.limits;
  const missing: string[] = [];
  if (evidence.split !== null && evidence.split >= split)
    missing.push(`the split of requests is not the intended one (${compareSplit(state)})`);
  const clean = evidence.promoteClean !== null && evidence.promoteClean >= promote;
  if (!clean && evidence.promoteErrors < promote) {
    missing.push(
      evidence.promoteClean === null
        ? `an error rate ${shortNumber(plan.margin)} times the champion's is not excluded yet (${compareErrors(plan, state)})`
        : `${formatNumber(processes.requests)} requests without an error show a rate below ${formatShare(zeroErrorUpperBound(processes.requests, Math.exp(-promote)), 2)}, not yet below ${formatShare(plan.absoluteMargin, 2)}`,
    );
  }
  const fast = evidence.promoteFast !== null && evidence.promoteFast >= promote;
  if (!fast && evidence.promoteLatency !== null && evidence.promoteLatency < promote) {
    missing.push(
      `a slow share ${shortNumber(plan.margin)} times the champion's is not excluded yet (${compareSlow(plan, state)})`,
    );
  }
  if (plan.predictions) {
    const distance = predictionDistance(processes);
    if (distance === null) missing.push('the predictions of both arms were not seen yet');
    else if (distance >= plan.predictions.maxDistance)
      missing.push(`the predictions are not close enough yet (${comparePredictions(plan, state)})`);
  }
  return missing;
}

/** How many requests of the champion the challenger was compared with. */
function championRequests({ looks }: RolloutState): number {
  return looks.filter(({ step }) => step >= 0).reduce((sum, { champion }) => sum + champion.requests, 0);
}

function afterDeadline(plan: Plan, state: RolloutState, missing: string[]): Decision {
  const reason = `the time allowed is over and the evidence has not decided: ${missing.join('; ')}`;
  if (plan.onInconclusive === 'hold') {
    return {
      kind: 'hold',
      reason: `${reason}; the champion has all traffic, the challenger waits for a person.`,
    };
  }
  const judged = state.step === plan.steps.length - 1 && state.stepRequests >= plan.minRequests;
  const { split } = readEvidence(plan, state.processes);
  const trusted = split === null || split < plan.limits.split;
  // What a metric that was asked for never showed is no "no harm".
  const blind =
    (plan.latency !== null && state.processes.timed === 0) ||
    (plan.predictions !== null && predictionDistance(state.processes) === null) ||
    (!plan.isAlone && championRequests(state) < plan.minRequests) ||
    missingOfServers(plan, state).length > 0 ||
    findSilence(plan, state) !== undefined;
  if (plan.onInconclusive === 'promote' && judged && trusted && !blind) {
    if (plan.steps[state.step]!.pause) {
      return { kind: 'pause', reason: `${reason}; no harm was found, and a person is waited for.` };
    }
    return {
      kind: 'promote',
      reason: `${reason}; no harm was found, and the rollout says on_inconclusive: promote.`,
    };
  }
  return { kind: 'rollback', reason: `${reason}.` };
}
