import { expect, test } from 'vitest';
import { Limits, TooMuch } from '../../../shared/models/scan/limits.ts';
import { BOUNDS } from './bounds.ts';

const { depth, streams, freeBytes, freeRatio, ratio, errors } = BOUNDS;

test('the limits of the scan are those that docs/scan.md names', () => {
  const small = new Limits(1);
  small.unpacked(freeBytes);
  expect(() => small.unpacked(1)).toThrow(TooMuch);
  small.read(1);
  small.unpacked(ratio);
  expect(() => small.unpacked(1)).toThrow(TooMuch);

  const large = new Limits(freeBytes);
  large.unpacked(freeBytes * freeRatio);
  expect(() => large.unpacked(1)).toThrow(TooMuch);

  for (let count = 0; count < streams; count++) small.enter(depth);
  expect(() => small.enter(0)).toThrow(TooMuch);
  expect(() => large.enter(depth + 1)).toThrow(TooMuch);

  for (let count = 0; count < errors; count++) large.refused();
  expect(() => large.refused()).toThrow(TooMuch);
});
