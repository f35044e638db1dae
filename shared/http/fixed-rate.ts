/**
 * Sends requests at times fixed beforehand, whether earlier ones were answered or not, as users do; each latency counts
 * from the moment at which the request was due. Measured from when it left instead, a server that stalls would delay
 * the very requests that would have seen it stall, and look fast (coordinated omission).
 *
 * Why no load generator of npm does this for us: autocannon 9 sends a second's requests in one burst and then waits
 * for the answers; its correction adds made-up answers a millisecond apart, so that a server that takes 50 ms for
 * each request is reported with a median of about 26 ms; and it counts no error when a server closes a connection
 * (`npm run bench -- load` shows all three). loadtest 8 counts from when a request left.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface Answer {
  /** A whole answer with a status of 2xx. */
  good: boolean;
  /** On the clock that the rate is kept by, in milliseconds. */
  endedAt: number;
}

export interface Clock {
  /** Milliseconds since any moment. */
  now(): number;
  /** Resolves at this moment, or at once when it is past. Rejects when `signal` aborts. */
  waitUntil(moment: number, signal: AbortSignal): Promise<void>;
}

export interface RatePlan {
  requests: number;
  ratePerSecond: number;
  /** @param index which request, from 0. Never rejects. */
  send(index: number): Promise<Answer>;
  onSent?(sent: number): void;
  clock: Clock;
  signal: AbortSignal;
}

export interface Sent {
  latencies: number[];
  failures: number;
  /** Milliseconds by which the latest request left after it was due: how well this machine kept the rate. */
  latestStart: number;
}

/** Resolves when every request has ended. @throws the signal's reason when it aborts. */
export async function sendAtFixedRate(plan: RatePlan): Promise<Sent> {
  const { clock, signal } = plan;
  const sent: Sent = { latencies: [], failures: 0, latestStart: 0 };
  const underWay: Promise<void>[] = [];
  const began = clock.now();
  for (let index = 0; index < plan.requests; index++) {
    const due = began + (index * 1000) / plan.ratePerSecond;
    await clock.waitUntil(due, signal);
    sent.latestStart = Math.max(sent.latestStart, clock.now() - due);
    underWay.push(
      plan.send(index).then(({ good, endedAt }) => {
        if (good) sent.latencies.push(endedAt - due);
        else sent.failures++;
      }),
    );
    plan.onSent?.(index + 1);
  }
  await Promise.all(underWay);
  signal.throwIfAborted();
  return sent;
}

/** Timers fire up to a millisecond late and more under load; the last stretch is waited for awake. */
const AWAKE_MS = 2;

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  async waitUntil(moment, signal) {
    const asleep = moment - performance.now() - AWAKE_MS;
    if (asleep > 0) await delay(asleep, undefined, { signal });
    signal.throwIfAborted();
    // setImmediate lets answers be read meanwhile.
    while (performance.now() < moment) await new Promise((resolve) => setImmediate(resolve));
  },
};
