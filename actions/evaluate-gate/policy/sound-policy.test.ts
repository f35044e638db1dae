/** Policies that cannot be meant are refused, with the place and what to write instead. */
import { expect, test } from 'vitest';
import { HEAD, refusal, usePolicyText } from '../fixtures/policy-text.ts';
import { rulesOf } from './rules.ts';

const { read, refused, refusedText, ruleOf } = usePolicyText();

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
  const error = await refusedText(`version: 1\ntask: ${task}\n${line}\n`);
  expect(error.where).toMatchObject({ line: 3 });
  expect(error.message).toMatch(/and the policy's task is|^No number is at least 5/);
});

test.each([
  ['binary', 'f1_scor', 'no metric called "f1_scor"'],
  ['binary', 'roc_auc', 'no threshold changes it'],
  ['regression', 'f1', 'divides two classes'],
])('%s: a threshold cannot be suggested by %s', async (task, name, what) => {
  const error = await refusedText(`version: 1\ntask: ${task}\nthreshold_suggestion: {maximize: ${name}}\n`);
  expect(error.message).toContain(what);
  expect(error.where.line).toBe(3);
});
