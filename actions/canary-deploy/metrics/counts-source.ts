import type { ArmName, ArmWindow, TrafficWindow } from '../engine/window.ts';

/** Where the counts of both arms come from, when it is not the target itself. */
export interface CountsSource {
  /** Sequence of the last window that is over. */
  lastSequence(): number;
  /** As a target's windows, without a weight: their log knows it. @throws UserError when the source cannot be read. */
  windows(after: number, slowerThanMs: number | null): Promise<TrafficWindow[]>;
}

/** So many windows are read at once; a run that was away for longer goes on in the next turn. */
export const MOST_WINDOWS = 500;

/** Looks as windows of the clock: window n ends n intervals after 1970, so that any runner numbers them alike. */
export interface WindowClock {
  intervalMs: number;
  /** What is newer than this many milliseconds is not complete yet. */
  delayMs: number;
  now: () => Date;
}

export function lastWindow({ intervalMs, delayMs, now }: WindowClock): number {
  return Math.floor((now().getTime() - delayMs) / intervalMs);
}

/** The windows after one that are over, as [first, last]; undefined when there is none. */
export function dueWindows(clock: WindowClock, after: number): [first: number, last: number] | undefined {
  const last = Math.min(lastWindow(clock), after + MOST_WINDOWS);
  return last > after ? [after + 1, last] : undefined;
}

/** @param arms what each arm did in window n. */
export function clockWindow(
  { intervalMs }: WindowClock,
  sequence: number,
  arms: Readonly<Record<ArmName, ArmWindow>>,
): TrafficWindow {
  const [startedAt, endedAt] = [(sequence - 1) * intervalMs, sequence * intervalMs];
  return { sequence, startedAt, endedAt, weight: null, ...arms };
}

/** An arm of which nothing is known: it had no request that counts. */
export const NOTHING_SEEN: ArmWindow = {
  ...{ assigned: null, requests: 0, errors: 0, latency: null, predictions: null },
};

/** What each arm did, asked one after the other. */
export async function ofBothArms<Value>(
  ask: (arm: ArmName) => Promise<Value>,
): Promise<Record<ArmName, Value>> {
  const [champion, challenger] = [await ask('champion'), await ask('challenger')];
  return { champion, challenger };
}
