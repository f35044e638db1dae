import { expect, test } from 'vitest';
import { rolloutSchema } from '../../shared/records/rollout.ts';
import { driveRollout } from './drive.ts';
import { beginRollout } from './engine/engine.ts';
import { makePlan } from './engine/plan.ts';
import { challenger, champion } from './fixtures/fault-scenarios.ts';
import { makeWorld, memoryTarget } from './fixtures/memory-target.ts';

test('a run that waits for windows stores again and again that it lives', async () => {
  const world = makeWorld({ champion, challenger });
  const plan = makePlan(
    rolloutSchema.parse({
      ...{ version: 1, steps: [{ weight: 50, bake: '1s' }], analysis: { interval: '100ms' } },
    }),
  );
  const ending = new AbortController();
  let asked = 0;
  const savedAt: number[] = [];
  const result = await driveRollout({
    target: {
      ...memoryTarget(world),
      windows: async () => {
        asked += 1;
        world.time += 50;
        if (asked === 12) ending.abort();
        return [];
      },
    },
    ...{ plan, state: beginRollout(plan, 0), weights: [], signal: ending.signal },
    now: () => new Date(world.time),
    progress: () => undefined,
    save: async () => void savedAt.push(asked),
  });
  // Before the first window is asked for, and then after two looks of 100 ms each time.
  expect(savedAt.slice(0, 4)).toEqual([0, 4, 8, 12]);
  expect(result.decision).toEqual({ kind: 'rollback', reason: 'the run was cancelled.' });
});
