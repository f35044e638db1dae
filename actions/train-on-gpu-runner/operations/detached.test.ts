/** Trainings that are submitted, collected and cancelled by different runs, with their run of MLflow. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type FakeMlflow, startMlflowServer } from '../../../shared/testing/mlflow-server.ts';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import { COMMAND, operationStage, trainingOf } from '../fixtures/job-operations.ts';
import { cancel, collect, submit } from './detached.ts';
import type { JobDeps } from './jobs.ts';

const { stage, given, forJobs, deps } = operationStage();
let mlflow: FakeMlflow | undefined;
afterEach(async () => {
  await mlflow?.close();
  mlflow = undefined;
});

/** Another run on another machine: it has the account, and the name of the job. */
const elsewhere = (more: Partial<JobDeps> = {}) => deps({ env: stage.fake.env, ...more });
const collecting = (job: string, more: Record<string, string> = {}) =>
  given({ operation: 'collect', backend: 'sagemaker', job, ...more });
const cancelling = (job: string) => given({ operation: 'cancel', backend: 'sagemaker', job });

async function submitted(more: Record<string, string>) {
  const result = await submit(forJobs({ operation: 'submit', ...more }), deps());
  return { record: trainingOf(result), job: result.outputs?.job ?? '' };
}

async function tracked(command: string) {
  mlflow = await startMlflowServer({});
  const { job, record } = await submitted({
    ...{ command, params: 'rate: 0.1', trackingUri: mlflow.url, experiment: 'churn models' },
  });
  const run = () => [...mlflow!.runs.values()][0]!;
  const tag = (key: string) => run().data.tags.find((found) => found.key === key)?.value;
  const history = (key: string) =>
    run()
      .data.metrics.filter((metric) => metric.key === key)
      .map(({ step, value }) => [step, value]);
  return { job, record, run, tag, history };
}

test('a job that is submitted is collected by another run, which needs its name alone', async () => {
  const { job, record } = await submitted({ command: COMMAND, timeout: '2h' });
  expect(record).toMatchObject({ outcome: 'submitted', verdict: 'pass', model: null, job: { name: job } });
  const collected = trainingOf(await collect(collecting(job), elsewhere()));
  expect(collected).toMatchObject({
    ...{ outcome: 'succeeded', command: COMMAND, metrics: { auc: 0.75 }, timeoutSeconds: 7200 },
    ...{ rules: record.rules, reproduction: record.reproduction },
  });
  expect(collected.rules).toBeDefined();
  expect(collected.reproduction).toBeDefined();
  expect(collected.history?.loss?.values).toEqual([0.5, 0.25]);
});

test('a job that still runs is left at the end of max-wait, and collected by a later run', async () => {
  const go = join(stage.folder, 'go');
  const command = `until [ -e '${go}' ]; do sleep 0.01; done; ${COMMAND}`;
  const { job } = await submitted({ command });
  const early = await collect(collecting(job, { maxWait: '0s' }), elsewhere());
  expect(trainingOf(early)).toMatchObject({ outcome: 'submitted', verdict: 'pass', model: null });
  expect(trainingOf(early).reason).toContain('still runs');
  expect(early.outputs).toEqual({ job });
  await writeFile(go, '');
  const collected = await collect(collecting(job), elsewhere());
  expect(trainingOf(collected)).toMatchObject({ outcome: 'succeeded', metrics: { auc: 0.75 } });
});

test('whoever cancels the collecting does not end the training', async () => {
  const { job } = await submitted({ command: 'echo it runs; sleep 600' });
  const stopping = new AbortController();
  const log = { ...silentLog, info: (line: string) => void (/it runs/.test(line) && stopping.abort()) };
  await expect(collect(collecting(job), elsewhere({ log, signal: stopping.signal }))).rejects.toThrow(
    /goes on: collecting it was cancelled/,
  );
  const { hasEnded } = await (await stage.open()).describe(job);
  expect(hasEnded).toBe(false);
  await cancel(cancelling(job), elsewhere());
});

test('a job is cancelled by its name, and that again is no mistake', async () => {
  const { job } = await submitted({ command: 'sleep 600' });
  const first = trainingOf(await cancel(cancelling(job), elsewhere()));
  expect(first).toMatchObject({ outcome: 'cancelled', verdict: 'warn', model: null });
  expect(first.reason).toContain('was cancelled');
  await expect(collect(collecting(job), elsewhere()).then(trainingOf)).resolves.toMatchObject({
    ...{ outcome: 'failed', verdict: 'fail', model: null },
  });
  const again = trainingOf(await cancel(cancelling(job), elsewhere()));
  expect(again.reason).toContain('had ended before');
});

