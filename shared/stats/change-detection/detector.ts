/** What the detectors of change in a stream have in common: one value after the other, and what each one shows. */

export type Signal = 'none' | 'warning' | 'drift';

/** Keeps what it needs of the values so far; after a drift it begins anew with the next value. */
export interface ChangeDetector {
  /** @param value finite. */
  update(value: number): Signal;
}

/** Indices (from 0) of the values at which a detector warned or saw a drift. */
export interface Alarms {
  drifts: number[];
  /** The first of each run of warnings. */
  warnings: number[];
}

/** Runs a detector over a stream. @throws RangeError when a value is not finite. */
export function findAlarms(detector: ChangeDetector, values: Float64Array): Alarms {
  const alarms: Alarms = { drifts: [], warnings: [] };
  let before: Signal = 'none';
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) throw new RangeError(`the value at ${index} is not a finite number`);
    const signal = detector.update(value);
    if (signal === 'drift') alarms.drifts.push(index);
    if (signal === 'warning' && before !== 'warning') alarms.warnings.push(index);
    before = signal;
  });
  return alarms;
}

/** The running mean of Welford (1962), whose rounding is that of river. */
export class RunningMean {
  count = 0;
  value = 0;

  add(value: number): void {
    this.count++;
    this.value += (1 / this.count) * (value - this.value);
  }
}
