/** Trainings as they are on a machine with GPUs, for tests of the page. */
import type { MetricValue } from '../records/metric-value.ts';
import type { TrainingRun } from '../records/training-run.ts';
import { digest, sequence } from './sample-head.ts';
import { sampleTraining } from './sample-records.ts';

const steps = (count: number, every: number) => Array.from({ length: count }, (_, index) => index * every);

/** On two GPUs, resumed, throttled at its end and ended by a rule. @param hostile stands wherever a name may. */
export function sampleGpuTraining(hostile = 'grad_norm'): TrainingRun {
  const random = sequence(7);
  const base = sampleTraining();
  const seconds = steps(120, 45).map((second) => second + 22);
  const isHot = (second: number) => second > 3900;
  const gpuOf = (index: number) => ({
    index,
    uuid: `GPU-${index}`,
    name: 'NVIDIA A10G',
    driverVersion: '550.90.07',
    memoryTotalMiB: 23_028,
  });
  const losses = steps(200, 60);
  const epochs = steps(40, 300);
  return {
    ...base,
    reason: 'val/loss has not got better than 0.412 in its last 5 values (patience). The command succeeded.',
    command: `python train.py --epochs 40 --name ${hostile}`,
    params: { learning_rate: 0.0003, batch_size: 256, name: hostile },
    outcome: 'stopped-early',
    durationSeconds: 5422,
    timeoutSeconds: 14_400,
    metrics: { 'val/loss': 0.4187, 'val/roc_auc': 0.8931 },
    checkpoints: {
      kept: true,
      resumedFrom: 'store',
      store: 's3://models/flight-delays/checkpoints',
      resumedStep: 4200,
    },
    environment: { ...base.environment, gpus: [gpuOf(0), gpuOf(1)], gpuProblem: '', memoryBytes: 64e9 },
    resources: {
      samples: 1084,
      cpuSeconds: 9800,
      cpuPercent: { mean: 181, maximum: 390 },
      memoryBytes: { mean: 9e9, maximum: 1.42e10 },
      gpus: [0, 1].map((index) => ({
        index,
        utilisation: { mean: 83 - index, maximum: 100 },
        memoryUsedMiB: { mean: 18_300, maximum: 21_960 },
        powerWatts: { mean: 246 - index * 3, maximum: 299.6 },
        powerLimitWatts: 300,
        temperatureCelsius: { mean: 71 + index, maximum: 88 + index },
        throttledShare: index === 1 ? 0.28 : 0,
        throttleReasons: index === 1 ? ['heat (software)', 'power limit'] : [],
      })),
      series: {
        seconds,
        cpuPercent: seconds.map(() => 160 + 60 * random()),
        memoryBytes: seconds.map((second) => 7e9 + 1.2e6 * second),
        gpuPercent: seconds.map((second) => (second > 1500 && second < 2000 ? 3 : 82 + 14 * random())),
        gpuMemoryMiB: seconds.map((second) => (second < 60 ? 900 : 18_000 + 1500 * random())),
        gpuPowerWatts: seconds.map((second) => (second > 1500 && second < 2000 ? 62 : 235 + 45 * random())),
        gpuTemperatureCelsius: seconds.map(
          (second) => 48 + 36 * (1 - Math.exp(-second / 900)) + 2 * random(),
        ),
        gpuThrottledShare: seconds.map((second) => (isHot(second) ? 0.5 : 0)),
      },
    },
    history: {
      'train/loss': {
        steps: losses,
        values: losses.map((step) => 0.22 + 2.1 * Math.exp(-step / 1500) + 0.06 * random()),
      },
      'val/loss': {
        steps: epochs,
        values: epochs.map(
          (step) => 0.41 + 1.9 * Math.exp(-step / 1400) + 0.00001 * Math.max(0, step - 6000),
        ),
      },
      'val/roc_auc': {
        steps: epochs,
        values: epochs.map((step) => 0.9 - 0.32 * Math.exp(-step / 1700) + 0.008 * (random() - 0.5)),
      },
      learning_rate: { steps: losses, values: losses.map((step) => 3e-4 * Math.exp(-step / 1800)) },
      [hostile]: {
        steps: losses,
        values: losses.map((step): MetricValue => (step === 6000 ? 'Infinity' : 0.4 + 3 * random())),
      },
    },
    warnings: [
      {
        kind: 'idle-gpu',
        message: 'GPU 0 and 1 did less than 5 % for 5 minutes: the batch may be too small.',
        atSeconds: 1810,
      },
      {
        kind: 'thermal-throttling',
        message: 'GPU 1 was slowed down by heat (89 °C) in 60 % of the last 2 minutes.',
        atSeconds: 3980,
      },
      {
        kind: 'gpu-memory-nearly-full',
        message: `The memory of GPU 0 is 95 % full (${hostile}).`,
        atSeconds: 4010,
      },
    ],
    stoppedBy: {
      rule: 'early-stop',
      reason: 'val/loss has not got better than 0.412 in its last 5 values (patience).',
      atSeconds: 5391,
    },
    reproduction: {
      repository: 'octocat/flights',
      commit: 'abc1234'.repeat(5),
      workingDirectory: '.',
      uncommitted: { digest: digest('e'), files: 2, path: 'TrainingRun-1.uncommitted.diff' },
      seed: 17,
      packages: [{ manager: 'pip', digest: digest('f'), count: 84, path: 'TrainingRun-1.pip.txt' }],
      container: { image: `pytorch/pytorch:${hostile}`, digest: digest('9') },
      cuda: { toolkit: '12.4', driver: '12.4' },
      dataVersions: [{ system: 'dvc', name: 'january.parquet', version: 'd41d8cd98f00b204' }],
    },
    cost: {
      machine: 'g5.12xlarge',
      count: 1,
      market: 'spot',
      region: 'eu-central-1',
      usdPerHour: 2.31,
      priceSource: 'EC2 spot prices of 2026-11-24',
      estimateUsd: 4.62,
      actualUsd: 3.48,
      spotSavingShare: 0.62,
      budgetUsd: 6,
      gain: { metric: 'val/roc_auc', before: 0.8811, after: 0.8931, usdPerHundredth: 2.9 },
    },
    energy: { kilowattHours: 0.741, idleShare: 0.09, unknownSeconds: 0 },
    tracking: {
      system: 'mlflow',
      server: 'https://mlflow.example.org',
      experiment: hostile,
      runId: '0123456789abcdef0123456789abcdef',
      url: 'https://mlflow.example.org/#/experiments/1/runs/0123456789abcdef0123456789abcdef',
    },
  };
}

