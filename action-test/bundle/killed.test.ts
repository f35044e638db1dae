/** kill -9 in the middle of each of the six actions, then run again: everything is whole, once, and still serves. */
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import type { ActionId } from '../../shared/records/envelope.ts';
import { readRecordFile } from '../../shared/records/folder.ts';
import { openRegistry, parseRegistry } from '../../shared/registries/registry.ts';
import type { FakeRunner } from '../../shared/testing/fake-runner.ts';
import { startLoopbackServer } from '../../shared/testing/loopback-server.ts';
import { type BundleRun, runBundle, tinyModelRunner } from './spawn-bundle.ts';

/** Points of a run, as shares of the time that it takes undisturbed, at which it is killed. */
const KILL_AT = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9];
const LIMIT_MS = 240_000;

let runner: FakeRunner;
let port: number;
const steps: Record<ActionId, Record<string, string>> = {
  'validate-data': { data: 'data/tiny-train.csv', contract: 'contract.yaml' },
  'train-on-gpu-runner': {
    command: 'python3 code/train.py',
    params: 'params.yaml',
    data: 'data/tiny-train.csv',
  },
  'evaluate-gate': {
    model: 'model',
    'predict-command': 'python3 code/predict.py',
    data: 'data/tiny-gate.csv',
    policy: 'gate.yaml',
  },
  'register-model': {
    model: 'model',
    registry: 'oci-layout:registry',
    code: 'code',
    requirements: 'code/requirements.txt',
    'predict-command': 'python3 predict.py',
    'serve-command': 'exec python3 serve.py',
  },
  'canary-deploy': { rollout: 'rollout.yaml', traffic: 'traffic.jsonl', 'traffic-rate': '200' },
  'drift-check': {
    reference: 'logged/reference.csv',
    data: 'logged/recent.csv',
    labels: 'logged/labels.csv',
    policy: 'drift.yaml',
    chunk: '7d',
  },
};

const run = (id: ActionId, inputs: Record<string, string>, killAfter?: number): Promise<BundleRun> =>
  runBundle(
    runner,
    id,
    { name: 'tiny', comment: 'never', ...inputs },
    {
      started: (child) => {
        if (killAfter === undefined) return;
        const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
        child.once('exit', () => clearTimeout(timer));
      },
    },
  );

/** Kills a run after `delay` milliseconds; one that ends before it is killed is tried again with a shorter delay. */
async function kill(
  id: ActionId,
  inputs: Record<string, string>,
  delay: number,
  before?: () => Promise<void>,
) {
  for (let after = delay; ; after *= 0.7) {
    await before?.();
    if ((await run(id, inputs, after)).exitCode === null) return;
  }
}

interface Expectation {
  verdict: string;
  /** Brings back what there was before the run that is killed. */
  before?: () => Promise<void>;
  /** Looks at what there is after each kill and after each repeat. */
  check?: (moment: 'killed' | 'repeated') => Promise<void>;
}

/** Runs once undisturbed, then kills and repeats at each share of the time that it took. */
async function killAndRepeat(
  id: ActionId,
  inputs: Record<string, string>,
  { verdict, before, check }: Expectation,
): Promise<void> {
  await before?.();
  const begin = performance.now();
  const first = await run(id, inputs);
  const duration = performance.now() - begin;
  expect(first.outputs.verdict, first.log).toBe(verdict);
  for (const share of KILL_AT) {
    await kill(id, inputs, duration * share, before);
    await recordsAreWhole();
    await check?.('killed');
    const again = await run(id, inputs);
    expect(again.outputs.verdict, again.log).toBe(verdict);
    await check?.('repeated');
  }
}

async function recordsAreWhole(): Promise<void> {
  const folder = join(runner.workspace, 'mlops-records/tiny');
  for (const file of await readdir(folder).catch(() => [])) {
    if (file.endsWith('.json')) await readRecordFile(join(folder, file));
  }
}

async function registry() {
  const location = parseRegistry(`oci-layout:${join(runner.workspace, 'registry')}`, 'tiny');
  return openRegistry(location, { env: runner.env });
}

