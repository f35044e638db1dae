import { expect, test } from 'vitest';
import { challenger as bad, champion as good, situationOf } from '../fixtures/fault-scenarios.ts';
import { Disturbance } from '../fixtures/faults.ts';
import { makeWorld, type World } from '../fixtures/memory-target.ts';
import { rollBackByHand } from './by-hand.ts';

const rollBack = (world: World) => rollBackByHand(situationOf(world, new Disturbance(undefined)), 'champion');

test('a rollback that is asked for twice does not serve once more what was gone away from', async () => {
  const world = makeWorld({ champion: bad, previous: good });
  expect(await rollBack(world)).toMatchObject({ outcome: 'rolled-back', serving: good.digest });
  const after = structuredClone(world);
  const again = await rollBack(world);
  expect(again).toMatchObject({
    ...{ outcome: 'rolled-back', verdict: 'pass', serving: good.digest },
    alias: { name: 'champion', moved: false },
    reason: expect.stringMatching(/^Nothing was to be done.*run canary-deploy with it/),
  });
  expect(world).toEqual(after);
});

test('a version that was promoted after a rollback can be gone back from', async () => {
  const world = makeWorld({ champion: bad, previous: good });
  await rollBack(world);
  const at = new Date(1).toISOString();
  Object.assign(world, { champion: bad, previous: good, alias: bad.digest });
  world.moves.push({ to: bad.digest, from: good.digest, at, operation: 'promote' });
  expect(await rollBack(world)).toMatchObject({ outcome: 'rolled-back', serving: good.digest });
  expect(world.alias).toBe(good.digest);
});
