import type { Evidence } from '../../../shared/records/deployment.ts';
import { categoryLogFactors, SHIFT_POWERS, totalVariation } from '../../../shared/stats/category-shift.ts';
import {
  addLook,
  addLookAndStart,
  BELOW_CEILING_ODDS,
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
import { type Plan, plannedLooks } from './plan.ts';
import { addPredictions, countGroups, groupPredictions, type PredictionCounts } from './prediction-groups.ts';

/** The share above a 95th percentile: a challenger without slow requests must be shown to have fewer than this. */
const SLOW_SHARE = 0.05;

/** The running e-processes of a rollout: plain data, kept between looks and between runs. */
export interface Processes {
  rollbackErrors: EProcess;
  rollbackLatency: EProcess;
  rollbackPredictions: EProcess;
  ceiling: EProcess;
  slowCeiling: EProcess;
  floor: EProcess;
  promoteErrors: EProcess;
  promoteLatency: EProcess;
  promoteBelowCeiling: EProcess;
  promoteFastEnough: EProcess;
  split: EProcess;
  /** Of the challenger so far: what the bounds without errors and without slow requests need. */
  requests: number;
  errors: number;
  /** Requests of the challenger whose latency is known, and how many of them were slow. */
  timed: number;
  slow: number;
  /** Requests of both arms of which it is known to which arm they were given. */
  assigned: number;
  champion: PredictionCounts;
  challenger: PredictionCounts;
}

/** The counts of one arm in one look. */
export interface ArmCounts {
  /** Null where only requests that ended are seen. */
  assigned: number | null;
  requests: number;
  errors: number;
  slow: number | null;
  /** Requests that `slow` is counted among; left out, all of them. */
  timed?: number | undefined;
  predictions: PredictionCounts | null;
}

/** What was seen in one look, under one weight. */
export interface LookCounts {
  champion: ArmCounts;
  challenger: ArmCounts;
  /** Per cent. */
  weight: number;
  /** Whether the challenger got copies of the champion's requests. */
  mirrored: boolean;
}

/**
 * All processes before the first look. Tests for rollback may start again at each later weight step, and those of the
 * ceilings at each look where nothing else would roll back.
 */
export function startProcesses(plan: Plan): Processes {
  const laterSteps = plan.steps.length - 1;
  const rollback = () => startEProcess(ROLLBACK_RATIOS.length, laterSteps);
  const laterStarts = plan.limits.startsAtEachLook ? plannedLooks(plan) : laterSteps;
  const ceiling = () => startEProcess(ROLLBACK_RATIOS.length, laterStarts);
  const promotion = () => startEProcess(PROMOTION_DIVISORS.length);
  const below = () => startEProcess(BELOW_CEILING_ODDS.length);
  return {
    rollbackErrors: rollback(),
    rollbackLatency: rollback(),
    rollbackPredictions: startEProcess(SHIFT_POWERS.length, laterSteps),
    ceiling: ceiling(),
    slowCeiling: ceiling(),
    floor: rollback(),
    promoteErrors: promotion(),
    promoteLatency: promotion(),
    promoteBelowCeiling: below(),
    promoteFastEnough: below(),
    split: startEProcess(SPLIT_ODDS.length),
    ...{ requests: 0, errors: 0, timed: 0, slow: 0, assigned: 0, champion: {}, challenger: {} },
  };
}

/**
 * All processes after one more look.
 * @param firstOfLaterStep whether a later weight step begins with this look.
 */
export function addEvidence(
  plan: Plan,
  processes: Processes,
  look: LookCounts,
  firstOfLaterStep: boolean,
): Processes {
  const { champion, challenger } = look;
  const errors = both(look, ({ errors: events, requests }) => ({ events, requests }))!;
  // Where one arm's latencies are not known the other's say nothing.
  const slow = both(look, slowCount);
  const timed = slowCount(challenger);
  const promotionRatios = PROMOTION_DIVISORS.map((divisor) => plan.margin / divisor);
  const worse = (process: EProcess, counts: typeof slow) =>
    counts && !plan.isAlone
      ? addLook(
          process,
          ratioLogFactors(counts.challenger, counts.champion, 1, ROLLBACK_RATIOS),
          firstOfLaterStep,
        )
      : process;
  const notWorse = (process: EProcess, counts: typeof slow) =>
    counts && !plan.isAlone
      ? addLook(process, ratioLogFactors(counts.challenger, counts.champion, plan.margin, promotionRatios))
      : process;
  const above = (process: EProcess, counts: typeof timed, rate: number | null | undefined) =>
    counts && rate
      ? addLook(process, rateLogFactors(counts, rate, ROLLBACK_RATIOS), firstOfLaterStep)
      : process;
  const aboveCeiling = (process: EProcess, counts: typeof timed, rate: number | null | undefined) =>
    counts && rate && plan.limits.startsAtEachLook
      ? addLookAndStart(process, rateLogFactors(counts, rate, ROLLBACK_RATIOS))
      : above(process, counts, rate);
  const below = (process: EProcess, counts: typeof timed, rate: number | null | undefined) =>
    counts && rate && plan.isAlone
      ? addLook(process, rateLogFactors(counts, rate, BELOW_CEILING_ODDS))
      : process;
  const assigned = both(look, (arm) => arm.assigned);
  const tellsSplit = assigned !== null && !look.mirrored && !plan.isAlone;
  return {
    rollbackErrors: worse(processes.rollbackErrors, errors),
    rollbackLatency: worse(processes.rollbackLatency, slow),
    ...predictionEvidence(plan, processes, look, firstOfLaterStep),
    ceiling: aboveCeiling(processes.ceiling, errors.challenger, plan.ceiling),
    slowCeiling: aboveCeiling(processes.slowCeiling, timed, plan.latency?.ceiling),
    floor: above(processes.floor, errors.challenger, plan.floor),
    promoteErrors: notWorse(processes.promoteErrors, errors),
    promoteLatency: notWorse(processes.promoteLatency, slow),
    promoteBelowCeiling: below(processes.promoteBelowCeiling, errors.challenger, plan.ceiling),
    promoteFastEnough: below(processes.promoteFastEnough, timed, plan.latency?.ceiling),
    split: tellsSplit
      ? addLook(processes.split, splitLogFactors(assigned.challenger, assigned.champion, look.weight / 100))
      : processes.split,
    requests: processes.requests + challenger.requests,
    errors: processes.errors + challenger.errors,
    timed: processes.timed + (timed?.requests ?? 0),
    slow: processes.slow + (timed?.events ?? 0),
    assigned: processes.assigned + (tellsSplit ? assigned.challenger + assigned.champion : 0),
    ...{
      champion: addPredictions(processes.champion, champion.predictions ?? {}),
      challenger: addPredictions(processes.challenger, challenger.predictions ?? {}),
    },
  };
}

function slowCount({ slow, timed, requests }: ArmCounts): { events: number; requests: number } | null {
  return slow === null ? null : { events: slow, requests: timed ?? requests };
}

function both<Value>(
  { champion, challenger }: LookCounts,
  read: (arm: ArmCounts) => Value | null,
): { champion: Value; challenger: Value } | null {
  const [one, other] = [read(champion), read(challenger)];
  return one === null || other === null ? null : { champion: one, challenger: other };
}

function predictionEvidence(
  plan: Plan,
  processes: Processes,
  look: LookCounts,
  firstOfLaterStep: boolean,
): Pick<Processes, 'rollbackPredictions'> {
  const { rollbackPredictions } = processes;
  const counts = both(look, ({ predictions }) => predictions);
  const share = look.mirrored ? 0.5 : look.weight / 100;
  if (!plan.predictions || !counts || plan.isAlone) return { rollbackPredictions };
  const groups = groupPredictions(processes.champion, processes.challenger);
  const grouped = (arms: typeof counts) => ({
    challenger: countGroups(groups, arms.challenger),
    champion: countGroups(groups, arms.champion),
  });
  const factors = categoryLogFactors(grouped(counts), grouped(processes), share);
  return { rollbackPredictions: addLook(rollbackPredictions, factors, firstOfLaterStep) };
}

/** The log e-values of all processes; null where the plan has no such test. */
export function readEvidence(plan: Plan, processes: Processes): Evidence {
  const { requests, errors, timed, slow } = processes;
  const { isAlone, latency } = plan;
  const among = (asked: unknown, process: EProcess) => (asked ? logEValue(process) : null);
  return {
    rollbackErrors: logEValue(processes.rollbackErrors),
    rollbackLatency: among(latency && !isAlone, processes.rollbackLatency),
    rollbackPredictions: among(plan.predictions && !isAlone, processes.rollbackPredictions),
    ceiling: among(plan.ceiling, processes.ceiling),
    floor: among(plan.floor, processes.floor),
    promoteErrors: logEValue(processes.promoteErrors),
    promoteLatency: among(latency && !isAlone, processes.promoteLatency),
    promoteClean: errors > 0 || isAlone ? null : zeroErrorLogEValue(requests, plan.absoluteMargin),
    promoteFast: latency && slow === 0 && !isAlone ? zeroErrorLogEValue(timed, SLOW_SHARE) : null,
    promoteBelowCeiling: among(isAlone, processes.promoteBelowCeiling),
    promoteFastEnough: among(isAlone && latency, processes.promoteFastEnough),
    slowCeiling: among(latency?.ceiling, processes.slowCeiling),
    split: among(processes.assigned > 0, processes.split),
  };
}

/**
 * How far the challenger's predictions are from the champion's so far, as the share that would have to change; null
 * while one arm has none, or counts that are no numbers.
 */
export function predictionDistance({
  champion,
  challenger,
}: Pick<Processes, 'champion' | 'challenger'>): number | null {
  const groups = groupPredictions(champion, challenger);
  const distance = totalVariation({
    challenger: countGroups(groups, challenger),
    champion: countGroups(groups, champion),
  });
  return distance !== null && Number.isFinite(distance) ? distance : null;
}
