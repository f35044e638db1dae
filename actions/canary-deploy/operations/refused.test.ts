import { describe, expect, test } from 'vitest';
import { rolloutSchema } from '../../../shared/records/rollout.ts';
import { NOTHING_BEFORE } from '../before/checks.ts';
import { challenger, champion, situationOf } from '../fixtures/fault-scenarios.ts';
import { Disturbance } from '../fixtures/faults.ts';
import { makeWorld, type World } from '../fixtures/memory-target.ts';
import type { DeployedModel } from '../targets/target.ts';
import type { RunRequest } from './operation.ts';
import { run } from './run.ts';

const versionOf = (model: DeployedModel) => ({ ...model, version: '', aliases: ['champion'] });

/** A run of the challenger in a world where somebody moved the alias. */
function runOf(world: World, given: Partial<RunRequest>) {
  return run(situationOf(world, new Disturbance(undefined)), {
    model: challenger,
    aliased: versionOf(world.alias === challenger.digest ? challenger : champion),
    alias: 'champion',
    rollout: rolloutSchema.parse({ version: 1, steps: [{ weight: 50, bake: '1m' }] }),
    locate: () => ({}),
    traffic: undefined,
    overrideReason: null,
    before: NOTHING_BEFORE,
    maxWaitMs: Number.POSITIVE_INFINITY,
    gate: { allowed: false, reason: 'its Evaluation failed' },
    ...given,
  });
}

describe('a model that the gate refuses and that the alias names', () => {
  const alias = challenger.digest;

  test('is refused while another serves: who moves an alias does not stand in for the gate', async () => {
    const world = makeWorld({ champion, alias });
    const result = await runOf(world, {});
    expect(result).toMatchObject({ outcome: 'refused', verdict: 'fail', serving: champion.digest });
    expect(result.reason).toContain('its Evaluation failed');
    expect(world).toMatchObject({ champion, challenger: null });
  });

  test.each([
    ['where nothing serves', { champion: null }],
    ['that served before', { champion, previous: challenger }],
    ['that serves', { champion: challenger }],
  ])('serves %s: users must never be without the model that was theirs', async (_, given) => {
    const world = makeWorld({ ...given, alias });
    expect(await runOf(world, {})).toMatchObject({ outcome: 'promoted', serving: challenger.digest });
    expect(world.champion).toEqual(challenger);
  });

  test.each([
    ['where nothing serves', { champion: null }],
    ['that served before', { champion, previous: challenger }],
  ])('is refused even %s when it is unsafe', async (_, given) => {
    const world = makeWorld({ ...given, alias });
    const gate = { allowed: false, reason: 'it is not signed', unsafe: true };
    expect(await runOf(world, { gate })).toMatchObject({ outcome: 'refused' });
    expect(world.champion).toEqual(given.champion);
  });

  test('is what a promotion that was decided before is finished with', async () => {
    const world = makeWorld({ champion, challenger, alias });
    world.progress = JSON.stringify({
      ...{ version: 2, challenger, champion, alias: 'champion', rollout: null, overrideReason: null },
      ...{ phase: 'promoting', weights: [], state: null, startedAfter: 0 },
      driver: { runUrl: null, seenAt: '2020-01-01T00:00:00.000Z', kind: 'run' },
    });
    expect(await runOf(world, {})).toMatchObject({ outcome: 'promoted' });
    expect(world).toMatchObject({ champion: challenger, challenger: null });
  });
});

test('a champion that is not signed is not started to compare with', async () => {
  const world = makeWorld({ champion: null, alias: champion.digest });
  const refused = runOf(world, {
    gate: { allowed: true, reason: '' },
    signatureProblem: async (digest) => (digest === champion.digest ? 'It is not signed.' : undefined),
  });
  await expect(refused).rejects.toMatchObject({
    message: expect.stringContaining('It is not signed.'),
    where: { key: 'verification-key' },
  });
  expect(world).toMatchObject({ champion: null, challenger: null });
});
