/** Windows from HAProxy's counters, which only ever grow: what happened between two readings of them. */
import type { ArmName, ArmWindow, TrafficWindow } from '../../engine/window.ts';
import type { ServerCounters } from './runtime-api.ts';

/** Counters at one moment, by the arm that the server was. */
export interface Reading {
  /** Which start of HAProxy they are of. */
  instance: string;
  at: number;
  arms: Record<ArmName, ReadServer | null>;
  /** Requests that no server was there for; left out by earlier versions, which did not read them. */
  unserved?: number;
}

/** What the server of an arm has counted, and whether its health check fails. */
export type ReadServer = ServerCounters & { isDown?: boolean };

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
  // Between two arms nobody can tell which of them a request was meant for that no server was there for.
  const sole = weight === 0 ? 'champion' : weight === 100 ? 'challenger' : undefined;
  const wasHeard = sole !== undefined && isHeard(counting.windows, { arm: sole, weight });
  const [champion, challenger] = (['champion', 'challenger'] as const).map((arm) =>
    difference(begin, end, { arm, hasAll: arm === sole, wasHeard }),
  );
  if (!champion || !challenger) return closed;
  const window = { sequence, startedAt: begin.at, endedAt: end.at, weight, champion, challenger };
  return { ...closed, windows: [...counting.windows, window].slice(-KEPT_WINDOWS) };
}

/** Whether an arm has answered since the weight is this one. */
function isHeard(
  windows: readonly TrafficWindow[],
  { arm, weight }: { arm: ArmName; weight: number },
): boolean {
  const before = windows.findLastIndex((window) => window.weight !== weight);
  return windows.slice(before + 1).some(({ [arm]: { requests, errors } }) => requests > errors);
}

/**
 * Undefined when the two readings do not belong together. What no server was there for is an error of the arm that has
 * all traffic. Once that arm was heard and its health check fails, it is silent instead: its server may have died, which
 * is told sooner from that than from errors that have to outweigh all good answers before.
 */
function difference(
  begin: Reading,
  end: Reading,
  { arm, hasAll, wasHeard }: { arm: ArmName; hasAll: boolean; wasHeard: boolean },
): ArmWindow | undefined {
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
  if (hasAll && wasHeard && to.isDown && assigned === 0) return { ...armWindow(0, 0, 0), assigned: null };
  const unserved = hasAll ? unservedBetween(begin, end) : 0;
  return armWindow(assigned + unserved, Math.max(0, ended) + unserved, errors + unserved);
}

function unservedBetween(begin: Reading, end: Reading): number {
  if (begin.unserved === undefined || end.unserved === undefined) return 0;
  return Math.max(0, end.unserved - begin.unserved);
}

const armWindow = (assigned: number, requests: number, errors: number): ArmWindow => ({
  ...{ assigned, requests, errors: Math.min(errors, requests), latency: null, predictions: null },
});
