/** How long a run, and whoever looks after it, waits for a service that takes hours. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Rollout, rolloutSchema } from '../../../../shared/records/rollout.ts';
import { BY_SERVICE, type PreparedScenario, prepareScenario } from '../../fixtures/sagemaker-scenarios.ts';
import { type SageMakerWorld, startSageMakerWorld } from '../../fixtures/sagemaker-world.ts';
import { continueRollout } from '../../operations/continue.ts';
import { reconcile } from '../../operations/reconcile.ts';
import { run } from '../../operations/run.ts';

const MINUTE = 60_000;
const linear = (increment: number, bake: string): Rollout =>
  rolloutSchema.parse({ version: 1, strategy: 'linear', increment, bake });
const slow = linear(10, '30m');

let world: SageMakerWorld;
let prepared: PreparedScenario;
beforeEach(async () => {
  world = await startSageMakerWorld();
  prepared = await prepareScenario(world, { ...BY_SERVICE[0]!, rollout: slow });
});
afterEach(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
  expect(world.fake.hazards).toEqual([]);
});

const LOOKS = { continue: continueRollout, reconcile };
const later = async (how: keyof typeof LOOKS) => {
  const target = await world.open();
  const began = world.fake.now();
  const result = await LOOKS[how]({ ...world.situation(target), runUrl: 'https://x/2' }, prepared.challenger);
  return { result, minutes: (world.fake.now() - began) / MINUTE };
};

async function runFor(maxWaitMs: number) {
  const target = await world.open(prepared.inputs);
  const request = { ...(await world.request(prepared.challenger, slow)), maxWaitMs };
  return run({ ...world.situation(target), runUrl: 'https://x/1' }, request);
}

test.each(['continue', 'reconcile'] as const)(
  'at max-wait the rollout is left to the service, and %s settles how it ended',
  async (how) => {
    const began = world.fake.now();
    const result = await runFor(50 * MINUTE);
    expect((world.fake.now() - began) / MINUTE).toBeLessThan(52);
    expect(result).toMatchObject({ outcome: 'rolling', verdict: 'inconclusive' });
    expect(result.reason).toContain('max-wait is over, and SageMaker is still shifting the traffic');
    expect(result.events.at(-1)).toMatchObject({ kind: 'continue', weight: 20 });

    const early = await later(how);
    expect(early.minutes).toBeLessThan(1);
    expect(early.result).toMatchObject({ outcome: 'rolling', serving: prepared.champion!.digest });
    expect(early.result.reason).toContain('the service is shifting the traffic (the endpoint is Updating)');

    world.fake.advance(300 * MINUTE);
    expect((await later(how)).result).toMatchObject({
      outcome: 'settled',
      serving: prepared.challenger.digest,
    });
    expect((await world.registry.resolve('champion'))?.digest).toBe(prepared.challenger.digest);
    expect(await (await world.open()).read()).toMatchObject({ progress: undefined, challenger: null });
  },
);

test('a deployment that its alarms took back after max-wait leaves the alias where it was', async () => {
  expect((await runFor(50 * MINUTE)).outcome).toBe('rolling');
  world.fake.behave('model-package/churn/2', { errors: 0.5 });
  world.fake.advance(300 * MINUTE);
  expect((await later('reconcile')).result).toMatchObject({
    outcome: 'settled',
    serving: prepared.champion!.digest,
  });
  expect((await world.registry.resolve('champion'))?.digest).toBe(prepared.champion!.digest);
});

test('while the service goes on after a run was cancelled, whoever looks after it does not wait', async () => {
  const cancelled = new AbortController();
  let polls = 0;
  world.watch = ({ operation }) => {
    if (operation === 'DescribeEndpoint') polls += 1;
    if (polls === 30) cancelled.abort(new Error('cancelled'));
  };
  const target = await world.open(prepared.inputs, cancelled.signal);
  const left = await run(
    world.situation(target, cancelled.signal),
    await world.request(prepared.challenger, slow),
  );
  expect(left).toMatchObject({ outcome: 'rolling' });
  world.watch = undefined;
  const watched = await later('reconcile');
  expect(watched.result.reason).toContain('a run watches it (a run outside GitHub, last seen at');
  world.fake.advance(16 * MINUTE);
  const { result, minutes } = await later('reconcile');
  expect(minutes).toBeLessThan(1);
  expect(result.outcome).toBe('rolling');
  expect(result.reason).toContain('operation: continue or reconcile settles how it ends');
});

test('a plan that SageMaker would take back before its end is refused', async () => {
  const { byService } = await world.open(prepared.inputs);
  const rolling = await world.open({ ...prepared.inputs, trafficShifting: 'rolling' });
  expect(() => byService.refuse(linear(10, '1h'), () => ({}))).toThrow(
    '10 bakes of 60 minutes, and an hour for instances to come up, are more than the 8 hours',
  );
  expect(() => byService.refuse(linear(15, '1h'), () => ({}))).not.toThrow();
  expect(() => byService.refuse(linear(10, '42m'), () => ({}))).not.toThrow();
  expect(() => rolling.byService.refuse(linear(5, '22m'), () => ({}))).toThrow('20 bakes of 22 minutes');
  expect(() => rolling.byService.refuse(linear(5, '21m'), () => ({}))).not.toThrow();
});
