/**
 * Page–Hinkley (Page 1954): sums up how far values lie from their mean so far, and alarms when the sum has left its
 * extreme by more than a threshold, in either direction.
 */
import { type ChangeDetector, RunningMean } from './detector.ts';

export interface PageHinkleyOptions {
  /** Values before the first alarm. */
  minRows?: number;
  /** What a value may lie off without counting, in the units of the values. */
  delta?: number;
  /** In the units of the values. */
  threshold?: number;
  /** By what the sum is multiplied before each value. */
  forgetting?: number;
}

/** The detector, with river's defaults. */
export function pageHinkley(options: PageHinkleyOptions = {}): ChangeDetector {
  const { minRows = 30, delta = 0.005, threshold = 50, forgetting = 1 - 0.0001 } = options;
  const begin = () => ({
    mean: new RunningMean(),
    rise: 0,
    fall: 0,
    lowest: Number.POSITIVE_INFINITY,
    // So in river; a fall that never was above it alarms a little later.
    highest: -1,
  });
  let state = begin();
  return {
    update(value) {
      state.mean.add(value);
      const distance = value - state.mean.value;
      state.rise = forgetting * state.rise + distance - delta;
      state.fall = forgetting * state.fall + distance + delta;
      state.lowest = Math.min(state.lowest, state.rise);
      state.highest = Math.max(state.highest, state.fall);
      if (state.mean.count < minRows) return 'none';
      if (state.rise - state.lowest <= threshold && state.highest - state.fall <= threshold) return 'none';
      state = begin();
      return 'drift';
    },
  };
}
