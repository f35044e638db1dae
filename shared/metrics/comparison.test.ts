import { describe, expect, test } from 'vitest';
import { shareInterval } from '../stats/share-intervals.ts';
import { findMetric, type MetricTask } from './catalogue.ts';
import { compareModels } from './comparison.ts';
import { numberClusters, type Rows, selectRows } from './rows.ts';

/** A small generator, so that the numbers are the same each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function simulate(count: number, noise: [number, number], seed = 1): [Rows, Rows] {
  const random = generator(seed);
  const truth = new Float64Array(count);
  const scores = [new Float64Array(count), new Float64Array(count)] as const;
  for (let row = 0; row < count; row++) {
    truth[row] = random() < 0.4 ? 1 : 0;
    scores.forEach((score, model) => {
      score[row] = Math.min(
        1,
        Math.max(0, 0.5 + (truth[row]! - 0.5) * 0.4 + (random() - 0.5) * noise[model]!),
      );
    });
  }
  return scores.map((score) => ({
    truth,
    score,
    predicted: score.map((value) => (value >= 0.5 ? 1 : 0)),
  })) as [Rows, Rows];
}

const compare = (name: string, champion: Rows | undefined, challenger: Rows) =>
  compareModels(findMetric(name)!.definition, champion, challenger, { confidence: 0.95 });

/** DeLong's covariance by its definition: every positive against every negative. */
function delongByDefinition(champion: Rows, challenger: Rows): number {
  const [positives, negatives] = [1, 0].map((label) =>
    [...champion.truth.keys()].filter((row) => champion.truth[row] === label),
  );
  const kernel = (score: Float64Array, a: number, b: number) =>
    score[a]! > score[b]! ? 1 : score[a] === score[b] ? 0.5 : 0;
  const difference = (a: number, b: number) =>
    kernel(challenger.score!, a, b) - kernel(champion.score!, a, b);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: number[]) =>
    values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1);
  const perPositive = positives!.map((a) => mean(negatives!.map((b) => difference(a, b))));
  const perNegative = negatives!.map((b) => mean(positives!.map((a) => difference(a, b))));
  return variance(perPositive) / positives!.length + variance(perNegative) / negatives!.length;
}

