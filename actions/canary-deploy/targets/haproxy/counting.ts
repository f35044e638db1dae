/** Windows from HAProxy's counters, which only ever grow: what happened between two readings of them. */
import type { ArmName, ArmWindow, TrafficWindow } from '../../engine/window.ts';
import type { ServerCounters } from './runtime-api.ts';

/** Counters at one moment, by the arm that the server was. */
export interface Reading {
  /** Which start of HAProxy they are of. */
  instance: string;
  at: number;
  arms: Record<ArmName, ServerCounters | null>;
}

export interface Counting {
  windows: TrafficWindow[];
  /** Where the open window began and under which per cent for the challenger; null while the split changes. */
  open: { begin: Reading; weight: number } | null;
  sequence: number;
}

/** Closed windows that are kept for whoever reads them later: five hours of minutes. */
const KEPT_WINDOWS = 300;

export const NOTHING_COUNTED: Counting = { windows: [], open: null, sequence: 0 };

export function openWindow(counting: Counting, begin: Reading, weight: number): Counting {
  return { ...counting, open: { begin, weight } };
}

/** What is counted from now on belongs to no window, nor does what the open one has. */
export function dropWindow(counting: Counting): Counting {
  return { ...counting, open: null };
}

/**
 * Ends the open window. One in which HAProxy was started again is dropped: nobody knows what its counters were when
 * it ended.
 */
export function closeWindow(counting: Counting, end: Reading): Counting {
  if (!counting.open) return counting;
  const { begin, weight } = counting.open;
  const sequence = counting.sequence + 1;
  const closed = { ...counting, open: null, sequence };
  const champion = difference(begin, end, 'champion');
  const challenger = difference(begin, end, 'challenger');
  if (!champion || !challenger) return closed;
  const window = { sequence, startedAt: begin.at, endedAt: end.at, weight, champion, challenger };
  return { ...closed, windows: [...counting.windows, window].slice(-KEPT_WINDOWS) };
}

/** Undefined when the two readings do not belong together. */
function difference(begin: Reading, end: Reading, arm: ArmName): ArmWindow | undefined {
  const [from, to] = [begin.arms[arm], end.arms[arm]];
  if (begin.instance !== end.instance || from?.name !== to?.name) return undefined;
  if (!from || !to) return armWindow(0, 0, 0);
  const grown = (count: (of: ServerCounters) => number): number => count(to) - count(from);
  const assigned = grown((of) => of.assigned);
  // Whatever it was given and is not under way has ended, well or badly.
  const ended = grown((of) => of.assigned - of.inFlight);
  const errors = grown((of) => of.refused + of.failed + of.broken);
  // `clear counters all`, by a person.
  if (assigned < 0 || errors < 0) return undefined;
  return armWindow(assigned, Math.max(0, ended), errors);
}

const armWindow = (assigned: number, requests: number, errors: number): ArmWindow => ({
  ...{ assigned, requests, errors: Math.min(errors, requests), latency: null, predictions: null },
});
