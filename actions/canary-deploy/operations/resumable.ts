import type { RolloutState } from '../engine/engine.ts';
import { makePlan } from '../engine/plan.ts';
import { rebuild } from '../engine/rebuild.ts';
import { watched } from '../metrics/watched.ts';
import type { Progress } from '../progress.ts';
import type { DeployedModel, TargetState } from '../targets/target.ts';
import { revert } from './interrupted.ts';
import type { Situation } from './operation.ts';

export type Resumable = Progress & {
  state: RolloutState;
  rollout: NonNullable<Progress['rollout']>;
  champion: DeployedModel;
};

/**
 * The rollout as it can go on: both arms still there, and what was seen so far, computed once more from the windows
 * where the target has no room for it. Where it cannot, it is rolled back.
 * @returns a sentence on that in place of the rollout.
 */
export async function resumable(
  situation: Situation,
  progress: Progress,
  found: TargetState,
): Promise<Resumable | string> {
  const { challenger, champion, rollout } = progress;
  const areThere =
    found.challenger?.digest === challenger.digest && found.champion?.digest === champion?.digest;
  if (!areThere || !champion || !rollout || (!progress.state && progress.weights.length === 0)) {
    const undone = await revert(situation, challenger);
    return areThere ? undone : `${undone.replace(/\.$/, '')}: the models that it compares no longer run.`;
  }
  const state = progress.state ?? (await rebuilt(situation, rollout, progress));
  return { ...progress, champion, rollout, state };
}

/** Asked twice: slow requests can be counted once the threshold is known. */
async function rebuilt(
  situation: Situation,
  rollout: NonNullable<Progress['rollout']>,
  { weights, startedAfter, position }: Progress,
): Promise<RolloutState> {
  const plan = makePlan(rollout);
  const { target, measureAll } = await watched(situation, rollout);
  let windows = await target.windows(startedAfter, null);
  const { slowerThanMs } = rebuild(plan, weights, windows, startedAfter, { position });
  if (slowerThanMs !== null) windows = await target.windows(startedAfter, slowerThanMs);
  const measures = measureAll && windows.length > 0 ? await measureAll(windows) : [];
  return rebuild(plan, weights, windows, startedAfter, { position, measures });
}
