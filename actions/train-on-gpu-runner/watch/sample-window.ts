import type { GpuSample } from './gpu-query.ts';

/** What the machine did at one moment, as far as warnings ask. */
export interface MachineMoment {
  /** Since the start. */
  seconds: number;
  /** Percent of one core since the moment before; null where nobody tells. */
  cpuPercent: number | null;
  gpus: readonly GpuSample[];
}

/** The moments of the last minutes. */
export class SampleWindow {
  readonly #seconds: number;
  #moments: MachineMoment[] = [];

  /** @param seconds how far back it reaches. */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  add(moment: MachineMoment): void {
    this.#moments.push(moment);
    const from = moment.seconds - this.#seconds;
    const first = this.#moments.findIndex(({ seconds }) => seconds >= from);
    if (first > 0) this.#moments.splice(0, first);
  }

  /**
   * The moments of the last `seconds`; empty when the window does not yet reach that far back.
   * @param from moments before it do not count.
   */
  last(seconds: number, from = 0): MachineMoment[] {
    const end = this.#moments.at(-1)?.seconds ?? 0;
    // Moments lie some seconds apart, so the oldest is a little younger than the window is long.
    const begin = Math.max(from, end - seconds);
    if (end - begin < seconds * 0.95) return [];
    const moments = this.#moments.filter((moment) => moment.seconds >= begin);
    return moments.length > 0 && end - moments[0]!.seconds >= seconds * 0.9 ? moments : [];
  }
}
