import { UserError } from '../../../shared/errors.ts';
import type { StoppedBy } from '../../../shared/records/stop-rules.ts';
import { formatDuration } from '../../../shared/report/numbers.ts';
import { formatRate, formatUsd } from '../../../shared/report/training/money.ts';
import { amountUsd, secondsFor } from './price.ts';

const WARNING_SHARE = 0.8;
/** Node cannot wait for longer; a longer time is waited for in parts. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Budget {
  usd: number;
  usdPerHour: number;
  count: number;
}

/** Whole seconds that the budget pays for; infinite where nothing is asked for the machine. */
export function budgetSeconds({ usd, usdPerHour, count }: Budget): number {
  const seconds = Math.floor(secondsFor(usd, usdPerHour, count));
  // The quotient of a whole number of seconds may be rounded to just below it.
  return amountUsd(usdPerHour, count, seconds + 1) <= usd ? seconds + 1 : seconds;
}

/**
 * Refuses what would be over its budget by its expected time already.
 * @param expectedSeconds undefined where nobody said it. @throws UserError with the numbers.
 */
export function refuseOverBudget(
  budget: Budget,
  expectedSeconds: number | undefined,
  minimumSeconds: number,
): void {
  const { usd, usdPerHour, count } = budget;
  if (budgetSeconds(budget) < 1) {
    throw new UserError(`A budget of ${formatUsd(usd)} pays for no time at all.`, {
      where: { key: 'budget-usd' },
      fix: 'Raise it, or leave it out.',
    });
  }
  const seconds = expectedSeconds ?? 0;
  const estimate = amountUsd(usdPerHour, count, seconds, minimumSeconds);
  if (estimate <= usd) return;
  const time = Math.max(seconds, minimumSeconds);
  throw new UserError(
    `The training would cost about ${formatUsd(estimate)}, which is more than its budget of ${formatUsd(usd)}: ${formatDuration(time)} at ${formatRate(usdPerHour, count)}.`,
    {
      where: { key: 'budget-usd' },
      fix: 'Raise budget-usd, choose a cheaper machine or spot, or train for less long.',
    },
  );
}

export interface BudgetWatch {
  /** One sentence, once, at 80 %. */
  onWarning(message: string): void;
  /** Once, when the budget is spent. */
  onSpent(stoppedBy: StoppedBy): void;
}

/**
 * Follows the money of a training from now on, by the clock. What the machine costs does not depend on what the
 * training tells of itself, so that one which hangs is ended too.
 * @returns ends the watch.
 */
export function watchBudget(budget: Budget, watch: BudgetWatch): () => void {
  const { usd, usdPerHour, count } = budget;
  const rate = formatRate(usdPerHour, count);
  const end = secondsFor(usd, usdPerHour, count);
  const stops = [
    after(end * WARNING_SHARE, () => {
      const left = formatDuration(Math.round(end * (1 - WARNING_SHARE)));
      watch.onWarning(
        `The training has cost ${formatUsd(usd * WARNING_SHARE)} of its budget of ${formatUsd(usd)}: at ${rate} it is ended in ${left}.`,
      );
    }),
    after(end, () => {
      watch.onSpent({
        rule: 'budget',
        reason: `The training cost its budget of ${formatUsd(usd)}: ${formatDuration(end)} at ${rate}.`,
        atSeconds: end,
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Calls once after so many seconds, which may be weeks or infinite. */
function after(seconds: number, call: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (left: number) => {
    const part = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => (left > part ? wait(left - part) : call()), part);
    timer.unref();
  };
  if (Number.isFinite(seconds)) wait(seconds * 1000);
  return () => clearTimeout(timer);
}
