import { formatNumber, formatShare } from '../../../shared/report/numbers.ts';
import { zeroErrorUpperBound } from '../../../shared/stats/zero-error-bound.ts';
import type { RolloutState } from './engine.ts';
import { readEvidence } from './evidence.ts';
import type { Plan } from './plan.ts';
import { compareErrors, compareSlow, compareSplit, eValue, shortNumber, summarise } from './wording.ts';

/** What to do after a look, and why in one plain-text sentence. */
export interface Decision {
  kind: 'continue' | 'extend' | 'step' | 'promote' | 'rollback' | 'hold';
  reason: string;
}

/** Before the first step the champion's 95th percentile needs at least this many requests. */
const BASELINE_REQUESTS = 100;

/** Decides from the state alone. A rollback goes before everything else. */
export function decide(plan: Plan, state: RolloutState): Decision {
  const harm = state.step < 0 ? undefined : findHarm(plan, state);
  if (harm) return { kind: 'rollback', reason: harm };

  const last = state.step === plan.steps.length - 1;
  const waiting = unfinished(plan, state);
  if (!waiting && !last) {
    const weight = shortNumber(plan.steps[state.step + 1]!.weight);
    return { kind: 'step', reason: `${nameStep(state)} is done: ${weight} % go to the challenger.` };
  }
  const missing = waiting ? [waiting] : missingForPromotion(plan, state);
  if (missing.length === 0) {
    return { kind: 'promote', reason: `${summarise(state)}, and every test for promotion is met.` };
  }
  if (waiting && !bakeIsOver(plan, state)) return { kind: 'continue', reason: waiting };
  if (state.extendedMs < plan.maxExtendMs) return { kind: 'extend', reason: `${missing.join('; ')}.` };
  return afterDeadline(plan, state, missing);
}

function bakeIsOver(plan: Plan, state: RolloutState): boolean {
  return state.bakedMs >= (state.step < 0 ? plan.intervalMs : plan.steps[state.step]!.bakeMs);
}

/** Why the current step cannot end yet. */
function unfinished(plan: Plan, state: RolloutState): string | undefined {
  const needed = state.step < 0 ? Math.max(BASELINE_REQUESTS, plan.minRequests) : plan.minRequests;
  if (!bakeIsOver(plan, state)) return `${nameStep(state)} still bakes`;
  if (state.stepRequests >= needed) return undefined;
  const arm = state.step < 0 ? 'champion' : 'challenger';
  return `the ${arm} had ${formatNumber(state.stepRequests)} of the ${formatNumber(needed)} requests that ${nameStep(state)} needs`;
}

function nameStep(state: RolloutState): string {
  return state.step < 0 ? 'the measuring of the champion' : `step ${state.step + 1}`;
}

function findHarm(plan: Plan, state: RolloutState): string | undefined {
  const evidence = readEvidence(plan, state.processes);
  const { limits } = plan;
  const aboveFloor = evidence.floor === null || evidence.floor >= limits.floor;
  if (evidence.rollbackErrors >= limits.rollback && aboveFloor) {
    return `the challenger fails more often than the champion: ${compareErrors(state)} (e-value ${eValue(evidence.rollbackErrors)}, limit ${eValue(limits.rollback)}).`;
  }
  if (evidence.ceiling !== null && evidence.ceiling >= limits.ceiling) {
    return `the challenger fails more often than the ceiling of ${formatShare(plan.ceiling, 2)} allows: ${compareErrors(state)} (e-value ${eValue(evidence.ceiling)}, limit ${eValue(limits.ceiling)}).`;
  }
  if (evidence.rollbackLatency !== null && evidence.rollbackLatency >= limits.rollback) {
    return `the challenger is slower than the champion: ${compareSlow(state)} (e-value ${eValue(evidence.rollbackLatency)}, limit ${eValue(limits.rollback)}).`;
  }
  return undefined;
}

function missingForPromotion(plan: Plan, state: RolloutState): string[] {
  const evidence = readEvidence(plan, state.processes);
  const { promote, split } = plan.limits;
  const missing: string[] = [];
  if (evidence.split !== null && evidence.split >= split)
    missing.push(`the split of requests is not the intended one (${compareSplit(state)})`);
  const clean = evidence.promoteClean !== null && evidence.promoteClean >= promote;
  if (!clean && evidence.promoteErrors < promote) {
    missing.push(
      evidence.promoteClean === null
        ? `an error rate ${shortNumber(plan.margin)} times the champion's is not excluded yet (${compareErrors(state)})`
        : `${formatNumber(state.processes.requests)} requests without an error show a rate below ${formatShare(zeroErrorUpperBound(state.processes.requests, Math.exp(-promote)), 2)}, not yet below ${formatShare(plan.absoluteMargin, 2)}`,
    );
  }
  const fast = evidence.promoteFast !== null && evidence.promoteFast >= promote;
  if (!fast && evidence.promoteLatency !== null && evidence.promoteLatency < promote) {
    missing.push(
      `a slow share ${shortNumber(plan.margin)} times the champion's is not excluded yet (${compareSlow(state)})`,
    );
  }
  return missing;
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
  if (plan.onInconclusive === 'promote' && judged && trusted) {
    return {
      kind: 'promote',
      reason: `${reason}; no harm was found, and the rollout says on_inconclusive: promote.`,
    };
  }
  return { kind: 'rollback', reason: `${reason}.` };
}
