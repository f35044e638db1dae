import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { machineTags } from './names.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-03-01T10:00:00Z');
const at = (minutes: number) => new Date(START + minutes * MINUTE);
const machine = {
  launchedAt: at(0),
  tags: machineTags({
    ...{
      repository: 'octocat/flights',
      run: '17',
      attempt: 2,
      name: 'flight-delays',
      runner: 'a',
      runnerId: 1,
    },
    ...{ endsBy: at(360), onlineBy: at(10), jobBy: at(25) },
  }),
};
const idle = { id: 1, name: 'a', online: true, busy: false, labels: [] };
const going = { attempt: 2, ended: false };

test.each([
  ['busy', 20, { ...idle, busy: true }, going, false, 'its job is running'],
  [
    'busy in a run that is over',
    20,
    { ...idle, busy: true },
    { attempt: 2, ended: true },
    false,
    'its job is running',
  ],
  ['busy and out of reach', 60, { ...idle, busy: true, online: false }, going, false, 'its job is running'],
  [
    'busy past its time',
    366,
    { ...idle, busy: true },
    going,
    false,
    'its job is running, though it should have ended',
  ],
  ['without a runner', 1, undefined, going, true, 'GitHub has no runner of its name'],
  ['starting', 15, { ...idle, online: false }, going, false, 'it is still starting'],
  ['starting for too long', 15.1, { ...idle, online: false }, going, true, 'its runner is offline'],
  [
    'starting for a run that is over',
    1,
    { ...idle, online: false },
    { attempt: 2, ended: true },
    true,
    'is over',
  ],
  ['of an earlier attempt', 1, idle, { attempt: 3, ended: false }, true, 'is over'],
  ['waiting', 29.9, idle, going, false, 'it waits for its job'],
  ['waiting for too long', 30.1, idle, going, true, 'no job came'],
  ['of a run that GitHub does not show', 20, idle, undefined, false, 'it waits for its job'],
  [
    'past its time',
    365.1,
    { ...idle, online: false },
    undefined,
    true,
    'it should have ended by 2026-03-01T16:00',
  ],
] as const)('a machine that is %s', (_, minutes, runner, run, end, why) => {
  const judged = judge({ machine, runner: runner && { ...runner, labels: [] }, run, now: at(minutes) });
  expect(judged.end).toBe(end);
  expect(judged.why).toContain(why);
  expect(judged.busy).toBe(runner?.busy ?? false);
  expect(judged.attention ?? false).toBe(why.includes('though'));
});

test('a machine that may take longer until it is online is left until then', () => {
  const facts = { repository: 'o/r', run: '17', attempt: 2, name: 'demo', runner: 'a', runnerId: 1 };
  const tags = machineTags({ ...facts, endsBy: at(360), onlineBy: at(30), jobBy: at(45) });
  const judged = (minutes: number, known = tags) =>
    judge({
      machine: { launchedAt: at(0), tags: known },
      runner: { ...idle, online: false },
      run: going,
      now: at(minutes),
    }).end;
  expect([judged(34.9), judged(35.1)]).toEqual([false, true]);
  const { 'mlops:online-by': _, ...without } = tags;
  expect([judged(14.9, without), judged(15.1, without)]).toEqual([false, true]);
});

test('tags that a person has taken off end nothing by themselves', () => {
  const bare = { launchedAt: at(0), tags: {} };
  expect(judge({ machine: bare, runner: idle, run: undefined, now: at(10_000) }).end).toBe(false);
  expect(judge({ machine: bare, runner: { ...idle, busy: true }, run: undefined, now: at(10_000) }).end).toBe(
    false,
  );
});
