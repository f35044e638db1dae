import { describe, expect, test } from 'vitest';
import type { DriftTable } from '../table.ts';
import { type ClassColumns, classScoreColumns, numberClasses } from './class-columns.ts';

const side = (rowCount: number, columns: Partial<ClassColumns>, order?: Uint32Array) => ({
  table: { rowCount, columns: new Map() } as DriftTable,
  columns: { scores: new Map<string, Float64Array>(), ...columns },
  order,
});

test('columns of scores begin with the name of y_score', () => {
  const names = ['y_score_cat', 'y_score_', 'y_score', 'proba_cat', 'age'];
  expect([...classScoreColumns(names, {})]).toEqual([['cat', 'y_score_cat']]);
  expect([...classScoreColumns(names, { y_score: 'proba' })]).toEqual([['cat', 'proba_cat']]);
});

describe('classes', () => {
  test('have one number on both sides, whichever side has them', () => {
    const reference = side(3, { labels: ['dog', 'cat', null], predictions: ['cat', 'cat', 'dog'] });
    const data = side(2, { labels: ['emu', 'dog'] });
    numberClasses([reference, data]);
    expect(reference.table).toMatchObject({
      classes: ['cat', 'dog', 'emu'],
      labels: Float64Array.of(1, 0, Number.NaN),
      predictions: Float64Array.of(0, 0, 1),
    });
    expect(data.table).toMatchObject({ labels: Float64Array.of(2, 1) });
    expect(data.table.predictions).toBeUndefined();
  });

  test('that are numbers are one however they are written, and sorted as numbers', () => {
    const one = side(3, { labels: ['10', '2.0', '2'] });
    numberClasses([one]);
    expect(one.table).toMatchObject({ classes: ['2', '10'], labels: Float64Array.of(1, 0, 0) });
  });

  test('without predictions are those of the largest score, in the order of time', () => {
    const scores = new Map([
      ['b', Float64Array.of(0.2, 0.5, 0.9)],
      ['a', Float64Array.of(0.8, 0.5, Number.NaN)],
    ]);
    const one = side(3, { scores }, Uint32Array.of(2, 1, 0));
    numberClasses([one]);
    expect(one.table.predictions).toEqual(Float64Array.of(Number.NaN, 0, 0));
    expect(one.table.classScores![1]).toEqual(Float64Array.of(0.9, 0.5, 0.2));
  });

  test('that have no scores while others have are refused', () => {
    const one = side(1, { labels: ['emu'], scores: new Map([['cat', Float64Array.of(1)]]) });
    expect(() => numberClasses([one])).toThrow(/scores for cat, and none for emu/);
  });
});
