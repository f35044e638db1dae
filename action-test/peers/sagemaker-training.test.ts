/**
 * The training of the example project, unchanged, as a job of the stand-in for SageMaker: what comes of it is what comes
 * of running it here. And the requests of a job to moto, which others wrote.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TrainingWork } from '../../actions/train-on-gpu-runner/backends/backend.ts';
import { openSageMakerBackend } from '../../actions/train-on-gpu-runner/backends/sagemaker/sagemaker-backend.ts';
import { paramVariables } from '../../actions/train-on-gpu-runner/params.ts';
import { modelDigest } from '../../shared/models/digest.ts';
import { startFakeAws } from '../sagemaker/fake.ts';
import { startMoto } from './moto-server.ts';
import { python, requirePython } from './oracle.ts';

requirePython();
const moto = process.env.MLOPS_TEST_MOTO;
if (!moto && process.env.CI === 'true')
  test('moto is there', () => expect.fail('MLOPS_TEST_MOTO names no interpreter with moto'));

const FLIGHTS = fileURLToPath(new URL('../../workflows-examples/flight-delays', import.meta.url));
const DATA = join(FLIGHTS, 'data/2001-01-train.parquet');
const PARAMS = { model: 'gradient-boosting', use_origin_delay: true, min_airport_flights: 1 };
const COMMAND = 'python3 code/train.py';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function flightsWork(): Promise<TrainingWork> {
  const bytes = await readFile(DATA);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ name: 'flight-delays', command: COMMAND, params: PARAMS, seed: 7, timeoutMs: 86_400_000, env: {} },
    ...{ checkpointStore: undefined, checkpointFolder: undefined },
    data: [{ path: DATA, bytes: bytes.length, sha256 }],
  };
}

const openBackend = (env: Record<string, string>) =>
  openSageMakerBackend(
    {
      ...{
        instanceType: 'ml.m5.large',
        instanceCount: 1,
        spot: true,
        maxWaitMs: undefined,
        keepAliveMs: undefined,
      },
      ...{ image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/training:1', volumeBytes: 2 ** 30 },
      ...{ executionRole: 'arn:aws:iam::123456789012:role/training', artifacts: 's3://models/training' },
      ...{ sourceDir: FLIGHTS, without: [] },
      metricDefinitions: [{ Name: 'auc', Regex: 'train_roc_auc ([0-9.]+)' }],
    },
    {
      env: { GITHUB_RUN_ID: '77', ...env },
      ...{ source: { repository: 'acme/flights', commit: null, runUrl: null }, now: () => new Date() },
      ...{ temporaryFolder: folder, log: () => undefined, wait: () => delay(20) },
    },
  );

/** Numbers of a run, but for the time that it took. */
const metricsOf = async (path: string) => {
  const { fit_seconds, ...metrics } = JSON.parse(await readFile(path, 'utf8')) as Record<string, number>;
  expect(fit_seconds).toBeGreaterThan(0);
  return metrics;
};

describe.skipIf(!python)('the training of the flights', () => {
  const PATH = [dirname(python ?? ''), process.env.PATH].join(delimiter);

  async function trainHere(): Promise<{ metrics: Record<string, number>; digest: string }> {
    const [model, metrics] = [join(folder, 'here/model'), join(folder, 'here/metrics.json')];
    await mkdir(model, { recursive: true });
    const variables = { ...paramVariables(PARAMS), DATA, MODEL_DIR: model, METRICS_FILE: metrics };
    await promisify(execFile)('bash', ['-eo', 'pipefail', '-c', COMMAND], {
      cwd: FLIGHTS,
      env: { PATH, PYTHONDONTWRITEBYTECODE: '1', ...variables },
    });
    return { metrics: await metricsOf(metrics), digest: (await modelDigest(model)).digest };
  }

  test('gives the same model and metrics as a job, interrupted as spot does', async () => {
    const fake = await startFakeAws({ trainingImage: { PATH } });
    try {
      const backend = await openBackend(fake.env);
      const job = await backend.submit(await flightsWork());
      const lines: string[] = [];
      let isTaken = false;
      const outcome = await backend.watch(
        job,
        {
          line: (line) => {
            lines.push(line);
            if (!isTaken) isTaken = fake.interrupt(job);
          },
          ...{ sample: () => undefined, metrics: () => undefined, phase: () => undefined },
          stop: new AbortController().signal,
        },
        new AbortController().signal,
      );
      expect(outcome, lines.join('\n')).toMatchObject({
        exitCode: 0,
        job: { interruptions: isTaken ? 1 : 0 },
      });
      const into = {
        model: join(folder, 'model'),
        metrics: join(folder, 'metrics.json'),
        output: join(folder, 'output'),
      };
      await backend.collect(job, into);
      const here = await trainHere();
      expect(await metricsOf(into.metrics)).toEqual(here.metrics);
      expect((await modelDigest(into.model)).digest).toBe(here.digest);
      const { finalMetrics } = fake.state.trainingJobs.get(job)!;
      expect(finalMetrics).toMatchObject([{ MetricName: 'auc', Value: here.metrics.train_roc_auc }]);
    } finally {
      await fake.close();
    }
    expect(fake.mistakes).toEqual([]);
  });
});

test.skipIf(!moto)('moto takes the requests of a job, and gives back what was asked for', async () => {
  const server = await startMoto(moto!, folder);
  try {
    const env = {
      ...{ AWS_ENDPOINT_URL: server.url, AWS_REGION: 'eu-central-1' },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    };
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const s3 = new S3Client({
      endpoint: server.url,
      region: 'eu-central-1',
      credentials,
      forcePathStyle: true,
    });
    const LocationConstraint = 'eu-central-1' as const;
    await s3.send(
      new CreateBucketCommand({ Bucket: 'models', CreateBucketConfiguration: { LocationConstraint } }),
    );
    const backend = await openBackend(env);
    const work = await flightsWork();
    const job = await backend.submit(work);
    // moto has it completed at once, and knows no StopTrainingJob.
    expect(await backend.submit(work)).toBe(job);
    const { checkpointFolder: _, env: __, ...asked } = work;
    expect(await backend.describe(job)).toMatchObject({
      work: { ...asked, checkpointStore: null },
      ...{ hasEnded: true, job: { name: job, machine: 'ml.m5.large', count: 1, spot: true } },
    });
  } finally {
    await server.end();
  }
});
