/** From the lines of a policy to its rules: limits, defaults, slices. */
import { expect, test } from 'vitest';
import { gatePolicySchema, TASKS } from '../../../shared/records/gate-policy.ts';
import { HEAD, usePolicyText } from '../fixtures/policy-text.ts';
import { emptyPolicy, rulesOf } from './rules.ts';

const { read } = usePolicyText();

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

test('a slice of scores says its direction itself', async () => {
  const { value } = await read(
    'version: 1\ntask: scores\nslices:\n  - {feature_keys: [country], metrics: [grade], direction: lower, upper_bound: 1}\n',
  );
  expect(rulesOf(value, undefined, false)).toMatchObject([{ name: 'grade', direction: 'lower' }]);
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
