import { expect, test } from 'vitest';
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
  ...{ instance: '1', at },
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

test('what is open can be dropped, and old windows go', () => {
  expect(dropWindow(begun())).toEqual(NOTHING_COUNTED);
  let counting = NOTHING_COUNTED;
  for (let minute = 1; minute <= 310; minute += 1) {
    counting = closeWindow(openWindow(counting, reading(minute - 1), 0), reading(minute));
  }
  expect(counting.windows).toHaveLength(300);
  expect(counting.windows.at(-1)!.sequence).toBe(310);
});
