/** The command waits for its checkpoints: a folder and a store, and a command that only notes what is done with it. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HeldCommand } from './held-command.ts';
import type { Published } from './store.ts';
import { type CheckpointSync, startCheckpointSync } from './sync.ts';

const PATIENCE = { timeout: 20_000, interval: 2 };
const done: Published = { state: 'published', sequence: 1, problem: undefined };
let folder: string;
/** What happened, in its order. */
let told: string[];
let warnings: string[];
let publish: () => Promise<Published>;
let command: HeldCommand;
let sync: CheckpointSync;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'held-'));
  [told, warnings] = [[], []];
  publish = async () => done;
});
afterEach(async () => {
  command.end();
  await sync.stop(0);
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: { mostMs?: number; lookMs?: number; onSuperseded?: () => void } = {}) {
  const { mostMs = 60_000, lookMs = 3_600_000, ...rest } = more;
  command = new HeldCommand({
    ...{ mostMs, onChange: (isHeld) => told.push(isHeld ? 'held' : 'goes on') },
    holdGroup: () => ({ hold: async () => true, release: () => undefined, end: () => undefined }),
  });
  command.begin(1);
  sync = await startCheckpointSync({
    ...{ folder, command, lookMs, settleMs: 3_600_000, everyMs: 0, ...rest },
    store: {
      place: 's3://bucket/prefix',
      publish: async (_files, step) => {
        told.push(`step ${step}${command.isHeld ? '' : ' while it trains'}`);
        return publish();
      },
    },
    log: { info: () => undefined, warning: (message) => warnings.push(message) },
  });
}

/** As most programs write: aside, and then under its name. */
function save(step: number, name = 'state.json'): void {
  writeFileSync(join(folder, `${name}.tmp`), JSON.stringify({ step }));
  renameSync(join(folder, `${name}.tmp`), join(folder, name));
}
const stands = () => vi.waitFor(() => expect(told.at(-1)).toBe('goes on'), PATIENCE);
const sent = (line: string) => vi.waitFor(() => expect(told).toContain(line), PATIENCE);

test('the command stands still from the moment in which a checkpoint has its name until it is in the store', async () => {
  await start();
  for (const step of [10, 20]) {
    save(step);
    await sent(`step ${step}`);
    await stands();
  }
  expect(told.filter((each) => /step/.test(each))).toEqual(['step 10', 'step 20']);
  expect(told.indexOf('held')).toBe(0);
  expect(command.seconds).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

test('one that is written where it stands is seen when its last byte is there', async () => {
  await start();
  writeFileSync(join(folder, 'state.json'), '{"step": 1');
  await stands();
  expect(told.filter((each) => /step/.test(each))).toEqual([]);
  writeFileSync(join(folder, 'state.json'), '{"step": 10}');
  await sent('step 10');
  await stands();
});

test('what nobody tells of is found by looking, and an old checkpoint that is removed holds nothing up', async () => {
  await start({ lookMs: 5 });
  mkdirSync(join(folder, 'tmp-checkpoint-10'));
  writeFileSync(join(folder, 'tmp-checkpoint-10', 'weights'), '1');
  utimesSync(join(folder, 'tmp-checkpoint-10'), 1_000, 1_000);
  renameSync(join(folder, 'tmp-checkpoint-10'), join(folder, 'checkpoint-10'));
  await sent('step 10');
  await stands();
  writeFileSync(join(folder, 'checkpoint-10', 'trainer_state.json'), '{}');
  rmSync(join(folder, 'checkpoint-10'), { recursive: true });
  await stands();
  expect(told.filter((each) => /step/.test(each))).toEqual(['step 10']);
});

test('a store that is away holds the command up once, for a bounded time, and again when it is back', async () => {
  await start({ mostMs: 30, lookMs: 5 });
  publish = async () => {
    throw new Error('The bucket is away.');
  };
  save(10);
  await vi.waitFor(() => expect(warnings.join()).toContain('The command stood still for 0 s'), PATIENCE);
  expect(warnings.join()).toContain('was not in s3://bucket/prefix: The bucket is away');
  expect(command.isHeld).toBe(false);
  save(20);
  await sent('step 20 while it trains');
  publish = async () => done;
  await vi.waitFor(() => expect(told.at(-1)).toBe('step 20 while it trains'), PATIENCE);
  told = [];
  // It is held again from the first checkpoint after one that the store took.
  await vi.waitFor(
    async () => {
      save(30 + told.length);
      expect(told.some((each) => /^step \d+$/.test(each))).toBe(true);
    },
    { timeout: 20_000, interval: 20 },
  );
});

test('an upload that takes longer than the command may stand still goes on while it trains', async () => {
  await start({ mostMs: 20 });
  const upload = Promise.withResolvers<Published>();
  publish = () => upload.promise;
  save(10);
  await sent('goes on');
  upload.resolve(done);
  await vi.waitFor(() => expect(warnings.join()).toContain('its checkpoint was not in s3://'), PATIENCE);
  publish = async () => done;
  save(20);
  // It is held again; whether this one is in the store before it goes on is a matter of speed.
  await vi.waitFor(() => expect(told.join()).toContain('step 20'), PATIENCE);
  expect(told.lastIndexOf('held')).toBeGreaterThan(told.indexOf('goes on'));
});

test('one that is asked to end goes on at once, and is not held again', async () => {
  await start();
  const upload = Promise.withResolvers<Published>();
  publish = () => upload.promise;
  save(10);
  await sent('step 10');
  command.end();
  expect(told).toEqual(['held', 'step 10', 'goes on']);
  upload.resolve(done);
  publish = async () => done;
  save(20);
  expect(await sync.flush({ ended: 'by-itself', withinMs: 20_000 })).toMatchObject({
    state: 'stored',
    step: 20,
  });
  expect(told).toEqual(['held', 'step 10', 'goes on', 'step 20 while it trains']);
  expect(warnings).toEqual([]);
});

test('a part of it that runs elsewhere and is not held is told of', async () => {
  await start();
  publish = async () => {
    save(11);
    return done;
  };
  save(10);
  await vi.waitFor(
    () => expect(warnings).toEqual([expect.stringContaining('Checkpoints change while the command stands')]),
    PATIENCE,
  );
});

test('an attempt that another one follows is not held any more', async () => {
  let followed = 0;
  await start({
    onSuperseded: () => {
      followed += 1;
    },
  });
  publish = async () => ({ state: 'superseded' });
  save(10);
  await vi.waitFor(() => expect(followed).toBe(1), PATIENCE);
  told = [];
  save(20);
  await sync.flush({ withinMs: 20_000 });
  expect(told).toEqual([]);
});
