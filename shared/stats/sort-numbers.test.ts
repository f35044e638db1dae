import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortNumbers } from './sort-numbers.ts';

const LARGE = 5000;

function sorted(values: Float64Array): Float64Array {
  const copy = values.slice();
  sortNumbers(copy, new Float64Array(values.length));
  return copy;
}

test('sorts as the language does, few numbers and many, with −0, infinities and NaN', () => {
  const numbers = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -1, Number.NaN, Infinity, -Infinity));
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 200 }), fc.boolean(), (some, isLarge) => {
      const length = isLarge ? LARGE + some.length : some.length;
      const values = Float64Array.from({ length }, (_, index) => some[(index * 7919) % some.length]!);
      const made = sorted(values);
      const expected = values.slice().sort();
      for (let index = 0; index < length; index++) expect(Object.is(made[index], expected[index])).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('sorts what differs in every digit, and what is in order already', () => {
  let state = 1n;
  const bits = new BigUint64Array(LARGE).map(() => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return state;
  });
  const values = new Float64Array(bits.buffer);
  const expected = values.slice().sort();
  expect(sorted(values)).toEqual(expected);
  expect(sorted(expected)).toEqual(expected);
});

test('leaves what lies beside the numbers in their memory alone', () => {
  const memory = new Float64Array(LARGE + 20).map((_, index) => LARGE - index);
  const spare = new Float64Array(LARGE + 20).fill(7);
  sortNumbers(memory.subarray(10, LARGE + 10), spare.subarray(10, LARGE + 10));
  expect([memory[0], memory[9], memory[10], memory.at(-11), memory.at(-10), memory.at(-1)]).toEqual([
    LARGE,
    LARGE - 9,
    -9,
    LARGE - 10,
    -10,
    -19,
  ]);
  expect([...spare.subarray(0, 10), ...spare.subarray(LARGE + 10)]).toEqual(new Array(20).fill(7));
});
