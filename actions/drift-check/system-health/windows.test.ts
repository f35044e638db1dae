import { expect, test } from 'vitest';
import { systemPolicySchema } from '../../../shared/records/system-policy.ts';
import { planWindows, rangesOf, stepValues } from './windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const policyOf = (more: object) =>
  systemPolicySchema.parse({
    source: { prometheus: 'http://localhost:9090' },
    measures: [{ name: 'x', query: 'x', max: 1 }],
    ...more,
  });
const time = (text: string) => Date.parse(`2026-03-${text}Z`);

test('the window ends with a whole step before the delay, and past windows at the same time of earlier days', () => {
  const plan = planWindows(policyOf({ past: '3d' }), new Date(time('10T12:07:45')));
  expect(plan.current).toEqual({ start: time('10T11:05:00'), end: time('10T12:05:00') });
  expect(plan.past.map(({ end }) => end)).toEqual(['07', '08', '09'].map((day) => time(`${day}T12:05:00`)));
  expect(plan.past[0]).toEqual({ start: time('07T11:05:00'), end: time('07T12:05:00') });
});

test('windows that follow one another are one range', () => {
  const { past, current, step } = planWindows(
    policyOf({ window: '1h', season: '1h', past: '5h' }),
    new Date(time('10T12:02:00')),
  );
  expect(rangesOf([...past, current], step)).toEqual([
    { start: time('10T06:00:00'), end: time('10T12:00:00'), step: MINUTE },
  ]);
  const apart = [
    { start: 0, end: HOUR },
    { start: 2 * HOUR, end: 3 * HOUR },
  ];
  expect(rangesOf(apart, MINUTE)).toHaveLength(2);
});

test('each step has the value of its end; what is not finite, absent or outside is none', () => {
  const window = { start: 10 * MINUTE, end: 15 * MINUTE };
  const points = [
    { time: 10 * MINUTE, value: 99 },
    { time: 11 * MINUTE, value: 1 },
    { time: 12 * MINUTE, value: Number.NaN },
    { time: 13 * MINUTE, value: Number.POSITIVE_INFINITY },
    { time: 15 * MINUTE, value: 5 },
    { time: 16 * MINUTE, value: 99 },
  ];
  expect(stepValues(points, window, MINUTE)).toEqual([1, null, null, null, 5]);
});
