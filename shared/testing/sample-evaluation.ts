/** An Evaluation of a challenger that is better than its champion, with every part that a record can have. */
import type { Evaluation, LimitResult, MetricResult } from '../records/evaluation.ts';
import { FEATURE, sampleParts } from './sample-evaluation-parts.ts';
import { digest, head } from './sample-head.ts';

export const margin: LimitResult = {
  kind: 'min_absolute_change',
  limit: -0.002,
  verdict: 'pass',
  clearance: 0.0266,
  interval: [0.02, 0.033],
  pValue: 1e-12,
  adjustedPValue: 3e-12,
  furtherRows: null,
  power: 0.97,
  detectableLoss: 0.009,
  why: '',
};

export function sampleMetric(values: Partial<MetricResult> & { name: string }): MetricResult {
  return {
    block: 'metrics',
    parameters: null,
    waiver: null,
    slice: null,
    direction: 'higher',
    rows: 16_758,
    champion: 0.6479,
    challenger: 0.6725,
    challengerInterval: [0.662, 0.683],
    difference: 0.0246,
    interval: [0.0182, 0.0311],
    method: 'DeLong',
    limits: [margin],
    verdict: 'pass',
    word: 'better',
    why: '',
    ...values,
  };
}

/** A number of the challenger alone, held to a limit of its own. */
function bounded(values: Partial<MetricResult> & Pick<MetricResult, 'name' | 'block'>, upper: number) {
  const limit: LimitResult = {
    ...margin,
    kind: 'upper_bound',
    limit: upper,
    clearance: upper - (values.challenger ?? 0),
    interval: null,
    pValue: null,
    adjustedPValue: null,
    power: null,
    detectableLoss: null,
  };
  return sampleMetric({
    direction: 'lower',
    rows: null,
    champion: null,
    challengerInterval: null,
    difference: null,
    interval: null,
    method: '',
    limits: [limit],
    word: 'within its limit',
    ...values,
  });
}

/** One part of every other block of a policy. */
function blockMetrics(hostile: string): MetricResult[] {
  return [
    bounded(
      {
        block: 'fairness',
        name: 'equalized_odds_difference',
        parameters: {
          sensitive_features: hostile === FEATURE ? 'carrier' : hostile,
          method: 'between_groups',
          agg: 'worst_case',
        },
        champion: 0.06,
        challenger: 0.05,
        difference: -0.01,
        interval: [-0.032, 0.014],
        challengerInterval: [0.03, 0.07],
        rows: 16_758,
        method: 'infinitesimal jackknife',
      },
      0.08,
    ),
    bounded(
      {
        block: 'latency',
        name: 'p95_ms',
        champion: 17,
        challenger: 19.6,
        difference: 2.6,
        interval: [-0.4, 5.5],
        challengerInterval: [18.1, 21.4],
        rows: 600,
        method: 'order statistics',
      },
      40,
    ),
    bounded({ block: 'resources', name: 'model_size_mb', challenger: 1.84 }, 500),
    bounded(
      {
        block: 'explainability',
        name: 'attribution_ndcg',
        direction: 'higher',
        challenger: 0.96,
        limits: [{ ...margin, kind: 'lower_bound', limit: 0.9, power: null, detectableLoss: null }],
      },
      0,
    ),
    bounded(
      {
        block: 'churn',
        name: 'symmetric_flip_rate',
        challenger: 0.031,
        challengerInterval: [0.0285, 0.0337],
        rows: 16_758,
        method: 'Wilson score',
      },
      0.05,
    ),
    bounded({ block: 'leakage', name: 'training_overlap', challenger: 0, rows: 16_758 }, 0),
  ];
}

/** @param hostile a text that stands wherever a name or a value of the data may. */
export function sampleEvaluation(hostile = FEATURE, minute = 3): Evaluation {
  const lowerIsBetter = sampleMetric({
    name: 'log_loss',
    direction: 'lower',
    champion: 0.433,
    challenger: 0.4229,
    difference: -0.0101,
    interval: [-0.0121, -0.0082],
    method: 'paired mean, skewness by Hall’s transformation',
    limits: [
      { ...margin, kind: 'min_relative_change', limit: 0.02, clearance: 0.0014, interval: [0.0002, 0.0027] },
    ],
  });
  const unsure = sampleMetric({
    name: 'recall',
    block: 'slices',
    slice: { [hostile]: 'ORD' },
    rows: 1204,
    champion: 0.11,
    challenger: 0.12,
    difference: 0.01,
    interval: [-0.03, 0.05],
    method: 'score interval',
    limits: [{ ...margin, limit: -0.02, clearance: 0.03, verdict: 'inconclusive', furtherRows: 4187 }],
    verdict: 'inconclusive',
    word: 'cannot tell',
  });
  const slice = (value: string, values: Partial<MetricResult> = {}) =>
    sampleMetric({ name: 'recall', block: 'slices', slice: { [hostile]: value }, rows: 2100, ...values });
  const small = { rows: 44, limits: [{ ...margin, verdict: 'not_judged' as const }] };
  return {
    ...head('Evaluation', digest('b'), 'pass', 'Every limit of the policy is kept.', minute),
    task: 'binary',
    judgedFrom: 'predictions',
    operation: 'evaluate',
    policy: { file: 'gate.yaml', digest: digest('e'), from: 'base', change: null },
    baseline: {
      status: 'compared',
      from: 'oci-layout:registry/flight-delays@champion',
      digest: digest('a'),
      why: '',
    },
    rows: 16_758,
    clusters: null,
    confidenceLevel: 0.95,
    decideOn: 'ci',
    metrics: [
      sampleMetric({ name: 'roc_auc' }),
      lowerIsBetter,
      { ...unsure, block: 'metrics', slice: null, name: hostile === FEATURE ? 'recall' : hostile },
      ...blockMetrics(hostile),
    ],
    slices: [
      unsure,
      slice('DFW'),
      { ...slice('DFW'), name: 'precision', difference: 0.002, interval: [-0.006, 0.01], word: 'not worse' },
      { ...slice('ATL', { difference: -0.0011, interval: [-0.0018, -0.0004] }), word: 'not worse' },
      {
        ...slice('HNL', small),
        verdict: 'not_judged',
        word: 'not judged',
        why: '44 rows, and at least 200 are needed',
      },
    ],
    ...sampleParts(hostile),
    calibrate: null,
    predictions: null,
    notes: [],
  };
}
