/** Cancelling a rollout at any moment, as the runner does it, on a machine that goes on living. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CanaryStage } from './fixtures/canary-stage.ts';
import { cancelAsRunner, killTree } from './fixtures/cancel-as-runner.ts';
import { openTestRegistry, registerVersion } from './fixtures/registered-model.ts';
import { MOMENTS, spawnUntil, storedProgress } from './fixtures/rollout-moments.ts';

let stage: CanaryStage;
let models: Record<string, { digest: string; uri: string }>;

beforeAll(async () => {
  stage = await CanaryStage.create();
  models = {
    good: await registerVersion(stage.folder, { name: 'good' }, { evaluation: 'pass' }),
    better: await registerVersion(stage.folder, { name: 'better' }, { evaluation: 'pass' }),
  };
  await stage.run({ model: models.good!.uri });
});
afterAll(() => stage.close());

const aliased = async () => (await (await openTestRegistry(stage.folder)).aliases()).champion;

/** Everything that answers now; each answer must be one. */
async function answers(): Promise<string[]> {
  const seen = new Set<string>();
  for (let index = 0; index < 20; index += 1) {
    const { status, model } = await stage.ask();
    expect(status).toBe(200);
    seen.add(model);
  }
  return [...seen];
}

/** Begins a rollout of the other model, up to this moment or its end. */
async function rollOutUntil(moment: string) {
  const [serving] = await answers();
  const challenger = models[serving === 'good' ? 'better' : 'good']!;
  return { challenger, ...(await spawnUntil(stage, { model: challenger.uri }, MOMENTS[moment]!)) };
}

async function expectOneServes(story: string): Promise<void> {
  const [serving, ...more] = await answers();
  expect(more, story).toEqual([]);
  expect(models[serving!]!.digest, story).toBe(await aliased());
  expect((await stage.json('state.json')).challenger, story).toBeNull();
  expect(await storedProgress(stage), story).toBeUndefined();
  expect((await stage.processes()).length, story).toBe(2);
}

describe('cancelled as the runner does it', () => {
  test.each(Object.keys(MOMENTS))('%s: one model has all traffic', async (moment) => {
    const { child, ended, output } = await rollOutUntil(moment);
    expect(await cancelAsRunner(child, ended), output()).toBe('SIGINT');
    await expectOneServes(output());
  });
});

describe('killed with all its children, where it does not end in time', () => {
  test.each(Object.keys(MOMENTS).slice(1))(
    '%s: somebody answers, and a re-run settles it',
    async (moment) => {
      const { challenger, child, ended, output } = await rollOutUntil(moment);
      killTree(child);
      await ended;
      expect((await answers()).length, output()).toBeGreaterThan(0);
      await stage.run({ model: challenger.uri });
      await expectOneServes(output());
    },
  );
});
