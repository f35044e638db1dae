/** One simulated rollout through the engine itself, as the action would drive it. */
import { type Decision, decide } from '../actions/canary-deploy/engine/decide.ts';
import { beginRollout, enterStep, observe, stepWeight } from '../actions/canary-deploy/engine/engine.ts';
import { makePlan } from '../actions/canary-deploy/engine/plan.ts';
import type { TrafficWindow } from '../actions/canary-deploy/engine/window.ts';
import type { CountedTraffic } from '../actions/canary-deploy/fixtures/simulated-windows.ts';
import type { Rollout } from '../shared/records/rollout.ts';

export interface Played {
  kind: Decision['kind'];
  /** Looks until it was decided. */
  looks: number;
  windows: TrafficWindow[];
  /** Requests that the challenger had. */
  requests: number;
}

/** Plays until the engine decides, or `most` looks were had. */
export function playRollout(rollout: Rollout, traffic: CountedTraffic, most: number): Played {
  const plan = makePlan(rollout);
  const windows: TrafficWindow[] = [];
  let state = beginRollout(plan, 0);
  let kind: Decision['kind'] = 'continue';
  while (windows.length < most) {
    const window = traffic.window(stepWeight(plan, state));
    windows.push(window);
    state = observe(plan, state, window);
    kind = decide(plan, state).kind;
    if (kind === 'step') state = enterStep(state);
    else if (kind !== 'continue' && kind !== 'extend') break;
  }
  return { kind, looks: windows.length, windows, requests: state.processes.requests };
}
