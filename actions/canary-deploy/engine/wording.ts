/** What was seen, in words: the halves of sentences that decisions are explained with. */
import { formatNumber, formatShare } from '../../../shared/report/numbers.ts';
import type { RolloutState } from './engine.ts';
import { predictionDistance } from './evidence.ts';
import type { Plan, PlannedStep } from './plan.ts';

interface Total {
  assigned: number;
  requests: number;
  errors: number;
  slow: number;
  timed: number;
}

/** Counts of both arms over all looks of the steps, without the measuring before the first. */
function totals(state: RolloutState): { champion: Total; challenger: Total } {
  const add = (arm: 'champion' | 'challenger') =>
    state.looks
      .filter(({ step }) => step >= 0)
      .reduce<Total>(
        (sum, { [arm]: look }) => ({
          assigned: sum.assigned + (look.assigned ?? look.requests),
          requests: sum.requests + look.requests,
          errors: sum.errors + look.errors,
          slow: sum.slow + (look.slow ?? 0),
          timed: sum.timed + (look.slow === null ? 0 : (look.timed ?? look.requests)),
        }),
        { assigned: 0, requests: 0, errors: 0, slow: 0, timed: 0 },
      );
  return { champion: add('champion'), challenger: add('challenger') };
}

/** Everything that was compared, without a full stop. */
export function summarise(plan: Plan, state: RolloutState): string {
  return [
    compareErrors(plan, state),
    ...(state.slowerThanMs === null ? [] : [compareSlow(plan, state)]),
    ...(plan.predictions ? [comparePredictions(plan, state)] : []),
  ].join('; ');
}

export function compareErrors(plan: Plan, state: RolloutState): string {
  const { challenger, champion } = totals(state);
  const share = (arm: Total) =>
    `${formatNumber(arm.errors)} of ${formatNumber(arm.requests)} requests (${formatShare(arm.requests ? arm.errors / arm.requests : null, 2)})`;
  const one = `${share(challenger)} failed on the challenger`;
  return plan.isAlone ? one : `${one}, ${share(champion)} on the champion`;
}

export function compareSlow(plan: Plan, state: RolloutState): string {
  const { challenger, champion } = totals(state);
  const share = (arm: Total) => formatShare(arm.timed ? arm.slow / arm.timed : null, 1);
  if (challenger.timed === 0 && challenger.requests > 0) return 'no latency of the challenger is known';
  const one = `${share(challenger)} took longer than ${formatNumber(state.slowerThanMs, 1)} ms on the challenger`;
  return plan.isAlone ? one : `${one}, ${share(champion)} on the champion`;
}

export function comparePredictions(plan: Plan, state: RolloutState): string {
  const distance = predictionDistance(state.processes);
  return `${formatShare(distance, 1)} of the challenger's predictions would have to change to be spread as the champion's, ${formatShare(plan.predictions?.maxDistance, 1)} are allowed`;
}

/** How requests are split from now on, without a full stop. */
export function nameSplit({ weight, mirror }: Pick<PlannedStep, 'weight' | 'mirror'>): string {
  return mirror
    ? 'each request of the champion is copied to the challenger'
    : `${shortNumber(weight)} % go to the challenger`;
}

export function compareSplit(state: RolloutState): string {
  const { challenger, champion } = totals(state);
  const intended = state.looks
    .filter(({ step }) => step >= 0)
    .reduce(
      (sum, { challenger: one, champion: other, weight }) =>
        sum + (((one.assigned ?? one.requests) + (other.assigned ?? other.requests)) * weight) / 100,
      0,
    );
  const all = challenger.assigned + champion.assigned;
  return `${formatNumber(challenger.assigned)} of ${formatNumber(all)} went to the challenger, about ${formatNumber(intended)} should have`;
}

/** An e-value from its logarithm. */
export function eValue(logE: number): string {
  return logE > Math.log(1e6) ? 'above 1,000,000' : formatNumber(Math.exp(logE), 1);
}

/** A number with as many decimals as it has, at most two: weights, margins, rates. */
export function shortNumber(value: number): string {
  return formatNumber(value, Number.isInteger(value) ? 0 : Number.isInteger(value * 10) ? 1 : 2);
}
