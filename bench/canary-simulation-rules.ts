/** The rules of other controllers and of habit, on the counts that the engine saw. */
import type { TrafficWindow } from '../actions/canary-deploy/engine/window.ts';

/** The error rate above which a check fails, for rules that compare with a fixed limit. */
export const ERROR_LIMIT = 0.01;
const FLAGGER_THRESHOLD = 5;
const ARGO_FAILURE_LIMIT = 3;
/** One-sided, 5 %. */
const Z_LIMIT = 1.6449;

type Rule = (windows: readonly TrafficWindow[]) => boolean;

const failsCheck = ({ challenger }: TrafficWindow): boolean =>
  challenger.requests > 0 && challenger.errors / challenger.requests > ERROR_LIMIT;

/** Whether a rule would have rolled back at any look. */
export const RULES: Record<string, Rule> = {
  // Its counter of failed checks is never set back within an analysis, and "no values found" is a failed check.
  [`Flagger, ${FLAGGER_THRESHOLD} failed checks`]: (windows) =>
    windows.filter((window) => window.challenger.requests === 0 || failsCheck(window)).length >=
    FLAGGER_THRESHOLD,
  // A measurement without a value is no failure.
  [`Argo, > ${ARGO_FAILURE_LIMIT} failures`]: (windows) =>
    windows.filter(failsCheck).length > ARGO_FAILURE_LIMIT,
  'z-test at every look': (windows) => {
    const sum = { x: 0, n: 0, y: 0, m: 0 };
    return windows.some(({ challenger, champion }) => {
      sum.x += challenger.errors;
      sum.n += challenger.requests;
      sum.y += champion.errors;
      sum.m += champion.requests;
      return zValue(sum) > Z_LIMIT;
    });
  },
};

/** Of the difference of two shares, with the pooled standard error. */
function zValue({ x, n, y, m }: { x: number; n: number; y: number; m: number }): number {
  const pooled = (x + y) / (n + m);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return error > 0 ? (x / n - y / m) / error : 0;
}
