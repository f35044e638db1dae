/**
 * The rollout as a state machine without effects: `observe` adds what a target saw, `decide` (beside this file)
 * says what to do, `enter` notes that it was done. The state is plain data: it is stored after every look, so
 * that a run that dies can be taken up again, and the same windows always give the same decisions.
 */
import type { ArmLook, DeploymentEvent, Look } from '../../../shared/records/deployment.ts';
import { addEvidence, type Processes, readEvidence, startProcesses } from './evidence.ts';
import {
  addHistograms,
  countSlower,
  exceededEdge,
  type LatencyHistogram,
  latencyQuantile,
} from './latency-histogram.ts';
import type { Plan } from './plan.ts';
import type { ArmWindow, TrafficWindow } from './window.ts';

export interface RolloutState {
  /** 0-based; −1 while the champion's latency is measured. */
  step: number;
  /** Milliseconds observed in this step. */
  bakedMs: number;
  /** Requests that the challenger has finished in this step (the champion's, before the first step). */
  stepRequests: number;
  /** Looks of this step so far. */
  stepLooks: number;
  /** Milliseconds observed beyond the bakes, over all steps. */
  extendedMs: number;
  /** Windows up to this one are taken into account. */
  lastSequence: number;
  slowerThanMs: number | null;
  /** Latencies of the champion before the first step. */
  baseline: LatencyHistogram;
  processes: Processes;
  looks: Look[];
  events: DeploymentEvent[];
}

/** Before the first window. A rollout that compares with the champion's p95 begins by measuring it. */
export function beginRollout(plan: Plan, lastSequence: number): RolloutState {
  const measured = plan.latency?.slowerThanMs;
  return {
    step: measured === 'champion_p95' ? -1 : 0,
    bakedMs: 0,
    stepRequests: 0,
    stepLooks: 0,
    extendedMs: 0,
    lastSequence,
    slowerThanMs: typeof measured === 'number' ? measured : null,
    baseline: {},
    processes: startProcesses(plan),
    looks: [],
    events: [],
  };
}

/** Per cent that the challenger should have in the current step. */
export function stepWeight(plan: Plan, state: RolloutState): number {
  return state.step < 0 ? 0 : plan.steps[state.step]!.weight;
}

/** The state after one more window. Windows seen before, or of another weight than the step's, change nothing. */
export function observe(
  plan: Plan,
  state: RolloutState,
  window: TrafficWindow & { weight: number },
): RolloutState {
  if (window.sequence <= state.lastSequence) return state;
  const seen = { ...state, lastSequence: window.sequence };
  if (window.weight !== stepWeight(plan, state)) return seen;
  const measuring = state.step < 0;
  const champion = lookOf(window.champion, state.slowerThanMs);
  const challenger = lookOf(window.challenger, state.slowerThanMs);
  const firstOfLaterStep = state.step > 0 && state.stepLooks === 0;
  const processes = measuring
    ? state.processes
    : addEvidence(plan, state.processes, { champion, challenger, weight: window.weight }, firstOfLaterStep);
  const duration = window.endedAt - window.startedAt;
  const bakedMs = state.bakedMs + duration;
  const bakeMs = measuring ? plan.intervalMs : plan.steps[state.step]!.bakeMs;
  const beyond = Math.min(duration, Math.max(0, bakedMs - bakeMs));
  const look: Look = {
    sequence: window.sequence,
    startedAt: new Date(window.startedAt).toISOString(),
    endedAt: new Date(window.endedAt).toISOString(),
    step: state.step,
    weight: window.weight,
    mirrored: false,
    champion,
    challenger,
    servers: {},
    logE: readEvidence(plan, processes),
  };
  return {
    ...seen,
    bakedMs,
    stepRequests: state.stepRequests + (measuring ? champion.requests : challenger.requests),
    stepLooks: state.stepLooks + 1,
    extendedMs: state.extendedMs + beyond,
    baseline: measuring ? addHistograms(state.baseline, histogramOf(window.champion)) : state.baseline,
    processes,
    looks: [...state.looks, look],
  };
}

/** The state after the next step has begun; the threshold of latency is fixed when the first one does. */
export function enterStep(state: RolloutState): RolloutState {
  const slowerThanMs = state.step < 0 ? exceededEdge(state.baseline, 0.95) : state.slowerThanMs;
  return { ...state, step: state.step + 1, bakedMs: 0, stepRequests: 0, stepLooks: 0, slowerThanMs };
}

/** The state with one more event. */
export function withEvent(state: RolloutState, event: DeploymentEvent): RolloutState {
  return { ...state, events: [...state.events, event] };
}

function histogramOf({ latency }: ArmWindow): LatencyHistogram {
  return latency && 'histogram' in latency ? latency.histogram : {};
}

function lookOf(arm: ArmWindow, slowerThanMs: number | null): ArmLook {
  const { assigned, requests, errors, predictions, latency } = arm;
  const counts = { assigned, requests, errors, predictions };
  if (!latency) return { ...counts, slow: null, p50: null, p95: null };
  if (!('histogram' in latency)) return { ...counts, ...latency };
  const { histogram } = latency;
  return {
    ...counts,
    slow: slowerThanMs === null ? null : countSlower(histogram, slowerThanMs),
    p50: latencyQuantile(histogram, 0.5),
    p95: latencyQuantile(histogram, 0.95),
  };
}
