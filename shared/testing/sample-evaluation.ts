/** An Evaluation of a challenger that is better than its champion. */
import type { Evaluation, MetricResult, ModelCurves } from '../records/evaluation.ts';
import { digest, head } from './sample-head.ts';

function sampleCurves(power: number): ModelCurves {
  return {
    roc: Array.from({ length: 100 }, (_, index) => [index / 99, (index / 99) ** power] as [number, number]),
    calibration: Array.from({ length: 8 }, (_, bin) => ({
      score: 0.05 + bin * 0.1,
      positives: Math.min(1, (0.05 + bin * 0.1) * (0.8 + 0.4 * power) + 0.02),
      rows: Math.round(8000 * Math.exp(-bin / 1.4)),
    })),
    histogram: Array.from({ length: 20 }, (_, bin) =>
      Math.round(4000 * Math.exp(-((bin - 3 * power) ** 2) / 12)),
    ),
  };
}

function sampleMetric(values: Partial<MetricResult> & { name: string }): MetricResult {
  return {
    slice: null,
    direction: 'higher',
    rows: 16_758,
    champion: 0.6479,
    challenger: 0.6725,
    challengerInterval: [0.662, 0.683],
    difference: 0.0246,
    interval: [0.0182, 0.0311],
    method: 'paired DeLong',
    limits: [
      {
        kind: 'min_absolute_change',
        limit: -0.002,
        verdict: 'pass',
        clearance: 0.0266,
        interval: [0.02, 0.033],
        pValue: 1e-12,
        adjustedPValue: 3e-12,
        furtherRows: null,
        why: '',
      },
    ],
    verdict: 'pass',
    word: 'better',
    why: 'the whole interval is above the limit',
    ...values,
  };
}

export function sampleEvaluation(hostile = 'origin', minute = 3): Evaluation {
  const lowerIsBetter = sampleMetric({
    name: 'log_loss',
    direction: 'lower',
    champion: 0.433,
    challenger: 0.4229,
    difference: -0.0101,
    interval: [-0.0121, -0.0082],
  });
  lowerIsBetter.limits = lowerIsBetter.limits.map((limit) => ({
    ...limit,
    kind: 'min_relative_change',
    limit: 0.02,
    clearance: 0.0188,
  }));
  const slice = sampleMetric({
    name: 'recall',
    slice: { [hostile]: 'ORD' },
    champion: 0.11,
    challenger: 0.12,
    difference: 0.01,
    interval: [-0.03, 0.05],
    verdict: 'inconclusive',
    word: 'cannot tell',
    why: 'about 4,200 more rows would decide',
  });
  slice.limits = slice.limits.map((limit) => ({
    ...limit,
    limit: -0.02,
    clearance: 0.03,
    verdict: 'inconclusive',
  }));
  return {
    ...head('Evaluation', digest('b'), 'pass', 'better than the champion in ROC AUC and log loss', minute),
    task: 'binary',
    judgedFrom: 'predictions',
    policy: { file: 'gate.yaml', digest: digest('e') },
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
    metrics: [sampleMetric({ name: 'roc_auc' }), lowerIsBetter, { ...slice, slice: null, name: hostile }],
    slices: [slice, sampleMetric({ name: 'recall', slice: { [hostile]: 'DFW' } })],
    curves: { champion: sampleCurves(0.55), challenger: sampleCurves(0.45) },
    predictions: null,
    notes: [],
  };
}
