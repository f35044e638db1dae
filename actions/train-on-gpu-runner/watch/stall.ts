/** Telling a training that has stopped working from one that is merely quiet. */

/** Of one core: a process that only waits uses none; a training that computes uses more. */
const BUSY_CPU_PERCENT = 5;
/** Of any GPU. */
const BUSY_GPU_PERCENT = 5;

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

  /** Seconds since the command last said anything. */
  quietFor(seconds: number): number {
    return seconds - this.#lastSpoke;
  }

  /** Seconds without any sign of life. */
  stillFor(seconds: number): number {
    return seconds - this.#lastLife;
  }

  /** `no line of output, no metric and no checkpoint for 10 min, and neither processor nor GPU worked` */
  describe(seconds: number, format: (seconds: number) => string): string {
    const quiet = `no line of output, no metric and no checkpoint for ${format(this.quietFor(seconds))}`;
    if (!this.#knowsWork) return `${quiet} (whether it computes is not known here)`;
    const idle = seconds - this.#lastWorked;
    return `${quiet}, and neither processor nor GPU did anything for ${format(idle)}`;
  }
}
