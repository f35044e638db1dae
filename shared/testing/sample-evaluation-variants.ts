/** Other Evaluations: a failure that is waived under an edited policy, and a calibration of a policy. */
import type { Evaluation } from '../records/evaluation.ts';
import { margin, sampleEvaluation, sampleMetric } from './sample-evaluation.ts';
import { FEATURE } from './sample-evaluation-parts.ts';

/** Worse in one slice, which somebody has accepted for a while; the pull request edits its policy. */
export function sampleWaived(hostile = FEATURE): Evaluation {
  const value = (usual: string): string => (hostile === FEATURE ? usual : hostile);
  const sample = sampleEvaluation(hostile);
  const waiver = {
    name: 'recall',
    parameters: null,
    slice: { origin: 'ORD' },
    owner: value('the data team'),
    reason: value('a known gap, closed by the new sensor'),
    expires: '2026-12-31',
  };
  const waived = sampleMetric({
    name: 'recall',
    block: 'slices',
    slice: { origin: 'ORD' },
    rows: 1204,
    champion: 0.31,
    challenger: 0.22,
    difference: -0.09,
    interval: [-0.12, -0.06],
    limits: [{ ...margin, limit: -0.02, verdict: 'fail', clearance: -0.07 }],
    verdict: 'warn',
    word: 'worse',
    waiver,
  });
  return {
    ...sample,
    verdict: 'warn',
    reason:
      'recall, origin = ORD is worse: −0.090 [−0.120, −0.060], and the policy asks for a change ≥ −0.02.',
    policy: {
      ...sample.policy!,
      change: {
        why: value(
          'gate.yaml differs in this pull request; it is judged by the version of the base commit abc1234.',
        ),
        diff: [
          '--- gate.yaml (base branch)',
          '+++ gate.yaml (this pull request)',
          '@@ -4,3 +4,3 @@',
          ' metrics:',
          '-  - {name: roc_auc, min_absolute_change: -0.002}',
          '+  - {name: roc_auc, min_absolute_change: -0.2}',
          `+  # ${value('wider for now')}`,
        ].join('\n'),
      },
    },
    metrics: sample.metrics.filter((metric) => metric.verdict === 'pass'),
    slices: [waived, ...sample.slices.slice(1)],
    waivers: [
      { ...waiver, status: 'used' },
      { ...waiver, name: 'log_loss', slice: null, status: 'unused' },
      { ...waiver, name: 'brier_score_loss', slice: null, expires: '2026-10-31', status: 'expired' },
    ],
  };
}

/** How often the policy would refuse a model against its equal. */
export function sampleCalibration(hostile = FEATURE): Evaluation {
  const sample = sampleEvaluation();
  return {
    ...sample,
    verdict: 'pass',
    reason:
      'Of 1,000 models equal to the champion this policy passes 77.1 %, warns of 1.0 %, cannot tell of 19.8 % and fails 2.1 %. Plain new >= old would refuse 78.0 %.',
    operation: 'calibrate',
    baseline: { status: 'compared', from: 'retrain.csv', digest: null, why: '' },
    metrics: [],
    slices: [],
    curves: null,
    confusion: null,
    fairnessGroups: [],
    weakSlices: null,
    thresholdSuggestion: null,
    load: null,
    attributions: null,
    waivers: [],
    calibrate: {
      draws: 1000,
      swapped: 'rows',
      shares: { pass: 0.771, warn: 0.01, inconclusive: 0.198, fail: 0.021 },
      metrics: [
        {
          name: 'roc_auc',
          parameters: null,
          slice: null,
          pass: 0.93,
          inconclusive: 0.056,
          fail: 0.014,
          plainComparisonFails: 0.49,
        },
        {
          name: 'log_loss',
          parameters: null,
          slice: null,
          pass: 0.95,
          inconclusive: 0.045,
          fail: 0.005,
          plainComparisonFails: 0.51,
        },
        {
          name: 'recall',
          parameters: null,
          slice: { [hostile]: 'ORD' },
          pass: 0.82,
          inconclusive: 0.178,
          fail: 0.002,
          plainComparisonFails: 0.47,
        },
      ],
      plainComparisonFails: 0.78,
    },
  };
}
