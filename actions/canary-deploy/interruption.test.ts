import { readdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownIdentity } from '../../shared/concurrency/process-identity.ts';
import { sendSignal } from '../../shared/programs/process-group.ts';
import { deploymentSchema } from '../../shared/records/deployment.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { slowRollout } from './fixtures/canary-scenes.ts';
import { CanaryStage } from './fixtures/canary-stage.ts';
import { MODEL_NAME, openTestRegistry, registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
let second: { digest: string; uri: string };
let first: { digest: string; uri: string };

beforeEach(async () => {
  stage = await CanaryStage.create();
  first = await registerVersion(stage.folder, { name: 'good' }, { evaluation: 'pass' });
  second = await registerVersion(stage.folder, { name: 'better' }, { evaluation: 'pass' });
  await stage.run({ model: first.uri });
});
afterEach(() => stage.close());

/** Clients that ask without a pause, until told to stop. */
function keepAsking() {
  const failures: unknown[] = [];
  let answered = 0;
  let running = true;
  const done = (async () => {
    while (running) {
      await stage.ask().then(
        ({ status }) => {
          if (status === 200) answered += 1;
          else failures.push(status);
        },
        (error) => failures.push(error),
      );
      await delay(2);
    }
  })();
  return {
    stop: async () => {
      running = false;
      await done;
      return { answered, failures };
    },
  };
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await reached().catch(() => false)).toBe(true), {
    timeout: 20_000,
    interval: 5,
  });
}

interface StoredProgress {
  state: { step: number; looks: unknown[] } | null;
}
const stored = () => stage.json('progress.json') as unknown as Promise<StoredProgress>;

const moments: [string, () => Promise<boolean>][] = [
  ['while the challenger starts', async () => (await stage.json('state.json')).challenger !== null],
  ['in the first step', async () => (await stored()).state!.looks.length >= 2],
  ['in the second step', async () => (await stored()).state!.step === 1],
];

describe('kill -9 of the action', () => {
  test.each(moments)(
    '%s: the router and the champion serve on, and a re-run finishes',
    async (_, reached) => {
      const clients = keepAsking();
      const { child, ended, output } = stage.spawn({ model: second.uri });
      await until(reached);
      child.kill('SIGKILL');
      expect(await ended, output()).toBeNull();
      for (let index = 0; index < 20; index += 1) expect((await stage.ask()).status).toBe(200);
      const { record } = await stage.run({ model: second.uri });
      expect(record).toMatchObject({ outcome: 'promoted', serving: second.digest });
      const { answered, failures } = await clients.stop();
      expect(failures).toEqual([]);
      expect(answered).toBeGreaterThan(50);
      expect((await (await openTestRegistry(stage.folder)).aliases()).champion).toBe(second.digest);
      expect((await stage.processes()).length).toBe(2);
      await stage.run({ operation: 'stop' });
      expect(await stage.leftovers()).toEqual([]);
    },
  );

  test('a resumed rollout keeps its evidence', async () => {
    const { child, ended } = stage.spawn({ model: second.uri });
    await until(async () => (await stored()).state!.looks.length >= 3);
    child.kill('SIGKILL');
    await ended;
    const before = (await stored()).state!.looks;
    const { record } = await stage.run({ model: second.uri });
    expect(record.looks.slice(0, before.length)).toEqual(before);
    expect(record.events.map(({ kind }) => kind)).toContain('resume');
  });

  test('abort after it gives all traffic back', async () => {
    const { child, ended } = stage.spawn({ model: second.uri });
    await until(async () => (await stored()).state!.looks.length >= 1);
    child.kill('SIGKILL');
    await ended;
    const { record } = await stage.run({ operation: 'abort' });
    expect(record).toMatchObject({ outcome: 'rolled-back', serving: first.digest });
    for (let index = 0; index < 20; index += 1) expect((await stage.ask()).model).toBe('good');
    expect((await stage.processes()).length).toBe(2);
  });
});

test('a run that is cancelled with SIGINT writes its record and leaves the champion serving', async () => {
  const { child, ended, output } = stage.spawn({ model: second.uri });
  await until(async () => (await stored()).state!.looks.length >= 1);
  child.kill('SIGINT');
  expect(await ended, output()).toBe(1);
  expect(output()).toContain('the run was cancelled');
  const records = new RecordFolder(stage.file('records'), MODEL_NAME);
  expect(await records.find('Deployment', second.digest)).toMatchObject({
    outcome: 'rolled-back',
    serving: first.digest,
  });
  expect((await stage.ask()).arm).toBe('champion');
});

test('two runs at once: the second one says so and changes nothing; a schedule leaves the first one alone', async () => {
  const { child, ended } = stage.spawn({ model: second.uri, rollout: await slowRollout(stage) });
  await until(async () => (await stored()).state!.looks.length >= 1);
  await expect(stage.run({ model: second.uri })).rejects.toThrow('Another run of canary-deploy is at work');
  await expect(stage.run({ operation: 'abort' })).rejects.toThrow('Another run of canary-deploy is at work');
  const at = (await stage.json('state.json')) as Record<string, unknown>;
  for (const operation of ['reconcile', 'continue']) {
    const { record } = await stage.run({ operation, 'stale-after': '1ms' });
    expect(record).toMatchObject({
      operation,
      verdict: 'inconclusive',
      outcome: 'rolling',
      serving: first.digest,
    });
    expect(record.subject.digest).toBe(second.digest);
    expect(record.reason).toMatch(/was left alone: a run is at work \(a run outside GitHub, last seen at 20/);
    expect(record.endpoint).toBe(`http://127.0.0.1:${stage.port}`);
    expect(deploymentSchema.safeParse(record).error).toBeUndefined();
  }
  const looking = stage.spawn({ operation: 'reconcile' });
  expect(await looking.ended, looking.output()).toBe(0);
  expect(await stage.json('state.json')).toEqual(at);
  child.kill('SIGINT');
  expect(await ended).toBe(1);
});

test('a run from before this machine was started again holds nothing, though another process has its number', async () => {
  for (const group of await stage.processes()) sendSignal(group, 'SIGKILL');
  await vi.waitFor(() => expect(stage.ask()).rejects.toThrow(), { timeout: 20_000 });
  const [, started, place = ''] = ownIdentity().split('.');
  const [machine, , namespace] = place.split('-');
  const generation = stage.file(`serving/run.lock/${(await readdir(stage.file('serving/run.lock'))).length}`);
  const holdBy = (boot: string) =>
    writeFile(generation, `${process.pid}.${started}.${machine}-${boot}-${namespace}`);
  await holdBy(place.split('-')[1]!);
  await expect(stage.run({ model: second.uri })).rejects.toThrow('Another run of canary-deploy is at work');
  await holdBy('earlier');
  expect((await stage.run({ model: second.uri })).record.outcome).toBe('promoted');
});

test('a router and a champion that died are started again by the next run', async () => {
  for (const group of await stage.processes()) sendSignal(group, 'SIGKILL');
  await vi.waitFor(() => expect(stage.ask()).rejects.toThrow(), { timeout: 20_000 });
  const { record } = await stage.run({ model: second.uri });
  expect(record).toMatchObject({ outcome: 'promoted', serving: second.digest });
  expect((await stage.ask()).model).toBe('better');
});
