import type { ArmLook, Deployment, Evidence, Look } from '../../../shared/records/deployment.ts';
import { type Decision, decide } from './decide.ts';
import { beginRollout, continueStep, enterStep, observe, pauseStep, type RolloutState } from './engine.ts';
import type { Plan } from './plan.ts';
import type { ArmWindow, TrafficWindow } from './window.ts';

export interface Replay {
  /** What the engine decides after each look; after the last one, how the rollout should have ended. */
  decisions: { sequence: number; decision: Decision }[];
  /** The first look that the record tells otherwise, and how; null when all agree. */
  difference: null | { sequence: number; what: string };
  state: RolloutState;
}

/** Log e-values are sums in a fixed order, so that only another machine's logarithms may differ. */
const TOLERANCE = 1e-6;

/**
 * Computes all e-values and decisions of a record once more from the counts of its looks alone.
 * @param record the looks, and the threshold that was fixed before them; null where latency was not compared.
 */
export function replay(plan: Plan, record: Pick<Deployment, 'looks' | 'slowerThanMs'>): Replay {
  const { looks, slowerThanMs } = record;
  let state = beginRollout(plan, (looks[0]?.sequence ?? 1) - 1);
  const decisions: Replay['decisions'] = [];
  let difference: Replay['difference'] = null;
  for (const [index, look] of looks.entries()) {
    const before = state;
    // The initial delay is over by the time of the first look.
    state = observe(plan, { ...state, warmUntil: 0 }, windowOf(look), look.servers);
    const seen = state.looks.at(-1);
    const decision = decide(plan, state);
    decisions.push({ sequence: look.sequence, decision });
    const what =
      state.looks.length === before.looks.length
        ? `it is of step ${look.step + 1} and weight ${look.weight}, which step ${before.step + 1} does not have`
        : (differingEvidence(seen!.logE, look.logE) ?? wrongStep(decision, state, looks[index + 1]));
    if (what) difference ??= { sequence: look.sequence, what };
    const next = looks[index + 1];
    if (decision.kind === 'pause') state = pauseStep(state);
    const isLater = next !== undefined && next.step > state.step;
    if (isLater && decision.kind === 'pause') state = enterStep(continueStep(state));
    else if (decision.kind === 'step') state = { ...enterStep(state), slowerThanMs };
  }
  return { decisions, difference, state };
}

/** What the record did after a look, where the engine would not have. */
function wrongStep(
  { kind, reason }: Decision,
  state: RolloutState,
  next: Look | undefined,
): string | undefined {
  if (!next) return undefined;
  if (kind === 'promote' || kind === 'rollback' || kind === 'hold')
    return `the rollout went on, but the evidence says ${kind}: ${reason}`;
  const isLater = next.step > state.step;
  if (kind === 'step' && !isLater) return `step ${state.step + 1} was done, but the next one was not begun`;
  if (isLater && kind !== 'step' && kind !== 'pause') return `the next step was begun too early: ${reason}`;
  return undefined;
}

function differingEvidence(computed: Evidence, recorded: Evidence): string | undefined {
  for (const key of Object.keys(computed) as (keyof Evidence)[]) {
    const [one, other] = [computed[key], recorded[key]];
    const isSame =
      one === other ||
      (one !== null && other !== null && Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one)));
    if (!isSame) return `the log e-value ${key} is ${other}, but the counts give ${one}`;
  }
  return undefined;
}

function windowOf(look: Look): TrafficWindow & { weight: number } {
  const { sequence, weight, mirrored, champion, challenger } = look;
  return {
    ...{ sequence, weight, mirrored, champion: armOf(champion), challenger: armOf(challenger) },
    startedAt: Date.parse(look.startedAt),
    endedAt: Date.parse(look.endedAt),
  };
}

function armOf({ assigned, requests, errors, slow, timed, p50, p95, predictions }: ArmLook): ArmWindow {
  const latency = { p50, p95, slow, ...(timed !== undefined && { timed }) };
  return { assigned, requests, errors, predictions, latency };
}
