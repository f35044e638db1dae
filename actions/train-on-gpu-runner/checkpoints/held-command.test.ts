import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeldCommand } from './held-command.ts';

let told: string[];
let clock: number;
let isThere: boolean;
beforeEach(() => {
  vi.useFakeTimers();
  [told, clock, isThere] = [[], 0, true];
});
afterEach(() => vi.useRealTimers());

function newCommand(): HeldCommand {
  return new HeldCommand({
    mostMs: 5_000,
    now: () => clock,
    onChange: (isHeld) => told.push(isHeld ? 'held' : 'goes on'),
    holdGroup: (group) => ({
      hold: async () => {
        told.push(`stop ${group}`);
        return isThere;
      },
      release: () => told.push('continue'),
      end: () => told.push('end'),
    }),
  });
}

test('stands still for a bounded time, which is counted, and its own clock stands with it', async () => {
  const command = newCommand();
  command.begin(7);
  expect(await Promise.all([command.hold(), command.hold()])).toEqual([true, true]);
  clock = 3_000;
  expect([command.seconds, command.clock(), command.isHeld]).toEqual([3, 0, true]);
  clock = 5_000;
  vi.advanceTimersByTime(5_000);
  expect([command.seconds, command.clock(), command.isHeld]).toEqual([5, 0, false]);
  clock = 9_000;
  expect([command.seconds, command.clock()]).toEqual([5, 4_000]);
  command.release();
  expect(told).toEqual(['held', 'stop 7', 'continue', 'goes on']);
  await command.hold();
  clock = 10_000;
  command.release();
  expect(command.seconds).toBe(6);
  vi.advanceTimersByTime(60_000);
  expect(told.filter((each) => each === 'continue')).toHaveLength(2);
});

test('goes on when it is to end, and is never held again; nor before it begins, nor when it is gone', async () => {
  const command = newCommand();
  expect(await command.hold()).toBe(false);
  command.begin(7);
  await command.hold();
  command.end();
  expect(await command.hold()).toBe(false);
  expect(told).toEqual(['held', 'stop 7', 'continue', 'goes on', 'end']);
  isThere = false;
  const gone = newCommand();
  gone.begin(8);
  expect(await gone.hold()).toBe(false);
  expect(gone.isHeld).toBe(false);
});
