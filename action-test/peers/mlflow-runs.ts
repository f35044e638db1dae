/** What the gate makes of runs of a live MLflow server, held to what MLflow's own client says of them: for any version. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type GateFolder, makeGateFolder } from '../../actions/evaluate-gate/fixtures/gate-folder.ts';
import { readSide } from '../../actions/evaluate-gate/metrics-files/read-side.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { type MlflowOptions, type MlflowServer, startMlflow } from './mlflow-server.ts';

export interface LoggedRun {
  id: string;
  /** Python's notation of a float, by key. */
  metrics: Record<string, string>;
  history: Record<string, [step: number, value: string][]>;
}

/** Python's float; MLflow's databases have no infinity, and its client says the largest number instead. */
const numberOf = (text: string): number => {
  const value = Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));
  return Math.abs(value) === Number.MAX_VALUE ? value * 2 : value;
};

/** Logs runs, all or those that are named, by the client of an interpreter. */
export const logRuns = (
  server: MlflowServer,
  python: string,
  ...names: string[]
): Record<string, LoggedRun> =>
  JSON.parse(
    execFileSync(python, [join(import.meta.dirname, 'mlflow_runs.py'), ...names], {
      env: server.env,
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 26,
    }).toString(),
  ).runs;

/** The values of what an entry of `metrics` names. */
export async function valuesOf(entry: string, env: NodeJS.ProcessEnv): Promise<Record<string, number>> {
  const deps = { env, signal: AbortSignal.timeout(60_000), log: { mask: () => undefined } };
  const { runs } = await readSide([entry], 'metrics', deps as unknown as Deps);
  return Object.fromEntries([...runs[0]!.numbers].map(([key, { value }]) => [key, value]));
}

/** Registers the tests. */
export function testRuns(python: string, options: MlflowOptions = {}): void {
  let server: MlflowServer;
  let runs: Record<string, LoggedRun>;
  let given: GateFolder;
  beforeAll(async () => {
    server = await startMlflow({ python, ...options });
    runs = logRuns(server, python);
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    given = await makeGateFolder();
  });
  afterEach(() => given.close());

  const uri = (name: string, suffix = ''): string =>
    `mlflow:${server.url}/runs/${runs[name]?.id ?? name}${suffix}`;
  const judge = (challenger: string, champion: string) => {
    writeFileSync(
      given.at('gate.yaml'),
      'version: 1\ntask: binary\nmetrics: [{name: roc_auc, min_absolute_change: 0, decide_on: point}]\n',
    );
    return given.gate({
      policy: given.at('gate.yaml'),
      metrics: challenger,
      'baseline-metrics': champion,
    });
  };

  test.each(['champion', 'challenger', 'long', 'running'])(
    '%s is read as its client reads it',
    async (name) => {
      const expected = Object.entries(runs[name]!.metrics).map(([key, value]) => [key, numberOf(value)]);
      expect(expected.length).toBeGreaterThan(0);
      expect(await valuesOf(uri(name), server.env)).toEqual(Object.fromEntries(expected));
    },
  );

  test('a step that is asked for is that of the history, also behind the first page', async () => {
    for (const [name, step] of [
      ['challenger', 1],
      ['challenger', 2],
      ['long', 0],
      ['long', 1700],
      ['long', 2499],
    ] as const) {
      const [, value] = runs[name]!.history.val_roc_auc!.find(([at]) => at === step)!;
      expect((await valuesOf(uri(name, `@${step}`), server.env)).val_roc_auc).toBe(numberOf(value));
    }
    // Of a key that has nothing at the step the one before it.
    expect((await valuesOf(uri('challenger', '@2'), server.env)).val_log_loss).toBe(0.4);
    expect((await valuesOf(uri('challenger'), server.env)).val_log_loss).toBe(0.3);
  });

  test('the challenger is held against the champion, at the last step or at the one that is named', async () => {
    const last = await judge(uri('challenger'), uri('champion'));
    expect(last).toMatchObject({ verdict: 'pass', judgedFrom: 'metrics' });
    expect(last.metrics[0]).toMatchObject({ challenger: 0.89, champion: 0.87 });
    const named = await judge(uri('challenger', '@0'), uri('champion', '@1'));
    expect(named.verdict).toBe('fail');
    expect(named.metrics[0]).toMatchObject({ challenger: 0.86, champion: 0.88 });
  });

  test("MLflow's own address of a run finds the server of its variable", async () => {
    vi.stubEnv('MLFLOW_TRACKING_URI', `${server.url}/`);
    try {
      const record = await judge(`runs:/${runs.challenger!.id}`, `runs:/${runs.champion!.id}`);
      expect(record.metrics[0]).toMatchObject({ challenger: 0.89, champion: 0.87 });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('several runs are trainings by several seeds', async () => {
    const seeds = ['challenger', 'challenger-2', 'challenger-3'].map((name) => uri(name)).join('\n');
    const record = await judge(seeds, uri('champion'));
    expect(record.metrics[0]!.challenger).toBeCloseTo(0.89, 12);
    expect(record.metrics[0]!.method).toContain('3 seeds');
  });

  test('a run on other data is not compared', async () => {
    const record = await judge(uri('other-data'), uri('champion'));
    expect(record.verdict).toBe('fail');
    expect(record.reason).toContain('the digest of the data set is');
  });

  test('what is not there, deleted, unfinished or without a number is said', async () => {
    await expect(judge(uri('0'.repeat(32)), uri('champion'))).rejects.toMatchObject({
      message: expect.stringMatching(/answered 404: Run with id=0{32} not found/),
      fix: expect.stringContaining('address of the server'),
    });
    await expect(judge(uri('deleted'), uri('champion'))).rejects.toThrow(/is deleted on/);
    await expect(judge(uri('empty'), uri('champion'))).rejects.toThrow(/holds no number/);
    await expect(judge(uri('challenger', '@9'), uri('champion'))).rejects.toThrow(/logged nothing at step 9/);
    const { notes } = await judge(uri('running'), uri('running'));
    expect(notes).toContain(`The run ${runs.running!.id} is not finished: its status is RUNNING`);
  });
}
