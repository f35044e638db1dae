import { UserError } from '../../../shared/errors.ts';
import { type RolloutState, stepWeight, withEvent } from '../engine/engine.ts';
import { makePlan } from '../engine/plan.ts';
import { hasGoneOn, rebuild } from '../engine/rebuild.ts';
import type { TrafficWindow } from '../engine/window.ts';
import { MOST_WINDOWS } from '../metrics/counts-source.ts';
import { MOST_FAILURES } from '../metrics/patient-counts.ts';
import { ReadFailures } from '../metrics/read-failures.ts';
import { watched } from '../metrics/watched.ts';
import type { Progress } from '../progress.ts';
import type { DeployedModel, Target, TargetState } from '../targets/target.ts';
import { undo } from './ending.ts';
import { revert } from './interrupted.ts';
import { driverOf, type OperationResult, type Situation } from './operation.ts';
import { leftAlone } from './settled.ts';

export type Resumable = Progress & {
  state: RolloutState;
  rollout: NonNullable<Progress['rollout']>;
  champion: DeployedModel;
};

/**
 * The rollout as it can go on: both arms still there, and what was seen so far, computed once more from the windows
 * where the target has no room for it. Where it cannot, it is rolled back; where what was seen cannot be read at the
 * moment, it is left as it is.
 * @param approved whether a person lets it go on after the step after which it waits: that is kept where it is left.
 * @returns in place of the rollout a sentence on what was undone, or the result where nothing more is to be done now.
 */
export async function resumable(
  situation: Situation,
  progress: Progress,
  found: TargetState,
  approved = false,
): Promise<Resumable | OperationResult | string> {
  const { challenger, champion, rollout } = progress;
  const areThere =
    found.challenger?.digest === challenger.digest && found.champion?.digest === champion?.digest;
  if (!areThere || !champion || !rollout || (!progress.state && progress.weights.length === 0)) {
    const undone = await revert(situation, challenger);
    return areThere ? undone : `${undone.replace(/\.$/, '')}: the models that it compares no longer run.`;
  }
  if (progress.state) return { ...progress, champion, rollout, state: progress.state };
  const read = await rebuilt(situation, rollout, progress);
  if ('state' in read) return { ...progress, champion, rollout, ...read };
  if (read.readFailures.count <= MOST_FAILURES) {
    return leave(situation, { ...progress, readFailures: read.readFailures }, found, approved);
  }
  const left = leftAlone({ progress, found, why: '' });
  const { outcome, verdict, reason } = await undo(situation, read.error);
  const at = situation.now().toISOString();
  return { ...left, outcome, verdict, reason, events: [{ at, kind: 'rollback', weight: 0, reason }] };
}

/** Whoever looks next finds how often it could not be read, and what a person said meanwhile. */
async function leave(
  situation: Situation,
  progress: Progress & { readFailures: KeptFailures },
  found: TargetState,
  approved: boolean,
): Promise<OperationResult> {
  const { position, readFailures } = progress;
  const isApproved = approved && position !== undefined;
  const left: Progress = {
    ...progress,
    driver: driverOf(situation, 'schedule'),
    ...(isApproved && { phase: 'rolling', position: { ...position, continuedStep: position.step } }),
  };
  await situation.target.saveProgress(left);
  const times = `${readFailures.count} of ${MOST_FAILURES} times`;
  const why = `the metrics of what was seen so far could not be read (${times}), and nothing is decided without them`;
  const said = isApproved ? '; that a person let it go on is kept' : '';
  return leftAlone({ progress: left, found, why: `${why}${said}` });
}

type KeptFailures = NonNullable<ReadFailures['kept']>;
type Read =
  | { state: RolloutState; readFailures: KeptFailures | undefined }
  | { error: unknown; readFailures: KeptFailures };

/** Asked twice: slow requests can be counted once the threshold is known. */
async function rebuilt(
  situation: Situation,
  rollout: NonNullable<Progress['rollout']>,
  progress: Progress,
): Promise<Read> {
  const { weights, startedAfter, position } = progress;
  const plan = makePlan(rollout);
  const failures = new ReadFailures(progress.readFailures);
  const { target, measureAll } = await watched(situation, rollout, failures);
  // The target's own counts are asked without patience.
  const failed = () => (target === situation.target ? undefined : failures.kept);
  const unread = (error: unknown): Read => {
    const counted = failed() ? failures : new ReadFailures(progress.readFailures);
    // An answer that holds nothing counts as much as none, once a look.
    counted.count(situation.now().getTime(), plan.intervalMs);
    return { error, readFailures: counted.kept! };
  };
  const goneOn = hasGoneOn(plan, weights, position);
  const isLacking = (windows: readonly TrafficWindow[]) => goneOn && (failed() || windows.every(isEmpty));
  let windows: TrafficWindow[];
  try {
    windows = await allWindows(target, startedAfter, null);
    if (isLacking(windows)) return unread(nothingRead());
    const { slowerThanMs } = rebuild(plan, weights, windows, startedAfter, { position });
    if (slowerThanMs !== null) windows = await allWindows(target, startedAfter, slowerThanMs);
    if (isLacking(windows)) return unread(nothingRead());
  } catch (error) {
    // Only a source that failed often enough has given up; what else breaks leaves the rollout as it is.
    if ((failed()?.count ?? 0) <= MOST_FAILURES) throw error;
    return unread(error);
  }
  const measures = measureAll && windows.length > 0 ? await measureAll(windows) : [];
  const state = rebuild(plan, weights, windows, startedAfter, { position, measures });
  const readFailures = failed();
  if (state.step < 0 || state.continuedStep !== state.step) return { state, readFailures };
  // Said to an earlier run, of whose events nothing is kept.
  const at = situation.now().toISOString();
  const reason = 'a person let the rollout go on.';
  const event = { at, kind: 'continue' as const, weight: stepWeight(plan, state), reason };
  return { state: withEvent(state, event), readFailures };
}

const isEmpty = ({ champion, challenger }: TrafficWindow): boolean =>
  champion.requests + challenger.requests === 0;

const nothingRead = (): UserError =>
  new UserError('The metrics of what was seen so far could not be read.', { where: { key: 'rollout' } });

/** Sources give so many at once, and no step may begin without those that are left. */
async function allWindows(
  target: Target,
  after: number,
  slowerThanMs: number | null,
): Promise<TrafficWindow[]> {
  const windows: TrafficWindow[] = [];
  for (let last = after; ; ) {
    const more = await target.windows(last, slowerThanMs);
    windows.push(...more);
    if (more.length < MOST_WINDOWS) return windows;
    last = more.at(-1)!.sequence;
  }
}
