import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CommandWorld, commandVariables } from './command-environment.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'variables-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const variables = (more: Partial<CommandWorld> = {}) =>
  commandVariables({
    model: join(folder, 'model'),
    metrics: join(folder, 'metrics.json'),
    checkpoints: join(folder, 'checkpoints'),
    output: join(folder, 'output'),
    temporaryFolder: folder,
    data: [],
    params: { depth: 3 },
    gpuCount: 0,
    ...more,
  });

test('a seed is handed over, also to the order of sets in Python, and 0 is one', async () => {
  expect(await variables({ seed: 4_294_967_295 })).toMatchObject({
    SEED: '4294967295',
    PYTHONHASHSEED: '4294967295',
  });
  expect(await variables({ seed: 0 })).toMatchObject({ SEED: '0', PYTHONHASHSEED: '0' });
});

test('without a seed the variables of the job stay as they are', async () => {
  const found = await variables();
  expect('SEED' in found || 'PYTHONHASHSEED' in found).toBe(false);
});

test('more variables are passed on and take the place of none', async () => {
  const env = { MLFLOW_RUN_ID: 'abc', MODEL_DIR: '/elsewhere', SEED: '9', PARAM_DEPTH: '4' };
  const found = await variables({ env, seed: 1 });
  expect(found).toMatchObject({
    ...{ MLFLOW_RUN_ID: 'abc', SEED: '1', PARAM_DEPTH: '3' },
    MODEL_DIR: join(folder, 'model'),
  });
});

test('a command for several machines finds the one that there is', async () => {
  const env = { PATH: process.env.PATH, ...(await variables()) };
  const script =
    'echo "$SM_CURRENT_HOST_RANK of $SM_HOST_COUNT: $SM_CURRENT_HOST in $SM_HOSTS, $SM_MASTER_ADDR:$SM_MASTER_PORT"';
  expect(execFileSync('bash', ['-ec', script], { env }).toString()).toBe(
    '0 of 1: localhost in ["localhost"], localhost:7777\n',
  );
});

test('a program finds the folders and files that they name', async () => {
  const env = { PATH: process.env.PATH, ...(await variables({ seed: 7 })) };
  const script =
    'test -d "$CHECKPOINT_DIR" && test -d "$SM_OUTPUT_DATA_DIR" && cat "$PARAMS_FILE" && echo " $SEED"';
  expect(execFileSync('bash', ['-ec', script], { env }).toString()).toBe('{"depth":3} 7\n');
});