describe('two models on the same rows', () => {
  const [worse, better] = simulate(1500, [1.6, 1.2]);

  test('roc_auc: the interval is DeLong’s', () => {
    const found = compare('roc_auc', worse, better);
    const half = (found.interval![1] - found.interval![0]) / 2;
    expect(half / 1.959963984540054).toBeCloseTo(Math.sqrt(delongByDefinition(worse, better)), 12);
    expect(found.difference).toBeGreaterThan(0.02);
    expect(found.method).toBe('DeLong, on the logit scale for the value');
  });

  test.each([
    'accuracy',
    'recall',
    'f1',
    'precision',
    'matthews_corrcoef',
    'average_precision',
    'log_loss',
    'brier_score_loss',
  ])('%s: the interval holds the difference, and agrees with a paired bootstrap', (name) => {
    const found = compare(name, worse, better);
    expect(found.interval![0]).toBeLessThan(found.difference!);
    expect(found.interval![1]).toBeGreaterThan(found.difference!);
    const { compute } = findMetric(name)!.definition;
    const random = generator(7);
    const draws = Array.from({ length: 150 }, () => {
      const weight = new Float64Array(1500);
      for (let row = 0; row < 1500; row++) weight[Math.floor(random() * 1500)]!++;
      return compute({ ...better, weight }).value! - compute({ ...worse, weight }).value!;
    });
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const deviation = Math.sqrt(
      draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws.length - 1),
    );
    const ratio = (found.interval![1] - found.interval![0]) / (2 * 1.96 * deviation);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.5);
  });

  test('a limit is cleared by the benefit, whichever way is better', () => {
    const found = compare('log_loss', worse, better);
    const clearance = found.clearance('min_absolute_change', -0.01)!;
    expect(clearance.value).toBeCloseTo(-found.difference! + 0.01, 12);
    expect(clearance.interval[0]).toBeCloseTo(-found.interval![1] + 0.01, 12);
    expect(found.clearance('upper_bound', 0.3)!.value).toBeCloseTo(0.3 - found.challenger.value!, 12);
  });

  test('a relative margin is of |champion|', () => {
    const found = compare('roc_auc', worse, better);
    const expected = found.difference! + 0.02 * found.champion!.value!;
    expect(found.clearance('min_relative_change', -0.02)!.value).toBeCloseTo(expected, 12);
  });

  test('swapped, the p-value of "not worse" is small and the interval is turned round', () => {
    const there = compare('accuracy', worse, better);
    const back = compare('accuracy', better, worse);
    expect(back.interval![0]).toBeCloseTo(-there.interval![1], 9);
    expect(back.clearance('min_absolute_change', 0)!.pValue).toBeLessThan(0.001);
    expect(there.clearance('min_absolute_change', 0)!.pValue).toBeGreaterThan(0.999);
    expect(
      compare('false_positive_rate', better, worse).clearance('min_absolute_change', 0)!.pValue,
    ).toBeLessThan(0.001);
  });

  test('average_precision without a group is that of the other rows', () => {
    const { compute } = findMetric('average_precision')!.definition;
    const weight = worse.truth.map((_, row) => (row % 3) + 0.5);
    const found = compute({ ...worse, weight });
    if (found.value === undefined || found.spread.kind !== 'replicates')
      throw new Error('a metric with replicates');
    const groups = Uint8Array.from(worse.truth, (_, row) => row % 4);
    const without = found.spread.without(groups, 4);
    for (let group = 0; group < 4; group++) {
      const others = Int32Array.from([...groups.keys()].filter((row) => groups[row] !== group));
      expect(without[group]).toBeCloseTo(compute(selectRows({ ...worse, weight }, others)).value!, 12);
    }
  });

  test('without a champion only bounds are judged', () => {
    const found = compare('roc_auc', undefined, better);
    expect(found.interval).toBeUndefined();
    expect(found.clearance('min_absolute_change', 0)).toBeUndefined();
    expect(found.clearance('lower_bound', 0.5)!.interval[0]).toBeGreaterThan(0);
  });

  test('doubled rows in clusters widen the interval to that of the rows once', () => {
    const double = (rows: Rows): Rows => ({
      truth: Float64Array.from([...rows.truth, ...rows.truth]),
      score: Float64Array.from([...rows.score!, ...rows.score!]),
      predicted: Float64Array.from([...rows.predicted!, ...rows.predicted!]),
      clusters: numberClusters([...rows.truth.keys(), ...rows.truth.keys()]),
    });
    const once = compare('brier_score_loss', worse, better).interval!;
    const found = compare('brier_score_loss', double(worse), double(better));
    expect((found.interval![1] - found.interval![0]) / (once[1] - once[0])).toBeCloseTo(1, 2);
    expect(found.method).toBe('paired mean, by cluster');
  });
});

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

