/** Which stretches of time are asked for, and how the points of a series fall into their steps. Pure. */
import type { MetricPoint, MetricRange } from '../../../shared/monitoring/metric-source.ts';
import { durationMilliseconds } from '../../../shared/records/duration.ts';
import type { SystemMeasure, SystemPolicy } from '../../../shared/records/system-policy.ts';

/** The steps that end in (start, end], in milliseconds. */
export interface Window {
  start: number;
  end: number;
}

export interface WindowPlan {
  step: number;
  season: number;
  /** What is judged. */
  current: Window;
  /** Windows of the same length, whole seasons earlier, oldest first. */
  past: Window[];
}

/** The policy's lengths of time, in milliseconds. */
export function lengthsOf(policy: SystemPolicy) {
  const { window, delay, step, past, season } = policy;
  const [windowLength, delayLength, stepLength, pastLength, seasonLength] = [
    window,
    delay,
    step,
    past,
    season,
  ].map(durationMilliseconds) as [number, number, number, number, number];
  return {
    window: windowLength,
    delay: delayLength,
    step: stepLength,
    past: pastLength,
    season: seasonLength,
  };
}

export const looksBack = ({ max_increase, max_decrease }: SystemMeasure): boolean =>
  max_increase !== undefined || max_decrease !== undefined;

/** The window ends with the last whole step before `now` less the delay: whole by the clock, so that steps agree. */
export function planWindows(policy: SystemPolicy, now: Date): WindowPlan {
  const { window, delay, step, past, season } = lengthsOf(policy);
  const end = Math.floor((now.getTime() - delay) / step) * step;
  const count = Math.floor(past / season);
  const at = (seasons: number): Window => ({
    start: end - seasons * season - window,
    end: end - seasons * season,
  });
  return {
    step,
    season,
    current: at(0),
    past: Array.from({ length: count }, (_, index) => at(count - index)),
  };
}

/** Windows that follow one another are asked for at once. @param windows oldest first. */
export function rangesOf(windows: readonly Window[], step: number): MetricRange[] {
  const ranges: MetricRange[] = [];
  for (const { start, end } of windows) {
    const last = ranges.at(-1);
    if (last && last.end === start) last.end = end;
    else ranges.push({ start, end, step });
  }
  return ranges;
}

/** One value per step of the window: null where there is none, or none that is finite. */
export function stepValues(
  points: readonly MetricPoint[],
  { start, end }: Window,
  step: number,
): (number | null)[] {
  const values = new Array<number | null>(Math.round((end - start) / step)).fill(null);
  for (const { time, value } of points) {
    if (time <= start || time > end || !Number.isFinite(value)) continue;
    values[Math.ceil((time - start) / step) - 1] = value;
  }
  return values;
}
