import { expect, test } from 'vitest';
import type { MetricResult } from '../../../shared/records/evaluation.ts';
import { parseGatePolicy } from '../../../shared/records/gate-policy.ts';
import { annotationsOf } from './annotations.ts';

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
  limits: [],
  verdict: 'fail',
  word: 'worse',
  why: '',
  waiver: null,
  ...changes,
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
  const result = failing(changes);
  const record = { metrics: result.slice ? [] : [result], slices: result.slice ? [result] : [] };
  const [annotation] = annotationsOf(record, document.value, document.locate);
  expect(annotation).toMatchObject({ level: 'error', where: { file: 'gate.yaml', line } });
});

test('what only warns or is missing is a warning, and what passes is not spoken of', async () => {
  const { value, locate } = await parseGatePolicy(POLICY, 'gate.yaml');
  const metrics = (['warn', 'missing', 'pass', 'inconclusive'] as const).map((verdict) =>
    failing({ verdict }),
  );
  const annotations = annotationsOf({ metrics, slices: [] }, value, locate);
  expect(annotations.map(({ level }) => level)).toEqual(['warning', 'warning']);
});
