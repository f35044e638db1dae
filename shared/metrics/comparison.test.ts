/** Changes from one model to another on the same rows, and the limits on them. */
import { describe, expect, test } from 'vitest';
import { findMetric } from './catalogue.ts';
import { compare, generator, simulate } from './fixtures/simulated-rows.ts';
import { numberClusters, type Rows, selectRows } from './rows.ts';

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
    expect(found.method).toBe('paired mean, by cluster, skewness by Hall’s transformation');
  });
});