test('submit opens the run of MLflow, and collect gives it history, parameters, record and end', async () => {
  const { job, record, run, tag, history } = await tracked(
    `${COMMAND}; echo "$MLFLOW_RUN_ID $MLFLOW_TRACKING_URI"`,
  );
  const { run_id: runId, experiment_id: experiment } = run().info;
  expect(record.tracking).toEqual({
    ...{ system: 'mlflow', server: mlflow!.url, experiment: 'churn models', runId },
    url: `${mlflow!.url}/#/experiments/${experiment}/runs/${runId}`,
  });
  expect([run().info.status, history('loss'), run().data.params]).toEqual(['RUNNING', [], []]);
  for (const time of ['first', 'again']) {
    const collected = trainingOf(await collect(collecting(job), elsewhere()));
    expect(collected.tracking, time).toEqual(record.tracking);
    expect(collected.outputTail).toContain(`${runId} ${mlflow!.url}`);
    expect(run().info.status).toBe('FINISHED');
    expect(history('loss')).toEqual([
      [1, 0.5],
      [2, 0.25],
    ]);
    expect(history('auc').map(([, value]) => value)).toEqual([0.75]);
    expect(run().data.params).toEqual([{ key: 'rate', value: '0.1' }]);
    expect(tag('mlops.model.digest')).toBe(collected.model?.digest);
    const stored = mlflow!.artifacts.get(`${experiment}/${runId}/artifacts/records/TrainingRun.json`);
    expect(JSON.parse(stored!.toString())).toMatchObject({ kind: 'TrainingRun', outcome: 'succeeded' });
  }
  expect(mlflow!.runs.size).toBe(1);
});

test('a job that is cancelled ends its run of MLflow as killed, and one that had ended leaves it', async () => {
  const running = await tracked('sleep 600');
  await cancel(cancelling(running.job), elsewhere());
  expect([running.run().info.status, running.tag('mlops.outcome')]).toEqual(['KILLED', 'cancelled']);
  await mlflow!.close();
  const ended = await tracked(COMMAND);
  await collect(collecting(ended.job), elsewhere());
  await cancel(cancelling(ended.job), elsewhere());
  expect([ended.run().info.status, ended.tag('mlops.outcome')]).toEqual(['FINISHED', 'succeeded']);
});

test('the model is brought although the server of the tracking is gone or the run is', async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warning: (line: string) => void warnings.push(line) };
  const { job, record } = await tracked(COMMAND);
  mlflow!.runs.clear();
  const collected = trainingOf(await collect(collecting(job), elsewhere({ log })));
  expect(collected).toMatchObject({ outcome: 'succeeded', tracking: record.tracking });
  expect(warnings).toEqual([expect.stringContaining('is not brought up to date')]);
});

test('an account goes to no server that only the files of the job name', async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warning: (line: string) => void warnings.push(line) };
  const { job, run } = await tracked(COMMAND);
  const asked = mlflow!.requests.length;
  const account = elsewhere({ log });
  account.env = { ...account.env, MLFLOW_TRACKING_TOKEN: 'a token of its own' };
  expect(trainingOf(await collect(collecting(job), account)).outcome).toBe('succeeded');
  expect(warnings).toEqual([expect.stringContaining('which this step does not name')]);
  expect(mlflow!.requests.length).toBe(asked);
  await collect({ ...collecting(job), trackingUri: `${mlflow!.url}/` }, account);
  expect(run().info.status).toBe('FINISHED');
});

test('a second submit in the same attempt finds the job of the first, and its run of MLflow', async () => {
  const first = await tracked(COMMAND);
  const more = { operation: 'submit', command: COMMAND, params: 'rate: 0.1', trackingUri: mlflow!.url };
  const second = await submit(forJobs({ ...more, experiment: 'churn models' }), deps());
  expect(second.outputs).toEqual({ job: first.job });
  expect(trainingOf(second).tracking).toEqual(first.record.tracking);
  expect([...mlflow!.runs.values()].map(({ info }) => info.status)).toEqual(['RUNNING', 'KILLED']);
});

test('what needs somebody who watches is refused, and so is what no service runs', async () => {
  await expect(submit(forJobs({ command: 'true', earlyStop: 'monitor: loss' }), deps())).rejects.toThrow(
    /early-stop needs a job that watches/,
  );
  await expect(submit(given({ operation: 'submit', command: 'true' }), deps())).rejects.toThrow(
    /outlive this job/,
  );
});
