import { expect, test } from 'vitest';
import { inParallel } from './parallel.ts';

test('works on so many at once and no more, and on every item once', async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  await inParallel(
    Array.from({ length: 20 }, (_, index) => index),
    async (item) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      seen.push(item);
      running--;
    },
    3,
  );
  expect(most).toBe(3);
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('after a failure begins nothing new, and waits for what runs', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await new Promise(setImmediate);
    if (item === 0) throw new Error('first');
    await new Promise(setImmediate);
    ended.push(item);
    if (item === 1) throw new Error('second');
  };
  await expect(inParallel([0, 1, 2, 3], work, 2)).rejects.toThrow('first');
  expect(begun).toEqual([0, 1]);
  expect(ended).toEqual([1]);
});
