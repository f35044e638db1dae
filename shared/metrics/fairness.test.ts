import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomGenerator } from '../stats/random.ts';
import type { FairnessOptions, Groups } from './fairness.ts';
import { fairnessComparison } from './fairness-comparison.ts';
import { fairnessMetricNames, findFairnessMetric } from './fairness-metric.ts';
import { numberClusters, type Rows } from './rows.ts';

const BETWEEN: FairnessOptions = { method: 'between_groups', agg: 'worst_case' };

/** Two models that find so large a share of each group's positives, and raise false alarms in a tenth. */
function simulate(
  perGroup: number,
  shares: number[],
  seed = 1,
): { champion: Rows; challenger: Rows; groups: Groups } {
  const random = randomGenerator(seed);
  const count = perGroup * shares.length;
  const truth = Float64Array.from({ length: count }, (_, row) => row % 2);
  const predict = (): Float64Array =>
    truth.map((label, row) => (random() < (label === 1 ? shares[Math.floor(row / perGroup)]! : 0.1) ? 1 : 0));
  const [champion, challenger] = [predict(), predict()];
  const rows = shares.map((_, group) =>
    Int32Array.from({ length: perGroup }, (_, at) => group * perGroup + at),
  );
  const names = shares.map((_, group) => `group = ${group}`);
  return {
    champion: { truth, predicted: champion },
    challenger: { truth, predicted: challenger },
    groups: { names, rows },
  };
}

function compare(name: string, data: ReturnType<typeof simulate>, options = BETWEEN) {
  const { definition, compare: by } = fairnessComparison(
    findFairnessMetric(name, 'binary')!,
    data.groups,
    options,
  );
  return by(definition, data.champion, data.challenger, { confidence: 0.95 });
}

const shareOf = (rows: Rows, groups: Groups, group: number): number => {
  const positives = [...groups.rows[group]!].filter((row) => rows.truth[row] === 1);
  return positives.filter((row) => rows.predicted![row] === 1).length / positives.length;
};

describe('names', () => {
  test('of fairlearn, and of the catalogue’s metrics', () => {
    for (const name of [
      'demographic_parity_ratio',
      'equalized_odds_difference',
      'equal_opportunity_difference',
      'selection_rate_ratio',
      'accuracy_score_difference',
      'true_positive_rate_difference',
      'recall_score_group_min',
      'roc_auc_score_group_min',
      'log_loss_group_max',
    ])
      expect(findFairnessMetric(name, 'binary'), name).toBeDefined();
    expect(findFairnessMetric('mean_absolute_error_group_max', 'regression')).toMatchObject({
      direction: 'lower',
    });
    expect(findFairnessMetric('accuracy_group_min', 'multiclass')).toMatchObject({ direction: 'higher' });
  });

  test('without meaning there is none', () => {
    for (const name of [
      'selection_rate_group_min',
      'demographic_parity_group_max',
      'matthews_corrcoef_ratio',
      'neg_log_loss_difference',
      'accuracy',
      'equalised_odds_difference',
    ])
      expect(findFairnessMetric(name, 'binary'), name).toBeUndefined();
    expect(findFairnessMetric('demographic_parity_difference', 'regression')).toBeUndefined();
    expect(fairnessMetricNames('ranking')).toEqual([]);
  });
});

