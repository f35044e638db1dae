import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../random.ts';
import { adwin } from './adwin.ts';
import { ddm } from './ddm.ts';
import { type ChangeDetector, findAlarms } from './detector.ts';
import { kswin, smirnovTail } from './kswin.ts';
import { pageHinkley } from './page-hinkley.ts';

const DETECTORS: [string, () => ChangeDetector][] = [
  ['ADWIN', () => adwin()],
  ['Page–Hinkley', () => pageHinkley()],
  ['DDM', () => ddm()],
  ['KSWIN', () => kswin()],
];

/** Errors whose share jumps from 10 % to 60 % at row 1,000. */
function jump(seed: number): Float64Array {
  const random = randomGenerator(seed);
  return Float64Array.from({ length: 1500 }, (_, row) => Number(random() < (row < 1000 ? 0.1 : 0.6)));
}

describe.each(DETECTORS)('%s', (name, make) => {
  test('sees a jump of the error soon after it', () => {
    const { drifts } = findAlarms(make(), jump(3));
    const after = drifts.filter((row) => row >= 1000);
    expect(after[0]).toBeLessThan(name === 'Page–Hinkley' ? 1300 : 1150);
  });

  test('is silent on a constant stream, however long', () => {
    expect(findAlarms(make(), new Float64Array(5000))).toEqual({ drifts: [], warnings: [] });
  });

  test('has nothing to say of no values', () => {
    expect(findAlarms(make(), new Float64Array(0))).toEqual({ drifts: [], warnings: [] });
  });

  test('refuses what is no number', () => {
    expect(() => findAlarms(make(), Float64Array.of(0, Number.NaN))).toThrow('the value at 1');
  });
});

test('DDM warns before it alarms, and takes only 0 and 1', () => {
  const { drifts, warnings } = findAlarms(ddm(), jump(3));
  const first = drifts.find((row) => row >= 1000)!;
  expect(warnings.some((row) => row >= 1000 && row < first)).toBe(true);
  expect(() => findAlarms(ddm(), Float64Array.of(0.5))).toThrow(RangeError);
});

test('options out of their range are refused', () => {
  expect(() => adwin({ delta: 0 })).toThrow(RangeError);
  expect(() => kswin({ windowSize: 50, statSize: 30 })).toThrow(RangeError);
});

test('the tail of Kolmogorov and Smirnov: two samples of three lie apart wholly in 2 of 20 orders', () => {
  expect(smirnovTail(3, 3)).toBeCloseTo(0.1, 12);
  expect(smirnovTail(3, 0)).toBe(1);
});
