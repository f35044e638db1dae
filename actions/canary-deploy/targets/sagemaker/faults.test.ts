import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolloutSchema } from '../../../../shared/records/rollout.ts';
import { AwsFault, type CallFault } from '../../../../shared/testing/aws/aws-fault.ts';
import {
  NAME,
  type SageMakerWorld,
  startSageMakerWorld,
  takeSnapshot,
} from '../../fixtures/sagemaker-world.ts';
import { reconcile } from '../../operations/reconcile.ts';
import { run } from '../../operations/run.ts';
import type { DeployedModel } from '../target.ts';

const FAULTS = [
  'fails',
  'throttled',
  'hangs',
  'takes effect and times out',
  'killed before',
  'killed after',
] as const;
type Fault = (typeof FAULTS)[number];
/** All cases take many minutes: by default every 149th is played; `MLOPS_TEST_FAULT_STRIDE=1` plays them all. */
const STRIDE = Number(process.env.MLOPS_TEST_FAULT_STRIDE ?? 149);
const OFFSET = Number(process.env.MLOPS_TEST_FAULT_OFFSET ?? 0);
const WRITES =
  /^(CreateModel|CreateEndpoint|CreateEndpointConfig|UpdateEndpoint\w*|AddTags|DeleteTags|DeleteEndpointConfig|DeleteModel|\w*ScalableTarget|PutScalingPolicy)$/;
const RECOVERIES = ['run again', 'reconcile'] as const;

const rollout = rolloutSchema.parse({
  version: 1,
  steps: [{ weight: 50, bake: '1m' }],
  analysis: { interval: '1m', max_extend: '20m', min_requests: 20 },
  errors: { absolute_margin: 0.05 },
});

let world: SageMakerWorld;
let first: DeployedModel;
let second: DeployedModel;
let restoreSnapshot: () => void;

beforeAll(async () => {
  const times = { launchMs: 2000, weightsMs: 1000, rollbackMs: 2000, deleteMs: 1000 };
  world = await startSageMakerWorld({ trafficPerMinute: 200, times });
  first = await world.register('good');
  second = await world.register('next');
  const target = await world.open();
  await run(world.situation(target), await world.request(first, rollout));
  const ServiceNamespace = 'sagemaker';
  const ScalableDimension = 'sagemaker:variant:DesiredInstanceCount';
  const ResourceId = `endpoint/${NAME}/variant/${target.serverName('champion')}`;
  const key = { ServiceNamespace, ResourceId, ScalableDimension };
  world.fake.state.scaling.targets.set(Object.values(key).join(' '), {
    ...{
      ...key,
      MinCapacity: 1,
      MaxCapacity: 4,
      RoleARN: 'arn:aws:iam::123456789012:role/scaling',
      CreationTime: 0,
    },
  });
  restoreSnapshot = takeSnapshot(world.fake);
});
afterAll(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
});

/** What goes wrong with the calls of one run. @param calls is told of each. */
function faultAt(fault: Fault | undefined, at: number, calls: string[]): SageMakerWorld['fault'] {
  let isDead = false;
  return ({ service, operation }): CallFault => {
    if (isDead) return 'drop-before';
    calls.push(`${service} ${operation}`);
    if (fault === undefined || calls.length !== at) return 'none';
    isDead = fault.startsWith('killed');
    switch (fault) {
      case 'fails':
        return new AwsFault('InternalFailure', 'The request processing has failed', 500);
      case 'throttled':
        return new AwsFault('ThrottlingException', 'Rate exceeded');
      // Whether a connection breaks or is silent is told apart where the target writes: each silence takes its time.
      case 'hangs':
        return WRITES.test(operation) ? 'hang-before' : 'drop-before';
      case 'takes effect and times out':
        return WRITES.test(operation) ? 'hang-after' : 'drop-after';
      case 'killed after':
        return 'drop-after';
      case 'killed before':
        return 'drop-before';
    }
  };
}

async function runOnce() {
  const target = await world.open();
  const request = await world.request(second, rollout);
  return run(world.situation(target), request);
}

/** All traffic at one model, nothing is left over unnamed, and the alias names the model that serves. */
async function expectSettled(story: string): Promise<string> {
  const target = await world.open();
  const found = await target.read();
  expect(found, story).toMatchObject({ challenger: null, weight: 0, progress: undefined });
  const serving = world.fake.serving(NAME);
  expect(
    serving.map(({ share }) => share),
    story,
  ).toEqual([1]);
  expect((await world.registry.resolve('champion'))?.digest, story).toBe(found.champion!.digest);
  const scaled = [...world.fake.state.scaling.targets.values()].map(({ ResourceId }) => ResourceId);
  expect(scaled, story).toEqual([`endpoint/${NAME}/variant/${serving[0]!.variant}`]);
  expect(world.fake.hazards, story).toEqual([]);
  return found.champion!.digest;
}

describe.each([
  { title: 'an equal challenger', errors: 0 },
  { title: 'a failing challenger', errors: 0.5 },
])('$title, with every call to AWS going wrong in every way', ({ title, errors }) => {
  test('ends at one model with all traffic after a re-run or reconcile', { timeout: 600_000 }, async () => {
    world.fake.behave(`model-package/${NAME}/2`, { errors });
    const calls: string[] = [];
    restoreSnapshot();
    world.fault = faultAt(undefined, 0, calls);
    await runOnce();
    world.fault = undefined;
    const ends = await expectSettled('undisturbed');
    expect(ends).toBe(errors === 0 ? second.digest : first.digest);
    expect(calls.length).toBeGreaterThan(40);
    const all = calls.flatMap((call, index) =>
      FAULTS.flatMap((fault) => RECOVERIES.map((recovery) => ({ call, index, fault, recovery }))),
    );
    const failures: string[] = [];
    let cases = 0;
    for (const { call, index, fault, recovery } of all.filter(
      (_, number) => number % STRIDE === OFFSET % STRIDE,
    )) {
      const story = `call ${index + 1} (${call}) ${fault}, then ${recovery}`;
      try {
        restoreSnapshot();
        world.fault = faultAt(fault, index + 1, []);
        await runOnce().catch(() => undefined);
        world.fault = undefined;
        expect(world.fake.serving(NAME), story).not.toEqual([]);
        if (recovery === 'run again') {
          await runOnce();
          expect(await expectSettled(story), story).toBe(ends);
        } else {
          world.fake.advance(7_200_000);
          await reconcile(world.situation(await world.open()), undefined);
          await expectSettled(story);
        }
      } catch (error) {
        failures.push(`${story}: ${String(error).slice(0, 500)}`);
        world.fake.hazards.length = 0;
      }
      cases += 1;
    }
    console.info(`${title}: ${calls.length} calls, ${cases} of ${all.length} cases`);
    expect(failures).toEqual([]);
  });
});
