import { expect, test } from 'vitest';
import {
  canary,
  challenger,
  champion,
  goOn,
  reconcileNow,
  runOf,
  situationOf,
} from '../fixtures/fault-scenarios.ts';
import { Disturbance } from '../fixtures/faults.ts';
import { makeWorld } from '../fixtures/memory-target.ts';
import type { Situation } from './operation.ts';

const HOUR = 3_600_000;
const NEVER = { outcome: 'rolling', verdict: 'inconclusive' };

/** A rollout that a run left to `operation: continue`. */
async function leftToSchedule() {
  const world = makeWorld({ champion });
  const now = (change: Partial<Situation> = {}): Situation => ({
    ...situationOf(world, new Disturbance(undefined)),
    ...change,
  });
  await runOf(canary, 0)(now(), world);
  expect(world.split.weight).toBe(20);
  return { world, now };
}

test('a rollout that no schedule looks at is taken back after hours, and the reason says so', async () => {
  const { world, now } = await leftToSchedule();
  world.time += 2.9 * HOUR;
  expect(await reconcileNow(now(), world)).toMatchObject({
    ...NEVER,
    reason: expect.stringContaining('operation: continue goes on with it'),
  });
  world.time += 2.6 * HOUR;
  expect(await reconcileNow(now(), world)).toMatchObject({
    ...{ outcome: 'settled', verdict: 'pass', serving: champion.digest },
    reason: expect.stringMatching(/rolled back, since no operation: continue has looked at it for 5 hours/),
  });
  expect(world).toMatchObject({ champion, challenger: null, progress: undefined });
});

test('each look of a schedule counts anew, however late it comes', async () => {
  const { world, now } = await leftToSchedule();
  world.time += 2.9 * HOUR;
  expect(await goOn(now(), world)).toMatchObject(NEVER);
  world.time += 2.9 * HOUR;
  expect(await reconcileNow(now(), world)).toMatchObject(NEVER);
  expect(world.challenger).toEqual(challenger);
});

test('who expects a schedule more seldom says so by stale-after', async () => {
  const { world, now } = await leftToSchedule();
  world.time += 20 * HOUR;
  expect(await reconcileNow(now({ staleAfterMs: 24 * HOUR }), world)).toMatchObject(NEVER);
  world.time += 5 * HOUR;
  expect((await reconcileNow(now({ staleAfterMs: 24 * HOUR }), world))?.outcome).toBe('settled');
});

test('looks that are longer than that are waited for', async () => {
  const { world, now } = await leftToSchedule();
  const progress = JSON.parse(world.progress!);
  progress.rollout.analysis.interval = '4h';
  world.progress = JSON.stringify(progress);
  world.time += 11 * HOUR;
  expect(await reconcileNow(now(), world)).toMatchObject(NEVER);
});
