/**
 * The rollout as a state machine without effects: `observe` adds what a target saw, `decide` (beside this file)
 * says what to do, `enter` notes that it was done. The state is plain data: it is stored after every look, so
 * that a run that dies can be taken up again, and the same windows always give the same decisions.
 */
import type { ArmLook, DeploymentEvent, Look } from '../../../shared/records/deployment.ts';
import { addEvidence, type Processes, readEvidence, startProcesses } from './evidence.ts';
import {
  addHistograms,
  countAll,
  countSlower,
  exceededEdge,
  type LatencyHistogram,
  latencyQuantile,
} from './latency-histogram.ts';
import type { Plan } from './plan.ts';
import { recordableNames } from './prediction-buckets.ts';
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
  /** Milliseconds observed beyond the bakes, over all steps, without those in which a person was waited for. */
  extendedMs: number;
  /** Windows up to this one are taken into account. */
  lastSequence: number;
  /** Windows that began before this moment (milliseconds since 1970) are not looked at; null before the first traffic. */
  warmUntil: number | null;
  /** The step after which a person is waited for, and the last one after which a person let it go on; −1 for none. */
  pausedStep: number;
  continuedStep: number;
  slowerThanMs: number | null;
  /** Latencies of the champion before the first step. */
  baseline: Baseline;
  processes: Processes;
  looks: Look[];
  events: DeploymentEvent[];
}

/** A histogram where the source has one, otherwise the sum of p95 × requests and of those requests. */
interface Baseline {
  histogram: LatencyHistogram;
  weightedP95: number;
  requests: number;
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
    ...{ warmUntil: null, pausedStep: -1, continuedStep: -1 },
    slowerThanMs: typeof measured === 'number' ? measured : null,
    baseline: { histogram: {}, weightedP95: 0, requests: 0 },
    processes: startProcesses(plan),
    looks: [],
    events: [],
  };
}

/** Per cent that the challenger should have in the current step. */
export function stepWeight(plan: Plan, state: RolloutState): number {
  return state.step < 0 ? 0 : plan.steps[state.step]!.weight;
}

/** Whether the challenger should have copies of the champion's requests in the current step. */
export function stepMirrors(plan: Plan, state: RolloutState): boolean {
  return state.step >= 0 && plan.steps[state.step]!.mirror;
}

/**
 * The state after one more window. Windows seen before, of another split than the step's, or within the initial delay
 * change no evidence.
 * @param servers measures of the challenger's servers within the window; null without a value.
 */
export function observe(
  plan: Plan,
  state: RolloutState,
  window: TrafficWindow & { weight: number },
  servers: Readonly<Record<string, number | null>> = {},
): RolloutState {
  if (window.sequence <= state.lastSequence) return state;
  let seen = { ...state, lastSequence: window.sequence };
  const mirrored = stepMirrors(plan, state);
  if (window.weight !== stepWeight(plan, state) || (window.mirrored ?? mirrored) !== mirrored) return seen;
  const measuring = state.step < 0;
  if (!measuring) {
    const warmUntil = state.warmUntil ?? window.startedAt + plan.initialDelayMs;
    seen = { ...seen, warmUntil };
    if (window.startedAt < warmUntil) return seen;
  }
  const champion = lookOf(window.champion, state.slowerThanMs);
  const challenger = lookOf(window.challenger, state.slowerThanMs);
  const firstOfLaterStep = state.step > 0 && state.stepLooks === 0;
  const processes = measuring
    ? state.processes
    : addEvidence(
        plan,
        state.processes,
        { champion, challenger, weight: window.weight, mirrored },
        firstOfLaterStep,
      );
  const duration = window.endedAt - window.startedAt;
  const bakedMs = state.bakedMs + duration;
  const bakeMs = measuring ? plan.intervalMs : plan.steps[state.step]!.bakeMs;
  const isPaused = state.step >= 0 && state.pausedStep === state.step;
  const beyond = isPaused ? 0 : Math.min(duration, Math.max(0, bakedMs - bakeMs));
  const look: Look = {
    sequence: window.sequence,
    startedAt: new Date(window.startedAt).toISOString(),
    endedAt: new Date(window.endedAt).toISOString(),
    step: state.step,
    weight: window.weight,
    mirrored,
    champion,
    challenger,
    servers: { ...servers },
    logE: readEvidence(plan, processes),
  };
  return {
    ...seen,
    bakedMs,
    stepRequests: state.stepRequests + (measuring ? champion.requests : challenger.requests),
    stepLooks: state.stepLooks + 1,
    extendedMs: state.extendedMs + beyond,
    baseline: measuring ? addToBaseline(state.baseline, window.champion) : state.baseline,
    processes,
    looks: [...state.looks, look],
  };
}

/** The state after the next step has begun; the threshold of latency is fixed when the first one does. */
export function enterStep(state: RolloutState): RolloutState {
  const slowerThanMs = state.step < 0 ? baselineP95(state) : state.slowerThanMs;
  return { ...state, step: state.step + 1, bakedMs: 0, stepRequests: 0, stepLooks: 0, slowerThanMs };
}

/** What the champion's 95th percentile was before the first step; null while it is not known. */
export function baselineP95({ baseline }: RolloutState): number | null {
  const edge = exceededEdge(baseline.histogram, 0.95);
  return edge ?? (baseline.requests > 0 ? baseline.weightedP95 / baseline.requests : null);
}

/** The state of a rollout that waits for a person after its current step. */
export function pauseStep(state: RolloutState): RolloutState {
  return { ...state, pausedStep: state.step };
}

/** The state after a person let it go on past its current step. */
export function continueStep(state: RolloutState): RolloutState {
  return { ...state, continuedStep: state.step };
}

/** The state with one more event. */
export function withEvent(state: RolloutState, event: DeploymentEvent): RolloutState {
  return { ...state, events: [...state.events, event] };
}

function addToBaseline(baseline: Baseline, { latency, requests }: ArmWindow): Baseline {
  if (!latency) return baseline;
  if ('histogram' in latency)
    return { ...baseline, histogram: addHistograms(baseline.histogram, latency.histogram) };
  if (latency.p95 === null) return baseline;
  return {
    ...baseline,
    weightedP95: baseline.weightedP95 + latency.p95 * requests,
    requests: baseline.requests + requests,
  };
}

function lookOf(arm: ArmWindow, slowerThanMs: number | null): ArmLook {
  const { assigned, requests, errors, latency } = arm;
  const predictions = arm.predictions && recordableNames(arm.predictions);
  const counts = { assigned, requests, errors, predictions };
  if (!latency) return { ...counts, slow: null, p50: null, p95: null };
  if (!('histogram' in latency)) return { ...counts, ...latency };
  const { histogram } = latency;
  // Sources may count latencies apart from requests: a share of slow ones is one of those that were timed.
  const timed = countAll(histogram);
  const isUntimed = timed === 0 && requests > 0;
  return {
    ...counts,
    slow: slowerThanMs === null || isUntimed ? null : countSlower(histogram, slowerThanMs),
    ...(timed === requests || isUntimed ? {} : { timed }),
    p50: latencyQuantile(histogram, 0.5),
    p95: latencyQuantile(histogram, 0.95),
  };
}
