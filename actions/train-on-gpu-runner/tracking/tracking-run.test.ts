import { afterEach, expect, test } from 'vitest';
import { type FakeMlflow, startMlflowServer } from '../../../shared/testing/mlflow-server.ts';
import type { MlflowServerOptions } from '../../../shared/testing/mlflow-server-calls.ts';
import { endKilledRun } from './end-killed-run.ts';
import type { MetricPoint } from './metric-log.ts';
import { openTrackingRun, trackingServer } from './open-tracking-run.ts';
import type { TrackingOptions } from './tracking-run.ts';

let server: FakeMlflow;
let warnings: string[];
let time: number;
afterEach(() => server?.close());

async function start(options: MlflowServerOptions = {}): Promise<void> {
  server = await startMlflowServer(options);
  warnings = [];
  time = 1_000_000;
}

type More = Partial<Omit<TrackingOptions, 'log'>>;
const open = (more: More = {}) =>
  openTrackingRun({
    ...{ server: server.url, experiment: 'flights', name: 'delays', work: 'w1', resumes: false, params: {} },
    source: { repository: 'o/r', commit: 'c0ffee', runUrl: 'https://example.org/runs/7' },
    env: { GITHUB_RUN_ID: '7', GITHUB_ACTOR: 'ann' },
    mask: (text) => text.replaceAll('the-secret', '***'),
    log: { warning: (message) => void warnings.push(message), mask: () => undefined },
    now: () => new Date(time),
    wait: async () => undefined,
    ...more,
  });

/** Seen at the present time, which then goes on far enough that they count as settled. */
function points(
  key: string,
  steps: readonly number[],
  value: (step: number) => number = (step) => step / 10,
) {
  const seen = steps.map((step): MetricPoint => ({ key, step, value: value(step), at: time }));
  time += 60_000;
  return seen;
}

const run = (index = 0) => [...server.runs.values()][index]!;
const logged = (key: string, index = 0) =>
  run(index)
    .data.metrics.filter((metric) => metric.key === key)
    .map(({ step, value }) => [step, value]);
const tag = (key: string, index = 0) => run(index).data.tags.find((found) => found.key === key)?.value;
/** As the user's script does, by MLflow's own client. */
const scriptLogs = (key: string, step: number, value: number) =>
  run().data.metrics.push({ key, step, value, timestamp: time });

test('a training becomes a run with its origin, its history, its end and its files', async () => {
  await start();
  const tracking = await open({ params: { rate: 0.1, note: 'the-secret' }, tags: { team: 'ops' } });
  const { run_id: id, experiment_id: experiment } = run().info;
  expect(tracking.env).toEqual({
    ...{ MLFLOW_RUN_ID: id, MLFLOW_TRACKING_URI: server.url },
    ...{ MLFLOW_EXPERIMENT_NAME: 'flights', MLFLOW_EXPERIMENT_ID: experiment },
  });
  expect(tracking.record).toEqual({
    ...{ system: 'mlflow', server: server.url, experiment: 'flights', runId: id },
    url: `${server.url}/#/experiments/${experiment}/runs/${id}`,
  });
  const first = points('loss', [1, 2]);
  await tracking.logHistory(first);
  await tracking.logHistory([
    ...first,
    ...points('loss', [3], () => Number.NaN).map((point) => ({ ...point, value: 'NaN' as const })),
  ]);
  expect(logged('loss')).toEqual([
    [1, 0.1],
    [2, 0.2],
    [3, 'NaN'],
  ]);
  // Before the end no param is there that the script's own could run against.
  expect(run().data.params).toEqual([]);
  await tracking.finish({
    outcome: 'succeeded',
    metrics: { auc: 0.9, loss: 7 },
    artifacts: [{ name: 'records/training.json', bytes: Buffer.from('{}') }],
    tags: { 'mlops.model.digest': 'sha256:1' },
  });
  expect(logged('auc')).toEqual([[3, 0.9]]);
  expect(logged('loss')).toHaveLength(3);
  expect(run().data.params).toEqual([
    { key: 'rate', value: '0.1' },
    { key: 'note', value: '***' },
  ]);
  expect(run().info.status).toBe('FINISHED');
  expect(server.artifacts.get(`${experiment}/${id}/artifacts/records/training.json`)?.toString()).toBe('{}');
  expect(
    [
      'mlflow.user',
      'mlflow.source.git.commit',
      'mlflow.source.name',
      'team',
      'mlops.outcome',
      'mlops.model.digest',
    ].map((key) => tag(key)),
  ).toEqual(['ann', 'c0ffee', 'https://example.org/runs/7', 'ops', 'succeeded', 'sha256:1']);
  expect(warnings).toEqual([]);
});

