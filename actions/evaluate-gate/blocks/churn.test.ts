import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { numberClusters, type Rows } from '../../../shared/metrics/rows.ts';
import { type GatePolicy, gatePolicySchema } from '../../../shared/records/gate-policy.ts';
import { wilsonInterval } from '../../../shared/stats/paired-proportions.ts';
import { type GateFolder, makeGateFolder, POLICY } from '../fixtures/gate-folder.ts';
import { judge } from '../judgement/judge.ts';
import { churnItems } from './churn.ts';

const policy = (churn: GatePolicy['churn'], task = 'binary'): GatePolicy =>
  gatePolicySchema.parse({ version: 1, task, churn });
const ALL: GatePolicy['churn'] = {
  symmetric_flip_rate: { upper_bound: 0.2 },
  positive_to_negative_rate: { upper_bound: 0.2 },
  negative_to_positive_rate: { upper_bound: 0.2 },
};
const rows = (predicted: number[], more: Partial<Rows> = {}): Rows => ({
  truth: new Float64Array(predicted.length),
  predicted: Float64Array.from(predicted),
  ...more,
});
/** 1000 rows, of which the first `lost` go from 1 to 0 and the next `gained` from 0 to 1. */
const decidedOnce = (lost: number) =>
  Array.from({ length: 1000 }, (_, row) => (row < lost || row >= 500 ? 1 : 0));
const decidedNow = (lost: number, gained: number) =>
  Array.from({ length: 1000 }, (_, row) => (row < lost ? 0 : row < lost + gained || row >= 500 ? 1 : 0));
const results = (given: GatePolicy, champion: Rows | undefined, challenger: Rows, labels = ['no', 'yes']) =>
  judge(churnItems(given, { champion, challenger, labels }), 'holm');

describe('flips of two labels', () => {
  test('are shares of all rows, in each direction and in both, with score intervals', () => {
    const judged = results(policy(ALL), rows(decidedOnce(30)), rows(decidedNow(30, 70)));
    expect(
      judged.map(({ name, challenger, challengerInterval, parameters }) => ({
        name,
        challenger,
        challengerInterval,
        parameters,
      })),
    ).toEqual([
      {
        name: 'symmetric_flip_rate',
        challenger: 0.1,
        challengerInterval: wilsonInterval(100, 1000, 0.95),
        parameters: null,
      },
      {
        name: 'positive_to_negative_rate',
        challenger: 0.03,
        challengerInterval: wilsonInterval(30, 1000, 0.95),
        parameters: { from: 'yes', to: 'no' },
      },
      {
        name: 'negative_to_positive_rate',
        challenger: 0.07,
        challengerInterval: wilsonInterval(70, 1000, 0.95),
        parameters: { from: 'no', to: 'yes' },
      },
    ]);
    expect(judged.map(({ verdict, method }) => `${verdict}: ${method}`)).toEqual(
      new Array(3).fill('pass: Wilson score'),
    );
  });

  test.each([
    [0.11, 'inconclusive'],
    [0.07, 'fail'],
    [0.14, 'pass'],
  ])('at most %d: %s', (bound, verdict) => {
    const given = policy({ symmetric_flip_rate: { upper_bound: bound } });
    expect(results(given, rows(decidedOnce(30)), rows(decidedNow(30, 70)))[0]!.verdict).toBe(verdict);
  });

  test('at least so many, for those who want to see an effect', () => {
    const given = policy({ symmetric_flip_rate: { lower_bound: 0.05 } });
    expect(results(given, rows(decidedOnce(30)), rows(decidedNow(30, 70)))[0]!.verdict).toBe('pass');
    expect(results(given, rows(decidedOnce(0)), rows(decidedNow(0, 10)))[0]!.verdict).toBe('fail');
  });
});

