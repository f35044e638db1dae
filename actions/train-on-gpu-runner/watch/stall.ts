import { formatDuration } from '../../../shared/report/numbers.ts';

/** Telling a training that has stopped working from one that is merely quiet. */

/** Of one core: a process that only waits uses none; a training that computes uses more. */
const BUSY_CPU_PERCENT = 5;
/** Of any GPU. */
const BUSY_GPU_PERCENT = 5;

/** Without a stall-timeout: long enough for a download or a slow validation. */
const STILL_WARNING_S = 600;
/** Of signs of life, after which a warning is over. */
const CLEAR_S = 2;

/** Follows signs of life: output, metrics, checkpoints, and work of processor or GPU. */
export class LifeSigns {
  #lastSpoke = 0;
  #lastWorked = 0;
  #lastLife = 0;
  #knowsWork = false;

  /** @param seconds since the start, here and below. */
  spoke(seconds: number): void {
    this.#lastSpoke = seconds;
    this.#lastLife = Math.max(this.#lastLife, seconds);
  }

  sampled(seconds: number, cpuPercent: number | null, gpuPercents: readonly (number | null)[]): void {
    const known = gpuPercents.filter((percent) => percent !== null);
    if (cpuPercent === null && known.length === 0) return;
    this.#knowsWork = true;
    if ((cpuPercent ?? 0) < BUSY_CPU_PERCENT && !known.some((percent) => percent >= BUSY_GPU_PERCENT)) return;
    this.#lastWorked = seconds;
    this.#lastLife = Math.max(this.#lastLife, seconds);
  }

  /** It was made to stand still until now. */
  rested(seconds: number): void {
    this.#lastLife = Math.max(this.#lastLife, seconds);
  }

  /** Seconds since the command last said anything. */
  quietFor(seconds: number): number {
    return seconds - this.#lastSpoke;
  }

  /** Seconds without any sign of life. */
  stillFor(seconds: number): number {
    return seconds - this.#lastLife;
  }

  /**
   * Why the training is to be ended, or what a person is to be told; undefined where there is nothing new.
   * @param limit the stall-timeout in seconds. @param isSampled whether anybody looks at what the processes do.
   */
  judge(
    seconds: number,
    { limit, isSampled }: { limit: number | undefined; isSampled: boolean },
  ): { end: string } | { warning: { message: string } | 'clear' } | undefined {
    const still = this.stillFor(seconds);
    if (limit !== undefined && still >= limit)
      return { end: `There was ${this.#describe(seconds)} (stall-timeout ${formatDuration(limit)}).` };
    const warnAfter = Math.min(limit === undefined ? STILL_WARNING_S : limit / 2, STILL_WARNING_S);
    if (still < Math.min(CLEAR_S, warnAfter)) return { warning: 'clear' };
    // A command may be made to say nothing, so without samples its silence alone is no reason to warn.
    if (still < warnAfter || !isSampled) return undefined;
    return { warning: { message: `There was ${this.#describe(seconds)}: it may hang.` } };
  }

  /** `no line of output, no metric and no checkpoint for 10 min, and neither processor nor GPU worked` */
  #describe(seconds: number): string {
    const quiet = `no line of output, no metric and no checkpoint for ${formatDuration(this.quietFor(seconds))}`;
    if (!this.#knowsWork) return `${quiet} (whether it computes is not known here)`;
    const idle = seconds - this.#lastWorked;
    return `${quiet}, and neither processor nor GPU did anything for ${formatDuration(idle)}`;
  }
}
