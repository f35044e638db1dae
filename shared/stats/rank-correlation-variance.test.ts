import { describe, expect, test } from 'vitest';
import { randomGenerator } from './random.ts';
import { correlationDifferencePValue, correlationOf, midRanks } from './rank-correlation.ts';
import { fisherVariance, rankColumn } from './rank-correlation-variance.ts';

const ROWS = 400;
const SAMPLES = 400;

type Draw = (normal: () => number, random: () => number) => [number, number];

/** Variance of Fisher's z over many samples, and the mean of what is estimated from each. */
function compare(draw: Draw): { real: number; estimated: number } {
  const random = randomGenerator(11);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const values: number[] = [];
  let estimated = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const rows = Array.from({ length: ROWS }, () => draw(normal, random));
    const [first, second] = [0, 1].map((side) =>
      midRanks(Float64Array.from(rows, (row) => row[side as 0 | 1])),
    ) as [Float64Array, Float64Array];
    const { value } = correlationOf(first, second)!;
    values.push(Math.atanh(value));
    estimated += fisherVariance(rankColumn(first), rankColumn(second), value) / SAMPLES;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / SAMPLES;
  const real = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (SAMPLES - 1);
  return { real, estimated };
}

describe('the variance of Fisher’s z of a rank correlation', () => {
  test.each<[string, Draw]>([
    ['independent columns', (normal) => [normal(), normal()]],
    ['correlated ones', (normal) => ((first) => [first, 0.6 * first + 0.8 * normal()])(normal())],
    ['a spread that hangs on the other', (normal) => ((first) => [first, first * normal()])(normal())],
    ['ties', (normal, random) => [Math.floor(random() * 3), Math.round(normal())]],
    ['a rare flag', (normal, random) => ((flag) => [flag, normal() + flag])(Number(random() < 0.05))],
    [
      'nulls',
      (normal, random) => ((first) => [random() < 0.3 ? Number.NaN : first, first + normal()])(normal()),
    ],
  ])('%s: that of many samples', (_, draw) => {
    const { real, estimated } = compare(draw);
    // The variance of 400 samples is known to about 7 %.
    expect(estimated / real).toBeGreaterThan(0.8);
    expect(estimated / real).toBeLessThan(1.25);
  });

  test('is none where the correlation is perfect or rows are too few', () => {
    const ranks = midRanks(Float64Array.of(1, 2, 3, 4, 5));
    expect(fisherVariance(rankColumn(ranks), rankColumn(ranks), 1)).toBe(0);
    const few = midRanks(Float64Array.of(1, 2, Number.NaN, Number.NaN, 5));
    expect(fisherVariance(rankColumn(ranks), rankColumn(few), 0.5)).toBe(0);
  });

  test('counts in the test of a difference only where it is the larger one', () => {
    const first = { value: 0.1, rows: 500 };
    const second = { value: 0.3, rows: 500 };
    const usual = correlationDifferencePValue(first, second);
    expect(correlationDifferencePValue({ ...first, variance: 1e-6 }, second)).toBe(usual);
    expect(correlationDifferencePValue({ ...first, variance: 0.01 }, second)).toBeGreaterThan(usual);
  });
});
