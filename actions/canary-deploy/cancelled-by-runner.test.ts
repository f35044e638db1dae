/** Cancelling a rollout at any moment, as the runner does it, on a machine that goes on living. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CanaryStage } from './fixtures/canary-stage.ts';
import { cancelAsRunner, killTree } from './fixtures/cancel-as-runner.ts';
import { openTestRegistry, registerVersion } from './fixtures/registered-model.ts';

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

interface Stored {
  phase: string;
  state: { step: number; looks: unknown[] } | null;
}
const stored = async () => (await stage.json('progress.json').catch(() => undefined)) as Stored | undefined;
const looksOf = async () => (await stored())?.state?.looks.length ?? 0;

/** By what is stored, so that the speed of the machine does not matter. */
const MOMENTS: [string, () => Promise<boolean>][] = [
  ['when it has just begun', async () => true],
  ['when it is noted', async () => (await stored()) !== undefined],
  ['while the challenger starts', async () => (await stage.json('state.json')).challenger !== null],
  [
    'when it gets its first traffic',
    async () => (await stored())?.state !== undefined && (await stored())?.state !== null,
  ],
  ['after the first look', async () => (await looksOf()) >= 1],
  ['after the third look', async () => (await looksOf()) >= 3],
  ['in the second step', async () => ((await stored())?.state?.step ?? 0) >= 1],
  ['late in the second step', async () => (await looksOf()) >= 7],
  ['while it is promoted', async () => (await stored())?.phase === 'promoting'],
];

/** Begins a rollout of the other model, up to this moment or its end. */
async function rollOutUntil(reached: () => Promise<boolean>) {
  const [serving] = await answers();
  const challenger = models[serving === 'good' ? 'better' : 'good']!;
  const { child, ended, output } = stage.spawn({ model: challenger.uri });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  while (!isOver && !(await reached())) await delay(2);
  return { challenger, child, ended, output };
}

async function expectOneServes(story: string): Promise<void> {
  const [serving, ...more] = await answers();
  expect(more, story).toEqual([]);
  expect(models[serving!]!.digest, story).toBe(await aliased());
  expect((await stage.json('state.json')).challenger, story).toBeNull();
  expect(await stored(), story).toBeUndefined();
  expect((await stage.processes()).length, story).toBe(2);
}

describe('cancelled as the runner does it', () => {
  test.each(MOMENTS)('%s: one model has all traffic', async (_, reached) => {
    const { child, ended, output } = await rollOutUntil(reached);
    expect(await cancelAsRunner(child, ended), output()).toBe('SIGINT');
    await expectOneServes(output());
  });
});

describe('killed with all its children, where it does not end in time', () => {
  test.each(MOMENTS.slice(1))('%s: somebody answers, and a re-run settles it', async (_, reached) => {
    const { challenger, child, ended, output } = await rollOutUntil(reached);
    killTree(child);
    await ended;
    expect((await answers()).length, output()).toBeGreaterThan(0);
    await stage.run({ model: challenger.uri });
    await expectOneServes(output());
  });
});
