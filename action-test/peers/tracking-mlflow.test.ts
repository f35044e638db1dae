/** A training as a run of a live MLflow 3, held to what MLflow's own client says of it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricPoint } from '../../actions/train-on-gpu-runner/tracking/metric-log.ts';
import { openTrackingRun } from '../../actions/train-on-gpu-runner/tracking/open-tracking-run.ts';
import type { TrackingOptions } from '../../actions/train-on-gpu-runner/tracking/tracking-run.ts';
import { type MlflowServer, mlflowPython, requireMlflow, startMlflow } from './mlflow-server.ts';

interface Shown {
  status: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  /** Step and Python's notation of the value. */
  history: Record<string, [number, string][]>;
  artifacts: Record<string, string>;
}

requireMlflow();

describe.skipIf(!mlflowPython)('a training in MLflow', () => {
  let server: MlflowServer;
  let warnings: string[] = [];
  const begin = Date.now();
  let now = begin;
  beforeAll(async () => {
    server = await startMlflow({ account: { username: 'ann', password: 'pass:word of a test' } });
  });
  afterAll(() => server?.close());

  const open = (more: Partial<Omit<TrackingOptions, 'log'>> = {}) => {
    warnings = [];
    return openTrackingRun({
      ...{ server: server.url, experiment: "flight delays / 'x'", name: 'delays', work: 'w', resumes: false },
      params: { rate: 0.00001, C: 2, list: [1, 'a'] },
      source: { repository: 'o/r', commit: 'c0ffee', runUrl: 'https://example.org/runs/7' },
      env: { ...server.env, GITHUB_RUN_ID: '7', GITHUB_ACTOR: 'ann' },
      mask: (text) => text,
      log: { warning: (message) => void warnings.push(message), mask: () => undefined },
      now: () => new Date(now),
      wait: (milliseconds) => wait(milliseconds),
      ...more,
    });
  };
  const python = (env: NodeJS.ProcessEnv, ...words: string[]): unknown =>
    JSON.parse(
      execFileSync(mlflowPython!, [join(import.meta.dirname, 'tracked_training.py'), ...words], {
        env: { ...server.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString(),
    );
  const show = (id: string | undefined) => python({}, 'show', id ?? '') as Shown;
  const points = (key: string, steps: readonly number[], value: (step: number) => MetricPoint['value']) => {
    const seen = steps.map((step): MetricPoint => ({ key, step, value: value(step), at: now }));
    now += 60_000;
    return seen;
  };

  test('interrupted and resumed: one run, every step once, with its params, tags and files', async () => {
    const first = await open();
    const steps = Array.from({ length: 1_200 }, (_, step) => step);
    await first.logHistory(points('val loss/a', steps, (step) => 1 / (step + 1)));
    await first.logHistory(points('odd:name', [1, 2], (step) => (step === 1 ? 'NaN' : 5e-324)));
    await first.finish({ outcome: 'interrupted', metrics: {} });

    const second = await open({ resumes: true });
    expect(second.record?.runId).toBe(first.record?.runId);
    await second.logHistory(points('val loss/a', [1_100, 1_199, 1_200, 1_201], () => 0.5));
    const record = { name: 'records/TrainingRun-1.json', bytes: Buffer.from('{"é": 1}') };
    await second.finish({ outcome: 'succeeded', metrics: { auc: 0.9 }, artifacts: [record] });
    expect(warnings).toEqual([]);
    const shown = show(second.record?.runId);
    expect(shown.history['val loss/a']!.map(([step]) => step)).toEqual([...steps, 1_200, 1_201]);
    expect(shown.history['val loss/a']![1_199]).toEqual([1_199, String(1 / 1_200)]);
    expect(shown.history.odd_name).toEqual([
      [1, 'nan'],
      [2, '5e-324'],
    ]);
    expect(shown.history.auc).toEqual([[1_201, '0.9']]);
    expect(shown).toMatchObject({
      ...{ status: 'FINISHED', params: { rate: '0.00001', C: '2', list: '[1,"a"]' } },
      tags: {
        ...{ 'mlflow.user': 'ann', 'mlflow.source.name': 'https://example.org/runs/7' },
        ...{ 'mlflow.source.git.commit': 'c0ffee', 'mlflow.runName': 'delays', 'mlops.outcome': 'succeeded' },
      },
      artifacts: { 'records/TrainingRun-1.json': '{"é": 1}' },
    });
    expect((await open({ resumes: true })).record?.runId).not.toBe(second.record?.runId);
  });

  test('a script that logs itself does so into the same run, undisturbed, and nothing is there twice', async () => {
    const tracking = await open();
    // What the script prints is seen here too, under the same names.
    const seen = [...points('loss', [1, 2], () => 9), ...points('own', [1, 2], (step) => step)];
    expect(python(tracking.env, 'train')).toBe(tracking.record?.runId);
    await tracking.logHistory(seen);
    await tracking.logHistory([...points('loss', [3], () => 9), ...points('own', [3], (step) => step)]);
    await tracking.finish({ outcome: 'succeeded', metrics: { loss: 9, training_score: 0, f1: 0.5 } });
    const { history, params, status } = show(tracking.record?.runId);
    expect(history.loss).toEqual([
      [1, '1.0'],
      [2, '0.5'],
      [3, '0.3333333333333333'],
    ]);
    expect(history.own).toEqual([
      [1, '1.0'],
      [2, '2.0'],
      [3, '3.0'],
    ]);
    expect(history.f1).toEqual([[3, '0.5']]);
    expect(history.training_score).toEqual([[0, '1.0']]);
    expect([params.rate, params.C, params.list]).toEqual(['1e-05', '0.5', '[1,"a"]']);
    expect(warnings).toEqual(['MLflow: the script logged another value of C, which stays as it is.']);
    expect(status).toBe('FINISHED');
  });

  test('a wrong account is refused before anything is trained', async () => {
    const env = { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'wrong' };
    await expect(open({ env })).rejects.toMatchObject({ message: expect.stringContaining('answered 401') });
  });
});
