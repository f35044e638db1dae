import type { Evidence } from '../../../shared/records/deployment.ts';
import {
  addLook,
  type EProcess,
  logEValue,
  PROMOTION_DIVISORS,
  ROLLBACK_RATIOS,
  rateLogFactors,
  ratioLogFactors,
  startEProcess,
} from '../../../shared/stats/e-process.ts';
import { SPLIT_ODDS, splitLogFactors } from '../../../shared/stats/sample-ratio.ts';
import { zeroErrorLogEValue } from '../../../shared/stats/zero-error-bound.ts';
import type { Plan } from './plan.ts';

/** The share above a 95th percentile: a challenger without slow requests must be shown to have fewer than this. */
const SLOW_SHARE = 0.05;

/** The running e-processes of a rollout: plain data, kept between looks and between runs. */
export interface Processes {
  rollbackErrors: EProcess;
  rollbackLatency: EProcess;
  ceiling: EProcess;
  floor: EProcess;
  promoteErrors: EProcess;
  promoteLatency: EProcess;
  split: EProcess;
  /** Of the challenger so far: what the bounds without errors and without slow requests need. */
  requests: number;
  errors: number;
  slow: number;
}

/** The counts of one arm in one look. */
export interface ArmCounts {
  /** Null where only requests that ended are seen. */
  assigned: number | null;
  requests: number;
  errors: number;
  slow: number | null;
}

/** All processes before the first look. Tests for rollback may start again at each later weight step. */
export function startProcesses(plan: Plan): Processes {
  const laterSteps = plan.steps.length - 1;
  const rollback = () => startEProcess(ROLLBACK_RATIOS.length, laterSteps);
  const promotion = () => startEProcess(PROMOTION_DIVISORS.length);
  return {
    rollbackErrors: rollback(),
    rollbackLatency: rollback(),
    ceiling: rollback(),
    floor: rollback(),
    promoteErrors: promotion(),
    promoteLatency: promotion(),
    split: startEProcess(SPLIT_ODDS.length),
    requests: 0,
    errors: 0,
    slow: 0,
  };
}

/**
 * All processes after one more look.
 * @param look counts of both arms and the weight (per cent) that held during the whole look.
 * @param firstOfLaterStep whether a later weight step begins with this look.
 */
export function addEvidence(
  plan: Plan,
  processes: Processes,
  look: { champion: ArmCounts; challenger: ArmCounts; weight: number },
  firstOfLaterStep: boolean,
): Processes {
  const { champion, challenger, weight } = look;
  const errors = { challenger: eventsOf(challenger, 'errors'), champion: eventsOf(champion, 'errors') };
  const slow = { challenger: eventsOf(challenger, 'slow'), champion: eventsOf(champion, 'slow') };
  const promotionRatios = PROMOTION_DIVISORS.map((divisor) => plan.margin / divisor);
  const worse = (process: EProcess, counts: typeof errors) =>
    addLook(
      process,
      ratioLogFactors(counts.challenger, counts.champion, 1, ROLLBACK_RATIOS),
      firstOfLaterStep,
    );
  const notWorse = (process: EProcess, counts: typeof errors) =>
    addLook(process, ratioLogFactors(counts.challenger, counts.champion, plan.margin, promotionRatios));
  const above = (process: EProcess, rate: number | null) =>
    rate === null
      ? process
      : addLook(process, rateLogFactors(errors.challenger, rate, ROLLBACK_RATIOS), firstOfLaterStep);
  return {
    rollbackErrors: worse(processes.rollbackErrors, errors),
    rollbackLatency: worse(processes.rollbackLatency, slow),
    ceiling: above(processes.ceiling, plan.ceiling),
    floor: above(processes.floor, plan.floor),
    promoteErrors: notWorse(processes.promoteErrors, errors),
    promoteLatency: notWorse(processes.promoteLatency, slow),
    split:
      challenger.assigned === null || champion.assigned === null
        ? processes.split
        : addLook(processes.split, splitLogFactors(challenger.assigned, champion.assigned, weight / 100)),
    requests: processes.requests + challenger.requests,
    errors: processes.errors + challenger.errors,
    slow: processes.slow + (challenger.slow ?? 0),
  };
}

/** The log e-values of all processes; null where the plan has no such test. */
export function readEvidence(plan: Plan, processes: Processes): Evidence {
  const { requests, errors, slow } = processes;
  return {
    rollbackErrors: logEValue(processes.rollbackErrors),
    rollbackLatency: plan.latency && logEValue(processes.rollbackLatency),
    rollbackPredictions: null,
    ceiling: plan.ceiling === null ? null : logEValue(processes.ceiling),
    floor: plan.floor === null ? null : logEValue(processes.floor),
    promoteErrors: logEValue(processes.promoteErrors),
    promoteLatency: plan.latency && logEValue(processes.promoteLatency),
    promoteClean: errors > 0 ? null : zeroErrorLogEValue(requests, plan.absoluteMargin),
    promoteFast: plan.latency && slow === 0 ? zeroErrorLogEValue(requests, SLOW_SHARE) : null,
    promoteBelowCeiling: null,
    promoteFastEnough: null,
    slowCeiling: null,
    split: logEValue(processes.split),
  };
}

function eventsOf(arm: ArmCounts, metric: 'errors' | 'slow') {
  return { events: arm[metric] ?? 0, requests: arm.requests };
}
