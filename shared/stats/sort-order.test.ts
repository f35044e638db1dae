import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ascendingOrder } from './sort-order.ts';

test('orders like a stable comparator sort, small and large, with ties, infinities and both signs', () => {
  const value = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -5e-324),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.constantFrom(1, 100), (few, times) => {
      // +0 for −0: a comparator holds them equal.
      const values = Float64Array.from(
        { length: few.length * times },
        (_, index) => few[(index * 7) % few.length]! + 0,
      );
      const expected = Array.from(values.keys()).sort(
        (a, b) => Math.sign(compare(values[a]!, values[b]!)) || a - b,
      );
      expect(Array.from(ascendingOrder(values))).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

test('a NaN has no rank', () => {
  expect(() => ascendingOrder(Float64Array.of(1, Number.NaN))).toThrow(RangeError);
});

test('values that agree in their upper halves are told apart, few or many of them; −0 comes before 0', () => {
  const near = (index: number): number => 1 + ((index * 7919) % 5000) * 2 ** -48;
  const values = Float64Array.from({ length: 5000 }, (_, index) =>
    index % 50 === 0 ? (index % 100 === 0 ? 0 : -0) : index % 2 ? near(index) : index / 7,
  );
  const order = ascendingOrder(values);
  expect(new Set(order).size).toBe(values.length);
  for (let place = 1; place < order.length; place++) {
    const [before, after] = [order[place - 1]!, order[place]!];
    const [a, b] = [values[before]!, values[after]!];
    const isInOrder = a < b || (a === b && (Object.is(a, b) ? before < after : Object.is(a, -0)));
    if (!isInOrder) expect.fail(`${a} at ${before} comes before ${b} at ${after}`);
  }
});
