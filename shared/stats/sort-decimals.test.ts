import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortDecimals } from './sort-decimals.ts';

function sorted(values: Float64Array): Float64Array | undefined {
  const copy = values.slice();
  return sortDecimals(copy, new Float64Array(values.length)) ? copy : undefined;
}

function expectSame(made: Float64Array | undefined, expected: Float64Array): void {
  expect(made).toBeDefined();
  // `toEqual` alone takes −0 for 0 in a typed array.
  expect([...made!].map((value) => (Object.is(value, -0) ? '-0' : value))).toEqual(
    [...expected].map((value) => (Object.is(value, -0) ? '-0' : value)),
  );
}

describe('sortDecimals', () => {
  test('sorts multiples of a power of ten as the language does, near each other and far apart', () => {
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
        expectSame(sorted(given), given.slice().sort());
      }),
      { numRuns: 300 },
    );
  });

  test('puts −0 before 0, counted or sorted', () => {
    for (const last of [1, 2 ** 31]) {
      const given = Float64Array.of(last, 0, -0, 2, -0, 0, -1);
      expectSame(sorted(given), Float64Array.of(-1, -0, -0, 0, 0, 2, last).sort());
    }
  });

  test.each([
    ['NaN', [1, Number.NaN]],
    ['infinity', [1, Infinity]],
    ['more decimals than are looked for', [1, Math.PI]],
    ['numbers too far apart', [0, 2 ** 33]],
    ['numbers of which not each is whole by itself', [2 ** 53, 2 ** 53 + 2]],
    ['none of a unit after the sampled ones', [...new Array(1000).fill(0.5), 1 / 3, 0.25]],
  ])('leaves %s as they are', (_, values) => {
    const given = Float64Array.from(values);
    expect(sortDecimals(given, new Float64Array(given.length))).toBe(false);
    expect([...given]).toEqual(values);
  });
});
