import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalRuns } from './decimal-runs.ts';
import { runLength } from './sorted-runs.ts';

/** The numbers in order, as their runs tell it. */
function ordered(values: Float64Array): number[] | undefined {
  const runs = decimalRuns(values.slice(), new Float64Array(values.length));
  return runs && [...runs.values].flatMap((value, at) => new Array(runLength(runs, at)).fill(value));
}

describe('decimalRuns', () => {
  test('orders multiples of a power of ten as the language does, near each other and far apart', () => {
    const unit = fc.constantFrom(1e6, 1e3, 1, 0.1, 0.01, 1e-4, 1e-6);
    const range = fc.constantFrom(3, 1000, 2 ** 20, 2 ** 31 - 1);
    const values = fc.tuple(
      unit,
      range,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
    );
    fc.assert(
      fc.property(values, ([one, most, shares]) => {
        const parts = Math.round(1 / one);
        const given = Float64Array.from(shares, (share) => {
          const whole = Math.round((share - 0.5) * most);
          return one < 1 ? whole / parts : whole * one;
        });
        expect(ordered(given)).toEqual([...given].map((value) => value + 0).sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  test('takes −0 for 0, counted or sorted', () => {
    for (const last of [1, 2 ** 31]) {
      const given = Float64Array.of(last, 0, -0, 2, -0, 0, -1);
      expect(ordered(given)).toEqual([-1, 0, 0, 0, 0, ...[2, last].sort((a, b) => a - b)]);
    }
  });

  test.each([
    ['NaN', [1, Number.NaN]],
    ['infinity', [1, Infinity]],
    ['more decimals than are looked for', [1, Math.PI]],
    ['numbers too far apart', [0, 2 ** 33]],
    ['numbers of which not each is whole by itself', [2 ** 53, 2 ** 53 + 2]],
    ['decimals and −0 too far apart', [0.7, -0, 2 ** 33, 0.1]],
    ['none of a unit after the sampled ones', [...new Array(1000).fill(0.5), 1 / 3, 0.25]],
  ])('leaves %s as they are', (_, values) => {
    const given = Float64Array.from(values);
    expect(decimalRuns(given, new Float64Array(given.length))).toBeUndefined();
    expect([...given]).toEqual(values);
  });
});
