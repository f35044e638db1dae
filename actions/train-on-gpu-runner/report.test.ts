import { expect, test } from 'vitest';
import type { TrainingRun } from '../../shared/records/training-run.ts';
import { trainingRunSchema } from '../../shared/records/training-run.ts';
import { renderSection } from '../../shared/report/section.ts';
import { report } from './report.ts';

const DIGEST = `sha256:${'c1a2f00d1234'.repeat(5)}c1a2`;

function record(change: Partial<TrainingRun> = {}): TrainingRun {
  return trainingRunSchema.parse({
    schemaVersion: 1,
    kind: 'TrainingRun',
    name: 'flight-delays',
    createdAt: '2026-11-24T09:00:00.000Z',
    source: { repository: null, commit: null, runUrl: null },
    subject: { digest: DIGEST },
    inputs: [],
    verdict: 'pass',
    reason: 'The command succeeded and wrote a model of 2 files.',
    backend: 'local',
    command: 'python train.py',
    params: { learning_rate: 0.1 },
    outcome: 'succeeded',
    exitCode: 0,
    exitSignal: null,
    durationSeconds: 41.2,
    timeoutSeconds: null,
    model: { digest: DIGEST, path: 'model', bytes: 3_400_000, fileCount: 2 },
    metrics: { roc_auc: 0.672512, loss: 'NaN', rows: 50823, tiny: 1.25e-7 },
    metricsProblem: '',
    data: [{ path: 'data/jan.parquet', bytes: 1_000_000, digest: DIGEST }],
    checkpoints: { kept: false, resumedFrom: 'nothing' },
    environment: {
      platform: 'linux',
      architecture: 'x64',
      release: '6.1',
      node: '24.21.0',
      python: '3.13.1',
      cpuModel: 'EPYC',
      cpuCount: 2,
      memoryBytes: 8e9,
      gpus: [],
      gpuProblem: 'this machine has no NVIDIA device',
    },
    resources: {
      samples: 3,
      cpuSeconds: 61.8,
      cpuPercent: { mean: 150.2, maximum: 199 },
      memoryBytes: { mean: 4e8, maximum: 5e8 },
      gpus: [
        {
          index: 0,
          utilisation: null,
          memoryUsedMiB: { mean: 1000, maximum: 2000 },
          powerWatts: { mean: 69.6, maximum: 70 },
          temperatureCelsius: { mean: 80, maximum: 87 },
          throttledShare: 0.5,
          throttleReasons: ['power limit'],
        },
      ],
      series: { seconds: [], cpuPercent: [], memoryBytes: [], gpuPercent: [], gpuMemoryMiB: [] },
    },
    outputTail: ['epoch 1', 'epoch 2'],
    ...change,
  });
}

test('a good run answers in its heading and shows metrics, then use, parameters, environment, output', () => {
  const section = report(record());
  expect(section).toMatchObject({ verdict: 'pass', cell: '41 s', heading: 'trained in 41 s' });
  expect(renderSection(section)).toMatchSnapshot();
});

test('a failed run shows the last lines first', () => {
  const failed = record({
    verdict: 'fail',
    outcome: 'failed',
    exitCode: 137,
    model: null,
    metrics: {},
    reason: 'The command ended with exit status 137 (killed, often because the memory was full).',
  });
  const section = report(failed);
  expect(section).toMatchObject({
    cell: 'failed',
    heading: 'training failed with exit status 137 after 41 s',
  });
  expect(section.details[0]?.title).toBe('Last lines of the output · 2');
  expect(renderSection(section)).toMatchSnapshot();
});

test('the other endings have their own words', () => {
  const lost = { model: null, verdict: 'fail' as const };
  expect(report(record({ ...lost, outcome: 'timed-out', timeoutSeconds: 3600 })).heading).toBe(
    'training did not end within 1 h',
  );
  expect(report(record({ ...lost, outcome: 'failed', exitSignal: 'SIGKILL', exitCode: 137 })).heading).toBe(
    'training was ended by SIGKILL after 41 s',
  );
  expect(report(record({ ...lost, outcome: 'failed' })).heading).toBe('training left no model after 41 s');
});

test('text from outside stays plain text', () => {
  const evil = '</details><img src=x onerror=alert(1)>@everyone ::error::x';
  const text = renderSection(
    report(
      record({
        metrics: { [evil]: 1 },
        params: { [evil]: evil },
        command: evil,
        outputTail: [evil],
        reason: evil,
      }),
    ),
  );
  // Inside a fence nothing is formatted; outside of it nothing of the text may be left as it was.
  const outside = text.replace(/^```\n[\s\S]*?\n```$/gm, '');
  expect(outside).not.toMatch(/<img|@everyone|::error/);
  expect(outside.match(/<\/details>/g)).toHaveLength(outside.match(/<details>/g)!.length);
});
