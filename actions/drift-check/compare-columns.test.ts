import { describe, expect, test } from 'vitest';
import { effectOfNumbers } from './column-effects.ts';
import { compareCategorical, compareNulls, compareNumeric } from './compare-columns.ts';
import { encodeCategories } from './table.ts';

const numeric = (values: number[]) => ({ kind: 'numeric' as const, values: Float64Array.from(values) });
const repeat = (value: string | null, times: number) => new Array<string | null>(times).fill(value);
const categories = (...values: (string | null)[][]) => encodeCategories(values.flat());

describe('numeric columns', () => {
  test('a constant on both sides is not judged', () => {
    const found = compareNumeric(numeric([3, 3, 3]), numeric([3, 3]));
    expect(found.values).toBeUndefined();
    expect(found.note).toBe('one and the same value on both sides');
  });

  test('a constant that changed is found, with a finite effect', () => {
    const found = compareNumeric(numeric(new Array(50).fill(0)), numeric(new Array(50).fill(1)));
    expect(found.values?.pValue).toBeLessThan(1e-10);
    expect(found.values?.effect).toBeCloseTo(2, 12);
  });

  test('a column that became null is found by its nulls', () => {
    const found = compareNumeric(
      numeric([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
      numeric(new Array(10).fill(Number.NaN)),
    );
    expect(found.values).toBeUndefined();
    expect(found.note).toBe('no value in the data');
    expect(found.nulls?.pValue).toBeLessThan(1e-4);
    expect(found.nulls?.effect).toBeGreaterThan(0.5);
  });

  test('infinite values count as nulls and leave the effect finite', () => {
    const found = compareNumeric(numeric([1, 2, 3, Number.POSITIVE_INFINITY]), numeric([1, 2, 3, 4]));
    expect(found.reference.nullShare).toBe(0.25);
    expect(found.values?.effect).toBeGreaterThan(0);
    expect(Number.isFinite(found.values?.effect)).toBe(true);
  });

  test('no rows at all is not judged', () => {
    const found = compareNumeric(numeric([]), numeric([1]));
    expect(found.values).toBeUndefined();
    expect(found.reference).toMatchObject({ rows: 0, mean: null, deviation: null });
  });

  test.each(['psi', 'jensen_shannon', 'hellinger', 'total_variation'] as const)(
    '%s sees a constant reference move',
    (measure) => {
      const before = Float64Array.from(new Array(40).fill(5));
      expect(effectOfNumbers(before, before, measure)).toBe(0);
      expect(effectOfNumbers(before, Float64Array.from(new Array(40).fill(4)), measure)).toBeGreaterThan(0.5);
      expect(effectOfNumbers(before, Float64Array.from(new Array(40).fill(6)), measure)).toBeGreaterThan(0.5);
    },
  );
});

describe('null share', () => {
  test('few nulls on both sides cannot be tested', () => {
    expect(compareNulls(100, 1, 100, 2)).toBeUndefined();
    expect(compareNulls(100, 0, 100, 0)).toBeUndefined();
  });
});

describe('categorical columns', () => {
  test('null is a category', () => {
    const found = compareCategorical(
      categories(repeat('a', 50), repeat('b', 50)),
      categories(repeat('a', 50), repeat(null, 50)),
    );
    expect(found.values?.pValue).toBeLessThan(1e-10);
    expect(found.data.nullShare).toBe(0.5);
  });

  test('unseen values are named, most frequent first', () => {
    const found = compareCategorical(
      categories(repeat('a', 50)),
      categories(repeat('z', 2), repeat('y', 7), repeat('a', 41)),
    );
    expect(found.unseen).toEqual([
      { value: 'y', rows: 7 },
      { value: 'z', rows: 2 },
    ]);
    expect(found.unseenCount).toBe(2);
  });

  test('a value called (null) is not the null', () => {
    const found = compareCategorical(categories(repeat('a', 50)), categories(repeat('(null)', 50)));
    expect(found.data.nullShare).toBe(0);
    expect(found.unseen).toEqual([{ value: '(null)', rows: 50 }]);
  });

  test('keys that are all different are not judged', () => {
    const keys = (prefix: string) =>
      encodeCategories(Array.from({ length: 500 }, (_, row) => `${prefix}${row}`));
    const found = compareCategorical(keys('a'), keys('b'));
    expect(found.values).toBeUndefined();
    expect(found.note).toBe('too few rows per category');
  });

  test('one category on both sides is not judged; another one is drift', () => {
    expect(compareCategorical(categories(repeat('a', 50)), categories(repeat('a', 20))).note).toBe(
      'one and the same value on both sides',
    );
    expect(
      compareCategorical(categories(repeat('a', 50)), categories(repeat('b', 50))).values?.pValue,
    ).toBeLessThan(1e-20);
  });
});
