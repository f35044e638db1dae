import { expect, test } from 'vitest';
import type { LimitResult, MetricResult } from '../../../shared/records/evaluation.ts';
import { parseGatePolicy } from '../../../shared/records/gate-policy.ts';
import type { Rule } from '../policy/rules.ts';
import { annotationsOf } from './annotations.ts';
import type { Item } from './items.ts';
import type { Judged } from './overall.ts';

const POLICY = `version: 1
task: binary
metrics:
  - {name: neg_log_loss, min_absolute_change: 0}
  - {name: recall, class: late, lower_bound: 0.5}
  - {name: recall, class: early, lower_bound: 0.5}
slices:
  - {feature_keys: [origin], metrics: [recall], lower_bound: 0.5}
  - {feature_keys: [origin], metrics: [accuracy_score], lower_bound: 0.5}
fairness:
  - {name: accuracy_difference, sensitive_features: [sex], upper_bound: 0.1}
  - {name: recall_difference, sensitive_features: [sex], upper_bound: 0.1}
latency:
  p95_ms: {upper_bound: 40}
`;

const LIMIT = { kind: 'lower_bound', limit: 0.8, verdict: 'fail' } as LimitResult;

const failing = (changes: Partial<MetricResult>): MetricResult => ({
  block: 'metrics',
  name: 'log_loss',
  parameters: null,
  slice: null,
  direction: 'higher',
  rows: 100,
  champion: 0.7,
  challenger: 0.6,
  challengerInterval: null,
  difference: -0.1,
  interval: null,
  method: '',
  limits: [LIMIT],
  verdict: 'fail',
  word: 'worse',
  why: '',
  waiver: null,
  ...changes,
});

/** As the rule of a policy would have it judged. */
const judged = (changes: Partial<MetricResult>, rule: Partial<Rule> = {}): Judged => ({
  result: failing(changes),
  item: {
    rule: { severity: 'fail', onMissing: 'warn', onInconclusive: 'warn', ...rule },
    slice: null,
  } as Item,
});

test.each<[string, Partial<MetricResult>, number]>([
  ['a metric under another of its names', {}, 4],
  ['the class that is meant', { name: 'recall', parameters: { class: 'early' } }, 6],
  ['a slice', { block: 'slices', name: 'accuracy', slice: { origin: 'ORD' } }, 9],
  [
    'a fairness metric',
    { block: 'fairness', name: 'recall_difference', parameters: { sensitive_features: 'sex' } },
    12,
  ],
  ['a percentile', { block: 'latency', name: 'p95_ms' }, 14],
])('points to the line of %s', async (_, changes, line) => {
  const document = await parseGatePolicy(POLICY, 'gate.yaml');
  const [annotation] = annotationsOf([judged(changes)], true, document.value, document.locate);
  expect(annotation).toMatchObject({ level: 'error', where: { file: 'gate.yaml', line } });
});

test('what fails the gate is an error, also where a number is missing or cannot be told, and comes first', async () => {
  const { value, locate } = await parseGatePolicy(POLICY, 'gate.yaml');
  const waiver = {
    name: 'recall',
    slice: null,
    parameters: null,
    owner: 'a',
    reason: 'b',
    expires: '2027-01-01',
  };
  const levels = (...parts: Judged[]) => annotationsOf(parts, true, value, locate).map(({ level }) => level);
  const warn = { verdict: 'warn' } as const;
  expect(levels(judged(warn, { severity: 'warn' }), judged({ verdict: 'missing' }))).toEqual([
    'warning',
    'warning',
  ]);
  expect(levels(judged({ verdict: 'missing' }, { onMissing: 'fail' }))).toEqual(['error']);
  expect(levels(judged({ verdict: 'inconclusive' }, { onInconclusive: 'fail' }))).toEqual(['error']);
  expect(levels(judged(warn, { severity: 'warn' }), judged({}))).toEqual(['error', 'warning']);
  expect(levels(judged({ waiver }))).toEqual(['warning']);
  expect(levels(judged({ verdict: 'pass' }), judged({ verdict: 'inconclusive' }))).toEqual([]);
});
