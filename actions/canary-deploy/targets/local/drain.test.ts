import { expect, test } from 'vitest';
import { Drain } from './drain.ts';

/** How a server with requests for so long is waited for, and for how many seconds, by a run cancelled at a moment. */
async function drained(requestsMs: number, cancelledAt?: number) {
  const controller = new AbortController();
  let time = 0;
  const drain = new Drain(controller.signal, {
    now: () => time,
    wait: async (milliseconds) => {
      time += milliseconds;
      if (cancelledAt !== undefined && time >= cancelledAt) controller.abort();
    },
  });
  const mayEnd = await drain.isOver(async () => time < requestsMs);
  return { mayEnd, seconds: time / 1000 };
}

test('waits for requests as long as a model has for an answer, and no longer', async () => {
  expect(await drained(0)).toEqual({ mayEnd: true, seconds: 0 });
  expect(await drained(8_000)).toEqual({ mayEnd: true, seconds: 8 });
  expect(await drained(30_000)).toEqual({ mayEnd: true, seconds: 30 });
  expect(await drained(55_000)).toEqual({ mayEnd: true, seconds: 31 });
});

test('a cancelled run has four seconds, after which the server is left to its requests', async () => {
  expect(await drained(14_000, 10_000)).toEqual({ mayEnd: true, seconds: 14 });
  expect(await drained(14_100, 10_000)).toEqual({ mayEnd: false, seconds: 14 });
  const cancelled = new Drain(AbortSignal.abort(), { now: () => 0, wait: async () => {} });
  const answers = [true, true, false];
  expect(await cancelled.isOver(async () => answers.shift()!)).toBe(true);
});