describe('weights and clusters', () => {
  test('a weight counts a row as often as it says', () => {
    const weight = Float64Array.from({ length: 1000 }, (_, row) => (row < 100 ? 3 : 1));
    const given = policy({ symmetric_flip_rate: { upper_bound: 0.3 } });
    const [judged] = results(given, rows(decidedOnce(30), { weight }), rows(decidedNow(30, 70), { weight }));
    expect(judged).toMatchObject({
      challenger: 300 / 1200,
      method: 'Wilson score, weighted',
      verdict: 'pass',
    });
    expect(judged!.challengerInterval![1] - judged!.challengerInterval![0]).toBeGreaterThan(0.04);
  });

  test('flips that come in clusters prove less', () => {
    const clusters = numberClusters(Array.from({ length: 1000 }, (_, row) => Math.floor(row / 25)));
    const given = policy({ symmetric_flip_rate: { upper_bound: 0.15 } });
    const [alone] = results(given, rows(decidedOnce(50)), rows(decidedNow(50, 50)));
    const [clustered] = results(
      given,
      rows(decidedOnce(50), { clusters }),
      rows(decidedNow(50, 50), { clusters }),
    );
    expect(alone).toMatchObject({ challenger: 0.1, verdict: 'pass' });
    expect(clustered).toMatchObject({
      challenger: 0.1,
      verdict: 'inconclusive',
      method: 'Wilson score, by cluster',
    });
  });

  test('too few clusters are not judged', () => {
    const clusters = numberClusters(Array.from({ length: 1000 }, (_, row) => Math.floor(row / 100)));
    const given = policy({ symmetric_flip_rate: { upper_bound: 0.15 } });
    expect(
      results(given, rows(decidedOnce(0), { clusters }), rows(decidedNow(0, 0), { clusters }))[0],
    ).toMatchObject({
      verdict: 'not_judged',
      why: '10 clusters, and at least 20 are needed',
    });
  });
});

describe('other labels', () => {
  const given = (task: string) => policy({ symmetric_flip_rate: { upper_bound: 0.5 } }, task);
  const many = (values: number[]) => Array.from({ length: 400 }, (_, row) => values[row % values.length]!);

  test('of several classes any change is a flip', () => {
    const [judged] = results(given('multiclass'), rows(many([0, 1, 2, 3])), rows(many([0, 1, 2, 1])), [
      'a',
      'b',
      'c',
      'd',
    ]);
    expect(judged).toMatchObject({ challenger: 0.25, parameters: null });
  });

  test('of several labels a row flips when any of them does', () => {
    const label = (predicted: number[]) => ({
      name: 'x',
      truth: new Float64Array(400),
      predicted: Float64Array.from(predicted),
    });
    const of = (first: number[], second: number[]): Rows => ({
      truth: new Float64Array(400),
      labels: [label(many(first)), label(many(second))],
    });
    const [judged] = results(
      given('multilabel'),
      of([0, 0, 1, 1], [0, 1, 0, 1]),
      of([0, 1, 1, 1], [0, 0, 0, 1]),
    );
    expect(judged!.challenger).toBe(0.25);
  });

  test('that are missing are missing; empty ones are no number', () => {
    const champion = rows(many([0, 1]));
    expect(results(given('binary'), champion, { truth: new Float64Array(400) })[0]).toMatchObject({
      verdict: 'missing',
    });
    expect(results(given('binary'), champion, rows(many([0, Number.NaN])))[0]).toMatchObject({
      verdict: 'fail',
      why: 'y_pred is empty in 200 rows',
    });
    expect(results(given('binary'), rows(many([0, Number.NaN])), champion)[0]).toMatchObject({
      verdict: 'missing',
      why: "the champion's y_pred is empty in 200 rows",
    });
    expect(results(given('binary'), undefined, champion)).toEqual([]);
  });
});

describe('a policy', () => {
  let folder: GateFolder;
  beforeEach(async () => {
    folder = await makeGateFolder();
  });
  afterEach(() => folder.close());

  test.each([
    [
      'regression',
      'churn: {symmetric_flip_rate: {upper_bound: 0.1}}',
      /a question to labels, and the policy's task is regression/,
    ],
    [
      'multiclass',
      'churn: {positive_to_negative_rate: {upper_bound: 0.1}}',
      /positive_to_negative_rate speaks of two labels/,
    ],
    [
      'binary',
      'churn: {symmetric_flip_rate: {min_absolute_change: 0.1}}',
      /symmetric_flip_rate compares the two models itself/,
    ],
    [
      'binary',
      'explainability: {attribution_ndcg: {max_absolute_change: 0.1}}',
      /attribution_ndcg compares the two models itself/,
    ],
  ])('of %s with %s is refused at its place', async (task, block, message) => {
    const text = POLICY.replace('binary', task).replace(/metrics:\n(.*\n)*/, '');
    await writeFile(folder.at('gate.yaml'), `${text}${block}\n`);
    await expect(folder.gate(folder.files())).rejects.toMatchObject({
      message: expect.stringMatching(message),
      where: { file: folder.at('gate.yaml'), line: text.split('\n').length },
    });
  });

  test('with flips is judged from predictions', async () => {
    await writeFile(folder.at('gate.yaml'), `${POLICY}churn: {symmetric_flip_rate: {upper_bound: 0.01}}\n`);
    const record = await folder.gate(folder.files());
    expect(record.metrics.find(({ block }) => block === 'churn')).toMatchObject({
      verdict: 'fail',
      word: 'outside its limit',
    });
  });
});
