/** A run at work while another operation, which waits for no concurrency group, ends its rollout. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rolloutSchema } from '../../../../shared/records/rollout.ts';
import { NAME, type SageMakerWorld, startSageMakerWorld } from '../../fixtures/sagemaker-world.ts';
import { abortByHand } from '../../operations/by-hand.ts';
import { run } from '../../operations/run.ts';
import type { DeployedModel } from '../target.ts';
import type { SageMakerTarget } from './sagemaker-target.ts';

const canary = rolloutSchema.parse({ version: 1, steps: [{ weight: 50, bake: '10m' }] });
const blueGreen = rolloutSchema.parse({
  ...{ version: 1, strategy: 'blue-green', watch: '20m', errors: { ceiling: 0.05 } },
});
const shadow = rolloutSchema.parse({ version: 1, strategy: 'shadow', watch: '20m' });
const CHANGED = 'Another run changed the rollout at the endpoint churn';

let world: SageMakerWorld;
let first: DeployedModel;
let second: DeployedModel;
beforeEach(async () => {
  world = await startSageMakerWorld();
  first = await world.register('good');
  await run(world.situation(await world.open()), await world.request(first, canary));
  second = await world.register('better');
  world.fake.advance(300_000);
});
afterEach(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
  expect(world.fake.hazards).toEqual([]);
});

/** Something that happens before a call of the target, once. */
function before<Name extends 'windows' | 'promote'>(
  target: SageMakerTarget,
  { call, count = 1 }: { call: Name; count?: number },
  happens: () => Promise<unknown>,
) {
  const inner = target[call] as (...given: unknown[]) => Promise<unknown>;
  let calls = 0;
  Object.assign(target, {
    [call]: async (...given: unknown[]) => {
      calls += 1;
      if (calls === count) await happens();
      return inner.apply(target, given);
    },
  });
}

const abort = async () => {
  const result = await abortByHand(world.situation(await world.open()));
  expect(result.outcome).toBe('rolled-back');
};

test.each([
  ['a canary', canary],
  ['blue-green', blueGreen],
  ['a shadow', shadow],
])('%s that a person aborts is left by its run, which moves nothing any more', async (_, rollout) => {
  const target = await world.open();
  before(target, { call: 'windows', count: 6 }, abort);
  await expect(run(world.situation(target), await world.request(second, rollout))).rejects.toThrow(CHANGED);
  const later = await world.open();
  expect(await later.read()).toMatchObject({ champion: first, challenger: null, progress: undefined });
  expect((await world.registry.resolve('champion'))?.digest).toBe(first.digest);
  expect(world.fake.serving(NAME)).toHaveLength(1);
  expect(await later.unused()).toEqual([]);
});

test('another rollout that begins after an abort is neither overwritten nor promoted', async () => {
  const third = await world.register('third');
  world.fake.behave(`model-package/${NAME}/3`, { errors: 1 });
  const slow = rolloutSchema.parse({ version: 1, steps: [{ weight: 5, bake: '300m' }] });
  const target = await world.open();
  before(target, { call: 'windows', count: 6 }, async () => {
    await abort();
    const request = await world.request(third, slow);
    const begun = await run(world.situation(await world.open()), { ...request, maxWaitMs: 0 });
    expect(begun.outcome).toBe('rolling');
  });
  await expect(run(world.situation(target), await world.request(second, blueGreen))).rejects.toThrow(CHANGED);
  expect(await (await world.open()).read()).toMatchObject({
    ...{ champion: first, challenger: third, weight: 5, progress: { challenger: third } },
  });
  expect((await world.registry.resolve('champion'))?.digest).toBe(first.digest);
});

test('a promotion that a person takes back after its alias has moved is not gone on with', async () => {
  const target = await world.open();
  before(target, { call: 'promote' }, abort);
  await expect(run(world.situation(target), await world.request(second, canary))).rejects.toThrow(CHANGED);
  expect(await (await world.open()).read()).toMatchObject({ champion: first, challenger: null });
  expect((await world.registry.resolve('champion'))?.digest).toBe(first.digest);
});

test('a challenger that somebody took away by other means is not promoted', async () => {
  const target = await world.open();
  const { champion } = await target.read();
  const { config } = world.fake.state.endpoints.get(NAME)!;
  before(target, { call: 'windows', count: 6 }, async () => {
    const { SageMakerClient, UpdateEndpointCommand } = await import('@aws-sdk/client-sagemaker');
    const settings = { endpoint: world.fake.url, region: world.env.AWS_REGION ?? '' };
    const client = new SageMakerClient({
      ...{ ...settings, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    });
    await client.send(new UpdateEndpointCommand({ EndpointName: NAME, EndpointConfigName: config }));
    world.fake.advance(600_000);
  });
  const result = await run(world.situation(target), await world.request(second, blueGreen));
  expect(result).toMatchObject({ outcome: 'rolled-back', serving: champion?.digest });
  expect((await world.registry.resolve('champion'))?.digest).toBe(first.digest);
  expect(await (await world.open()).read()).toMatchObject({
    champion: first,
    challenger: null,
    progress: undefined,
  });
});
