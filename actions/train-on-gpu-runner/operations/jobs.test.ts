/** The operations on training jobs, against a stand-in of the service that runs the real command. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { RecordFolder } from '../../../shared/records/folder.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { ActionResult } from '../../../shared/runtime/definition.ts';
import { commonInputs } from '../../../shared/runtime/inputs.ts';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import { JOB_INPUTS, jobStage, SOURCE } from '../fixtures/sagemaker-jobs.ts';
import { type Given, inputs } from '../inputs.ts';
import { cancel, collect, submit, trainAsJob } from './jobs.ts';
import { refuseUnused } from './refuse-unused.ts';
import { train } from './train.ts';

const stage = jobStage();
beforeEach(() => stage.write({ 'train.py': 'pass' }));
const schema = z.object({ ...commonInputs('fail'), ...inputs });

const given = (more: Record<string, string>): Given =>
  schema.parse({
    name: 'churn',
    modelDir: join(stage.folder, 'model'),
    records: join(stage.folder, 'records'),
    comment: 'never',
    ...more,
  }) as Given;

const forJobs = (more: Record<string, string>) =>
  given({
    backend: 'sagemaker',
    instanceType: JOB_INPUTS.instanceType!,
    image: JOB_INPUTS.image!,
    executionRole: JOB_INPUTS.executionRole!,
    artifacts: JOB_INPUTS.artifacts!,
    sourceDir: join(stage.folder, 'source'),
    ...more,
  });

function deps(onInfo: (line: string) => void = () => undefined, signal = new AbortController().signal) {
  return {
    log: { ...silentLog, info: onInfo },
    ...{ signal, source: SOURCE, saveState: () => undefined },
    env: { ...process.env, ...stage.fake.env, GITHUB_RUN_ID: '77', GITHUB_RUN_ATTEMPT: '1' },
    now: () => new Date(stage.fake.now()),
    records: new RecordFolder(join(stage.folder, 'records'), 'churn'),
    ...{ temporaryFolder: stage.folder, cacheFolder: stage.folder },
    wait: async () => {
      for (let index = 0; index < 20; index++) await turn();
    },
  };
}

const recordOf = ({ record }: ActionResult): TrainingRun => {
  if (record.kind !== 'TrainingRun') throw new Error(record.kind);
  return record;
};

const COMMAND = `echo '{"step": 1, "loss": 0.5}'; echo '{"step": 2, "loss": 0.25}'
  echo "weights of $(cat "$DATA") and $PARAM_RATE" > "$MODEL_DIR/model.txt"; echo '{"auc": 0.75}' > "$METRICS_FILE"`;

/** Writes a checkpoint of each step, and waits once after the third. */
const STEPS = `step=$(cat "$CHECKPOINT_DIR/step" 2>/dev/null || echo 0)
while [ "$step" -lt 5 ]; do
  step=$((step + 1)); echo "{\\"step\\": $step, \\"loss\\": 0.$((10 - step))}"
  echo "$step" > "$CHECKPOINT_DIR/draft"; mv "$CHECKPOINT_DIR/draft" "$CHECKPOINT_DIR/step"
  if [ "$step" = 3 ] && [ ! -e "$CHECKPOINT_DIR/paused" ]; then touch "$CHECKPOINT_DIR/paused"; echo waiting; sleep 600 & wait; fi
done
echo weights > "$MODEL_DIR/model.bin"; echo '{"final": 0.5}' > "$METRICS_FILE"`;

