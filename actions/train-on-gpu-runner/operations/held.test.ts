/** `checkpoint-upload: before-going-on`: the whole action as a process, with real signals and a store that can wait. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { groupMembers, sendSignal } from '../../../shared/programs/process-group.ts';
import type { TrainingRun } from '../../../shared/records/training-run.ts';
import type { CallFault } from '../../../shared/testing/aws/aws-fault.ts';
import { type S3Server, startS3Server } from '../../../shared/testing/aws/s3-server.ts';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import { spawnAction } from '../fixtures/spawn-action.ts';
import { openCheckpointing } from './checkpointing.ts';

const PATIENCE = { timeout: 20_000, interval: 10 };
const DESCENT = join(import.meta.dirname, '../fixtures/descent.mjs');
let runner: FakeRunner;
let store: S3Server;
/** While set, the store does not answer whoever brings a file. */
let answers: Promise<void> | undefined;
let letAnswer: () => void;

beforeEach(async () => {
  letAnswer = () => undefined;
  answers = undefined;
  runner = await createFakeRunner();
  store = await startS3Server({
    fault: async ({ what }): Promise<CallFault> => {
      if (/^PUT .*\/objects\//.test(what)) await answers;
      return 'none';
    },
  });
});
afterEach(async () => {
  letAnswer();
  if (groupOf() > 0) sendSignal(groupOf(), 'SIGKILL');
  await Promise.all([runner.close(), store.close()]);
});

const at = (name: string) => join(runner.workspace, name);
const groupOf = () => (existsSync(at('group')) ? Number(readFileSync(at('group'), 'utf8')) : 0);
const states = () => groupMembers(groupOf()).map(({ state }) => state);

function start(command: string, inputs: Record<string, string> = {}) {
  const child = spawnAction(
    runner,
    {
      command: `echo $$ > group.draft; mv group.draft group; ${command}`,
      'checkpoint-dir': 'checkpoints',
      'checkpoint-store': 's3://models/checkpoints',
      'checkpoint-upload': 'before-going-on',
      ...inputs,
    },
    { env: store.env },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (log += String(part)));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, log })) };
}

/** Saves one checkpoint and goes on for ever; asked to end it says so. */
const SAVES = `trap 'touch asked; exit 0' INT TERM
  echo '{"step": 1}' > "$CHECKPOINT_DIR/state.json.tmp"; mv "$CHECKPOINT_DIR/state.json.tmp" "$CHECKPOINT_DIR/state.json"
  while :; do sleep 0.01; done`;

async function startHeld() {
  answers = new Promise((resolve) => {
    letAnswer = resolve;
  });
  const action = start(SAVES, { grace: '60s' });
  await vi.waitFor(() => {
    expect(states().length).toBeGreaterThan(0);
    expect(new Set(states())).toEqual(new Set(['T']));
  }, PATIENCE);
  return action;
}

describe.runIf(process.platform === 'linux')('a command that waits for its checkpoints', () => {
  test('stands still for each, trains to its end, and the record says for how long', async () => {
    const { code, log } = await start(`STANDS_STILL=1 exec "${process.execPath}" "${DESCENT}"`).ended;
    expect(code, log).toBe(0);
    const outputs = await runner.outputs();
    const record = JSON.parse(readFileSync(outputs.record!, 'utf8')) as TrainingRun;
    expect(record).toMatchObject({
      outcome: 'succeeded',
      metrics: { steps: 60 },
      warnings: [],
      checkpoints: { store: 's3://models/checkpoints', upload: 'before-going-on' },
    });
    const { heldSeconds } = record.checkpoints;
    expect(heldSeconds).toBeGreaterThan(0);
    expect(heldSeconds).toBeLessThan(record.durationSeconds);
    for (const step of [10, 20, 30, 40, 50])
      expect(log).toContain(`The checkpoint of step ${step} is in s3:`);
    expect(await runner.summary()).toContain('until its checkpoints were in the store');
  });

  test('goes on when the job is cancelled while it stands, and saves', async () => {
    const { child, ended } = await startHeld();
    child.kill('SIGINT');
    await vi.waitFor(() => expect(existsSync(at('asked'))).toBe(true), PATIENCE);
    letAnswer();
    expect((await ended).log).toContain('it goes on from the checkpoints');
    expect(states()).toEqual([]);
  });

  test('goes on when the action is killed while it stands', async () => {
    const { child, ended } = await startHeld();
    child.kill('SIGKILL');
    await ended;
    await vi.waitFor(() => {
      expect(states().length).toBeGreaterThan(0);
      expect(states()).not.toContain('T');
    }, PATIENCE);
  });
});

test('without a store, and as a job of a service, there is nothing that it could wait for', async () => {
  const given = { name: 'demo', checkpointDir: at('own'), checkpointStore: undefined };
  await expect(
    openCheckpointing({ ...given, checkpointUpload: 'before-going-on' }, 'work', { env: {}, log: silentLog }),
  ).rejects.toThrow(/there is no place to send them to/);
  const { code, log } = await start('true', {
    ...{ backend: 'sagemaker', 'checkpoint-dir': '', 'instance-type': 'ml.m5.large' },
  }).ended;
  expect(code, log).toBe(2);
  expect(log).toContain('checkpoint-upload has no meaning here: backend is sagemaker');
});
