import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { computeMetric } from '../../../shared/metrics/metric-definition.ts';
import { gatePolicySchema, readGatePolicy, TASKS } from '../../../shared/records/gate-policy.ts';
import { emptyPolicy, rulesOf } from './rules.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string) {
  const file = join(folder, 'gate.yaml');
  await writeFile(file, text);
  return readGatePolicy(file);
}

async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`not refused for a person to mend: ${error}`);
  return error;
}

const HEAD = 'version: 1\ntask: binary\n';

describe('the policy', () => {
  test('a number out of its range is told the range', async () => {
    await expect(read(`${HEAD}defaults: {confidence_level: 95}`)).rejects.toThrow(
      /defaults\.confidence_level: Too big: expected number to be <1 \(95 is given\)/,
    );
  });

  test('a mistyped key names its place and the nearest key', async () => {
    const error = await refusal(read(`${HEAD}metrics:\n  - {name: roc_auc, lower_bond: 0.8}\n`));
    expect(error.where).toMatchObject({ line: 4 });
    expect(error.fix).toContain('lower_bound');
  });
});

describe('rules', () => {
  test('a neg_ name negates its bounds and keeps its margins', async () => {
    const { value } = await read(
      `${HEAD}metrics:\n  - {name: neg_log_loss, lower_bound: -0.45, min_absolute_change: -0.01, min_relative_change: -0.02}\n`,
    );
    const [rule] = rulesOf(value, undefined, false);
    expect(rule).toMatchObject({ name: 'log_loss', direction: 'lower' });
    expect(rule!.limits).toEqual([
      { kind: 'upper_bound', limit: 0.45 },
      { kind: 'min_absolute_change', limit: -0.01 },
      { kind: 'min_relative_change', limit: -0.02 },
    ]);
  });

  test('an unknown metric: its place, and the nearest name', async () => {
    const document = await read(`${HEAD}metrics:\n  - {name: roc_acu, lower_bound: 0.8}\n`);
    const error = await refusal(
      Promise.resolve().then(() => rulesOf(document.value, document.locate, false)),
    );
    expect(error.fix).toContain('Did you mean roc_auc?');
    expect(error.where).toMatchObject({ line: 4, key: 'metrics[0].name' });
  });

  const refused = async (task: string, line: string, fromMetrics = false): Promise<UserError> => {
    const document = await read(`version: 1\ntask: ${task}\nmetrics:\n  - ${line}\n`);
    return refusal(Promise.resolve().then(() => rulesOf(document.value, document.locate, fromMetrics)));
  };
  const ruleOf = async (task: string, line: string, fromMetrics = false) => {
    const { value } = await read(`version: 1\ntask: ${task}\nmetrics:\n  - ${line}\n`);
    return rulesOf(value, undefined, fromMetrics)[0]!;
  };

  test('a slice of scores says its direction itself', async () => {
    const { value } = await read(
      'version: 1\ntask: scores\nslices:\n  - {feature_keys: [country], metrics: [grade], direction: lower, upper_bound: 1}\n',
    );
    expect(rulesOf(value, undefined, false)).toMatchObject([{ name: 'grade', direction: 'lower' }]);
  });

  test.each([
    ['binary', '{name: accuracy, lower_bound: 80}', 'accuracy is never above 1, and its lower_bound is 80.'],
    [
      'binary',
      '{name: neg_log_loss, upper_bound: 0.3}',
      'neg_log_loss is never above 0, and its upper_bound is 0.3.',
    ],
    [
      'binary',
      '{name: log_loss, upper_bound: -0.3}',
      'log_loss is never below 0, and its upper_bound is -0.3.',
    ],
    ['regression', '{name: r2, lower_bound: 1.5}', 'r2 is never above 1, and its lower_bound is 1.5.'],
    [
      'binary',
      '{name: roc_auc, lower_bound: 0.9, upper_bound: 0.8}',
      'No number is at least 0.9 (lower_bound) and at most 0.8 (upper_bound).',
    ],
    [
      'scores',
      '{name: grade, direction: higher, min_absolute_change: 0.5, max_absolute_change: 0.1}',
      'No number is at least 0.5 (min_absolute_change) and at most 0.1 (max_absolute_change).',
    ],
  ])('of %s, %s: limits that decide nothing are refused', async (task, line, message) => {
    const error = await refused(task, line);
    expect(error.message).toBe(message);
    expect(error.where).toMatchObject({ line: 4 });
  });

  test('bounds at the ends, below 0 where the metric goes there, and percentages in files are fine', async () => {
    await ruleOf('binary', '{name: accuracy, lower_bound: 0, upper_bound: 1}');
    await ruleOf('binary', '{name: neg_log_loss, lower_bound: -0.5, upper_bound: 0}');
    await ruleOf('regression', '{name: r2, lower_bound: -3}');
    await ruleOf('regression', '{name: rmse, upper_bound: 250}');
    await ruleOf('binary', '{name: accuracy, lower_bound: 80}', true);
  });

  test.each([
    ['regression', 'threshold: 0.4'],
    ['multiclass', 'positive_label: 1'],
    ['binary', 'seasonal_period: 12'],
    ['binary', 'columns: {group: country}'],
    ['binary', 'latency: {p95_ms: {lower_bound: 5, upper_bound: 4}}'],
  ])('a policy of %s with %s says what means nothing', async (task, line) => {
    const document = await read(`version: 1\ntask: ${task}\n${line}\n`);
    const error = await refusal(
      Promise.resolve().then(() => rulesOf(document.value, document.locate, false)),
    );
    expect(error.where).toMatchObject({ line: 3 });
    expect(error.message).toMatch(/and the policy's task is|^No number is at least 5/);
  });

  test('a metric of another task is refused, with what to write instead', async () => {
    expect((await refused('binary', '{name: r2, lower_bound: 0.8}')).message).toMatch(/one of regression/);
    const ofTwo = await refused('multiclass', '{name: f1, lower_bound: 0.8}');
    expect(ofTwo.message).toMatch(/one of binary, and the policy's task is multiclass/);
    expect(ofTwo.fix).toContain('Of one class write {name: f1, class: …}, or of all f1_macro, f1_micro');
  });

  test.each([
    ['ranking', '{name: ndcg@10}', 'ndcg', { k: '10' }],
    ['ranking', '{name: MAP@5}', 'map', { k: '5' }],
    ['ranking', '{name: MRR}', 'mrr', null],
    ['ranking', '{name: recall, k: 3}', 'recall', { k: '3' }],
    ['multiclass', '{name: top_k_accuracy, k: 2}', 'top_k_accuracy', { k: '2' }],
    ['multiclass', '{name: recall_score, class: cat}', 'recall', { class: 'cat' }],
    ['multiclass', '{name: recall, class: 3}', 'recall', { class: '3' }],
    ['multilabel', '{name: roc_auc, class: sports}', 'roc_auc', { class: 'sports' }],
    ['multilabel', '{name: roc_auc}', 'roc_auc_macro', null],
    ['forecasting', '{name: mean_pinball_loss, quantile: 0.9}', 'mean_pinball_loss', { quantile: '0.9' }],
    ['forecasting', '{name: neg_root_mean_squared_error}', 'root_mean_squared_error', null],
  ])('%s %s', async (task, line, name, parameters) => {
    expect(await ruleOf(task, line)).toMatchObject({ name, parameters });
  });

  test('a parameter reaches the formula, and a class the rows', async () => {
    const rows = {
      truth: Float64Array.of(0, 1, 2, 2),
      predicted: Float64Array.of(0, 1, 2, 1),
      classes: ['a', 'b', 'c'],
    };
    const ofClass = (await ruleOf('multiclass', '{name: recall, class: c}')).definition!;
    expect(computeMetric(ofClass, rows).value).toBe(0.5);
    const unknown = (await ruleOf('multiclass', '{name: recall, class: d}')).definition!;
    expect(computeMetric(unknown, rows)).toEqual({
      value: undefined,
      why: 'there is no class d; there are a, b, c',
    });
    const loss = (await ruleOf('forecasting', '{name: mean_pinball_loss, quantile: 0.9}')).definition!;
    const forecast = { truth: Float64Array.of(2, 0), predicted: Float64Array.of(1, 1) };
    expect(computeMetric(loss, forecast).value).toBeCloseTo((0.9 + 0.1) / 2, 12);
  });

  test.each([
    ['binary', '{name: roc_auc, k: 3}', 'takes no k', 'k'],
    ['binary', '{name: roc_auc, quantile: 0.5}', 'takes no quantile', 'quantile'],
    ['binary', '{name: recall, class: cat}', "the policy's task is binary", 'class'],
    ['multiclass', '{name: f1_macro, class: cat}', 'of all classes at once', 'name'],
    ['multiclass', '{name: top_k_accuracy}', 'needs k', 'name'],
    ['ranking', '{name: recall}', 'needs k', 'name'],
    ['ranking', '{name: recall@0}', 'k is at least 1', 'name'],
    ['ranking', '{name: ndcg@10, k: 5}', 'says k already', 'k'],
    ['ranking', '{name: ndgc@10}', 'no metric called "ndgc@10"', 'name'],
    ['forecasting', '{name: mean_pinball_loss}', 'needs quantile', 'name'],
    ['binary', '{name: roc_auc, direction: lower}', 'is better higher, not lower', 'direction'],
    ['scores', '{name: helpfulness}', 'Nothing says which way of helpfulness is better', 'name'],
    ['scores', '{name: helpfulness, direction: higher, k: 3}', 'takes no k', 'k'],
  ])('%s %s is refused at its place', async (task, line, what, key) => {
    const error = await refused(task, line);
    expect(error.message).toContain(what);
    expect(error.where.key).toBe(`metrics[0].${key}`);
  });

  test('the nearest name is one of the task', async () => {
    expect((await refused('ranking', '{name: ndgc@10}')).fix).toBe('Did you mean ndcg?');
    expect((await refused('multiclass', '{name: f1_marco}')).fix).toBe('Did you mean f1_macro?');
  });

  test('one metric twice with the same parameters is refused', async () => {
    const twice = await refused('binary', '{name: roc_auc}\n  - {name: roc_auc_score}');
    expect(twice.message).toContain('named twice');
    expect(twice.where).toMatchObject({ line: 5, key: 'metrics[1].name' });
    const { value } = await read(
      'version: 1\ntask: ranking\nmetrics: [{name: ndcg@5}, {name: ndcg@10}, {name: ndcg}]\n',
    );
    expect(rulesOf(value, undefined, false).map(({ parameters }) => parameters?.k)).toEqual([
      '5',
      '10',
      undefined,
    ]);
    const slices = await read(
      `${HEAD}slices:\n  - {feature_keys: [a, b], metrics: [f1]}\n  - {feature_keys: [b, a], metrics: [f1_score]}\n`,
    );
    expect(() => rulesOf(slices.value, slices.locate, false)).toThrow(/named twice for the same slices/);
  });

  test('a metric of the user’s own: in task scores a column, in files of metrics any name with a direction', async () => {
    const line = '{name: helpfulness, direction: higher, lower_bound: 3}';
    for (const fromMetrics of [true, false]) {
      expect(await ruleOf('scores', line, fromMetrics)).toMatchObject({
        name: 'helpfulness',
        direction: 'higher',
        definition: undefined,
      });
    }
    expect(await ruleOf('binary', line, true)).toMatchObject({ name: 'helpfulness', direction: 'higher' });
    expect((await refused('binary', line)).message).toMatch(/no metric called/);
    // A column keeps the name that it has; its mean is judged as it stands.
    expect(await ruleOf('scores', '{name: accuracy_score, lower_bound: 0.8}')).toMatchObject({
      name: 'accuracy_score',
      direction: 'higher',
      limits: [{ kind: 'lower_bound', limit: 0.8 }],
    });
  });

  test('parameters of slices are of their metrics', () => {
    const policy = gatePolicySchema.parse({
      version: 1,
      task: 'multiclass',
      slices: [
        { feature_keys: ['country'], metrics: ['recall', 'precision'], class: 'cat', min_absolute_change: 0 },
      ],
    });
    expect(rulesOf(policy, undefined, false).map(({ name, parameters }) => [name, parameters])).toEqual([
      ['recall', { class: 'cat' }],
      ['precision', { class: 'cat' }],
    ]);
  });

  test.each([
    ['binary', 'f1_scor', 'no metric called "f1_scor"'],
    ['binary', 'roc_auc', 'no threshold changes it'],
    ['regression', 'f1', 'divides two classes'],
  ])('%s: a threshold cannot be suggested by %s', async (task, name, what) => {
    const document = await read(`version: 1\ntask: ${task}\nthreshold_suggestion: {maximize: ${name}}\n`);
    const error = await refusal(
      Promise.resolve().then(() => rulesOf(document.value, document.locate, false)),
    );
    expect(error.message).toContain(what);
    expect(error.where.line).toBe(3);
  });

  test('one rule per metric of a slice, with the defaults of the policy', () => {
    const policy = gatePolicySchema.parse({
      version: 1,
      task: 'binary',
      defaults: { min_samples: 300, on_inconclusive: 'warn' },
      slices: [
        {
          feature_keys: ['country'],
          metrics: ['recall', 'f1'],
          min_absolute_change: -0.02,
          min_samples: 500,
        },
      ],
    });
    const rules = rulesOf(policy, undefined, false);
    expect(rules.map((rule) => [rule.name, rule.featureKeys, rule.minSamples, rule.onInconclusive])).toEqual([
      ['recall', ['country'], 500, 'warn'],
      ['f1', ['country'], 500, 'warn'],
    ]);
  });

  test.each(TASKS)('%s: without a policy the usual metrics are reported without limits', (task) => {
    const rules = rulesOf(emptyPolicy(task), undefined, false);
    expect(rules.length > 0).toBe(task !== 'scores');
    expect(rules.every((rule) => rule.limits.length === 0)).toBe(true);
  });
});
