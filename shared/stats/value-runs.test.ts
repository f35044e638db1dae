import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runLength, type ValueRuns } from './sorted-runs.ts';
import { valueRuns } from './value-runs.ts';

const LARGE = 5000;

function runsOf(values: Float64Array): ValueRuns {
  return valueRuns(values.slice(), new Float64Array(values.length));
}

/** By a map, which takes −0 for 0 and every NaN for one. */
function counted(values: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

test('has each value once, in order, and how often it occurs', () => {
  const anything = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN, Infinity, -Infinity));
  const kinds = fc.constantFrom(
    anything,
    fc.integer(),
    fc.integer({ min: 0, max: 9 }).map((whole) => whole / 10),
  );
  const lists = kinds.chain((kind) => fc.array(kind, { minLength: 1, maxLength: 200 }));
  fc.assert(
    fc.property(lists, fc.boolean(), (some, isLarge) => {
      const length = isLarge ? LARGE + some.length : some.length;
      const values = Float64Array.from({ length }, (_, index) => some[(index * 7919) % some.length]!);
      const runs = runsOf(values);
      const expected = [...counted(values)].sort(
        ([a], [b]) => Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || a - b,
      );
      expect([...runs.values].map((value, at) => [value, runLength(runs, at)])).toEqual(expected);
      expect(runs.ends.at(-1)).toBe(length);
      // `toEqual` of numbers tells −0 from 0.
      expect(runs.values.some((value) => Object.is(value, -0))).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test('of no number there is no run', () => {
  expect(runsOf(new Float64Array()).values).toHaveLength(0);
});

test('leaves what lies beside the numbers in their memory alone', () => {
  for (const scale of [1, Math.PI]) {
    const memory = new Float64Array(LARGE + 20).map((_, index) => (LARGE - index) * scale);
    const before = memory.slice();
    const spare = new Float64Array(LARGE + 20).fill(7);
    const { values } = valueRuns(memory.subarray(10, LARGE + 10), spare.subarray(10, LARGE + 10));
    expect(values[0]).toBe(-9 * scale);
    expect(memory.subarray(0, 10)).toEqual(before.subarray(0, 10));
    expect(memory.subarray(LARGE + 10)).toEqual(before.subarray(LARGE + 10));
    expect([...spare.subarray(0, 10), ...spare.subarray(LARGE + 10)]).toEqual(new Array(20).fill(7));
  }
});
