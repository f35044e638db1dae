/**
 * DDM (Gama et al. 2004), for errors of 0 and 1: warns, then alarms, when the share of errors lies so many of its
 * standard deviations above its lowest so far. It sees only rises.
 */
import { type ChangeDetector, RunningMean } from './detector.ts';

export interface DdmOptions {
  /** Values before anything is judged. */
  warmUp?: number;
  /** In standard deviations. */
  warning?: number;
  drift?: number;
}

/** The detector, with river's defaults. `update` throws RangeError for a value that is neither 0 nor 1. */
export function ddm(options: DdmOptions = {}): ChangeDetector {
  const { warmUp = 30, warning = 2, drift = 3 } = options;
  const begin = () => ({ share: new RunningMean(), lowestShare: 0, lowestSpread: 0, lowest: Infinity });
  let state = begin();
  return {
    update(value) {
      if (value !== 0 && value !== 1) throw new RangeError(`${value} is no error of 0 or 1`);
      state.share.add(value);
      const { value: share, count } = state.share;
      // Rounding may make a share a little larger than 1.
      const spread = Math.sqrt(Math.max(0, (share * (1 - share)) / count));
      if (count <= warmUp) return 'none';
      if (share + spread <= state.lowest) {
        state.lowestShare = share;
        state.lowestSpread = spread;
        state.lowest = share + spread;
      }
      const isBeyond = (deviations: number): boolean =>
        share + spread > state.lowestShare + deviations * state.lowestSpread;
      if (isBeyond(drift)) {
        state = begin();
        return 'drift';
      }
      return isBeyond(warning) ? 'warning' : 'none';
    },
  };
}
