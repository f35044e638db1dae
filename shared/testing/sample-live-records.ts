/** Records of a model that serves: a canary that was rolled back, and drift that asks for a retrain. */
import type { Deployment, Look } from '../records/deployment.ts';
import type { DriftCheck } from '../records/drift-check.ts';
import { digest, head, START, sequence } from './sample-head.ts';
import { sampleSystem } from './sample-system.ts';

export function sampleDeployment(hostile = 'all evidence is there'): Deployment {
  const random = sequence(11);
  const looks = Array.from({ length: 60 }, (_, index): Look => {
    const step = Math.floor(index / 15);
    const weight = [5, 20, 50, 50][step]!;
    const requests = Math.round(40 + 8 * random());
    const toChallenger = Math.round((requests * weight) / 100);
    const arm = (count: number, share: number) => ({
      assigned: count,
      requests: count,
      errors: Math.round(count * share * random() * 2),
      slow: null,
      p50: 12 + random(),
      p95: 30 + 4 * random(),
      predictions: null,
    });
    return {
      sequence: index,
      startedAt: new Date(START + 300_000 + index * 1000).toISOString(),
      endedAt: new Date(START + 300_000 + (index + 1) * 1000).toISOString(),
      step,
      weight,
      mirrored: false,
      servers: {},
      champion: arm(requests - toChallenger, 0.01),
      challenger: arm(toChallenger, 0.05),
      logE: {
        rollbackErrors: 0.055 * index + 0.4 * random() - 0.3,
        rollbackLatency: -0.01 * index,
        rollbackPredictions: null,
        promoteBelowCeiling: null,
        promoteFastEnough: null,
        slowCeiling: null,
        ceiling: null,
        floor: null,
        promoteErrors: -0.04 * index,
        promoteLatency: 0.02 * index,
        promoteClean: null,
        promoteFast: null,
        split: -1,
      },
    };
  });
  return {
    ...head('Deployment', digest('b'), 'fail', 'rolled back: the challenger fails more requests', 6),
    operation: 'run',
    outcome: 'rolled-back',
    target: 'local',
    endpoint: 'http://127.0.0.1:8080',
    challenger: { digest: digest('b'), uri: `oci-layout:registry/flight-delays@${digest('b')}` },
    champion: { digest: digest('a'), uri: `oci-layout:registry/flight-delays@${digest('a')}` },
    serving: digest('a'),
    alias: { name: 'champion', moved: false },
    overrideReason: null,
    rollout: null,
    limits: { rollback: 2.996, ceiling: 4.6, floor: 4.6, promote: 2.996, split: 6.9 },
    slowerThanMs: 35,
    weights: [],
    before: [],
    unused: [],
    looks,
    events: [
      { at: looks[0]!.startedAt, kind: 'start', weight: 5, reason: 'the challenger answers' },
      { at: looks[15]!.startedAt, kind: 'step', weight: 20, reason: hostile },
      { at: looks[30]!.startedAt, kind: 'step', weight: 50, reason: 'step 3' },
      {
        at: looks[59]!.endedAt,
        kind: 'rollback',
        weight: 0,
        reason: 'errors: the evidence is beyond its limit',
      },
    ],
    traffic: { file: 'requests.jsonl', digest: digest('f'), ratePerSecond: 45, sent: 2700, failed: 31 },
  };
}

export function sampleDrift(hostile = 'origin_delay'): DriftCheck {
  const random = sequence(5);
  const names = [hostile, 'distance', 'departure_hour', 'origin', 'carrier', 'y_score'];
  const chunks = Array.from({ length: 20 }, (_, index) => {
    const broken = index >= 17;
    const week = new Date(Date.parse('2001-01-29T00:00:00Z') + index * 7 * 86_400_000);
    return {
      part: index < 8 ? ('reference' as const) : ('data' as const),
      start: week.toISOString(),
      end: new Date(week.getTime() + 7 * 86_400_000).toISOString(),
      firstRow: 1 + index * 11_500,
      rows: 11_500,
      labelledRows: 11_400,
      judged: true,
      effects: Object.fromEntries(
        names.map((name, column) => [
          name,
          0.01 + 0.01 * random() + (broken && column < 2 ? 0.3 : index > 8 ? 0.02 : 0),
        ]),
      ),
      performance: { roc_auc: (broken ? 0.52 : 0.686) + 0.03 * (random() - 0.5) },
      estimated: { roc_auc: 0.68 },
    };
  });
  const summary = (mean: number | null) => ({
    rows: 92_000,
    nullShare: 0.01,
    mean,
    deviation: 4,
    distinct: null,
  });
  return {
    ...head(
      'DriftCheck',
      digest('d'),
      'fail',
      'ROC AUC fell below its limit in 3 weeks: a retrain is asked for',
      8,
    ),
    retrain: true,
    policy: {
      file: 'drift.yaml',
      alpha: 0.05,
      minEffect: 0.1,
      onMissing: 'warn',
      retrainWhen: ['performance'],
    },
    approximate: false,
    rows: { reference: 92_000, data: 138_000, labelledReference: 91_000, labelledData: 137_000 },
    chunking: { by: 'period', size: 604_800_000, ordered: true, judgedReference: 8, judgedData: 12 },
    columns: names.map((name, index) => ({
      name,
      role: name === 'y_score' ? ('prediction' as const) : ('feature' as const),
      kind: 'numeric' as const,
      status: index < 2 ? ('drifts' as const) : ('steady' as const),
      test: 'chunks' as const,
      pValue: index < 2 ? 1e-6 : 0.4,
      adjustedPValue: index < 2 ? 3e-6 : 0.6,
      effect: index < 2 ? 0.31 : 0.03,
      measure: 'Wasserstein',
      minEffect: 0.1,
      nulls: null,
      importance: 0.2,
      important: index < 2,
      reference: summary(9.5),
      data: summary(6.1),
      unseen: index === 3 ? [{ value: hostile, rows: 12 }] : [],
      unseenCount: index === 3 ? 1 : 0,
      note: '',
    })),
    chunks,
    performance: [
      {
        name: 'roc_auc',
        greaterIsBetter: true,
        margin: 0.02,
        source: 'real',
        status: 'fell',
        referenceChunks: 8,
        judgedChunks: 12,
        mean: 0.686,
        deviation: 0.019,
        limit: 0.593,
        worst: { chunk: 19, value: 0.5, drop: 0.186 },
        fallenChunks: [17, 18, 19],
        note: '',
      },
    ],
    system: sampleSystem(hostile === 'origin_delay' ? undefined : hostile),
    knownBeforeLabels: ['The feature origin_delay and the scores moved from 11 June.'],
    knownWithLabels: ['ROC AUC fell below its limit from 11 June.'],
    notes: [],
  };
}
