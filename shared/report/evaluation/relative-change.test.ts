import { expect, test } from 'vitest';
import { relativeChange, relativeChangeText } from './relative-change.ts';

const limit = { kind: 'min_relative_change', limit: -0.02, interval: [0.01, 0.05] } as const;

test('the change and its interval are shares of the champion, in the direction of the difference', () => {
  // Of a champion of 2 the margin is 0.04: a benefit of 0.03 clears −0.04 by 0.07.
  const kept = { ...limit, interval: [0.05, 0.09] as [number, number] };
  const higher = relativeChange({ champion: 2, difference: 0.03, direction: 'higher' }, kept)!;
  expect(relativeChangeText(higher)).toBe('+1.5 % [+0.5, +2.5]');
  const lower = relativeChange({ champion: 2, difference: -0.03, direction: 'lower' }, kept)!;
  expect(relativeChangeText(lower)).toBe('−1.5 % [−2.5, −0.5]');
});

test('the end of the interval is beyond the limit exactly where the limit is not cleared', () => {
  const end = (low: number): number =>
    relativeChange(
      { champion: -0.5, difference: 0.01, direction: 'higher' },
      { ...limit, interval: [low, 0.04] },
    )!.interval![0];
  expect(end(0)).toBeCloseTo(-2, 12);
  expect(end(0.001)).toBeGreaterThan(-2);
  expect(end(-0.001)).toBeLessThan(-2);
});

test('without an interval the change alone; nothing of other limits or of a champion of 0', () => {
  const result = { champion: 2, difference: 0.03, direction: 'higher' } as const;
  expect(relativeChangeText(relativeChange(result, { ...limit, interval: null })!)).toBe('+1.50 %');
  expect(relativeChange(result, { kind: 'min_absolute_change', limit: 0, interval: [0, 1] })).toBeUndefined();
  expect(relativeChange({ ...result, champion: 0 }, { ...limit, interval: null })).toBeUndefined();
});
