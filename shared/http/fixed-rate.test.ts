import { describe, expect, test } from 'vitest';
import { type Answer, type Clock, sendAtFixedRate } from './fixed-rate.ts';

const never = new AbortController().signal;

/** A clock that jumps to whatever moment is waited for. */
function jumpingClock(): Clock & { time: number } {
  return {
    time: 1_000,
    now() {
      return this.time;
    },
    async waitUntil(moment, signal) {
      signal.throwIfAborted();
      this.time = Math.max(this.time, moment);
    },
  };
}

describe('sendAtFixedRate', () => {
  test('sends at the times fixed beforehand, though nothing is answered', async () => {
    const clock = jumpingClock();
    const sentAt: number[] = [];
    const answers: ((answer: Answer) => void)[] = [];
    const running = sendAtFixedRate({
      requests: 4,
      ratePerSecond: 8,
      clock,
      signal: never,
      send: () => {
        sentAt.push(clock.now());
        return new Promise((resolve) => answers.push(resolve));
      },
      onSent: (sent) => {
        if (sent < 4) return;
        for (const answer of answers) answer({ good: true, endedAt: 2_000 });
      },
    });
    expect(await running).toEqual({ latencies: [1_000, 875, 750, 625], failures: 0, latestStart: 0 });
    expect(sentAt).toEqual([1_000, 1_125, 1_250, 1_375]);
  });

  test('counts from when a request was due, not from when it left', async () => {
    const clock = jumpingClock();
    const result = await sendAtFixedRate({
      requests: 3,
      ratePerSecond: 10,
      clock,
      signal: never,
      send: async (index) => {
        // The first holds this process up for 250 ms, so that the other two leave late.
        if (index === 0) clock.time += 250;
        return { good: true, endedAt: clock.now() + 1 };
      },
    });
    expect(result).toEqual({ latencies: [251, 151, 51], failures: 0, latestStart: 150 });
  });

  test('a failed request is no latency, however fast it failed', async () => {
    const clock = jumpingClock();
    const send = async (index: number) => ({ good: index % 2 === 0, endedAt: clock.now() });
    const sent = await sendAtFixedRate({ requests: 4, ratePerSecond: 10, clock, signal: never, send });
    expect(sent).toMatchObject({ latencies: [0, 0], failures: 2 });
  });

  test('sends no more once it is aborted', async () => {
    const stop = new AbortController();
    let sent = 0;
    const running = sendAtFixedRate({
      requests: 100,
      ratePerSecond: 10,
      clock: jumpingClock(),
      signal: stop.signal,
      send: async () => {
        sent++;
        if (sent === 3) stop.abort(new Error('cancelled'));
        return { good: false, endedAt: 0 };
      },
    });
    await expect(running).rejects.toThrow('cancelled');
    expect(sent).toBe(3);
  });
});
