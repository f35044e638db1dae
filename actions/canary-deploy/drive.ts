import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentEvent } from '../../shared/records/deployment.ts';
import { formatNumber } from '../../shared/report/numbers.ts';
import { type Decision, decide } from './engine/decide.ts';
import {
  continueStep,
  enterStep,
  observe,
  pauseStep,
  type RolloutState,
  stepMirrors,
  stepWeight,
  withEvent,
} from './engine/engine.ts';
import type { Plan } from './engine/plan.ts';
import { stampWeights } from './engine/stamp-weights.ts';
import type { TrafficWindow, WeightChange } from './engine/window.ts';
import { eValue, nameSplit, shortNumber } from './engine/wording.ts';
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
  /**
   * From this moment on (milliseconds since 1970) the run waits no longer and leaves the rollout to a later one, after
   * all windows that are over have been looked at; left out, it waits for the decision.
   */
  until?: number;
  /** Whether a person let the rollout go on past the step after which it waits. */
  approved?: boolean;
  /** Measures of the challenger's servers within a window; null without a value. Left out where none are asked for. */
  measureServers?: (window: TrafficWindow) => Promise<Record<string, number | null>>;
  /** What becomes of the rollout when the run is cancelled: `rollback` unless it says otherwise. */
  whenCancelled?: 'rollback' | 'leave';
  /** Called after every change of the state, before the next step is taken. */
  save: (state: RolloutState, weights: readonly WeightChange[]) => Promise<void>;
}

/** How a rollout ended; traffic is still as the last step left it. */
export interface DriveResult {
  state: RolloutState;
  weights: readonly WeightChange[];
  decision: {
    /** `leave`: undecided, and a later run goes on. */
    kind: Extract<Decision['kind'], 'promote' | 'rollback' | 'hold' | 'pause'> | 'leave';
    reason: string;
  };
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
    note('step', `${nameSplit(plan.steps[state.step]!)}.`);
  }
  const ended = (kind: DriveResult['decision']['kind'], reason: string): DriveResult => ({
    ...{ state, weights, decision: { kind, reason } },
  });
  const split = async () => {
    const weight = stepWeight(plan, state);
    const mirror = stepMirrors(plan, state);
    await target.setSplit({ weight, mirror });
    // Noted when it is in force: what was counted before belongs to no weight for certain.
    const last = weights.at(-1);
    if (last?.weight === weight && (last.mirror ?? mirror) === mirror) return;
    const change = { at: now().getTime(), weight };
    weights = [...weights, plan.strategy === 'shadow' ? { ...change, mirror } : change];
  };
  /** Acts on what the engine decides of the state as it is. */
  const act = async (): Promise<DriveResult | undefined> => {
    const { kind, reason } = decide(plan, state);
    if (kind === 'promote' || kind === 'rollback' || kind === 'hold') return ended(kind, reason);
    if (kind === 'pause') {
      if (state.pausedStep !== state.step) note('pause', reason);
      state = pauseStep(state);
    }
    if (kind === 'extend' && state.events.at(-1)?.kind !== 'extend') note('extend', reason);
    if (kind === 'step') {
      const measured = state.step < 0;
      state = enterStep(state);
      if (measured)
        note('baseline', `requests slower than ${formatNumber(state.slowerThanMs, 1)} ms count as slow.`);
      note('step', reason);
      await split();
    }
    return undefined;
  };
  if (weights.length > 0) await target.confirmSplit?.();
  await split();
  await options.save(state, weights);
  const saved = { state, weights };
  if (isPaused(state)) {
    // What was seen while the person thought counts: a challenger that has failed meanwhile is not let on.
    for (const window of stampWeights(
      await target.windows(state.lastSequence, state.slowerThanMs),
      weights,
    )) {
      state = observe(plan, state, window, await options.measureServers?.(window));
      const result = await act();
      if (result) return result;
    }
    if (options.approved) {
      note('continue', 'a person let the rollout go on.');
      state = continueStep(state);
    }
  }
  // An earlier run may have died between a look and what was decided of it.
  const result = state.looks.length > 0 ? await act() : undefined;
  if (result) return result;
  if (state !== saved.state || weights !== saved.weights) await options.save(state, weights);

  for (;;) {
    if (isPaused(state)) return ended('pause', decide(plan, state).reason);
    if (signal.aborted) return ended(options.whenCancelled ?? 'rollback', 'the run was cancelled.');
    for (const window of await nextWindows(options, state, weights)) {
      state = observe(plan, state, window, await options.measureServers?.(window));
      const result = await act();
      if (result) return result;
    }
    await options.save(state, weights);
    options.progress(describe(plan, state));
    if (!isPaused(state) && isOver(options)) return ended('leave', `${describe(plan, state)}.`);
  }
}

const isPaused = ({ step, pausedStep, continuedStep }: RolloutState): boolean =>
  step >= 0 && pausedStep === step && continuedStep !== step;

const isOver = ({ until, now }: DriveOptions): boolean => until !== undefined && now().getTime() >= until;

/** A run that is waiting says so after so many looks without a window, or another job takes it for dead. */
const SILENT_LOOKS = 2;

/** Waits until at least one more window is over, or the run is cancelled or may wait no longer. */
async function nextWindows(
  options: DriveOptions,
  { lastSequence, slowerThanMs }: RolloutState,
  weights: readonly WeightChange[],
) {
  const { target, plan, signal, now } = options;
  const silentUntil = now().getTime() + SILENT_LOOKS * plan.intervalMs;
  const pause = Math.min(1_000, Math.max(20, plan.intervalMs / 10));
  while (!signal.aborted) {
    const windows = await target.windows(lastSequence, slowerThanMs);
    if (windows.length > 0) await target.confirmSplit?.();
    if (windows.length > 0 || isOver(options) || now().getTime() >= silentUntil)
      return stampWeights(windows, weights);
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
  return [];
}

function describe(plan: Plan, state: RolloutState): string {
  const look = state.looks.at(-1);
  if (!look) return 'waiting for the first look';
  const step = look.step < 0 ? 'measuring the champion' : `step ${look.step + 1} of ${plan.steps.length}`;
  const { challenger, champion, logE } = look;
  const worst = plan.isAlone ? (logE.ceiling ?? 0) : logE.rollbackErrors;
  return [
    `${step}, look ${state.looks.length}: ${look.mirrored ? 'copies' : `${shortNumber(look.weight)} %`} to the challenger`,
    `errors ${challenger.errors} of ${challenger.requests}${plan.isAlone ? '' : ` against ${champion.errors} of ${champion.requests}`}`,
    `e-value against the challenger ${eValue(worst)} of ${eValue(plan.isAlone ? plan.limits.ceiling : plan.limits.rollback)}`,
  ].join('; ');
}