test('a resumed attempt goes on in the same run, and no step is there twice', async () => {
  await start();
  const first = await open();
  await first.logHistory(points('loss', [1, 2, 3]));
  await first.finish({ outcome: 'interrupted', metrics: {} });
  expect(run().info.status).toBe('KILLED');
  // From the checkpoint of step 2; that step and the next are computed again.
  const second = await open({ resumes: true });
  expect(second.record?.runId).toBe(first.record?.runId);
  expect(run().info.status).toBe('RUNNING');
  await second.logHistory(points('loss', [2, 3, 4, 5], (step) => step));
  await second.finish({ outcome: 'succeeded', metrics: {} });
  expect(logged('loss')).toEqual([
    [1, 0.1],
    [2, 0.2],
    [3, 0.3],
    [4, 4],
    [5, 5],
  ]);
  // What is finished is left alone.
  await open({ resumes: true });
  expect(server.runs.size).toBe(2);
});

test('which run goes on: the one of this job, else the newest of the work, and none without checkpoints', async () => {
  await start();
  const killed = async (more: More) => {
    const tracking = await open(more);
    time += 1000;
    return tracking.record?.runId;
  };
  const mine = await killed({ env: { GITHUB_RUN_ID: '8' } });
  const newest = await killed({ env: { GITHUB_RUN_ID: '9' } });
  await killed({ work: 'w2' });
  expect((await open({ resumes: true, env: { GITHUB_RUN_ID: '8' } })).record?.runId).toBe(mine);
  expect((await open({ resumes: true, env: { GITHUB_RUN_ID: '10' } })).record?.runId).toBe(newest);
  expect((await open({ resumes: true, env: {} })).record?.runId).toBe(newest);
  expect(server.runs.size).toBe(3);
  await open({ env: { GITHUB_RUN_ID: '8' } });
  expect(server.runs.size).toBe(4);
});

test('what the script logs into the run itself is not logged a second time', async () => {
  await start();
  const tracking = await open();
  const seen = [...points('loss', [1]), ...points('auc', [1])];
  scriptLogs('loss', 1, 0.5);
  await tracking.logHistory(seen);
  // A metric that the script begins to log later is its own from then on.
  const later = [...points('auc', [2]), ...points('loss', [2])];
  scriptLogs('auc', 2, 0.8);
  scriptLogs('loss', 2, 0.4);
  await tracking.logHistory(later);
  await tracking.finish({ outcome: 'succeeded', metrics: { loss: 0.4, auc: 0.8, f1: 0.7 } });
  expect(logged('loss')).toEqual([
    [1, 0.5],
    [2, 0.4],
  ]);
  expect(logged('auc')).toEqual([
    [1, 0.1],
    [2, 0.8],
  ]);
  expect(logged('f1')).toEqual([[2, 0.7]]);
});

test('the newest points wait until the script had time to log the same', async () => {
  await start();
  const tracking = await open();
  const fresh: MetricPoint = { key: 'loss', step: 1, value: 0.5, at: time };
  await tracking.logHistory([fresh]);
  expect(logged('loss')).toEqual([]);
  await tracking.logHistory([{ ...fresh, value: 0.6 }]);
  time += 5_000;
  await tracking.logHistory([]);
  expect(logged('loss')).toEqual([[1, 0.6]]);
});

test('a param that the script logged stays as it is, and only another value is said', async () => {
  await start();
  const tracking = await open({ params: { rate: 0.00001, deep: true, none: null, size: 5, list: [1] } });
  const own = { rate: '1e-05', deep: 'True', none: 'None', size: '6' };
  run().data.params.push(...Object.entries(own).map(([key, value]) => ({ key, value })));
  await tracking.finish({ outcome: 'failed', metrics: {} });
  expect(Object.fromEntries(run().data.params.map(({ key, value }) => [key, value]))).toEqual({
    ...own,
    list: '[1]',
  });
  expect(warnings).toEqual(['MLflow: the script logged another value of size, which stays as it is.']);
  expect(run().info.status).toBe('FAILED');
});

