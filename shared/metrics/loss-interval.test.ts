/** The interval of a loss that is lopsided: how often it holds the truth, and that its test agrees. */
import { expect, test } from 'vitest';
import { studentQuantile } from '../stats/distributions.ts';
import { randomGenerator } from '../stats/random.ts';
import { findMetric } from './catalogue.ts';
import { compareModels } from './comparison.ts';

/** Squared errors e^z, whose mean is √e and whose logarithm is normal. */
function lognormalErrors(count: number, random: () => number) {
  const truth = new Float64Array(count);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return { truth, predicted: truth.map(() => Math.exp(normal() / 2)) };
}

const ofErrors = (rows: { truth: Float64Array; predicted: Float64Array }) =>
  compareModels(findMetric('mse', 'regression')!.definition, undefined, rows, { confidence: 0.95 });

test('of 50 lognormal losses it holds the mean where Student’s t does not', () => {
  const [mean, draws, count] = [Math.exp(0.5), 1500, 50];
  const random = randomGenerator(1);
  const quantile = studentQuantile(0.975, count - 1);
  let [ours, plain] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const rows = lognormalErrors(count, random);
    const found = ofErrors(rows);
    expect(found.tooFewForValue).toBeUndefined();
    const [low, high] = found.challengerInterval!;
    if (low <= mean && mean <= high) ours++;
    const losses = rows.predicted.map((error) => error * error);
    const value = losses.reduce((sum, loss) => sum + loss, 0) / count;
    const squares = losses.reduce((sum, loss) => sum + (loss - value) ** 2, 0);
    if (Math.abs(value - mean) <= quantile * Math.sqrt(squares / (count - 1) / count)) plain++;
  }
  expect(plain / draws).toBeLessThan(0.91);
  expect(ours / draws).toBeGreaterThanOrEqual(0.93);
});

test('a bound on a loss is broken for certain just where the interval lies beyond it', () => {
  const found = ofErrors(lognormalErrors(200, randomGenerator(5)));
  const [low, high] = found.challengerInterval!;
  expect(found.clearance('upper_bound', low)!.pValue).toBeCloseTo(0.025, 9);
  expect(found.clearance('lower_bound', high)!.pValue).toBeCloseTo(0.025, 9);
  expect(found.clearance('upper_bound', high)!.interval[0]).toBeCloseTo(0, 12);
  expect(high - found.challenger.value!).toBeGreaterThan(found.challenger.value! - low);
});
