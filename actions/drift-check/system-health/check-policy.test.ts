import { expect, test } from 'vitest';
import { describeUserError, UserError } from '../../../shared/errors.ts';
import { parseYamlDocument } from '../../../shared/records/document.ts';
import { driftPolicySchema } from '../../../shared/records/drift-policy.ts';
import { checkSystem } from './check-policy.ts';

/** What is wrong with a policy whose section `system` has these lines beside its source and measures. */
async function complaint(
  { source = '{prometheus: "http://localhost:9090"}', ...keys }: Record<string, string>,
  measure = '{name: errors, query: up, max: 1}',
): Promise<string> {
  const lines = Object.entries({ source, ...keys }).map(([key, value]) => `  ${key}: ${value}\n`);
  const text = `version: 1\nsystem:\n${lines.join('')}  measures:\n    - ${measure}\n`;
  try {
    const { value, locate } = await parseYamlDocument(text, 'drift.yaml', driftPolicySchema);
    checkSystem(value.system!, (path) => locate(['system', ...path]));
    return '';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return describeUserError(error);
  }
}

const LATENCY = '{name: latency, query: up, max_increase: 50%}';
const CLOUDWATCH = '{cloudwatch: {region: eu-west-1}}';
const METRIC = '{namespace: AWS/SageMaker, name: Invocations, statistic: Sum}';

test.each<[string, Record<string, string>, string]>([
  ['limits alone', { past: '1h' }, '{name: errors, query: up, max: 1, unit: "%"}'],
  ['the past', {}, LATENCY],
  ['a window of one step', { window: '1m' }, LATENCY],
  ['CloudWatch', { source: CLOUDWATCH }, `{name: requests, metric: ${METRIC}, min: 10}`],
  ['the region of the environment', { source: '{cloudwatch: {}}' }, `{name: x, metric: ${METRIC}, min: 10}`],
])('%s is well', async (_, keys, measure) => {
  expect(await complaint(keys, measure)).toBe('');
});

test.each<[string, Record<string, string>, string | undefined, RegExp]>([
  [
    'an address that is none',
    { source: '{prometheus: "prometheus:9090"}' },
    undefined,
    /"prometheus:9090" is not that of.*\nWhere: drift\.yaml:3:\d+, key system\.source\.prometheus/,
  ],
  [
    'a step of half a second',
    { step: '500ms' },
    undefined,
    /system\.step: 500ms is not a whole number of seconds/,
  ],
  [
    'a window that is no multiple',
    { window: '90s' },
    undefined,
    /system\.window: 90s is not a multiple of the step of 1m/,
  ],
  ['no window', { window: '0s' }, undefined, /system\.window: 0s/],
  [
    'a season within the window',
    { season: '30m' },
    LATENCY,
    /system\.season: 30m .*shorter than the window of 1h/,
  ],
  [
    'too little past',
    { past: '5d' },
    LATENCY,
    /system\.past: 5d holds 5 windows at a season of 1d, and 6 are needed/,
  ],
  [
    'too many steps',
    { past: '400d', step: '1s', season: '1h' },
    LATENCY,
    /asks for \d+ steps .* 200000 is the most/,
  ],
  [
    'two names alike',
    {},
    '{name: a, query: up, max: 1}\n    - {name: a, query: up, max: 1}',
    /two system measures named a\.\nWhere: drift\.yaml:6/,
  ],
  ['no question', {}, '{name: a, max: 1}', /a does not say what to ask.*\n.*\n.*Write query: with PromQL/],
  [
    'a metric for Prometheus',
    {},
    `{name: a, metric: ${METRIC}, max: 1}`,
    /has a metric, which Prometheus does not know/,
  ],
  [
    'PromQL for CloudWatch',
    { source: CLOUDWATCH },
    '{name: a, query: up, max: 1}',
    /has a query, which CloudWatch does not know/,
  ],
  ['both', {}, `{name: a, query: up, metric: ${METRIC}, max: 1}`, /has a metric, which/],
  ['no limit', {}, '{name: a, query: up}', /a has no limit, so nothing of it would be judged/],
  ['limits that cross', {}, '{name: a, query: up, max: 1, min: 2}', /min of a \(2\) is above its max \(1\)/],
  [
    'a fall to nothing',
    {},
    '{name: a, query: up, max_decrease: 100%}',
    /max_decrease of 100% lets a fall to nothing/,
  ],
  ['an idle min_change', {}, '{name: a, query: up, max: 1, min_change: 2}', /min_change of a has no effect/],
  [
    'a misspelt key',
    {},
    '{name: a, query: up, maximum: 1}',
    /Unknown key "maximum".*\n.*\n.*Did you mean|Known keys/,
  ],
  [
    'a statistic that is none',
    { source: CLOUDWATCH },
    '{name: a, metric: {namespace: x, name: y, statistic: mean}, max: 1}',
    /write Average, Sum/,
  ],
  ['a share that is none', {}, '{name: a, query: up, max_increase: half}', /max_increase/],
  ['words in place of a duration', { window: 'an hour' }, undefined, /write a duration like/],
])('%s is an error that says where', async (_, keys, measure, message) => {
  const text = await complaint(keys, measure);
  expect(text).toMatch(message);
  expect(text).toContain('Where: drift.yaml:');
});

test('a secret in an address is not repeated', async () => {
  for (const address of ['http://ci:s3cret@host:9090', 'http://host:9090?token=s3cret', 's3cret@host'])
    expect(await complaint({ source: `{prometheus: "${address}"}` })).toMatch(/^(?!.*s3cret)/s);
});
