import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { emptyPolicy } from '../policy/rules.ts';
import type { ExploredFeature } from './cell-table.ts';
import { lossOfRows } from './row-loss.ts';
import { searchSlices } from './slice-search.ts';
import { findWeakSlices } from './weak-slices.ts';

const ROWS = 4000;

/** Three features of four, five and two values that fall at random. */
function features(random: () => number): ExploredFeature[] {
  return [4, 5, 2].map((values, index) => ({
    name: ['country', 'age', 'device'][index]!,
    codes: Uint8Array.from({ length: ROWS }, () => Math.floor(random() * values)),
    labels: Array.from({ length: values }, (_, value) => `${'ABCDE'[value]}`),
  }));
}

const question = (explored: ExploredFeature[], loss: Float64Array) => ({
  features: explored,
  loss,
  minSamples: 100,
  falseDiscoveryRate: 0.05,
  confidence: 0.95,
  limit: 10,
});

describe('the search for weak slices', () => {
  test('finds what is planted in two features, and nothing that only overlaps it', () => {
    const random = randomGenerator(1);
    const explored = features(random);
    const inside = (row: number) => explored[0]!.codes[row] === 0 && explored[1]!.codes[row] === 0;
    const loss = Float64Array.from({ length: ROWS }, (_, row) =>
      random() < (inside(row) ? 0.45 : 0.15) ? 1 : 0,
    );
    const found = searchSlices(question(explored, loss));
    expect(found.map((slice) => slice.features)).toEqual([{ country: 'A', age: 'A' }]);
    const [first] = found;
    const rows = [...loss.keys()].filter(inside);
    expect([...first!.rows]).toEqual(rows);
    const mean = (chosen: number[]) => chosen.reduce((sum, row) => sum + loss[row]!, 0) / chosen.length;
    expect(first!.inside).toBeCloseTo(mean(rows), 12);
    expect(first!.outside).toBeCloseTo(mean([...loss.keys()].filter((row) => !inside(row))), 12);
    expect(first!.adjustedPValue).toBeLessThan(1e-6);
    expect(first!.interval[0]).toBeGreaterThan(0.15);
  });

  test('two slices apart are both found, each without the rows of the other', () => {
    const random = randomGenerator(2);
    const explored = features(random);
    const rate = (row: number) =>
      explored[0]!.codes[row] === 1 ? 0.5 : explored[1]!.codes[row] === 2 ? 0.35 : 0.1;
    const loss = Float64Array.from({ length: ROWS }, (_, row) => (random() < rate(row) ? 1 : 0));
    const found = searchSlices(question(explored, loss));
    expect(found.slice(0, 2).map((slice) => slice.features)).toEqual([{ country: 'B' }, { age: 'C' }]);
    expect([...found[1]!.rows].some((row) => explored[0]!.codes[row] === 1)).toBe(false);
  });

  test('of losses that are numbers too, far from zero as well', () => {
    const random = randomGenerator(3);
    const explored = features(random);
    const loss = Float64Array.from(
      { length: ROWS },
      (_, row) => 1e6 - Math.log(1 - random()) * (explored[2]!.codes[row] === 1 ? 2 : 1),
    );
    const [first, ...others] = searchSlices(question(explored, loss));
    expect(first!.features).toEqual({ device: 'B' });
    expect(first!.inside - first!.outside).toBeCloseTo(1, 0);
    expect(first!.interval[0]).toBeGreaterThan(0.8);
    expect(others).toEqual([]);
  });

  test('where nothing is weak, at most one table in twenty says so', () => {
    let reported = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomGenerator(seed * 7919);
      const loss = Float64Array.from({ length: ROWS }, () => (random() < 0.2 ? 1 : 0));
      if (searchSlices(question(features(random), loss)).length > 0) reported++;
    }
    expect(reported).toBeLessThanOrEqual(5);
  });

  test('no error at all, and too few rows outside, are no slices', () => {
    const random = randomGenerator(4);
    const explored = features(random);
    expect(searchSlices(question(explored, new Float64Array(ROWS)))).toEqual([]);
    const nearlyAll: ExploredFeature = {
      name: 'kind',
      codes: Uint8Array.from({ length: ROWS }, (_, row) => (row < 50 ? 1 : 0)),
      labels: ['most', 'few'],
    };
    const loss = Float64Array.from({ length: ROWS }, (_, row) => (row < 50 ? 0 : 1));
    expect(searchSlices(question([nearlyAll], loss))).toEqual([]);
  });

  test('a code beyond the labels is in no slice', () => {
    const codes = Uint8Array.from({ length: ROWS }, (_, row) => row % 2);
    const loss = Float64Array.from(codes);
    expect(searchSlices(question([{ name: 'f', codes, labels: ['even'] }], loss))).toEqual([]);
    expect(searchSlices(question([{ name: 'f', codes, labels: ['even', 'odd'] }], loss))).toHaveLength(1);
  });
});

