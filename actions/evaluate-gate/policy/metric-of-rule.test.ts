/** Which metric a line of the policy means, with which parameters. */
import { expect, test } from 'vitest';
import { computeMetric } from '../../../shared/metrics/metric-definition.ts';
import { HEAD, usePolicyText } from '../fixtures/policy-text.ts';

const { refused, refusedText, ruleOf } = usePolicyText();

test('an unknown metric: its place, and the nearest name', async () => {
  const error = await refusedText(`${HEAD}metrics:\n  - {name: roc_acu, lower_bound: 0.8}\n`);
  expect(error.fix).toContain('Did you mean roc_auc?');
  expect(error.where).toMatchObject({ line: 4, key: 'metrics[0].name' });
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
