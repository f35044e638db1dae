/** Looks of a schedule at a target that keeps no looks, as SageMaker, while its metrics cannot be read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Rollout, rolloutSchema } from '../../../shared/records/rollout.ts';
import { challenger, champion, goOn, runOf, situationOf } from '../fixtures/fault-scenarios.ts';
import { Disturbance } from '../fixtures/faults.ts';
import { makeWorld, type World } from '../fixtures/memory-target.ts';
import { progressTags, readProgress } from '../targets/sagemaker/progress-tags.ts';
import type { OperationResult, Situation } from './operation.ts';

const MINUTE = 60_000;
const rolloutOf = (given: object): Rollout =>
  rolloutSchema.parse({ version: 1, analysis: { interval: '1m', max_extend: '40m' }, ...given });
const steps = [
  { weight: 20, bake: '2m' },
  { weight: 50, bake: '4m' },
];

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A job at a target in memory that keeps as much as tags do. */
function job(world: World, given: { isUnread?: () => boolean; scheduled?: boolean } = {}): Situation {
  const situation = situationOf(world, new Disturbance(undefined));
  const { target } = situation;
  const instead: Partial<Situation['target']> = {
    saveProgress: (progress) =>
      target.saveProgress(progress ? readProgress(progressTags(progress)) : undefined),
    windows: async (after, slowerThanMs) => {
      const windows = await target.windows(after, slowerThanMs);
      return given.isUnread?.() ? [] : windows;
    },
  };
  const few = new Proxy(target, {
    get: (of, name) => Reflect.get(name in instead ? instead : of, name),
  });
  const access = {
    env: { PATH: process.env.PATH },
    ...{ signal: new AbortController().signal, now: situation.now, wait: async () => {} },
  };
  const monitoring = { access, warn: () => {} };
  return { ...situation, target: few, scheduled: given.scheduled ?? true, monitoring };
}

async function lookUntil(world: World, isReached: (result: OperationResult) => boolean) {
  for (let count = 0; count < 30; count += 1) {
    const result = (await goOn(job(world), world))!;
    if (isReached(result)) return result;
  }
  throw new Error('it was never reached');
}

test.each([1, 2])(
  'evidence that answer %d does not hold is not forgotten: the rollout waits',
  async (nth) => {
    // With a threshold all windows are read twice.
    const rollout = rolloutOf({ steps, latency: { slower_than: '250ms' } });
    const world = makeWorld({ champion });
    await runOf(rollout, 0)(job(world), world);
    await lookUntil(world, () => world.split.weight === 50);
    let asked = 0;
    const before = world.windows.length;
    const isUnread = () => {
      asked += 1;
      return asked === nth;
    };
    const result = await goOn(job(world, { isUnread }), world);
    expect(result).toMatchObject({ outcome: 'rolling', verdict: 'inconclusive' });
    expect(result?.reason).toContain('could not be read (1 of 4 times)');
    expect(world).toMatchObject({ champion, challenger, split: { weight: 50 } });
    const after = await goOn(job(world), world);
    const seen = after?.state?.looks ?? [];
    expect(seen[0]).toMatchObject({ sequence: 1, step: 0 });
    expect(seen.length).toBeGreaterThan(before - 2);
    expect(JSON.parse(world.progress!)).not.toHaveProperty('readFailures');
  },
);

test('what a person said while the metrics could not be read is kept', async () => {
  const world = makeWorld({ champion });
  const rollout = rolloutOf({ steps: steps.map((step, index) => ({ ...step, pause: index === 0 })) });
  await runOf(rollout, 0)(job(world), world);
  await lookUntil(world, ({ outcome }) => outcome === 'paused');
  const isUnread = () => true;
  expect(await goOn(job(world, { isUnread }), world)).toMatchObject({ outcome: 'paused' });
  const said = await goOn(job(world, { isUnread, scheduled: false }), world);
  expect(said).toMatchObject({ outcome: 'rolling', verdict: 'inconclusive' });
  expect(said?.reason).toContain('that a person let it go on is kept');
  expect(world.split.weight).toBe(20);
  const next = await goOn(job(world), world);
  expect(next?.state?.events.map(({ kind }) => kind)).toContain('continue');
  expect(world.split.weight).toBe(50);
});

test('a target whose answers hold nothing at five looks in a row is given up', async () => {
  const world = makeWorld({ champion });
  await runOf(rolloutOf({ steps }), 0)(job(world), world);
  await lookUntil(world, () => world.split.weight === 50);
  const isUnread = () => true;
  for (let look = 1; look <= 4; look += 1) {
    const left = await goOn(job(world, { isUnread }), world);
    expect(left?.reason).toContain(`(${look} of 4 times)`);
    world.time += MINUTE;
  }
  const result = await goOn(job(world, { isUnread }), world);
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'error', serving: champion.digest });
  expect(result?.events).toMatchObject([{ kind: 'rollback', weight: 0 }]);
  expect(world).toMatchObject({ champion, challenger: null, progress: undefined, alias: champion.digest });
});

test('a source that fails at looks of several jobs is asked again, and given up in the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'resumable-'));
  folders.push(folder);
  const counts = join(folder, 'counts.json');
  await writeFile(counts, '{"requests": 400, "errors": 0}\n');
  const world = makeWorld({ champion });
  const rollout = rolloutOf({ steps, metrics: { command: `cat ${counts}` } });
  await runOf(rollout, 0)(job(world), world);
  world.time += 4 * MINUTE;
  await lookUntil(world, () => {
    world.time += MINUTE;
    return world.split.weight === 50;
  });
  await rm(counts);
  for (let look = 1; look <= 4; look += 1) {
    world.time += MINUTE;
    const left = await goOn(job(world), world);
    expect(left).toMatchObject({ outcome: 'rolling', verdict: 'inconclusive' });
    expect(left?.reason).toContain(`(${look} of 4 times)`);
  }
  world.time += MINUTE;
  const result = await goOn(job(world), world);
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'error', serving: champion.digest });
  expect(world).toMatchObject({ champion, challenger: null, progress: undefined });
});
