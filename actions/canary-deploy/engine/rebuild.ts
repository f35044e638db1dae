import { decide } from './decide.ts';
import {
  beginRollout,
  continueStep,
  enterStep,
  observe,
  pauseStep,
  type RolloutState,
  stepWeight,
  withEvent,
} from './engine.ts';
import type { Plan } from './plan.ts';
import { stampWeights } from './stamp-weights.ts';
import type { TrafficWindow, WeightChange } from './window.ts';

/** How far a rollout had come: what no window tells. */
export type Position = Pick<RolloutState, 'step' | 'pausedStep' | 'continuedStep'>;

/**
 * The state of a rollout computed once more from what was seen, for targets that keep none: the same as if it had been
 * kept, but for its events. It ends with the look that decided, if any did. Where the source counts
 * slow requests by itself, it must be asked twice: first without a threshold, then above the `slowerThanMs` of the
 * first answer.
 * @param weights when the weight changed, oldest first. @param windows all since the rollout began, oldest first.
 * @param startedAfter sequence of the last window before the rollout. @param known.position as it was stored last; in
 * what was stored before there was any, the weights alone say that a person let it go on. @param known.measures of the
 * challenger's servers, one for each window.
 */
export function rebuild(
  plan: Plan,
  weights: readonly WeightChange[],
  windows: readonly TrafficWindow[],
  startedAfter: number,
  known: { position?: Position | undefined; measures?: readonly Record<string, number | null>[] } = {},
): RolloutState {
  const { position, measures } = known;
  let state = beginRollout(plan, startedAfter);
  for (const [index, window] of stampWeights(windows, weights).entries()) {
    const later = plan.steps[state.step + 1];
    // When a person let it go on is not kept anywhere but in the weights.
    if (isPaused(state) && later?.weight === window.weight) state = enterStep(continueStep(state));
    state = observe(plan, state, window, measures?.[index]);
    const { kind, reason } = decide(plan, state);
    if (kind === 'promote' || kind === 'rollback' || kind === 'hold') return state;
    if (kind === 'pause') state = pauseStep(state);
    if (kind === 'step') {
      state = enterStep(state);
      const at = new Date(window.endedAt).toISOString();
      state = withEvent(state, { at, kind, weight: stepWeight(plan, state), reason });
    }
  }
  return position ? caughtUp(state, position) : state;
}

/**
 * Whether a rollout had come further than its first split, so that windows with requests were seen: where none can be
 * read, what they said is missing.
 */
export function hasGoneOn(
  plan: Plan,
  weights: readonly WeightChange[],
  position: Position | undefined,
): boolean {
  if (!position) return weights.length > 1;
  return position.step > beginRollout(plan, 0).step || position.pausedStep >= 0;
}

/** Of a step that was begun since, no window may be over yet. */
function caughtUp(rebuilt: RolloutState, { step, continuedStep }: Position): RolloutState {
  let state = rebuilt;
  if (isPaused(state) && continuedStep >= state.step) state = continueStep(state);
  while (state.step < step) state = enterStep(state);
  return state;
}

const isPaused = ({ step, pausedStep }: RolloutState): boolean => step >= 0 && pausedStep === step;
