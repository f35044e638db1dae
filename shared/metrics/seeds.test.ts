import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { studentQuantile } from '../stats/distributions.ts';
import { randomGenerator } from '../stats/random.ts';
import { findMetric } from './catalogue.ts';
import { compareModels } from './comparison.ts';
import type { Rows } from './rows.ts';
import { compareSeedNumbers, compareSeeds } from './seeds.ts';

const random = randomGenerator(3);
const COUNT = 600;
const truth = Float64Array.from({ length: COUNT }, () => (random() < 0.4 ? 1 : 0));

/** One training run: the truth, what all runs of the side get wrong, and the seed's own whim. */
function run(noise: Float64Array, whim: number): Rows {
  const score = truth.map((label, row) => {
    const value = 0.5 + (label - 0.5) * 0.4 + noise[row]! + (random() - 0.5) * whim;
    return Math.min(1, Math.max(0, value));
  });
  return { truth, score, predicted: score.map((value) => (value >= 0.5 ? 1 : 0)) };
}

const noise = (size: number): Float64Array =>
  Float64Array.from({ length: COUNT }, () => (random() - 0.5) * size);
const runs = (count: number, size: number, whim = 0.3): Rows[] => {
  const common = noise(size);
  return Array.from({ length: count }, () => run(common, whim));
};
const brier = findMetric('brier_score_loss')!.definition;
const options = { confidence: 0.95 };

describe('several seeds on the same rows', () => {
  const [champions, challengers] = [runs(4, 1.2), runs(5, 1)];

  test('the value is the mean over the seeds', () => {
    const found = compareSeeds(brier, champions, challengers, options);
    const mean = (side: Rows[]) =>
      side.reduce((sum, rows) => sum + brier.compute(rows).value!, 0) / side.length;
    expect(found.challenger.value).toBeCloseTo(mean(challengers), 12);
    expect(found.difference).toBeCloseTo(mean(challengers) - mean(champions), 12);
    expect(found.method).toBe('paired mean, 4 and 5 seeds');
    const { value } = found.clearance('min_absolute_change', -0.01)!;
    expect(value).toBeCloseTo(0.01 - found.difference!, 12);
  });

  test('the error has the rows’ part and the seeds’ part, with Satterthwaite’s degrees', () => {
    const found = compareSeeds(brier, champions, challengers, options);
    const values = [champions, challengers].map((side) => side.map((rows) => brier.compute(rows).value!));
    const [ofChampions, ofChallengers] = values.map((side) => {
      const mean = side.reduce((sum, value) => sum + value, 0) / side.length;
      const square = side.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (side.length - 1);
      return { variance: square / side.length, degrees: side.length - 1 };
    });
    // The mean loss of a row over the seeds of a side is what the rows' part speaks of.
    const lossOf = (side: Rows[], row: number) =>
      side.reduce((sum, rows) => sum + (rows.score![row]! - truth[row]!) ** 2, 0) / side.length;
    const differences = [...truth.keys()].map((row) => lossOf(challengers, row) - lossOf(champions, row));
    const mean = differences.reduce((sum, value) => sum + value, 0) / COUNT;
    const ofRows = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (COUNT - 1) / COUNT;
    const variance = ofRows + ofChampions!.variance + ofChallengers!.variance;
    const degrees =
      variance ** 2 /
      (ofChampions!.variance ** 2 / ofChampions!.degrees +
        ofChallengers!.variance ** 2 / ofChallengers!.degrees);
    const half = studentQuantile(0.975, degrees) * Math.sqrt(variance);
    expect(found.interval![1] - found.difference!).toBeCloseTo(half, 12);
  });

  test('seeds that all predict the same leave the error of the rows', () => {
    const [first, second] = [challengers[0]!, champions[0]!];
    const same = compareSeeds(brier, [second, second, second], [first, first, first], options);
    const alone = compareModels(brier, second, first, options);
    // That of one pair heeds also how skewed the losses are.
    expect(same.interval![0]).toBeCloseTo(alone.interval![0], 3);
    expect(same.interval![1]).toBeCloseTo(alone.interval![1], 3);
  });

  test('more rows lessen the rows’ part only', () => {
    const clearance = compareSeeds(brier, champions, challengers, options).clearance(
      'min_absolute_change',
      -0.01,
    )!;
    const width = (times: number) => {
      const { interval } = clearance.withRows!(times);
      return interval[1] - interval[0];
    };
    expect(width(1)).toBeCloseTo(clearance.interval[1] - clearance.interval[0], 12);
    expect(width(100)).toBeLessThan(width(1));
    expect(width(1e9) / width(1e6)).toBeCloseTo(1, 2);
    expect(clearance.whyNoRows).toMatch(/more seeds would/);
  });

  test('two seeds of a side are too few to be judged; a seed without a number says which', () => {
    const found = compareSeeds(brier, champions.slice(0, 2), challengers, options);
    expect(found.tooFewForChange).toBe('2 seeds, and at least 3 a side are needed');
    expect(found.interval).toBeUndefined();
    expect(found.method).not.toBe('');
    const broken = { ...challengers[1]!, score: challengers[1]!.score!.map(() => Number.NaN) };
    const lacking = compareSeeds(brier, champions, [challengers[0]!, broken, challengers[2]!], options);
    expect(lacking.challenger).toMatchObject({ value: undefined, why: /^of seed 2 of 3: y_score/ });
  });

  test('a rate of several seeds is judged by the linear method, and needs rows that differ', () => {
    const accuracy = findMetric('accuracy')!.definition;
    expect(compareSeeds(accuracy, champions, challengers, options).method).toMatch(
      /^infinitesimal jackknife/,
    );
    const one = challengers[0]!;
    expect(compareSeeds(accuracy, [one, one, one], [one, one, one], options).interval).toEqual([0, 0]);
  });

  test('without a champion only bounds are judged', () => {
    const found = compareSeeds(brier, undefined, challengers, options);
    expect(found.interval).toBeUndefined();
    expect(found.clearance('min_absolute_change', 0)).toBeUndefined();
    expect(found.clearance('upper_bound', 1)!.interval[0]).toBeGreaterThan(0);
  });
});

describe('one number per seed', () => {
  const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 8 });

  test('turning the sides round turns the interval round; the better direction turns the benefit', () => {
    fc.assert(
      fc.property(numbers, numbers, (champions, challengers) => {
        const there = compareSeedNumbers('higher', champions, challengers, options);
        const back = compareSeedNumbers('lower', challengers, champions, options);
        expect(back.interval![0]).toBeCloseTo(-there.interval![1], 9);
        const limit = -0.1;
        expect(back.clearance('min_absolute_change', limit)!.value).toBeCloseTo(
          there.clearance('min_absolute_change', limit)!.value,
          9,
        );
      }),
    );
  });

  test('fewer than three a side are not judged; numbers that never vary have no error', () => {
    expect(compareSeedNumbers('higher', [1, 2, 3], [1, 2], options)).toMatchObject({
      challenger: 1.5,
      interval: undefined,
      tooFew: '2 seeds, and at least 3 a side are needed',
    });
    expect(compareSeedNumbers('higher', [0.7, 0.7, 0.7], [0.8, 0.8, 0.8], options).interval).toEqual([
      expect.closeTo(0.1, 12),
      expect.closeTo(0.1, 12),
    ]);
    expect(compareSeedNumbers('higher', undefined, [0.7, 0.8, 0.9], options).method).toBe(
      "Student's t, 3 seeds",
    );
  });
});
