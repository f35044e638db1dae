import type { TrafficWindow, WeightChange } from './window.ts';

/** No weight is this one: nothing is concluded from what was counted while the weight changed. */
const CHANGING = -1;

/**
 * The windows with the weight that held during each, for sources that do not know it: a window in which the weight
 * changed, or that began before the first change, belongs to none.
 * @param changes oldest first.
 */
export function stampWeights(
  windows: readonly TrafficWindow[],
  changes: readonly WeightChange[],
): (TrafficWindow & { weight: number })[] {
  return windows.map((window) => {
    if (window.weight !== null) return { ...window, weight: window.weight };
    const before = changes.findLast(({ at }) => at <= window.startedAt);
    const isSteady = !changes.some(({ at }) => at > window.startedAt && at < window.endedAt);
    const mirrored = window.mirrored ?? before?.mirror;
    return {
      ...window,
      weight: before && isSteady ? before.weight : CHANGING,
      ...(mirrored === undefined ? {} : { mirrored }),
    };
  });
}