describe('two groups', () => {
  const data = simulate(400, [0.8, 0.6]);

  test('the interval is that of a difference of two shares', () => {
    const found = compare('equal_opportunity_difference', data);
    const [first, second] = [0, 1].map((group) => shareOf(data.challenger, data.groups, group)) as [
      number,
      number,
    ];
    expect(found.challenger.value).toBeCloseTo(first - second, 12);
    const error = Math.sqrt((first * (1 - first) + second * (1 - second)) / 200);
    // The lower end allows for either group having come out first by chance: Bonferroni's quantile of two.
    expect(found.challengerInterval![0]).toBeCloseTo(first - second - 2.2414 * error, 3);
    expect(found.challengerInterval![1]).toBeCloseTo(first - second + 1.96 * error, 3);
  });

  test('a bound is cleared on the fair side, whichever way the metric runs', () => {
    const gap = compare('equal_opportunity_difference', data);
    expect(gap.clearance('upper_bound', 0.4)!.interval[0]).toBeGreaterThan(0);
    expect(gap.clearance('upper_bound', 0.05)!.pValue).toBeLessThan(0.025);
    const ratio = compare('equal_opportunity_ratio', data);
    expect(ratio.clearance('lower_bound', 0.5)!.interval[0]).toBeGreaterThan(0);
    expect(ratio.clearance('lower_bound', 0.95)!.pValue).toBeLessThan(0.025);
    const least = compare('recall_group_min', data);
    expect(least.clearance('lower_bound', 0.75)!.pValue).toBeLessThan(0.025);
    expect(least.clearance('lower_bound', 0.4)!.interval[0]).toBeGreaterThan(0);
  });

  test('more rows with the same estimate narrow the interval', () => {
    const clearance = compare('equal_opportunity_difference', data).clearance('upper_bound', 0.3)!;
    const width = ([low, high]: readonly [number, number]) => high - low;
    expect(width(clearance.withRows!(4).interval)).toBeCloseTo(width(clearance.interval) / 2, 9);
  });

  test('the change is judged by influences: swapped, it is turned round', () => {
    const there = compare('equalized_odds_difference', data);
    const back = compare('equalized_odds_difference', {
      ...data,
      champion: data.challenger,
      challenger: data.champion,
    });
    expect(there.difference).toBeCloseTo(-back.difference!, 12);
    expect(there.interval![0]).toBeCloseTo(-back.interval![1], 12);
    expect(there.interval![0]).toBeLessThan(there.difference!);
  });

  test('rows twice in clusters are no more than the rows once', () => {
    const twice = (rows: Rows): Rows => ({
      truth: Float64Array.from([...rows.truth, ...rows.truth]),
      predicted: Float64Array.from([...rows.predicted!, ...rows.predicted!]),
      clusters: numberClusters([...rows.truth.keys(), ...rows.truth.keys()]),
    });
    const count = data.challenger.truth.length;
    const groups: Groups = {
      ...data.groups,
      rows: data.groups.rows.map((rows) => Int32Array.from([...rows, ...rows.map((row) => row + count)])),
    };
    const doubled = { champion: twice(data.champion), challenger: twice(data.challenger), groups };
    for (const name of ['equal_opportunity_difference', 'accuracy_ratio']) {
      const [once, both] = [compare(name, data), compare(name, doubled)];
      const width = ([low, high]: readonly [number, number]) => high - low;
      expect(width(both.challengerInterval!) / width(once.challengerInterval!)).toBeCloseTo(1, 2);
      const toOverall = { ...BETWEEN, method: 'to_overall' } as const;
      const [alone, clustered] = [compare(name, data, toOverall), compare(name, doubled, toOverall)];
      expect(width(clustered.challengerInterval!) / width(alone.challengerInterval!)).toBeCloseTo(1, 2);
    }
  });
});

describe('many groups', () => {
  test('the interval holds the true gap where five groups are alike and chance alone parts them', () => {
    let covered = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const found = compare('equal_opportunity_difference', simulate(200, [0.7, 0.7, 0.7, 0.7, 0.7], seed));
      if (found.challengerInterval![0] === 0) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(186);
  });

  test('the smallest group value keeps its interval near ties', () => {
    let covered = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const [low, high] = compare('recall_group_min', simulate(200, [0.8, 0.8, 0.8, 0.8], seed))
        .challengerInterval!;
      if (low <= 0.8 && high >= 0.8) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(186);
  });
});

