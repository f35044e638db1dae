import { parseProgress } from '../progress.ts';
import type { DeployedModel } from '../targets/target.ts';
import type { TargetInUse } from '../targets/target-in-use.ts';
import { describeDriver, type OperationResult, plainResult } from './operation.ts';
import { leftAlone } from './settled.ts';

/** Operations that a schedule starts, for which a run that is at work is nothing wrong. */
export const LOOKING_AFTER: readonly string[] = ['continue', 'reconcile'];

/**
 * Nothing was to be done: the run that holds the target lives, and looks after what it does.
 * @param lastKnown of the records, where nothing is stored that says which model this is about.
 * @returns undefined where nothing says so at all: the first run of a model has only just begun.
 */
export function leftToItsRun(
  { found }: TargetInUse,
  lastKnown: DeployedModel | undefined,
): OperationResult | undefined {
  const progress = parseProgress(found.progress);
  if (progress) {
    return leftAlone({ progress, found, why: `a run is at work (${describeDriver(progress.driver)})` });
  }
  const model = found.champion ?? found.challenger ?? lastKnown;
  return (
    model &&
    plainResult({
      outcome: 'rolling',
      verdict: 'inconclusive',
      reason: 'Another run is at work here, and everything was left to it.',
      subject: model.digest,
      champion: found.champion,
      serving: found.champion?.digest ?? null,
    })
  );
}
