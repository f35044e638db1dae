/** From how few rows on an interval is not to be trusted. */
import { describe, expect, test } from 'vitest';
import { shareInterval } from '../stats/share-intervals.ts';
import { findMetric, type MetricTask } from './catalogue.ts';
import { compareModels } from './comparison.ts';
import { compare, simulate } from './fixtures/simulated-rows.ts';
import { numberClusters, type Rows } from './rows.ts';

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

  test('a loss that is mostly a few large errors is judged by an interval that is long upwards', () => {
    const truth = new Float64Array(100);
    const errors = (large: number) => truth.map((_, row) => (row < large ? 30 : (row % 7) / 7));
    const compareErrors = (champion: number, challenger: number) =>
      compareModels(
        findMetric('mse', 'regression')!.definition,
        { truth, predicted: errors(champion) },
        { truth, predicted: errors(challenger) },
        { confidence: 0.95 },
      );
    const few = compareErrors(4, 30);
    expect([few.tooFewForValue, few.tooFewForChange]).toEqual([undefined, undefined]);
    const lopsidedness = (large: number) => {
      const { challenger, challengerInterval: found } = compareErrors(0, large);
      return (found![1] - challenger.value!) / (challenger.value! - found![0]);
    };
    expect(lopsidedness(4)).toBeGreaterThan(2);
    expect(lopsidedness(50)).toBeCloseTo(1, 1);
    expect(compareErrors(0, 4).tooFewForChange).toMatch(/^the models differ in 4 rows/);
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