describe('too few rows to trust an interval', () => {
  test('fewer than 50 rows of a label', () => {
    const [champion, challenger] = simulate(80, [1.6, 1.2]);
    expect(compare('roc_auc', champion, challenger).tooFewForChange).toMatch(/at least 50 are needed/);
    expect(compare('accuracy', champion, challenger).tooFewForChange).toBeUndefined();
  });

  test('models that differ in a few rows only: not for f1; exactly for accuracy', () => {
    const [champion] = simulate(1000, [1.6, 1.2]);
    const flipped = champion.predicted!.slice();
    for (let row = 0; row < 5; row++) flipped[row] = 1 - flipped[row]!;
    const challenger = { ...champion, predicted: flipped };
    expect(compare('f1', champion, challenger).tooFewForChange).toMatch(/differ in 5 rows/);
    expect(compare('accuracy', champion, challenger).clearance('min_absolute_change', 0)!.shown).toBe(false);
    expect(
      compare('accuracy', champion, challenger).clearance('min_absolute_change', -0.02)!.interval[0],
    ).toBeGreaterThan(0);
    expect(compare('f1', champion, champion).interval).toEqual([0, 0]);
  });

  test('few misses have a share’s interval, and a correlation that few rows decide is not trusted', () => {
    const truth = Float64Array.from({ length: 400 }, (_, row) => row % 2);
    const rows = (misses: number): Rows => ({
      truth,
      predicted: truth.map((label, row) => (row >= 20 && row < 20 + 2 * misses ? 1 : label)),
    });
    for (const misses of [0, 3, 12]) {
      const count = 200 + misses;
      const found = compare('precision', undefined, rows(misses));
      expect(found.challengerInterval).toEqual(shareInterval(200, count, 0.95));
      expect(found.tooFewForValue).toBeUndefined();
      const [low, high] = compare('f1', undefined, rows(misses)).challengerInterval!;
      // F1 = 2J/(1 + J).
      expect([low / (2 - low), high / (2 - high)]).toEqual(
        shareInterval(200, count, 0.95).map((end) => expect.closeTo(end, 12)),
      );
    }
    expect(compare('matthews_corrcoef', undefined, rows(0)).tooFewForValue).toMatch(/about 0 rows decide it/);
    expect(compare('matthews_corrcoef', undefined, rows(3)).tooFewForValue).toMatch(
      /about 3 rows decide it, .*at least 5/,
    );
    expect(compare('matthews_corrcoef', undefined, rows(12)).tooFewForValue).toBeUndefined();
    expect(compare('recall', undefined, rows(0)).tooFewForValue).toBeUndefined();
    const weighted = { ...rows(3), weight: truth.map(() => 2) };
    expect(compare('precision', undefined, weighted).tooFewForValue).toMatch(/about 3 rows decide it/);
  });

  test('a bound on F1 is kept by the interval just where its p-value says so', () => {
    const truth = Float64Array.from({ length: 400 }, (_, row) => row % 2);
    const found = compare('f1', undefined, {
      truth,
      predicted: truth.map((own, row) => (row < 5 ? 1 : own)),
    });
    const [low, high] = found.challengerInterval!;
    for (const limit of [low - 0.001, low + 0.001, high - 0.001, high + 0.001]) {
      const { interval, pValue } = found.clearance('lower_bound', limit)!;
      expect(interval).toEqual([expect.closeTo(low - limit, 12), expect.closeTo(high - limit, 12)]);
      expect(pValue <= 0.025).toBe(high < limit);
      expect(found.clearance('upper_bound', limit)!.pValue <= 0.025).toBe(low > limit);
    }
  });

  test('a loss that is mostly a few large errors is not judged, nor its change', () => {
    const truth = new Float64Array(100);
    const errors = (large: number) => truth.map((_, row) => (row < large ? 30 : (row % 7) / 7));
    const compareErrors = (champion: number, challenger: number) =>
      compareModels(
        findMetric('mse', 'regression')!.definition,
        { truth, predicted: errors(champion) },
        { truth, predicted: errors(challenger) },
        { confidence: 0.95 },
      );
    const few = compareErrors(0, 4);
    expect(few.tooFewForValue).toMatch(/^about 4 rows decide it, .*at least 10 are needed$/);
    expect(few.tooFewForChange).toMatch(/^about 4 rows decide the change/);
    expect(compareErrors(4, 20).tooFewForValue).toBeUndefined();
    expect(compareErrors(4, 20).tooFewForChange).toBeUndefined();
  });
});

