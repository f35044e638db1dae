import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../stats/random.ts';
import { METRICS } from './catalogue.ts';
import { compareModels } from './comparison.ts';
import { areIdentical } from './identical-models.ts';
import type { Rows } from './rows.ts';

const random = randomGenerator(5);
const truth = Float64Array.from({ length: 400 }, () => (random() < 0.4 ? 1 : 0));
const score = truth.map((label) => 0.25 * label + 0.7 * random());
const predicted = score.map((value) => (value >= 0.5 ? 1 : 0));
const rows: Rows = { truth, score, predicted };
const copy = (): Rows => ({ truth, score: score.slice(), predicted: predicted.slice() });
const accuracy = METRICS.find(({ name, task }) => name === 'accuracy' && task === 'binary')!;
const compare = (champion: Rows, challenger: Rows) =>
  compareModels(accuracy, champion, challenger, { confidence: 0.95 });

test('one model is one whose fine numbers are equal in every row', () => {
  expect(areIdentical(rows, copy())).toBe(true);
  const other = score.slice();
  other[399] = other[399]! + 1e-15;
  expect(areIdentical(rows, { ...rows, score: other })).toBe(false);
  expect(areIdentical(rows, { truth, predicted })).toBe(false);
  expect(areIdentical({ truth, predicted }, { truth, predicted: predicted.slice() })).toBe(false);
});

test('a model is no worse than itself, by every binary metric', () => {
  for (const metric of METRICS.filter(({ task }) => task === 'binary')) {
    const { clearance, interval, tooFewForChange } = compareModels(metric, rows, copy(), {
      confidence: 0.95,
    });
    if (metric.intervalMethod === 'none') continue;
    expect(interval, metric.name).toEqual([0, 0]);
    expect(tooFewForChange, metric.name).toBeUndefined();
    const kept = clearance('min_absolute_change', 0)!;
    expect({ low: kept.interval[0] + 0, pValue: kept.pValue, shown: kept.shown }, metric.name).toEqual({
      low: 0,
      pValue: 1,
      shown: true,
    });
    // Asked to improve, it does not.
    expect(clearance('min_absolute_change', 0.01)!.pValue, metric.name).toBe(0);
    expect(clearance('max_absolute_change', 0.01)!.interval[0], metric.name).toBeCloseTo(0.01, 12);
  }
});

describe('labels alone that never differ', () => {
  const labels = { truth, predicted };

  test('are an estimate: a margin is kept with enough rows, a tighter one not yet', () => {
    const found = compare(labels, { truth, predicted: predicted.slice() });
    expect(found.interval![1]).toBeCloseTo(3.8415 / 403.8415, 4);
    expect(found.clearance('min_absolute_change', -0.01)!.interval[0]).toBeGreaterThan(0);
    const tight = found.clearance('min_absolute_change', -0.005)!;
    expect(tight.interval[0]).toBeLessThan(0);
    // z²/(n + z²) = 0.005 at 764 rows.
    expect(tight.withRows!(764 / 400).interval[0]).toBeLessThan(0);
    expect(tight.withRows!(766 / 400).interval[0]).toBeGreaterThan(0);
  });

  test('at a margin of zero no number of rows decides, and what would is said', () => {
    const zero = compare(labels, labels).clearance('min_absolute_change', 0)!;
    expect(zero).toMatchObject({
      shown: false,
      whyNoRows: expect.stringMatching(/loss of 0\.0095; .*y_score/),
    });
  });
});
