/** How long a server without new requests is waited for, so that the requests that it has end well. */
import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_REQUEST_MS } from '../../router/route.ts';

const DRAIN_MS = LONGEST_REQUEST_MS + 1_000;
/** A runner kills a cancelled job ten seconds after it said so, and the servers must end and the record be written. */
const CANCELLED_DRAIN_MS = 4_000;
const PAUSE_MS = 20;

interface Clock {
  /** Milliseconds. */
  now: () => number;
  wait: (milliseconds: number) => Promise<unknown>;
}

export class Drain {
  #cancelledAt = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;

  constructor(signal: AbortSignal | undefined, clock: Clock = { now: () => performance.now(), wait: delay }) {
    this.#clock = clock;
    const note = () => {
      this.#cancelledAt = clock.now();
    };
    if (signal?.aborted) note();
    else signal?.addEventListener('abort', note, { once: true });
  }

  /**
   * Waits for the requests under way, and no longer than there is time.
   * @returns whether the server may end now: one that a cancelled run has no time to wait for may not.
   */
  async isOver(hasRequests: () => Promise<boolean>): Promise<boolean> {
    const { now, wait } = this.#clock;
    const began = now();
    while (await hasRequests()) {
      if (now() >= this.#cancelledAt + CANCELLED_DRAIN_MS) return false;
      if (now() >= began + DRAIN_MS) return true;
      await wait(PAUSE_MS);
    }
    return true;
  }
}