test('more than one call takes is sent in several', async () => {
  await start();
  const params = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, index]));
  const tracking = await open({ params });
  const steps = Array.from({ length: 1_200 }, (_, index) => index);
  await tracking.logHistory(points('loss', steps));
  await tracking.finish({ outcome: 'succeeded', metrics: {} });
  expect(logged('loss').map(([step]) => step)).toEqual(steps);
  expect(run().data.params).toHaveLength(250);
  expect(warnings).toEqual([]);
});

test('a server that is down ends nothing: said once, and all is sent when it is back', async () => {
  let isDown = true;
  await start({ isDown: () => isDown });
  const tracking = await open({ params: { rate: 1 } });
  expect([tracking.record, tracking.env]).toEqual([null, {}]);
  await tracking.logHistory(points('loss', [1]));
  await tracking.logHistory(points('loss', [2]));
  expect(warnings).toEqual([
    expect.stringMatching(/answered 503: Down.* The training goes on; what is not logged is sent later\.$/),
  ]);
  isDown = false;
  await tracking.logHistory(points('loss', [3]));
  expect(logged('loss')).toHaveLength(3);
  isDown = true;
  await tracking.logHistory(points('loss', [4]));
  expect(warnings).toHaveLength(2);
  await tracking.finish({ outcome: 'succeeded', metrics: {} });
  expect(warnings.at(-1)).toContain('The run of MLflow is not complete.');
  expect(tracking.record?.runId).toBe(run().info.run_id);
});

test('a run is made once, although the answer was lost', async () => {
  await start();
  // The server made it and then did not answer: as a proxy before it would let it seem.
  const original = server.runs.set.bind(server.runs);
  server.runs.set = (id, made) => {
    original(id, made);
    server.runs.set = original;
    throw new Error('the connection is gone');
  };
  const tracking = await open();
  expect(server.runs.size).toBe(1);
  expect(tracking.record?.runId).toBe(run().info.run_id);
});

test('a refusal is an error before anything is trained', async () => {
  await start({ authorization: 'Bearer right' });
  await expect(open({ env: { MLFLOW_TRACKING_TOKEN: 'wrong-token' } })).rejects.toMatchObject({
    message: expect.stringMatching(/answered 401: (?!.*wrong-token)/),
    fix: expect.stringContaining('MLFLOW_TRACKING_TOKEN'),
  });
});

test('a cancelled training leaves a run that is marked so', async () => {
  await start();
  const tracking = await open({ signal: AbortSignal.timeout(60_000) });
  await tracking.logHistory(points('loss', [1]));
  await tracking.finish({
    outcome: 'cancelled',
    metrics: {},
    artifacts: [{ name: 'a', bytes: Buffer.from('a') }],
  });
  expect([run().info.status, tag('mlops.outcome'), server.artifacts.size]).toEqual([
    'KILLED',
    'cancelled',
    0,
  ]);
});

test('what was killed is ended by post, and the next attempt goes on with it', async () => {
  await start();
  const { record } = await open();
  const log = { warning: (message: string) => void warnings.push(message) };
  const deps = { env: {}, wait: async () => undefined, now: () => new Date(time), log };
  await endKilledRun(record!, deps);
  expect([run().info.status, tag('mlops.outcome')]).toEqual(['KILLED', 'interrupted']);
  expect((await open({ resumes: true })).record?.runId).toBe(record!.runId);
  await endKilledRun({ ...record!, runId: 'gone' }, deps);
  expect(warnings).toEqual([expect.stringMatching(/The run gone of MLflow is still said to be running\.$/)]);
});

test('steps that are no whole numbers are there once per whole one', async () => {
  await start();
  const tracking = await open();
  await tracking.logHistory(points('loss', [0.5, 0.9, 1, 1.5, 2]));
  await tracking.finish({ outcome: 'succeeded', metrics: {} });
  expect(logged('loss')).toEqual([
    [0, 0.05],
    [1, 0.1],
    [2, 0.2],
  ]);
  expect(warnings).toEqual([expect.stringContaining('whole numbers')]);
});

test('which server is asked', () => {
  const env = { MLFLOW_TRACKING_URI: 'http://of-env:5000/' };
  expect(trackingServer({}, env)).toBeUndefined();
  expect(trackingServer({ experiment: 'a' }, env)).toBe('http://of-env:5000');
  expect(trackingServer({ trackingUri: 'mlflow:https://h/base/' }, env)).toBe('https://h/base');
  expect(() => trackingServer({ experiment: 'a' }, {})).toThrow('names no MLflow server');
  expect(() => trackingServer({ trackingUri: 'sqlite:///m.db' }, env)).toThrow(
    'not that of an MLflow server',
  );
});
