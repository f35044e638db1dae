import { parseProgress } from '../progress.ts';
import { describeDriver, isAtWork, type OperationResult, type Situation } from './operation.ts';
import { leftAlone } from './settled.ts';

/**
 * Of a rollout that the service itself carries out, while it is at work: that may take hours, and whoever only looks
 * after it does not wait. @returns undefined where there is none, so that there may be something to do.
 */
export async function leftToService(situation: Situation): Promise<OperationResult | undefined> {
  const found = await situation.target.byService?.atWork();
  const progress = parseProgress(found?.progress);
  // A challenger beside the champion is a rollout by weights: its changes take minutes, and are waited for.
  if (!found || progress?.phase !== 'promoting' || found.challenger) return undefined;
  const who = isAtWork(progress, situation)
    ? 'a run watches it'
    : 'operation: continue or reconcile settles how it ends';
  const why = `the service is shifting the traffic (${found.status}), and ${who} (${describeDriver(progress.driver)})`;
  return leftAlone({ progress, found, why });
}
