import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Copier } from './copier.ts';
import { isOwnName } from './folder-note.ts';
import { scanFolder } from './scan.ts';
import { type KnownDigests, readSnapshot } from './snapshot.ts';
import { openCheckpointStore, type Published, type SnapshotFile } from './store.ts';
import { type CheckpointSync, howEnded, startCheckpointSync } from './sync.ts';

let folder: string;
let said: string[];
let sync: CheckpointSync | undefined;
/** What the store was given, and what it does next. */
let published: { files: readonly SnapshotFile[]; step: number | null }[];
let publish: () => Promise<Published>;
const done: Published = { state: 'published', sequence: 1, problem: undefined };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoint-sync-'));
  [said, published] = [[], []];
  publish = async () => done;
});
afterEach(async () => {
  await sync?.stop(0);
  sync = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const store = {
  place: 's3://bucket/prefix',
  publish: (files: readonly SnapshotFile[], step: number | null) => {
    published.push({ files, step });
    return publish();
  },
};

/** The clock stands, and the folder is looked at only when the test asks. */
async function start(more: Partial<Parameters<typeof startCheckpointSync>[0]> = {}): Promise<CheckpointSync> {
  sync = await startCheckpointSync({
    ...{ folder, store, lookMs: 3_600_000, wait: async () => undefined },
    log: { info: (message) => said.push(message), warning: (message) => said.push(`warning: ${message}`) },
    ...more,
  });
  return sync;
}
const write = (step: number): void => writeFileSync(join(folder, 'state.json'), JSON.stringify({ step }));

test('what is new is sent once, and what came from the store is not sent back', async () => {
  write(3);
  const { flush } = await start({ restored: { step: 3 } });
  expect(await flush({ ended: 'by-itself', withinMs: 5000 })).toEqual({
    state: 'stored',
    step: 3,
    reason: undefined,
  });
  expect(published).toEqual([]);
  write(4);
  expect(await flush({ ended: 'by-itself', withinMs: 5000 })).toMatchObject({ state: 'stored', step: 4 });
  expect(await flush({ ended: 'by-itself', withinMs: 5000 })).toMatchObject({ state: 'stored', step: 4 });
  expect(published).toHaveLength(1);
  expect(said).toEqual(['The checkpoint of step 4 is in s3://bucket/prefix.']);
});

test('a copy that fails is one warning, is tried again, and ends nothing', async () => {
  let failures = 0;
  publish = async () => {
    failures += 1;
    if (failures < 4) throw new Error('The bucket is away.');
    return done;
  };
  write(1);
  const { flush } = await start();
  expect(await flush({ ended: 'by-itself', withinMs: 60_000 })).toMatchObject({ state: 'stored', step: 1 });
  expect(said).toEqual([
    'warning: A checkpoint could not be sent to s3://bucket/prefix: The bucket is away. It is tried again.',
    'The checkpoint of step 1 is in s3://bucket/prefix, after 3 failures.',
  ]);
});

test('the last try ends with its time: with the failure, or without an answer', async () => {
  let clock = 0;
  publish = async () => {
    throw new Error('The bucket is away.');
  };
  write(1);
  const { flush } = await start({
    now: () => clock,
    wait: async (milliseconds) => {
      clock += milliseconds;
    },
  });
  expect(await flush({ ended: 'by-itself', withinMs: 3000 })).toEqual({
    ...{ state: 'failed', step: null, reason: 'The bucket is away' },
  });
  expect(published).toHaveLength(7);
  const isSilent = new Promise<void>((resolve) => {
    publish = () => {
      resolve();
      return new Promise(() => undefined);
    };
  });
  expect(await flush({ ended: 'by-itself', withinMs: 1 })).toMatchObject({ state: 'out-of-time' });
  await isSilent;
});

test('an attempt that another one follows says so once, and sends no more', async () => {
  let told = 0;
  publish = async () => ({ state: 'superseded' });
  write(1);
  const { flush } = await start({
    onSuperseded: () => {
      told += 1;
    },
  });
  for (let times = 0; times < 2; times++)
    expect(await flush({ ended: 'by-itself', withinMs: 5000 })).toMatchObject({ state: 'superseded' });
  expect([told, published.length, said.length]).toEqual([1, 1, 1]);
});

test('half a file of a killed program is not sent', async () => {
  writeFileSync(join(folder, 'state.json'), '{"step": 5, "wei');
  const { flush } = await start();
  expect(await flush({ ended: 'killed', withinMs: 5000 })).toEqual({
    ...{ state: 'not-complete', step: null, reason: 'state.json is not complete' },
  });
  expect(published).toEqual([]);
});

test('while it runs, a copy is made when the folder is still, and not too often', async () => {
  let clock = 0;
  writeFileSync(join(folder, 'model.bin'), '1');
  writeFileSync(join(folder, 'optimizer.bin'), '1');
  const options = { folder, store, everyMs: 30_000, settleMs: 3000, brokenMs: 60_000 };
  const copier = new Copier({ ...options, now: () => clock });
  const at = async (time: number) => {
    clock = time;
    return (await copier.look()).state;
  };
  expect(await at(0)).toBe('not-complete');
  expect(await at(2999)).toBe('not-complete');
  appendFileSync(join(folder, 'optimizer.bin'), '2');
  expect(await at(4000)).toBe('not-complete');
  expect(await at(7000)).toBe('copied');
  appendFileSync(join(folder, 'optimizer.bin'), '3');
  expect(await at(9000)).toBe('too-soon');
  expect(await at(36_999)).toBe('too-soon');
  expect(await at(37_000)).toBe('copied');
  expect(await at(90_000)).toBe('nothing-new');
  rmSync(join(folder, 'model.bin'));
  rmSync(join(folder, 'optimizer.bin'));
  // A folder that was emptied is no checkpoint.
  expect(await at(200_000)).toBe('nothing-new');
});

test('a file that is never still is named after five minutes', async () => {
  let clock = 0;
  const { flush } = await start({ now: () => clock });
  for (const name of ['a.bin', 'b.bin']) writeFileSync(join(folder, name), 'x');
  for (let look = 0; look < 110; look++) {
    appendFileSync(join(folder, 'a.bin'), 'x');
    clock += 2999;
    await flush({ withinMs: 60_000 });
  }
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^warning: No checkpoint could be kept for 5 minutes: files are being written/);
});

test('growing logs come along as they are', async () => {
  mkdirSync(join(folder, 'runs'));
  write(1);
  const log = join(folder, 'runs', 'events.out.tfevents.1.host');
  writeFileSync(log, 'one');
  publish = async () => {
    appendFileSync(log, ' two');
    return done;
  };
  const { flush } = await start();
  expect(await flush({ ended: 'by-itself', withinMs: 5000 })).toMatchObject({ state: 'stored', step: 1 });
  const [{ files } = { files: [] }] = published;
  expect(files.map(({ path, bytes }) => [path, bytes && Buffer.from(bytes).toString()])).toEqual([
    ['state.json', undefined],
    ['runs/events.out.tfevents.1.host', 'one'],
  ]);
});

test('post goes on under the same number, and stays behind a later attempt', async () => {
  const place = join(folder, 'store');
  const own = join(folder, 'own');
  mkdirSync(own);
  const { attempt } = await openCheckpointStore(place, { name: 'demo', work: 'w', env: {} });
  const flush = async (text: string) => {
    writeFileSync(join(own, 'state.json'), text);
    const again = await openCheckpointStore(place, { name: 'demo', work: 'w', env: {}, attempt });
    const { flush: send } = await start({ folder: own, store: again });
    return send({ ended: 'killed', withinMs: 10_000 });
  };
  expect(await flush('{"step": 7')).toMatchObject({ state: 'not-complete' });
  expect(await flush('{"step": 7}')).toMatchObject({ state: 'stored', step: 7 });
  expect(readdirSync(join(place, 'demo', 'w', 'attempts'))).toEqual(['000001.json']);
  await openCheckpointStore(place, { name: 'demo', work: 'w', env: {} });
  expect(await flush('{"step": 8}')).toMatchObject({ state: 'superseded' });
});

test.each([
  [{ exitCode: 0, exitSignal: null }, 'by-itself'],
  [{ exitCode: 1, exitSignal: null }, 'by-itself'],
  [{ exitCode: 130, exitSignal: null }, 'by-itself'],
  [{ exitCode: 130, exitSignal: 'SIGINT' }, 'by-itself'],
  [{ exitCode: 137, exitSignal: null }, 'killed'],
  [{ exitCode: 139, exitSignal: null }, 'killed'],
  [{ exitCode: 143, exitSignal: 'SIGTERM' }, 'killed'],
  [{ exitCode: 137, exitSignal: 'SIGKILL' }, 'killed'],
])('a command with %j ended %s', (exit, how) => {
  expect(howEnded(exit)).toBe(how);
});

test('a file that is written while another one is read makes both be read again', async () => {
  for (const name of ['a.bin', 'b.bin']) writeFileSync(join(folder, name), 'old');
  const scan = await scanFolder(folder, isOwnName);
  const read = (known: KnownDigests) =>
    readSnapshot(folder, scan, known, isOwnName, new AbortController().signal);
  expect(await read(new Map())).toHaveLength(2);
  const known: KnownDigests = new Map();
  known.set = (path, digest) => {
    if (path === 'b.bin') writeFileSync(join(folder, 'a.bin'), 'new');
    return Map.prototype.set.call(known, path, digest) as KnownDigests;
  };
  expect(await read(known)).toBeUndefined();
});
