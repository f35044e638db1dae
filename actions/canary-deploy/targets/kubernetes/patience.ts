/** How long the API server is waited for: for an answer, for a failure that passes, and for what its controllers do. */
import { setTimeout as delay } from 'node:timers/promises';
import type { UserError } from '../../../../shared/errors.ts';
import { Cancelled, Failure } from './api-failure.ts';

/** Milliseconds. */
export interface Bounds {
  /** For one answer. */
  answerMs: number;
  /** For an answer that is no failure which passes, with all tries. */
  allTriesMs: number;
  /** Between two tries, and between two looks at something that changes. */
  pauseMs: number;
  /** For what the cluster's controllers are to do. */
  settleMs: number;
}

const BOUNDS: Bounds = {
  answerMs: 15_000,
  allTriesMs: 120_000,
  pauseMs: 1_000,
  settleMs: 1_800_000,
};
/** A cancelled run is killed ten seconds later, and wants to write its record: all calls together have so long. */
const CANCELLED_MS = 5_000;
const WHEN_CANCELLED = { answerMs: 2_000, pauseMs: 200 };
/** For an answer when that time is over. */
const LAST_MS = 300;
/** The pauses between tries grow up to so many times the first. */
const LONGEST_PAUSE = 8;

export class Patience {
  readonly #signal: AbortSignal;
  readonly #given: Bounds;
  /** Ends what was under way when the run was cancelled: most requests get their answer before. */
  readonly #over = new AbortController();
  #cancelledAt: number | undefined;

  /** @param signal of the run. */
  constructor(signal: AbortSignal, bounds: Bounds = BOUNDS) {
    this.#signal = signal;
    this.#given = bounds;
    const note = () => {
      this.#cancelledAt = performance.now();
      AbortSignal.timeout(WHEN_CANCELLED.answerMs).addEventListener('abort', () => this.#over.abort());
    };
    if (signal.aborted) note();
    else signal.addEventListener('abort', note, { once: true });
  }

  /** Whether the run was cancelled: nothing is waited for any more. */
  get isCancelled(): boolean {
    return this.#signal.aborted;
  }

  /** Ends one request that begins now. */
  get answer(): AbortSignal {
    const late = AbortSignal.timeout(this.#bounds().answerMs);
    return this.isCancelled ? late : AbortSignal.any([late, this.#over.signal]);
  }

  /**
   * Looks again and again until it is so. @param look undefined while it is not; what is no longer to be hoped for it
   * throws. @param late what to say when the bound is over. @throws Cancelled
   */
  async until<Value>(look: () => Promise<Value | undefined>, late: () => UserError): Promise<Value> {
    for (const begin = performance.now(); ; ) {
      const value = await look();
      if (value !== undefined) return value;
      if (this.isCancelled) throw new Cancelled();
      if (performance.now() - begin >= this.#given.settleMs) throw late();
      await delay(this.#given.pauseMs, undefined, { signal: this.#signal }).catch(() => {
        throw new Cancelled();
      });
    }
  }

  /** Again and again while what fails may pass, within the bound. @throws Cancelled when that comes in between. */
  async persist<Result>(once: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const wasCancelled = this.isCancelled;
    for (let tries = 1; ; tries += 1) {
      try {
        return await once();
      } catch (error) {
        if (!(error instanceof Failure) || !error.passes) throw error;
        if (this.isCancelled && !wasCancelled) throw new Cancelled();
        const { allTriesMs, pauseMs } = this.#bounds();
        const pause = pauseMs * Math.min(tries, LONGEST_PAUSE);
        if (performance.now() - begin + pause >= allTriesMs) throw error;
        await delay(pause);
      }
    }
  }

  #bounds(): Bounds {
    if (this.#cancelledAt === undefined) return this.#given;
    const left = Math.max(0, CANCELLED_MS - (performance.now() - this.#cancelledAt));
    return {
      answerMs: Math.min(this.#given.answerMs, WHEN_CANCELLED.answerMs, Math.max(left, LAST_MS)),
      allTriesMs: Math.min(this.#given.allTriesMs, left),
      pauseMs: Math.min(this.#given.pauseMs, WHEN_CANCELLED.pauseMs),
      settleMs: 0,
    };
  }
}
