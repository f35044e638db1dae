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

/**
 * The state of a rollout computed once more from what was seen, for targets that keep none: the same as if it had been
 * kept, but for its events and the measures of servers. It ends with the look that decided, if any did. Where the source counts
 * slow requests by itself, it must be asked twice: first without a threshold, then above the `slowerThanMs` of the
 * first answer.
 * @param weights when the weight changed, oldest first. @param windows all since the rollout began, oldest first.
 * @param startedAfter sequence of the last window before the rollout.
 */
export function rebuild(
  plan: Plan,
  weights: readonly WeightChange[],
  windows: readonly TrafficWindow[],
  startedAfter: number,
): RolloutState {
  let state = beginRollout(plan, startedAfter);
  for (const window of stampWeights(windows, weights)) {
    const later = plan.steps[state.step + 1];
    // That a person let it go on is not kept anywhere but in the weights.
    if (state.step >= 0 && state.pausedStep === state.step && later?.weight === window.weight)
      state = enterStep(continueStep(state));
    state = observe(plan, state, window);
    const { kind, reason } = decide(plan, state);
    if (kind === 'promote' || kind === 'rollback' || kind === 'hold') return state;
    if (kind === 'pause') state = pauseStep(state);
    if (kind === 'step') {
      state = enterStep(state);
      const at = new Date(window.endedAt).toISOString();
      state = withEvent(state, { at, kind, weight: stepWeight(plan, state), reason });
    }
  }
  return state;
}
