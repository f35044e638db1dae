/** One record of every kind, as the six actions write them, for tests of the page and of the record's readers. */
import type { DataProfile } from '../records/data-profile.ts';
import type { DataValidation } from '../records/data-validation.ts';
import type { AnyRecord } from '../records/kinds.ts';
import { type ModelVersion, NOTHING_MORE_KNOWN } from '../records/model-version.ts';
import type { TrainingRun } from '../records/training-run.ts';
import { sampleEvaluation } from './sample-evaluation.ts';
import { digest, head, sequence } from './sample-head.ts';
import { sampleDeployment, sampleDrift } from './sample-live-records.ts';

export { sampleEvaluation } from './sample-evaluation.ts';

/** @param hostile a text that stands wherever a name or a value of the data may. */
export function sampleValidation(hostile = 'origin'): DataValidation {
  return {
    ...head('DataValidation', digest('d'), 'fail', '2 of 31 checks fail', 0),
    contract: {
      file: 'contract.yaml',
      id: 'flights',
      version: '1.0.0',
      object: 'flights',
      digest: digest('c'),
    },
    rowCount: 50_823,
    rejectedLines: { count: 0, examples: [] },
    checks: [
      {
        columns: ['air_time'],
        rule: 'required: true',
        problem: 'value is null',
        severity: 'error',
        verdict: 'fail',
        failing: 1520,
        total: 50_823,
        observed: null,
        examples: ['row 12: null', 'row 90: null'],
        where: { file: 'contract.yaml', line: 31, key: 'schema[0].properties[4].required' },
      },
      {
        columns: [hostile],
        rule: `validValues: [${hostile}]`,
        problem: `value is ${hostile}`,
        severity: 'error',
        verdict: 'fail',
        failing: 3,
        total: 50_823,
        observed: null,
        examples: [`row 7: ${hostile}`],
        where: { file: 'contract.yaml', line: 44, key: 'schema[0].properties[6]' },
      },
      ...Array.from({ length: 29 }, (_, index) => ({
        columns: [`column_${index}`],
        rule: 'required: true',
        problem: 'value is null',
        severity: 'error' as const,
        verdict: 'pass' as const,
        failing: 0,
        total: 50_823,
        observed: null,
        examples: [],
        where: { file: 'contract.yaml', line: 50 + index, key: '' },
      })),
    ],
    uncoveredColumns: [],
  };
}

export function sampleProfile(hostile = 'origin'): DataProfile {
  const bell = Array.from({ length: 24 }, (_, bin) => Math.round(4000 * Math.exp(-((bin - 9) ** 2) / 30)));
  const numeric = (name: string, scale: number) => ({
    name,
    type: 'DOUBLE',
    kind: 'numeric' as const,
    count: 50_000,
    nulls: 823,
    distinct: 1200,
    moments: {
      count: 50_000,
      mean: 9.5 * scale,
      standardDeviation: 4 * scale,
      minimum: 0,
      maximum: 60 * scale,
    },
    quantiles: [0, 1, 6, 9, 13, 20, 40].map((value) => value * scale),
    histogram: { edges: Array.from({ length: 23 }, (_, bin) => bin * scale), counts: bell },
    top: null,
  });
  return {
    ...head('DataProfile', digest('d'), 'pass', 'profile of 50,823 rows', 1),
    format: 'parquet',
    files: [{ path: 'january.parquet', bytes: 640_000, digest: digest('d') }],
    rowCount: 50_823,
    rejectedLines: 0,
    columns: [
      numeric('origin_delay', 1),
      numeric('distance', 100),
      numeric('departure_hour', 1),
      {
        name: hostile,
        type: 'VARCHAR',
        kind: 'text',
        count: 50_823,
        nulls: 0,
        distinct: 211,
        moments: null,
        quantiles: null,
        histogram: null,
        top: {
          values: [hostile, 'ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'STL'].map((value, index) => ({
            value,
            count: 2900 - 300 * index,
          })),
          otherCount: 33_000,
        },
      },
    ],
    chunks: [],
    approximate: [],
  };
}

export function sampleTraining(): TrainingRun {
  const seconds = Array.from({ length: 60 }, (_, index) => index * 0.7);
  const random = sequence(3);
  return {
    ...head('TrainingRun', digest('b'), 'pass', 'training succeeded in 41 s', 2),
    backend: 'local',
    command: 'python train.py --trees 300',
    params: { learning_rate: 0.1, trees: 300 },
    outcome: 'succeeded',
    exitCode: 0,
    exitSignal: null,
    durationSeconds: 41.3,
    timeoutSeconds: 3600,
    model: { digest: digest('b'), path: 'model', bytes: 1_840_000, fileCount: 3 },
    metrics: { roc_auc: 0.6725, log_loss: 0.4229 },
    metricsProblem: '',
    data: [{ path: 'january.parquet', bytes: 640_000, digest: digest('d') }],
    checkpoints: { kept: false, resumedFrom: 'nothing' },
    environment: {
      platform: 'linux',
      architecture: 'x64',
      release: '6.1',
      node: '24.21.0',
      python: '3.11.2',
      cpuModel: 'a processor',
      cpuCount: 2,
      memoryBytes: 16e9,
      gpus: [],
      gpuProblem: 'nvidia-smi is not installed',
    },
    resources: {
      samples: 60,
      cpuSeconds: 58,
      cpuPercent: { mean: 140, maximum: 200 },
      memoryBytes: { mean: 4e8, maximum: 6.2e8 },
      gpus: [],
      series: {
        seconds,
        cpuPercent: seconds.map(() => 120 + 80 * random()),
        memoryBytes: seconds.map((second) => 2e8 + 1e7 * second + 1e7 * random()),
        gpuPercent: seconds.map(() => null),
        gpuMemoryMiB: seconds.map(() => null),
      },
    },
    outputTail: ['done'],
  };
}

export function sampleVersion(): ModelVersion {
  return {
    ...head('ModelVersion', digest('b'), 'pass', 'Registered: its Evaluation passed.', 4),
    operation: 'register',
    registry: 'oci-layout:registry',
    uri: `oci-layout:registry/flight-delays@${digest('b')}`,
    version: digest('b'),
    created: true,
    gate: 'passed',
    evaluation: { verdict: 'pass', createdAt: '2026-11-24T10:03:00Z', subject: digest('b') },
    overrideReason: null,
    aliasMoves: [{ alias: 'challenger', from: null, to: digest('b') }],
    parent: digest('a'),
    tags: { team: 'operations' },
    ...NOTHING_MORE_KNOWN,
    files: { count: 3, bytes: 1_840_000 },
    predictCommand: 'python predict.py',
    serveCommand: 'python serve.py',
    stored: ['Evaluation', 'code'],
    by: null,
  };
}

/** The whole loop once. */
export function sampleRecords(hostile?: string): AnyRecord[] {
  return [
    sampleValidation(hostile),
    sampleProfile(hostile),
    sampleTraining(),
    sampleEvaluation(hostile),
    sampleVersion(),
    sampleDeployment(hostile),
    sampleDrift(hostile),
  ];
}
