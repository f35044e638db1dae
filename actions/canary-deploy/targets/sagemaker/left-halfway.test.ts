import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeUserError, UserError } from '../../../../shared/errors.ts';
import { rolloutSchema } from '../../../../shared/records/rollout.ts';
import { AwsFault } from '../../../../shared/testing/aws/aws-fault.ts';
import { CheckFailed } from '../../before/checks.ts';
import { NAME, type SageMakerWorld, startSageMakerWorld } from '../../fixtures/sagemaker-world.ts';
import { abortByHand } from '../../operations/by-hand.ts';
import { reconcile } from '../../operations/reconcile.ts';
import { run } from '../../operations/run.ts';

const rollout = rolloutSchema.parse({
  ...{ version: 1, steps: [{ weight: 20, bake: '5m' }] },
  analysis: { interval: '1m', max_extend: '60m' },
});
const EXPIRED = new AwsFault(
  'ExpiredTokenException',
  'The security token included in the request is expired',
);

let world: SageMakerWorld;
beforeEach(async () => {
  world = await startSageMakerWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
});

test.each(['abort', 'reconcile'] as const)(
  'credentials that expire in the middle leave what serves, say so, and %s ends it',
  async (how) => {
    const first = await world.register('good');
    await run(world.situation(await world.open()), await world.request(first, rollout));
    const second = await world.register('next');
    const target = await world.open();
    const { windows } = target;
    let looks = 0;
    target.windows = async (...given) => {
      looks += 1;
      if (looks === 3) world.fault = () => EXPIRED;
      return windows.apply(target, given);
    };
    const error = await run(world.situation(target), await world.request(second, rollout)).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    const said = describeUserError(error);
    expect(said).toMatch(
      /^The AWS credentials expired before they could .*, so the endpoint churn serves on as it was left: the challenger v-\w+ has 20 % of the requests, and the champion v-\w+ answers the others\./,
    );
    expect(said).toContain('operation: abort');
    expect(said).toContain('operation: reconcile');
    expect(world.fake.serving(NAME).map(({ share }) => share)).toEqual([0.8, 0.2]);

    world.fault = undefined;
    const fresh = await world.open();
    if (how === 'abort') await abortByHand(world.situation(fresh));
    else {
      const early = await reconcile(world.situation(fresh), undefined);
      expect(early.reason).toContain('a run is at work');
      world.fake.advance(3_600_000);
      await reconcile(world.situation(fresh), undefined);
    }
    expect(await fresh.read()).toMatchObject({ champion: first, challenger: null, progress: undefined });
    expect(world.fake.serving(NAME).map(({ share }) => share)).toEqual([1]);
    expect(await fresh.unused()).toEqual([]);
    expect(world.fake.hazards).toEqual([]);
  },
);

test('a first endpoint whose check fails never served anybody: it is removed, and named', async () => {
  const first = await world.register('good');
  const target = await world.open();
  const { prepare } = target;
  target.prepare = (model, windowMs) =>
    prepare.call(target, model, windowMs, async () => {
      throw new CheckFailed('it answered nonsense');
    });
  const result = await run(world.situation(target), await world.request(first, rollout));
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail', serving: null });
  expect(result.reason).toBe(
    'The model was not given any traffic: it answered nonsense. Removed again: the endpoint churn, which had served nobody yet.',
  );
  expect(world.fake.state.endpoints.size).toBe(0);
  expect(world.fake.state.configs.size).toBe(0);
  expect(await target.unused()).toEqual([]);
});

test('an endpoint that others made, and one that served, are never removed with a challenger that fails', async () => {
  const first = await world.register('good');
  await run(world.situation(await world.open()), await world.request(first, rollout));
  const second = await world.register('next');
  const target = await world.open();
  await target.read();
  const failing = target.prepare(second, 60_000, async () => {
    throw new CheckFailed('it answered nonsense');
  });
  await expect(failing).rejects.toThrow('nonsense');
  expect(await target.read()).toMatchObject({ champion: first, challenger: null });
  expect(target.undone()).toEqual([]);
  expect(world.fake.hazards).toEqual([]);
});
