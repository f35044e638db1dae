/** Looks of a schedule, each a job of its own that knows no more than the endpoint and CloudWatch tell. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Rollout, rolloutSchema } from '../../../../shared/records/rollout.ts';
import { makePlan } from '../../engine/plan.ts';
import { replay } from '../../engine/replay.ts';
import { NAME, type SageMakerWorld, startSageMakerWorld } from '../../fixtures/sagemaker-world.ts';
import { continueRollout } from '../../operations/continue.ts';
import type { OperationResult, Situation } from '../../operations/operation.ts';
import { run } from '../../operations/run.ts';
import type { DeployedModel } from '../target.ts';

const plain = rolloutSchema.parse({ version: 1, steps: [{ weight: 20, bake: '2m' }] });

let world: SageMakerWorld;
let second: DeployedModel;
beforeEach(async () => {
  world = await startSageMakerWorld();
  const first = await world.register('good');
  await run(world.situation(await world.open()), await world.request(first, plain));
  second = await world.register('better');
  world.fake.advance(300_000);
});
afterEach(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
  expect(world.fake.hazards).toEqual([]);
});

/** A job on a target as it is, in which no time passes. */
async function situation(): Promise<Situation> {
  const target = await world.open();
  const around = world.situation(target);
  const wait = async (milliseconds: number) => delay(Math.min(1, milliseconds));
  const access = { env: world.env, signal: around.signal, now: around.now, wait };
  return { ...around, target, monitoring: { access, warn: (message) => void world.said.push(message) } };
}

async function begin(rollout: Rollout): Promise<void> {
  const request = { ...(await world.request(second, rollout)), maxWaitMs: 0 };
  expect((await run(await situation(), request)).outcome).toBe('rolling');
}

async function look(minutes: number, scheduled = true): Promise<OperationResult> {
  world.fake.advance(minutes * 60_000);
  const result = await continueRollout({ ...(await situation()), scheduled }, second);
  if (result.state && result.rollout) {
    const { looks, slowerThanMs } = result.state;
    expect(replay(makePlan(result.rollout), { looks, slowerThanMs }).difference).toBeNull();
  }
  return result;
}

const weight = async () => (await (await world.open()).read()).weight;

test.each([1, 2, 3, 6])(
  'what a person let go on is not taken back by a look %d minutes later',
  async (minutes) => {
    const rollout = rolloutSchema.parse({
      ...{ version: 1, analysis: { interval: '1m', max_extend: '40m' } },
      steps: [
        { weight: 20, bake: '2m', pause: true },
        { weight: 50, bake: '20m' },
      ],
    });
    await begin(rollout);
    expect((await look(10)).outcome).toBe('paused');
    expect((await look(10)).outcome).toBe('paused');
    expect((await look(3, false)).outcome).toBe('rolling');
    expect(await weight()).toBe(50);
    expect((await look(minutes)).outcome).toBe('rolling');
    expect(await weight()).toBe(50);
    expect((await look(10)).outcome).toBe('rolling');
    expect((await look(15)).outcome).toBe('promoted');
  },
);

test('an approval that comes before the evidence is kept, and nobody is asked again', async () => {
  const rollout = rolloutSchema.parse({
    ...{ version: 1, analysis: { interval: '1m', max_extend: '40m', min_requests: 2000 } },
    steps: [
      { weight: 20, bake: '2m', pause: true },
      { weight: 50, bake: '2m' },
    ],
  });
  await begin(rollout);
  let result = await look(10);
  while (result.outcome === 'rolling') result = await look(5);
  expect(result.outcome).toBe('paused');
  expect((await look(1, false)).outcome).toBe('rolling');
  for (result = await look(1); result.outcome === 'rolling'; ) result = await look(5);
  expect(result.outcome).toBe('promoted');
});

test('evidence that CloudWatch does not give at one look is waited for, and an approval meanwhile is kept', async () => {
  const rollout = rolloutSchema.parse({
    ...{ version: 1, analysis: { interval: '1m', max_extend: '40m' } },
    steps: [
      { weight: 20, bake: '2m', pause: true },
      { weight: 50, bake: '5m' },
    ],
  });
  await begin(rollout);
  expect((await look(10)).outcome).toBe('paused');
  const around = await situation();
  const { target } = around;
  // What metricWindows gives where CloudWatch says PartialData.
  target.windows = async () => [];
  const left = await continueRollout(around, second);
  expect(left).toMatchObject({ outcome: 'rolling', verdict: 'inconclusive' });
  expect(left.reason).toContain('could not be read (1 of 4 times)');
  expect(await weight()).toBe(20);
  const next = await look(3);
  expect(next.state!.looks[0]).toMatchObject({ step: 0, weight: 20 });
  expect(await weight()).toBe(50);
  expect((await look(15)).outcome).toBe('promoted');
});

const measured = (max: number) =>
  rolloutSchema.parse({
    ...{ version: 1, analysis: { interval: '1m', max_extend: '15m' } },
    steps: [
      { weight: 20, bake: '2m' },
      { weight: 50, bake: '5m' },
    ],
    metrics: { cloudwatch: { region: 'eu-central-1' } },
    servers: [
      {
        ...{ name: 'requests', max, looks: 2 },
        metric: {
          ...{ namespace: 'AWS/SageMaker', name: 'Invocations', statistic: 'Sum' },
          dimensions: { EndpointName: NAME, VariantName: '$server' },
        },
      },
    ],
  });

test('limits of servers are measured at every look, also of those that a job only computes once more', async () => {
  await begin(measured(1e9));
  let result = await look(10);
  while (result.outcome === 'rolling') result = await look(10);
  expect(result.outcome).toBe('promoted');
  for (const { servers } of result.state!.looks) expect(servers.requests).toBeGreaterThan(0);
});

test('a server beyond its limit at as many looks as it may takes the challenger back', async () => {
  await begin(measured(5));
  const result = await look(10);
  expect(result.outcome).toBe('rolled-back');
  expect(result.reason).toContain("requests of the challenger's server was");
  expect(result.state!.looks).toHaveLength(2);
});