/** Whose loss was no number any more. */
export function sampleBrokenTraining(): TrainingRun {
  const base = sampleGpuTraining();
  const all = steps(200, 10);
  return {
    ...base,
    createdAt: '2026-11-24T08:00:00.000Z',
    backend: 'sagemaker',
    verdict: 'fail',
    reason: 'loss is NaN at step 1200.',
    outcome: 'failed',
    exitCode: 1,
    model: null,
    metrics: { loss: 'NaN' },
    checkpoints: { kept: true, resumedFrom: 'nothing', store: null, resumedStep: null },
    history: {
      loss: {
        steps: all,
        values: all.map((step): MetricValue => {
          if (step >= 1200) return 'NaN';
          return step > 1100 ? 'Infinity' : step === 500 ? 'NaN' : 0.9 + Math.exp(step / 160);
        }),
      },
      only_broken: { steps: [0, 10, 20], values: ['NaN', 'NaN', '-Infinity'] },
    },
    warnings: [
      {
        kind: 'not-a-number',
        message: 'loss is NaN at step 500: a smaller learning rate may help.',
        atSeconds: 240,
      },
    ],
    stoppedBy: null,
    job: {
      name: 'flight-delays-1',
      arn: 'arn:aws:sagemaker:eu-central-1:123456789012:training-job/flight-delays-1',
      region: 'eu-central-1',
      url: null,
      machine: 'ml.g5.xlarge',
      count: 1,
      spot: true,
      trainingSeconds: 3600,
      billableSeconds: 1260,
      interruptions: 2,
    },
    outputTail: ['epoch 3', 'loss nan'],
  };
}
