/** The interval of one model’s value near an end of its range, and the bounds that it keeps. */
import { describe, expect, test } from 'vitest';
import { compare } from './fixtures/simulated-rows.ts';
import { numberClusters, type Rows } from './rows.ts';

describe('a value near its bound', () => {
  /** As many positive rows as said, of which as many as `low` stand below half of the negative ones. */
  const areas = (positives: number, low: number): Rows => {
    const truth = Float64Array.from({ length: 500 }, (_, row) => (row < positives ? 1 : 0));
    const score = truth.map((label, row) => (label === 1 ? (row < low ? 0.5 : 2) : row / 500));
    return { truth, score };
  };

  test('stays within its range, farther from the bound than from the estimate', () => {
    const found = compare('roc_auc', undefined, areas(200, 20));
    const [low, high] = found.challengerInterval!;
    expect(high).toBeLessThan(1);
    expect(found.challenger.value! - low).toBeGreaterThan(1.2 * (high - found.challenger.value!));
  });

  test('a bound passes just where the interval lies beyond it, and is tested alike', () => {
    const found = compare('roc_auc', undefined, areas(200, 20));
    const [low, high] = found.challengerInterval!;
    const ends = (rule: 'lower_bound' | 'upper_bound', limit: number) =>
      found.clearance(rule, limit)!.interval[0];
    expect(ends('lower_bound', low)).toBe(0);
    expect(ends('upper_bound', high)).toBe(0);
    expect(found.clearance('lower_bound', high)!.pValue).toBeCloseTo(0.025, 9);
    expect(found.clearance('upper_bound', low)!.pValue).toBeCloseTo(0.025, 9);
    expect(found.clearance('lower_bound', 0.5)!.value).toBeCloseTo(found.challenger.value! - 0.5, 12);
  });

  test('of a perfect ranking as few rows as the smaller class has are not endless proof', () => {
    const [few, many] = [
      compare('roc_auc', undefined, areas(50, 0)),
      compare('roc_auc', undefined, areas(250, 0)),
    ];
    expect(few.challenger.value).toBe(1);
    expect(few.tooFewForValue).toBeUndefined();
    // Newcombe (2006), method 5: (1 − A)·mn = z²·A·(1 + N·((1 − A)/(2 − A) + A/(1 + A))), where the estimate is 1.
    const low = few.challengerInterval![0];
    const variance = ((low * (1 - low)) / (50 * 450)) * (1 + 249 * ((1 - low) / (2 - low) + low / (1 + low)));
    expect((1 - low) / Math.sqrt(variance)).toBeCloseTo(1.959963984540054, 6);
    expect(few.challengerInterval![1]).toBe(1);
    expect(1 - many.challengerInterval![0]).toBeLessThan((1 - low) / 2);
  });

  test('with more rows the interval closes in on the estimate, also by what is no longer supposed', () => {
    const clearance = compare('roc_auc', undefined, areas(60, 2)).clearance('lower_bound', 0.95)!;
    expect(clearance.withRows!(1).interval).toEqual(clearance.interval);
    const lows = [1, 2, 4, 16, 256].map((times) => clearance.withRows!(times).interval[0]);
    expect(lows).toEqual([...lows].sort((a, b) => a - b));
    expect(lows.at(-1)).toBeGreaterThan(0);
    expect(clearance.withRows!(1e9).interval[0]).toBeCloseTo(clearance.value, 4);
  });

  test('weights and clusters lessen what the rows tell', () => {
    const plain = areas(60, 0);
    const lowOf = (rows: Rows) => compare('roc_auc', undefined, rows).challengerInterval![0];
    const weight = plain.truth.map((_, row) => (row % 2 === 0 ? 1 : 0));
    const clusters = numberClusters(Array.from(plain.truth, (_, row) => Math.floor(row / 2)));
    expect(lowOf({ ...plain, weight })).toBeLessThan(lowOf(plain));
    expect(lowOf({ ...plain, clusters })).toBeCloseTo(lowOf({ ...plain, weight }), 12);
  });

  test('an average precision of 1 is not judged, for its rows show no error', () => {
    expect(compare('average_precision', undefined, areas(60, 0)).tooFewForValue).toBe(
      'it is 1, as high as it can be, where rows show no error',
    );
    expect(compare('average_precision', undefined, areas(60, 3)).tooFewForValue).toBeUndefined();
  });
});
