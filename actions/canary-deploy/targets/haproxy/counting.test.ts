import { describe, expect, test } from 'vitest';
import {
  type Counting,
  closeWindow,
  dropWindow,
  NOTHING_COUNTED,
  openWindow,
  type Reading,
} from './counting.ts';
import type { ServerCounters } from './runtime-api.ts';

const counters = (name: string, counts: Partial<ServerCounters> = {}): ServerCounters => ({
  ...{ name, assigned: 0, refused: 0, failed: 0, broken: 0, inFlight: 0 },
  ...counts,
});
const reading = (at: number, more: Partial<Reading> = {}): Reading => ({
  ...{ instance: '1', at, unserved: 0 },
  arms: { champion: counters('blue'), challenger: counters('green') },
  ...more,
});
const later = (champion: Partial<ServerCounters>, challenger: Partial<ServerCounters> = {}): Reading =>
  reading(60, { arms: { champion: counters('blue', champion), challenger: counters('green', challenger) } });

const begun = (begin = reading(0), weight = 10): Counting => openWindow(NOTHING_COUNTED, begin, weight);

test('a window is what the counters grew by', () => {
  const begin = later({ assigned: 100, refused: 1, failed: 2, broken: 3, inFlight: 4 });
  const end = reading(120, {
    arms: {
      champion: counters('blue', { assigned: 150, refused: 2, failed: 4, broken: 6, inFlight: 1 }),
      challenger: counters('green', { assigned: 5, inFlight: 2 }),
    },
  });
  const closed = closeWindow(begun(begin), end);
  const nothing = { latency: null, predictions: null };
  expect(closed.windows).toEqual([
    {
      ...{ sequence: 1, startedAt: 60, endedAt: 120, weight: 10 },
      champion: { assigned: 50, requests: 53, errors: 6, ...nothing },
      challenger: { assigned: 5, requests: 3, errors: 0, ...nothing },
    },
  ]);
  expect(closed).toMatchObject({ open: null, sequence: 1 });
  expect(closeWindow(closed, end)).toBe(closed);
});

test('a champion alone has windows too, and errors are some of the requests', () => {
  const alone = (at: number, counts: Partial<ServerCounters>) =>
    reading(at, { arms: { champion: counters('blue', counts), challenger: null } });
  const { windows } = closeWindow(begun(alone(0, {})), alone(60, { assigned: 2, failed: 2, broken: 1 }));
  expect(windows[0]).toMatchObject({
    champion: { requests: 2, errors: 2 },
    challenger: { assigned: 0, requests: 0, errors: 0 },
  });
});

test.each([
  ['HAProxy was started again', reading(60, { instance: '2' })],
  ['the counters were cleared', later({ assigned: 3 })],
  ['the errors were cleared', later({ assigned: 60, failed: 1 })],
  [
    'a model moved to the other server',
    reading(60, { arms: { champion: counters('green'), challenger: counters('blue') } }),
  ],
  ['the challenger went', reading(60, { arms: { champion: counters('blue'), challenger: null } })],
])('a window in which %s is dropped, and its number is not used again', (_, end) => {
  const closed = closeWindow(begun(later({ assigned: 50, failed: 2 })), end);
  expect(closed).toEqual({ windows: [], open: null, sequence: 1 });
  const next = closeWindow(openWindow(closed, reading(60), 20), reading(120));
  expect(next.windows.map(({ sequence, weight }) => [sequence, weight])).toEqual([[2, 20]]);
});

describe('requests that no server was there for', () => {
  const arms = { champion: counters('blue'), challenger: counters('green') };
  const windowOf = (weight: number, end: Partial<Reading>) =>
    closeWindow(begun(reading(0, { unserved: 7 }), weight), reading(60, { unserved: 17, ...end }))
      .windows[0]!;
  const some = { assigned: 10, requests: 10, errors: 10 };
  const none = { assigned: 0, requests: 0, errors: 0 };

  test.each([
    { weight: 100, champion: none, challenger: some },
    { weight: 0, champion: some, challenger: none },
    // Whom they were meant for nobody can tell.
    { weight: 50, champion: none, challenger: none },
  ])('are of whoever has all traffic: $weight %', ({ weight, champion, challenger }) => {
    expect(windowOf(weight, {})).toMatchObject({ champion, challenger });
  });

  test('come on top of those that a server had', () => {
    const challenger = counters('green', { assigned: 30, failed: 2, inFlight: 1 });
    const window = windowOf(100, { arms: { ...arms, challenger } });
    expect(window.challenger).toMatchObject({ assigned: 40, requests: 39, errors: 12 });
  });

  test('are not counted where an earlier version did not read them', () => {
    const { unserved: _, ...before } = reading(0);
    const { windows } = closeWindow(begun(before, 100), reading(60, { unserved: 900 }));
    expect(windows[0]!.challenger).toMatchObject(none);
  });

  test('never make fewer of those that were', () => {
    const challenger = counters('green', { assigned: 30 });
    expect(windowOf(100, { unserved: 6, arms: { ...arms, challenger } }).challenger).toMatchObject({
      ...{ assigned: 30, requests: 30, errors: 0 },
    });
  });
});

describe('an arm that is down and was given nothing', () => {
  const down = { ...counters('green'), isDown: true };
  /** After a window in which it was given so many requests, of which so many failed. */
  function windowOf(
    weight: number,
    challenger: typeof down,
    before: Partial<ServerCounters> = { assigned: 9 },
  ) {
    const at = (time: number, unserved: number, green: typeof challenger) =>
      reading(time, { unserved, arms: { champion: counters('blue'), challenger: green } });
    const heard = at(60, 0, { ...counters('green', before), isDown: false });
    const counting = openWindow(closeWindow(begun(reading(0), weight), heard), heard, weight);
    const assigned = challenger.assigned + (before.assigned ?? 0);
    const end = at(120, 40, { ...challenger, ...before, assigned });
    return closeWindow(counting, end).windows[1]!.challenger;
  }

  test('is silent, where it had all traffic and was heard', () => {
    expect(windowOf(100, down)).toMatchObject({ assigned: null, requests: 0, errors: 0 });
  });

  test.each([
    ['never answered anyone', down, { assigned: 9, failed: 9 }, 40],
    ['is not down any more', { ...down, isDown: false }, {}, 40],
    ['was given some', { ...down, assigned: 3 }, { assigned: 9 }, 43],
  ])('is not where it %s', (_, challenger, before, requests) => {
    expect(windowOf(100, challenger, before)).toMatchObject({ assigned: requests, requests, errors: 40 });
  });

  test('had a part of the traffic: the other one got it, which shows in the split', () => {
    expect(windowOf(10, down)).toMatchObject({ assigned: 0, requests: 0 });
  });
});

test('what is open can be dropped, and old windows go', () => {
  expect(dropWindow(begun())).toEqual(NOTHING_COUNTED);
  let counting = NOTHING_COUNTED;
  for (let minute = 1; minute <= 310; minute += 1) {
    counting = closeWindow(openWindow(counting, reading(minute - 1), 0), reading(minute));
  }
  expect(counting.windows).toHaveLength(300);
  expect(counting.windows.at(-1)!.sequence).toBe(310);
});
