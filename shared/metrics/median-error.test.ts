import { expect, test } from 'vitest';
import { randomGenerator } from '../stats/random.ts';
import { medianAbsoluteError } from './regression.ts';
import type { Rows } from './rows.ts';

const random = randomGenerator(11);

/** Errors that are uniform on [0, 1), so that the density at the median is 1. */
const uniformErrors = (count: number): Rows => ({
  truth: new Float64Array(count),
  predicted: Float64Array.from({ length: count }, () => random()),
});

function standardError(rows: Rows): number {
  const found = medianAbsoluteError(rows);
  if (found.value === undefined || found.spread.kind !== 'influence')
    throw new Error('a value with influences');
  return Math.sqrt(found.spread.influence().reduce((sum, part) => sum + part * part, 0));
}

test('the error of a median is 1 / (2·density·√n), and of weights by their effective number', () => {
  const rows = uniformErrors(20_000);
  expect(standardError(rows) * 2 * Math.sqrt(20_000)).toBeCloseTo(1, 1);
  // Half the rows with weight: as if the others were not there.
  const weight = rows.truth.map((_, row) => row % 2);
  expect(standardError({ ...rows, weight }) * 2 * Math.sqrt(10_000)).toBeCloseTo(1, 1);
  // A quarter with weight 3, a quarter with 1: Σw²/(Σw)² is 5/40,000.
  const uneven = rows.truth.map((_, row) => [3, 1, 0, 0][row % 4]!);
  expect(standardError({ ...rows, weight: uneven }) / (Math.sqrt(5 / 40_000) / 2)).toBeCloseTo(1, 1);
});

test('errors that are all the same have no spread', () => {
  const rows = { truth: new Float64Array(50), predicted: new Float64Array(50).fill(2) };
  expect(medianAbsoluteError(rows).value).toBe(2);
  expect(standardError(rows)).toBe(0);
});