describe('no number, and why', () => {
  const rows = (truth: number[], predicted: number[]): Rows => ({
    truth: Float64Array.from(truth),
    predicted: Float64Array.from(predicted),
  });
  const two: Groups = { names: ['sex = F', 'sex = M'], rows: [Int32Array.of(0, 1), Int32Array.of(2, 3)] };
  const why = (name: string, one: Rows, groups = two): string => {
    const { definition } = fairnessComparison(findFairnessMetric(name, 'binary')!, groups, BETWEEN);
    const value = definition.compute(one);
    return value.value === undefined ? value.why : String(value.value);
  };

  test.each([
    [
      'equalized_odds_difference',
      rows([0, 0, 1, 0], [0, 1, 1, 0]),
      /^sex = F: only one class: no row is positive/,
    ],
    ['demographic_parity_ratio', rows([0, 1, 1, 0], [0, 0, 0, 0]), /is 0 in every group/],
    ['precision_difference', rows([0, 1, 1, 0], [0, 0, 1, 1]), /^sex = F: no row is predicted positive/],
    ['accuracy_difference', rows([0, 1, 1, 0], [Number.NaN, 0, 1, 1]), /^sex = F: y_pred is empty in 1 row/],
  ])('%s', (name, one, expected) => {
    expect(why(name, one)).toMatch(expected);
  });

  test('a group without a predicted number has no mean of them', () => {
    const metric = findFairnessMetric('mean_prediction_difference', 'regression')!;
    const { definition } = fairnessComparison(metric, two, BETWEEN);
    expect(definition.compute(rows([1, 2, 3, 4], [1, 2, Number.NaN, 4]))).toMatchObject({
      value: undefined,
      why: expect.stringMatching(/: y_pred is not a finite number in 1 row/),
    });
  });

  test('one group alone', () => {
    const alone = { names: ['sex = F'], rows: [Int32Array.of(0, 1)] };
    expect(why('accuracy_difference', rows([0, 1, 1, 0], [0, 1, 0, 0]), alone)).toMatch(
      /fewer than two groups/,
    );
    expect(why('accuracy_group_min', rows([0, 1, 1, 0], [0, 1, 0, 0]), alone)).toBe('1');
  });

  test('too few rows of a group are not judged', () => {
    const found = compare('equal_opportunity_difference', simulate(50, [0.8, 0.6, 0.7]));
    expect(found.tooFewForValue).toBe('group = 0: 25 positive rows, and at least 30 are needed');
  });

  test('a group that is right throughout is not certain to be', () => {
    const found = compare('recall_group_max', simulate(200, [1, 1]));
    expect(found.challenger.value).toBe(1);
    expect(found.challengerInterval![0]).toBeLessThan(1);
  });
});

test('order of rows and names of groups change nothing', () => {
  const one = fc.record({
    truth: fc.integer({ min: 0, max: 1 }),
    predicted: fc.integer({ min: 0, max: 1 }),
    group: fc.integer({ min: 0, max: 2 }),
  });
  const metric = findFairnessMetric('equalized_odds_difference', 'binary')!;
  const gapOf = (rows: { truth: number; predicted: number; group: number }[]): number | undefined => {
    const members = [...Map.groupBy(rows.keys(), (row) => rows[row]!.group).values()].map((own) =>
      Int32Array.from(own),
    );
    const { definition } = fairnessComparison(metric, { names: members.map(String), rows: members }, BETWEEN);
    const column = (key: 'truth' | 'predicted') => Float64Array.from(rows, (row) => row[key]);
    return definition.compute({ truth: column('truth'), predicted: column('predicted') }).value;
  };
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), (rows) => {
      const value = gapOf(rows);
      const turned = gapOf(rows.toReversed().map((row) => ({ ...row, group: 2 - row.group })));
      if (value === undefined) expect(turned).toBeUndefined();
      else expect(turned).toBeCloseTo(value, 12);
    }),
    { seed: 3 },
  );
});
