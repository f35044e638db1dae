import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processIdentity } from '../../../shared/programs/process-group.ts';
import { type Program, startProgram } from '../../../shared/programs/run.ts';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import type { CheckpointCache } from '../checkpoints/checkpoints.ts';
import type { TrainingState } from '../state.ts';
import { endTraining } from './post.ts';

let folder: string;
let program: Program | undefined;
let saved: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  saved = [];
  mkdirSync(join(folder, 'checkpoints'));
  writeFileSync(join(folder, 'checkpoints', 'last'), '1');
});
afterEach(async () => {
  await program?.stop(0);
  program = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const cache: CheckpointCache = {
  isFeatureAvailable: () => true,
  restoreCache: async () => undefined,
  saveCache: async (_paths, key) => {
    saved.push(key);
    return 1;
  },
};
const deps = { log: silentLog, now: () => new Date(), env: {}, loadCache: async () => cache };

function state(change: Partial<TrainingState>): TrainingState {
  return {
    ...{ name: 'demo', work: 'abc', tracking: null },
    group: 1,
    identity: 'of another boot',
    graceMs: 60_000,
    stoppingAt: null,
    workspace: join(folder, 'model.training-1'),
    modelDir: join(folder, 'model'),
    checkpoints: { folder: join(folder, 'checkpoints'), cacheKey: 'key', store: null },
    finished: false,
    ...change,
  };
}

/** A program that writes a file for every SIGINT that it gets. */
async function startCounting(command: string): Promise<Partial<TrainingState>> {
  let ready: () => void;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  program = await startProgram({ command, cwd: folder, env: process.env, onLine: () => ready() });
  await isReady;
  return { group: program.pid, identity: processIdentity(program.pid) };
}

test('a program that was not asked yet is asked to end', async () => {
  const running = await startCounting(
    'trap "touch asked; exit" INT; echo ready; while true; do sleep 0.01; done',
  );
  await endTraining(state(running), deps);
  expect(existsSync(join(folder, 'asked'))).toBe(true);
  expect(program?.isAlive()).toBe(false);
});

test('one that was asked gets no second SIGINT, only what is left of its grace time', async () => {
  const running = await startCounting('trap "touch asked" INT; echo ready; while true; do sleep 0.01; done');
  const stoppingAt = Date.now() - 60_000 + 200;
  await endTraining(state({ ...running, stoppingAt }), deps);
  expect(existsSync(join(folder, 'asked'))).toBe(false);
  expect(program?.isAlive()).toBe(false);
});

test('a stranger that got the number meanwhile is left alone', async () => {
  const { group } = await startCounting('echo ready; sleep 600');
  await endTraining(state({ group }), deps);
  expect(program?.isAlive()).toBe(true);
});

test('checkpoints go to the cache only when there is something to go on with', async () => {
  await endTraining(state({ finished: true }), deps);
  await endTraining(state({ checkpoints: null }), deps);
  expect(saved).toEqual([]);
  await endTraining(state({}), deps);
  expect(saved).toEqual(['key']);
});