beforeAll(async () => {
  runner = await tinyModelRunner();
  const free = await startLoopbackServer(() => undefined);
  port = free.port;
  await free.close();
  execFileSync('python3', ['make_data.py', 'logged'], { cwd: runner.workspace });
}, LIMIT_MS);

afterAll(async () => {
  await run('canary-deploy', { operation: 'stop' });
  await runner.close();
}, LIMIT_MS);

describe('killed and run again', () => {
  test('validate-data', { timeout: LIMIT_MS }, async () => {
    await killAndRepeat('validate-data', steps['validate-data'], { verdict: 'pass' });
  });

  test('train-on-gpu-runner: the model is always a whole one', { timeout: LIMIT_MS }, async () => {
    const model = join(runner.workspace, 'model');
    const whole = async () => {
      const files = await readdir(model);
      expect(files).toEqual(['model.json']);
      JSON.parse(await readFile(join(model, 'model.json'), 'utf8'));
    };
    await killAndRepeat('train-on-gpu-runner', steps['train-on-gpu-runner'], {
      verdict: 'pass',
      check: whole,
    });
  });

  test('evaluate-gate', { timeout: LIMIT_MS }, async () => {
    await killAndRepeat('evaluate-gate', steps['evaluate-gate'], { verdict: 'warn' });
  });

  test('register-model: one version, and all of it', { timeout: LIMIT_MS }, async () => {
    const before = () => rm(join(runner.workspace, 'registry'), { recursive: true, force: true });
    const check = async (moment: 'killed' | 'repeated') => {
      const versions = await (await registry()).versions();
      if (moment === 'repeated') expect(versions).toHaveLength(1);
      for (const { digest } of versions) {
        const folder = join(runner.folder, 'pulled');
        await (await registry()).pullModel(digest, folder);
        expect(await modelDigest(folder)).toMatchObject({ digest });
        await rm(folder, { recursive: true });
      }
    };
    await killAndRepeat('register-model', steps['register-model'], { verdict: 'pass', before, check });
  });

  test('canary-deploy: a champion answers whatever happens', { timeout: LIMIT_MS }, async () => {
    const answers = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/invocations`, {
        method: 'POST',
        body: '{"dataframe_records": [{"x1": 0.1, "x2": -0.2}]}',
      });
      expect(response.status).toBe(200);
    };
    const [champion] = await (await registry()).versions();
    const first = await run('canary-deploy', {
      ...steps['canary-deploy'],
      port: String(port),
      model: `oci-layout:registry/tiny@${champion!.digest}`,
    });
    expect(first.outputs.outcome, first.log).toBe('promoted');
    await answers();
    // A challenger for each round, so that each round has something to roll out.
    let challenger = '';
    const register = async (round: number) => {
      const parameters = JSON.stringify({ use_x2: true, steps: 61 + round });
      for (const [id, inputs] of [
        ['train-on-gpu-runner', { ...steps['train-on-gpu-runner'], params: parameters }],
        ['evaluate-gate', { ...steps['evaluate-gate'], baseline: 'oci-layout:registry/tiny@champion' }],
        ['register-model', steps['register-model']],
      ] as const) {
        const done = await run(id, inputs);
        expect(['pass', 'warn'], done.log).toContain(done.outputs.verdict);
        if (done.outputs.uri) challenger = done.outputs.uri;
      }
    };
    for (const [round, share] of [0.2, 0.5, 0.8].entries()) {
      await register(round);
      const inputs = { ...steps['canary-deploy'], port: String(port), model: challenger };
      await kill('canary-deploy', inputs, 3000 * share);
      await answers();
      const again = await run('canary-deploy', inputs);
      expect(['promoted', 'rolled-back'], again.log).toContain(again.outputs.outcome);
      await answers();
    }
  });

  test('drift-check', { timeout: LIMIT_MS }, async () => {
    await killAndRepeat('drift-check', steps['drift-check'], { verdict: 'pass' });
  });
});
