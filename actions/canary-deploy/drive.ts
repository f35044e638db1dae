import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentEvent } from '../../shared/records/deployment.ts';
import { formatNumber } from '../../shared/report/numbers.ts';
import { type Decision, decide } from './engine/decide.ts';
import { enterStep, observe, type RolloutState, stepWeight, withEvent } from './engine/engine.ts';
import type { Plan } from './engine/plan.ts';
import { stampWeights } from './engine/stamp-weights.ts';
import type { WeightChange } from './engine/window.ts';
import { eValue, shortNumber } from './engine/wording.ts';
import type { Target } from './targets/target.ts';

export interface DriveOptions {
  target: Target;
  plan: Plan;
  state: RolloutState;
  /** Of the rollout so far. */
  weights: readonly WeightChange[];
  signal: AbortSignal;
  now: () => Date;
  progress: (message: string) => void;
  /** Called after every change of the state, before the next step is taken. */
  save: (state: RolloutState, weights: readonly WeightChange[]) => Promise<void>;
}

/** How a rollout ended; traffic is still as the last step left it. */
export interface DriveResult {
  state: RolloutState;
  weights: readonly WeightChange[];
  decision: Decision & { kind: 'promote' | 'rollback' | 'hold' };
}

/**
 * Goes through the steps of a rollout: sets the weight, looks at each window that is over, and acts on what the
 * engine decides, until it is decided or the run is cancelled.
 */
export async function driveRollout(options: DriveOptions): Promise<DriveResult> {
  const { target, plan, now, signal } = options;
  let { state, weights } = options;
  const note = (kind: DeploymentEvent['kind'], reason: string) => {
    state = withEvent(state, { at: now().toISOString(), kind, weight: stepWeight(plan, state), reason });
  };
  if (state.looks.length === 0 && state.step >= 0) {
    note('step', `${shortNumber(stepWeight(plan, state))} % go to the challenger.`);
  }
  const ended = (kind: DriveResult['decision']['kind'], reason: string): DriveResult => ({
    ...{ state, weights, decision: { kind, reason } },
  });
  const split = async () => {
    const weight = stepWeight(plan, state);
    await target.setSplit({ weight, mirror: false });
    // Noted when it is in force: what was counted before belongs to no weight for certain.
    if (weights.at(-1)?.weight !== weight) weights = [...weights, { at: now().getTime(), weight }];
  };
  await split();
  await options.save(state, weights);

  for (;;) {
    if (signal.aborted) return ended('rollback', 'the run was cancelled.');
    for (const window of await nextWindows(options, state, weights)) {
      state = observe(plan, state, window);
      const decision = decide(plan, state);
      if (decision.kind === 'promote' || decision.kind === 'rollback' || decision.kind === 'hold') {
        return ended(decision.kind, decision.reason);
      }
      if (decision.kind === 'extend' && state.events.at(-1)?.kind !== 'extend')
        note('extend', decision.reason);
      if (decision.kind === 'step') {
        const measured = state.step < 0;
        state = enterStep(state);
        if (measured)
          note('baseline', `requests slower than ${formatNumber(state.slowerThanMs, 1)} ms count as slow.`);
        note('step', decision.reason);
        await split();
      }
    }
    await options.save(state, weights);
    options.progress(describe(plan, state));
  }
}

/** Waits until at least one more window is over, or the run is cancelled. */
async function nextWindows(
  { target, plan, signal }: DriveOptions,
  { lastSequence, slowerThanMs }: RolloutState,
  weights: readonly WeightChange[],
) {
  const pause = Math.min(1_000, Math.max(20, plan.intervalMs / 10));
  while (!signal.aborted) {
    const windows = await target.windows(lastSequence, slowerThanMs);
    if (windows.length > 0) return stampWeights(windows, weights);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
  return [];
}

function describe(plan: Plan, state: RolloutState): string {
  const look = state.looks.at(-1);
  if (!look) return 'waiting for the first look';
  const step = look.step < 0 ? 'measuring the champion' : `step ${look.step + 1} of ${plan.steps.length}`;
  const { challenger, champion, logE } = look;
  return [
    `${step}, look ${state.looks.length}: ${shortNumber(look.weight)} % to the challenger`,
    `errors ${challenger.errors} of ${challenger.requests} against ${champion.errors} of ${champion.requests}`,
    `e-value against the challenger ${eValue(logE.rollbackErrors)} of ${eValue(plan.limits.rollback)}`,
  ].join('; ');
}