describe('what a row loses', () => {
  const rows = {
    truth: Float64Array.of(1, 0, 1),
    predicted: Float64Array.of(1, 1, 0),
    score: Float64Array.of(0.9, 0.6, 0),
  };

  test('by task', () => {
    expect(lossOfRows('binary', rows, true)).toEqual({
      name: 'wrong labels',
      values: Float64Array.of(0, 1, 1),
    });
    const scores = lossOfRows('binary', rows, false)!;
    expect(scores.name).toBe('log loss');
    expect(scores.values[0]).toBeCloseTo(-Math.log(0.9), 12);
    expect(scores.values[2]).toBeLessThan(40);
    expect(
      lossOfRows('regression', { truth: Float64Array.of(1, 5), predicted: Float64Array.of(3, 4) }, true),
    ).toEqual({
      name: 'absolute error',
      values: Float64Array.of(2, 1),
    });
    const labels = [rows, { ...rows, predicted: rows.truth }].map((one, index) => ({
      name: `l${index}`,
      ...one,
    }));
    expect(lossOfRows('multilabel', { truth: rows.truth, labels }, true)!.values).toEqual(
      Float64Array.of(0, 0.5, 0.5),
    );
    expect(lossOfRows('ranking', rows, true)).toBeUndefined();
  });
});

describe('as the record has it', () => {
  const random = randomGenerator(6);
  const explored = features(random);
  const truth = new Float64Array(ROWS);
  const wrongIn = (rate: (row: number) => number) => truth.map((_, row) => (random() < rate(row) ? 1 : 0));
  const challenger = { truth, predicted: wrongIn((row) => (explored[2]!.codes[row] === 0 ? 0.4 : 0.1)) };
  const champion = { truth, predicted: wrongIn(() => 0.1) };
  const policy = emptyPolicy('binary');

  test('with the champion’s loss inside', () => {
    const weak = findWeakSlices(policy, { champion, challenger, features: explored, hasLabels: true })!;
    expect(weak).toMatchObject({ loss: 'wrong labels', features: ['country', 'age', 'device'] });
    expect(weak.found).toHaveLength(1);
    expect(weak.found[0]).toMatchObject({ features: { device: 'A' } });
    expect(weak.found[0]!.inside).toBeCloseTo(0.4, 1);
    expect(weak.found[0]!.champion).toBeCloseTo(0.1, 1);
  });

  test('null where it is off, or there is nothing to look among', () => {
    const off = { ...policy, slice_discovery: { ...policy.slice_discovery, enabled: false } };
    expect(findWeakSlices(off, { champion, challenger, features: explored, hasLabels: true })).toBeNull();
    expect(findWeakSlices(policy, { champion, challenger, features: [], hasLabels: true })).toBeNull();
    const broken = { truth, score: truth.map(() => Number.NaN) };
    expect(
      findWeakSlices(policy, { champion, challenger: broken, features: explored, hasLabels: false }),
    ).toBeNull();
  });
});
