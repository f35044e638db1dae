import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extremes } from './extremes.ts';

const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -1000, max: 1000 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);

test('of long series the first, the last, the lowest, the highest and a fault are kept, in order', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 700 }),
      fc.integer({ min: 5, max: 90 }),
      (values, most) => {
        const kept = extremes(values, most);
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, 1));
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1]);
        const finite = (some: readonly number[]) => some.filter(Number.isFinite);
        const shown = kept.map((index) => values[index]!);
        expect(Math.min(...finite(shown))).toBe(Math.min(...finite(values)));
        expect(Math.max(...finite(shown))).toBe(Math.max(...finite(values)));
        expect(shown.some((one) => !Number.isFinite(one))).toBe(values.some((one) => !Number.isFinite(one)));
      },
    ),
  );
});

test('one peak of a million values is drawn, and its neighbours are where they were', () => {
  const values = Float64Array.from({ length: 1_000_000 }, (_, index) => (index === 654_321 ? 9 : index % 3));
  const kept = extremes([...values], 400);
  expect(kept.length).toBeLessThanOrEqual(400);
  expect(kept).toContain(654_321);
  const gaps = kept.slice(1).map((index, place) => index - kept[place]!);
  expect(Math.max(...gaps)).toBeLessThan(1_000_000 / 100);
});
