/** Fairness and weak slices in the whole gate, from files to the record. */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { randomGenerator } from '../../../shared/stats/random.ts';
import { type GateFolder, makeGateFolder } from '../fixtures/gate-folder.ts';

const ROWS = 2400;

/** The model misses more of the positives of group F, and errs in the north more than elsewhere. */
function dataAndPredictions(): { data: string; good: string; poor: string } {
  const data = ['id,y_true,sex,age,region,empty_region'];
  const good = ['id,y_pred'];
  const poor = ['id,y_pred'];
  const random = randomGenerator(7);
  for (let row = 0; row < ROWS; row++) {
    const id = `r${String(row).padStart(4, '0')}`;
    const truth = random() < 0.5 ? 1 : 0;
    const sex = row < 12 ? 'X' : row % 2 === 0 ? 'F' : 'M';
    const region = ['north', 'south', 'east', 'west'][Math.floor(random() * 4)]!;
    data.push(`${id},${truth},${sex},${18 + Math.floor(random() * 60)},${region},`);
    const errs = (rate: number): number => (random() < rate ? 1 - truth : truth);
    const less = sex === 'F' && truth === 1 ? 0.2 : 0;
    good.push(`${id},${errs(0.1 + less + (region === 'north' ? 0.2 : 0))}`);
    poor.push(`${id},${errs(0.15)}`);
  }
  return { data: data.join('\n'), good: good.join('\n'), poor: poor.join('\n') };
}

describe('fairness', () => {
  let given: GateFolder;
  const policy = (fairness: string, extra = '') => `version: 1
task: binary
metrics: [{name: accuracy, lower_bound: 0.5}]
fairness:
${fairness}
${extra}`;
  const judge = async (text: string) => {
    await writeFile(given.at('gate.yaml'), text);
    return given.gate(given.files());
  };
  beforeEach(async () => {
    given = await makeGateFolder();
    const files = dataAndPredictions();
    await writeFile(given.at('data.csv'), files.data);
    await writeFile(given.at('good.csv'), files.good);
    await writeFile(given.at('poor.csv'), files.poor);
  });
  afterEach(() => given.close());

  test('a gap beyond its bound fails, with the groups, and the small one named', async () => {
    const record = await judge(
      policy(`  - {name: equal_opportunity_difference, sensitive_features: [sex], upper_bound: 0.05, min_absolute_change: -0.02}
  - {name: equalized_odds_ratio, sensitive_features: [sex], method: to_overall, agg: mean, lower_bound: 0.5}
  - {name: accuracy_score_group_min, sensitive_features: [sex], lower_bound: 0.6}`),
    );
    const [gap, ratio, least] = record.metrics.filter(({ block }) => block === 'fairness');
    expect(gap).toMatchObject({
      verdict: 'fail',
      direction: 'lower',
      parameters: { sensitive_features: 'sex', method: 'between_groups' },
    });
    expect(gap!.parameters).not.toHaveProperty('agg');
    expect(gap!.challengerInterval![0]).toBeGreaterThan(0.05);
    expect(gap!.limits.map(({ verdict }) => verdict)).toEqual(['fail', 'fail']);
    expect(ratio).toMatchObject({ verdict: 'pass', parameters: { method: 'to_overall', agg: 'mean' } });
    expect(least).toMatchObject({ verdict: 'pass', direction: 'higher' });
    const recall = record.fairnessGroups.filter(({ metric }) => metric === 'recall');
    expect(recall.map(({ group }) => group)).toEqual([{ sex: 'F' }, { sex: 'M' }]);
    expect(recall[1]!.challenger! - recall[0]!.challenger!).toBeCloseTo(gap!.challenger!, 12);
    expect(record.notes).toContain(
      'Fairness by sex leaves out groups with fewer than 200 rows: sex = X (12 rows).',
    );
  });

  test('several features are judged together, by their own fewest rows', async () => {
    const record = await judge(
      policy(
        '  - {name: demographic_parity_difference, sensitive_features: [sex, region], upper_bound: 0.5, min_samples: 50}',
      ),
    );
    expect(record.fairnessGroups).toHaveLength(8);
    expect(record.fairnessGroups[0]).toMatchObject({
      metric: 'selection_rate',
      group: { sex: 'F', region: 'east' },
    });
    expect(record.metrics.find(({ block }) => block === 'fairness')).toMatchObject({ verdict: 'pass' });
    expect(record.notes.join()).toContain('sex = X, region = east');
  });

  test('no column, and one group alone, are missing', async () => {
    const record = await judge(
      policy(`  - {name: accuracy_ratio, sensitive_features: [religion], lower_bound: 0.8}
  - {name: accuracy_ratio, sensitive_features: [sex], lower_bound: 0.8, min_samples: 2000}`),
    );
    const fairness = record.metrics.filter(({ block }) => block === 'fairness');
    expect(fairness.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['missing', 'no file has the column religion'],
      ['missing', 'groups by sex with at least 2000 rows: 0, and 2 are needed'],
    ]);
    expect(record.verdict).toBe('fail');
  });

  test.each([
    ['{name: equalised_odds_difference, sensitive_features: [sex]}', 'equalized_odds_difference', 5],
    ['{name: recall_difference, sensitive_features: [sex], agg: mean}', 'agg means nothing', 5],
    ['{name: recall_group_min, sensitive_features: [sex], method: to_overall}', 'method means nothing', 5],
  ])('%s is refused at its place, before data is read', async (text, message, line) => {
    await writeFile(given.at('data.csv'), 'not,the,data');
    const error = await judge(policy(`  - ${text}`)).catch((reason: unknown) => reason);
    if (!(error instanceof UserError)) throw error;
    expect(`${error.message} ${error.fix}`).toContain(message);
    expect(error.where).toMatchObject({ line });
  });

  test('weak slices are found among the columns without a role', async () => {
    const record = await judge(policy('  []'));
    expect(record.weakSlices).toMatchObject({ loss: 'wrong labels', features: ['sex', 'age', 'region'] });
    expect(record.weakSlices!.found[0]!.features).toHaveProperty('region', 'north');
    expect(record.weakSlices!.found[0]!.champion).toBeCloseTo(0.15, 1);
  });

  test('or among those that the policy names, or not at all', async () => {
    const named = await judge(
      policy('  []', 'slice_discovery: {features: [age, region, shoe_size, empty_region]}'),
    );
    expect(named.weakSlices!.features).toEqual(['age', 'region']);
    expect(named.notes).toContain('Weak slices: no file has the column shoe_size.');
    expect(named.notes).toContain('Weak slices: no two values of empty_region make slices of 100 rows.');
    expect((await judge(policy('  []', 'slice_discovery: {enabled: false}'))).weakSlices).toBeNull();
  });
});