test('the same command has the same metrics, model and shape of record here and as a job', async () => {
  const { path } = await stage.dataFile('rows.csv', 'a,b');
  const more = { command: COMMAND, data: path, params: 'rate: 0.1', seed: '7' };
  const here = await train(given(more), deps());
  const asJob = await trainAsJob(forJobs(more), deps());
  const [local, job] = [recordOf(here), recordOf(asJob)];
  expect(Object.keys(job).sort()).toEqual(Object.keys(local).sort());
  expect(job).toMatchObject({
    backend: 'sagemaker',
    outcome: 'succeeded',
    verdict: 'pass',
    metrics: { auc: 0.75 },
  });
  for (const key of ['metrics', 'history', 'params', 'command', 'model', 'subject', 'inputs'] as const)
    expect(job[key], key).toEqual(local[key]);
  expect(job.reproduction).toEqual(local.reproduction);
  expect(job.job).toMatchObject({ machine: 'ml.m5.large', spot: false });
  expect(asJob.outputs).toMatchObject({ digest: local.model?.digest, job: job.job?.name });
  expect(await readFile(join(stage.folder, 'model', 'model.txt'), 'utf8')).toBe('weights of a,b and 0.1\n');
});

test('a spot job that is interrupted goes on, and no step is doubled', async () => {
  let job = '';
  const onInfo = (line: string) => {
    job = /^Started the training job (\S+)\.$/.exec(line)?.[1] ?? job;
    if (/^waiting$/m.test(line)) stage.fake.interrupt(job);
  };
  const result = recordOf(await trainAsJob(forJobs({ command: STEPS, spot: 'true' }), deps(onInfo)));
  expect(result).toMatchObject({
    outcome: 'succeeded',
    metrics: { final: 0.5 },
    job: { interruptions: 1, spot: true },
  });
  expect(result.history?.loss?.steps).toEqual([1, 2, 3, 4, 5]);
  expect(result.checkpoints).toMatchObject({ kept: true, resumedFrom: 'store' });
});

test('a job that is submitted is collected by another run, which needs its name alone', async () => {
  const submitted = await submit(forJobs({ operation: 'submit', command: COMMAND }), deps());
  const { job = '' } = submitted.outputs ?? {};
  expect(recordOf(submitted)).toMatchObject({
    outcome: 'submitted',
    verdict: 'pass',
    model: null,
    job: { name: job },
  });
  const collected = recordOf(
    await collect(given({ operation: 'collect', backend: 'sagemaker', job }), {
      ...deps(),
      env: stage.fake.env,
    }),
  );
  expect(collected).toMatchObject({ outcome: 'succeeded', command: COMMAND, metrics: { auc: 0.75 } });
  expect(collected.history?.loss?.values).toEqual([0.5, 0.25]);
});

test('a job is cancelled by its name, and that again is no mistake', async () => {
  const submitted = await submit(forJobs({ operation: 'submit', command: 'sleep 600' }), deps());
  const { job = '' } = submitted.outputs ?? {};
  const operation = () => cancel(given({ operation: 'cancel', backend: 'sagemaker', job }), deps());
  expect(recordOf(await operation())).toMatchObject({ outcome: 'cancelled', verdict: 'warn', model: null });
  await operation();
  await expect(
    collect(given({ operation: 'collect', backend: 'sagemaker', job }), deps()).then(recordOf),
  ).resolves.toMatchObject({ outcome: 'failed', verdict: 'fail', model: null });
});

test('what would be ignored is refused, and so is what needs somebody who watches', async () => {
  expect(() => refuseUnused(given({ command: 'true', image: 'x' }))).toThrow(
    /image has no meaning here: backend is local/,
  );
  expect(() => refuseUnused(forJobs({ command: 'true', requireGpu: 'true' }))).toThrow(
    /require-gpu has no meaning/,
  );
  expect(() => refuseUnused(given({ command: 'true', subnets: 'subnet-1' }))).toThrow(/runner is none/);
  expect(() => refuseUnused(given({ runner: 'ec2', command: 'true' }))).toThrow(
    /command has no meaning here: runner: ec2/,
  );
  await expect(submit(forJobs({ command: 'true', earlyStop: 'monitor: loss' }), deps())).rejects.toThrow(
    /early-stop needs a job that watches/,
  );
  await expect(submit(given({ operation: 'submit', command: 'true' }), deps())).rejects.toThrow(
    /outlive this job/,
  );
});
