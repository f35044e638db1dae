import { afterEach, beforeEach, expect, test } from 'vitest';
import { deploymentSchema } from '../../../../shared/records/deployment.ts';
import { rolloutSchema } from '../../../../shared/records/rollout.ts';
import { renderSection } from '../../../../shared/report/section.ts';
import { NAME, type SageMakerWorld, startSageMakerWorld } from '../../fixtures/sagemaker-world.ts';
import { makeRecord } from '../../make-record.ts';
import { reconcile } from '../../operations/reconcile.ts';
import { run } from '../../operations/run.ts';
import { refuseUnable } from '../../refuse-unable.ts';
import { report } from '../../report.ts';
import type { DeployedModel } from '../target.ts';

const rollout = rolloutSchema.parse({
  ...{ version: 1, strategy: 'shadow', watch: '3m', latency: {} },
  analysis: { interval: '1m', max_extend: '60m' },
});

let world: SageMakerWorld;
let first: DeployedModel;
let second: DeployedModel;
beforeEach(async () => {
  world = await startSageMakerWorld();
  first = await world.register('good');
  await run(world.situation(await world.open()), await world.request(first, rollout));
  second = await world.register('next');
});
afterEach(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
  expect(world.fake.hazards).toEqual([]);
});

const behave = (behaviour: Parameters<SageMakerWorld['fake']['behave']>[1]) =>
  world.fake.behave(`model-package/${NAME}/2`, behaviour);

test('an equal shadow answers nobody until it is promoted', async () => {
  const target = await world.open();
  const { windows } = target;
  let sharesWhileShadow: number[] = [];
  target.windows = async (...given) => {
    const serving = world.fake.serving(NAME);
    const shadow = serving.find(({ isShadow }) => isShadow);
    if (shadow) sharesWhileShadow = [...sharesWhileShadow, shadow.share];
    return windows.apply(target, given);
  };
  const result = await run(world.situation(target), await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'promoted', serving: second.digest });
  expect(new Set(sharesWhileShadow)).toEqual(new Set([1]));
  const mirrored = result.state!.looks.filter(({ step }) => step === 0);
  expect(mirrored.length).toBeGreaterThanOrEqual(3);
  for (const look of mirrored) {
    expect(look).toMatchObject({ mirrored: true, weight: 0 });
    expect(look.champion.requests).toBe(600);
    expect(look.challenger.requests).toBe(600);
  }
  expect(result.state!.looks.some(({ step, mirrored }) => step < 0 && mirrored)).toBe(false);
  expect(await target.read()).toMatchObject({ champion: second, challenger: null, previous: first });
  expect(world.fake.serving(NAME).map(({ isShadow, share }) => [isShadow, share])).toEqual([[false, 1]]);
  expect(await target.unused()).toEqual([]);
});

test('a failing shadow is rolled back, nobody saw an error of it, and the report says what was judged', async () => {
  behave({ errors: 0.3 });
  const target = await world.open();
  const result = await run(world.situation(target), await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail', serving: first.digest });
  expect(world.fake.state.configs.size).toBe(1);
  expect(world.fake.state.models.size).toBe(1);
  const record = makeRecord(result, {
    ...{ name: NAME, operation: 'run', target: 'sagemaker', endpoint: target.address() },
    source: { repository: null, commit: null, runUrl: null },
    createdAt: new Date(world.fake.now()),
  });
  expect(deploymentSchema.safeParse(record).error).toBeUndefined();
  const text = renderSection(report(record));
  expect(text).toContain("Judged on copies of the champion's requests: errors and latency");
  expect(text).toContain('What it answered was not compared');
});

test('a slow shadow is rolled back', async () => {
  behave({ latencyMicros: () => 900_000 });
  const result = await run(world.situation(await world.open()), await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'rolled-back', serving: first.digest });
  expect(result.reason).toContain('slow');
});

test('minutes in which copies are missing are not judged, and are no pass', async () => {
  const target = await world.open();
  const { windows } = target;
  const request = await world.request(second, {
    ...rollout,
    analysis: { ...rollout.analysis, max_extend: '10m' },
  });
  target.windows = async (...given) => {
    // Half of the copies are lost on their way.
    const [endpoint] = world.fake.state.endpoints.values();
    for (const shadow of endpoint?.fleet?.shadows ?? []) shadow.weight = 50;
    for (const shadow of endpoint?.fleet?.shadows ?? []) shadow.desiredWeight = 50;
    return windows.apply(target, given);
  };
  const result = await run(world.situation(target), request);
  expect(result.outcome).toBe('rolled-back');
  const judged = result.state!.looks.filter(({ step }) => step === 0);
  expect(judged.length).toBeGreaterThan(10);
  expect(judged.slice(1).every(({ challenger }) => challenger.requests === 0)).toBe(true);
  expect(world.said.join('\n')).toMatch(/\d+ of 600 copies were counted: that time is not judged/);
});

test('a run that died with a shadow is taken up again, or reconciled', async () => {
  const target = await world.open();
  const situation = world.situation(target);
  const { saveProgress } = target;
  let saves = 0;
  target.saveProgress = async (progress) => {
    await saveProgress.call(target, progress);
    saves += 1;
    if (saves >= 7) throw new Error('killed');
  };
  target.restore = async () => {
    throw new Error('killed');
  };
  await expect(run(situation, await world.request(second, rollout))).rejects.toThrow('killed');
  expect(world.fake.serving(NAME).some(({ isShadow }) => isShadow)).toBe(true);
  const undo = world.fake.snapshot();
  const again = await run(world.situation(await world.open()), await world.request(second, rollout));
  expect(again).toMatchObject({ outcome: 'promoted', serving: second.digest });
  expect(again.state!.events.some(({ kind }) => kind === 'resume')).toBe(true);
  undo();
  world.fake.advance(7_200_000);
  const later = await world.open();
  await reconcile(world.situation(later), undefined);
  expect(await later.read()).toMatchObject({ champion: first, challenger: null });
  expect(await later.unused()).toEqual([]);
});

test('what only answers could tell is refused for a shadow', async () => {
  const { abilities } = await world.open();
  expect(() =>
    refuseUnable({ ...rollout, predictions: { max_distance: 0.1 } }, abilities, () => ({})),
  ).toThrow('What predictions asks for is not to be had');
  expect(() => refuseUnable(rollout, abilities, () => ({}))).not.toThrow();
});
