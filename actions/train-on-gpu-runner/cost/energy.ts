import type { Energy } from '../../../shared/records/training-run.ts';

/** Of a GPU at one moment; null where the driver does not tell. */
export interface PowerSample {
  index: number;
  powerWatts: number | null;
  /** Percent. */
  utilisation: number | null;
}

/** Between samples that lie further apart nobody knows what the GPUs did. */
const LONGEST_GAP_SECONDS = 30;
/** Percent of use up to which a GPU does nothing: the driver's own work is seen there too. */
const IDLE_PERCENT = 5;
const JOULES_PER_KILOWATT_HOUR = 3.6e6;

/**
 * The energy of the GPUs, from their sampled power by the trapezoidal rule, and the share of the time in which none
 * of them did anything. Processors, memory, fans and cooling are not in it.
 */
export class EnergyMeter {
  #joules = 0;
  #measured = 0;
  #unknown = 0;
  #idle = 0;
  #watched = 0;
  #last: { seconds: number; gpus: readonly PowerSample[] } | undefined;

  /** @param seconds since the start, later than in the call before. @param gpus empty where they could not be asked. */
  add(seconds: number, gpus: readonly PowerSample[]): void {
    const last = this.#last;
    this.#last = { seconds, gpus };
    if (!last) return;
    const elapsed = seconds - last.seconds;
    const isKnown = elapsed <= LONGEST_GAP_SECONDS;
    const before = isKnown ? totalPower(last.gpus) : null;
    const after = isKnown ? totalPower(gpus) : null;
    if (before === null || after === null) {
      this.#unknown += elapsed;
    } else {
      this.#measured += elapsed;
      this.#joules += (elapsed * (before + after)) / 2;
    }
    const idle = isKnown ? [isIdle(last.gpus), isIdle(gpus)] : [];
    for (const known of idle) {
      if (known === null) continue;
      this.#watched += elapsed / 2;
      if (known) this.#idle += elapsed / 2;
    }
  }

  /** Null when no power was ever known. */
  result(): Energy | null {
    if (this.#measured === 0) return null;
    return {
      kilowattHours: this.#joules / JOULES_PER_KILOWATT_HOUR,
      idleShare: this.#watched === 0 ? null : Math.min(1, this.#idle / this.#watched),
      unknownSeconds: this.#unknown,
    };
  }
}

/** Null when one of them does not tell: a sum of the others would look like the whole. */
function totalPower(gpus: readonly PowerSample[]): number | null {
  if (gpus.length === 0) return null;
  let watts = 0;
  for (const { powerWatts } of gpus) {
    if (powerWatts === null) return null;
    watts += powerWatts;
  }
  return watts;
}

/** One that works decides for all; otherwise one that does not tell leaves it open. */
function isIdle(gpus: readonly PowerSample[]): boolean | null {
  if (gpus.length === 0) return null;
  if (gpus.some(({ utilisation }) => utilisation !== null && utilisation > IDLE_PERCENT)) return false;
  return gpus.some(({ utilisation }) => utilisation === null) ? null : true;
}
