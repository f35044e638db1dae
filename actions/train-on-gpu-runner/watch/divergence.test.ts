import { describe, expect, test } from 'vitest';
import { DIVERGING, divergedAt, HEALTHY, Noise } from '../fixtures/divergence-curves.ts';
import { divergence } from './divergence.ts';

/** How many of `count` curves are reported at any of their values. */
function reported(shape: (random: Noise, length: number) => number[], count: number): number {
  const random = new Noise(7);
  let found = 0;
  for (let index = 0; index < count; index++) {
    if (divergedAt(shape(random, 100 + (index % 4) * 50), divergence) !== undefined) found += 1;
  }
  return found / count;
}

describe('divergence', () => {
  test.each(Object.entries(HEALTHY))('a healthy loss is hardly ever reported: %s', (name, shape) => {
    // A loss that gains nothing and wanders with a long memory cannot be told from one that has begun to rise.
    expect(reported(shape, 25)).toBeLessThanOrEqual(name === 'wanders without a gain' ? 0.3 : 0);
  });

  test.each(Object.entries(DIVERGING))('a diverging one is: %s', (_name, shape) => {
    expect(reported(shape, 25)).toBeGreaterThanOrEqual(0.5);
  });

  test('few values and values that are no numbers say nothing', () => {
    expect(divergence([])).toBeUndefined();
    expect(divergence([1, 1, 1, 1, 9, 9, 9, 9])).toBeUndefined();
    expect(divergence(Array(100).fill(Number.NaN))).toBeUndefined();
  });
});