describe('too few rows of tasks with several classes, labels or queries', () => {
  const compareIn = (task: MetricTask, name: string, champion: Rows | undefined, challenger: Rows) =>
    compareModels(findMetric(name, task)!.definition, champion, challenger, { confidence: 0.95 });
  /** Of each class as many rows as said, every fifth of them predicted as the next. */
  const classes = (counts: number[]): Rows => {
    const truth = Float64Array.from(counts.flatMap((count, index) => new Array<number>(count).fill(index)));
    const predicted = truth.map((own, row) => (row % 5 === 0 ? (own + 1) % counts.length : own));
    return { truth, predicted, classes: counts.map((_, index) => `c${index}`) };
  };

  test.each([
    ['f1_macro', [200, 200, 49], /49 rows labelled c2, and at least 50/],
    ['f1_macro', [200, 200, 80], undefined],
    ['f1_weighted', [200, 200, 19], /19 rows labelled c2, and at least 20/],
    ['f1_weighted', [200, 200, 25], undefined],
    ['matthews_corrcoef', [200, 40, 5], /45 rows labelled other than c0, and at least 50/],
    ['matthews_corrcoef', [200, 150, 5], undefined],
    ['accuracy', [200, 3, 2], undefined],
    ['f1_micro', [200, 3, 2], undefined],
  ])('%s of classes of %j rows', (name, counts, why) => {
    const found = compareIn('multiclass', name, undefined, classes(counts)).tooFewForValue;
    if (why) expect(found).toMatch(why);
    else expect(found).toBeUndefined();
  });

  test('rows in which two models differ: of several classes, and of several labels', () => {
    const champion = classes([200, 200]);
    const flipped = champion.predicted!.map((label, row) => (row < 7 ? 1 - label : label));
    const challenger = { ...champion, predicted: flipped };
    expect(compareIn('multiclass', 'f1_macro', champion, challenger).tooFewForChange).toMatch(
      /differ in 7 rows/,
    );
    const labels = (predicted: Float64Array): Rows => ({
      truth: champion.truth,
      labels: [
        { name: 'a', truth: champion.truth, predicted },
        { name: 'b', truth: champion.truth, predicted: champion.predicted },
      ],
    });
    const [first, second] = [labels(champion.predicted!), labels(flipped)];
    expect(compareIn('multilabel', 'hamming_loss', first, second).tooFewForChange).toMatch(
      /differ in 7 rows/,
    );
    expect(compareIn('multilabel', 'accuracy', first, second).tooFewForChange).toBeUndefined();
    const rare = {
      ...second,
      labels: second.labels!.map((one) => ({ ...one, truth: one.truth.map((_, row) => Number(row < 30)) })),
    };
    expect(compareIn('multilabel', 'f1_macro', undefined, rare).tooFewForValue).toMatch(
      /30 rows labelled a, and/,
    );
    expect(compareIn('multilabel', 'hamming_loss', first, first).tooFewForChange).toMatch(/differ in 0 rows/);
  });

  test('queries, and queries whose value differs', () => {
    const ranking = (queries: number, swapped: number): Rows => ({
      truth: Float64Array.from({ length: queries * 2 }, (_, row) => row % 2),
      score: Float64Array.from(
        { length: queries * 2 },
        (_, row) => (row % 3) + (row < swapped * 2 && row % 2 === 1 ? 5 : 0),
      ),
      groups: numberClusters(Array.from({ length: queries * 2 }, (_, row) => row >> 1)),
    });
    expect(compareIn('ranking', 'mrr', undefined, ranking(49, 0)).tooFewForValue).toMatch(/49 queries/);
    const found = compareIn('ranking', 'mrr', ranking(100, 0), ranking(100, 15));
    expect(found.tooFewForValue).toBeUndefined();
    expect(found.tooFewForChange).toMatch(/differ in \d+ queries, and at least 25/);
    expect(compareIn('ranking', 'mrr', ranking(100, 0), ranking(100, 90)).tooFewForChange).toBeUndefined();
  });
});
