/** Training jobs that are waited for, and the same command on this machine. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import { COMMAND, operationStage, trainingOf } from '../fixtures/job-operations.ts';
import { rulesOf } from './around.ts';
import { trainAsJob } from './jobs.ts';
import { refuseUnused } from './refuse-unused.ts';
import { train } from './train.ts';

const { stage, given, forJobs, deps } = operationStage();

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
  const [local, job] = [trainingOf(here), trainingOf(asJob)];
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
  const info = (line: string) => {
    job = /^Started the training job (\S+)\.$/.exec(line)?.[1] ?? job;
    if (/^waiting$/m.test(line)) stage.fake.interrupt(job);
  };
  const log = { ...silentLog, info };
  const result = trainingOf(await trainAsJob(forJobs({ command: STEPS, spot: 'true' }), deps({ log })));
  expect(result).toMatchObject({
    outcome: 'succeeded',
    metrics: { final: 0.5 },
    job: { interruptions: 1, spot: true },
  });
  expect(result.history?.loss?.steps).toEqual([1, 2, 3, 4, 5]);
  expect(result.checkpoints).toMatchObject({ kept: true, resumedFrom: 'store' });
});

test('the rules that may end a training are in its record, here and as a job', async () => {
  const asked = {
    ...{ command: COMMAND, stallTimeout: '5m', earlyStop: 'monitor: loss\npatience: 7' },
    metricDefinitions: '[{Name: loss, Regex: "loss=([0-9.]+)"}]',
  };
  const told = {
    earlyStop: { monitor: 'loss', mode: 'min', patience: 7, min_delta: 0, check_finite: true },
    metricDefinitions: [{ Name: 'loss', Regex: 'loss=([0-9.]+)' }],
    ...{ stallTimeoutSeconds: 300, budgetUsd: null },
  };
  const { path } = await stage.dataFile('rows.csv', 'a,b');
  const here = trainingOf(await train(given({ ...asked, data: path, grace: '3s' }), deps()));
  expect(here.rules).toEqual({ ...told, graceSeconds: 3 });
  const asJob = trainingOf(await trainAsJob(forJobs({ ...asked, data: path }), deps()));
  expect(asJob.rules).toEqual({ ...told, graceSeconds: null });
  const without = rulesOf(given({}), { earlyStop: undefined, writtenDefinitions: [] });
  expect(without).toMatchObject({ earlyStop: null, stallTimeoutSeconds: null, metricDefinitions: [] });
});

test('what would be ignored is refused', () => {
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
});
