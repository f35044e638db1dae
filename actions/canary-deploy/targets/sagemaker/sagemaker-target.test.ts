import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rolloutSchema } from '../../../../shared/records/rollout.ts';
import { NAME, type SageMakerWorld, startSageMakerWorld } from '../../fixtures/sagemaker-world.ts';
import { reconcile } from '../../operations/reconcile.ts';
import { run } from '../../operations/run.ts';
import { progressTags, readProgress } from './progress-tags.ts';

const rollout = rolloutSchema.parse({
  version: 1,
  steps: [
    { weight: 20, bake: '2m' },
    { weight: 50, bake: '2m' },
  ],
  analysis: { interval: '1m', max_extend: '60m' },
});

let world: SageMakerWorld;
beforeEach(async () => {
  world = await startSageMakerWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.fake.mistakes).toEqual([]);
});

async function deployFirst() {
  const first = await world.register('good');
  const target = await world.open();
  const result = await run(world.situation(target), await world.request(first, rollout));
  expect(result).toMatchObject({ outcome: 'promoted', serving: first.digest });
  return first;
}

test('a first deployment makes the endpoint and the alias', async () => {
  const first = await deployFirst();
  expect(world.fake.serving(NAME)).toHaveLength(1);
  expect((await world.registry.resolve('champion'))?.digest).toBe(first.digest);
  expect(world.fake.hazards).toEqual([]);
});

test('an equal challenger is promoted, and the champion before is kept for a rollback', async () => {
  const first = await deployFirst();
  const second = await world.register('better');
  const target = await world.open();
  const result = await run(world.situation(target), await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'promoted', serving: second.digest });
  expect(world.fake.serving(NAME)).toHaveLength(1);
  expect(await target.unused()).toEqual([]);
  expect(await target.read()).toMatchObject({
    champion: second,
    challenger: null,
    previous: first,
    weight: 0,
  });
  expect(world.fake.state.configs.size).toBe(2);
  expect(world.fake.hazards).toEqual([]);
});

test('a failing challenger is rolled back, and nothing of it is left', async () => {
  const first = await deployFirst();
  const second = await world.register('worse');
  world.fake.behave(`model-package/${NAME}/2`, { errors: 0.3 });
  const target = await world.open();
  const result = await run(world.situation(target), await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail', serving: first.digest });
  expect(world.fake.serving(NAME)).toHaveLength(1);
  expect(world.fake.state.configs.size).toBe(1);
  expect(world.fake.state.models.size).toBe(1);
});

test('SageMaker taking the new config back without a word is a rollback', async () => {
  const first = await deployFirst();
  const second = await world.register('better');
  world.fake.fate(NAME, 'rolls-back-silently');
  const target = await world.open();
  const result = await run(world.situation(target), await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'rolled-back', serving: first.digest });
  expect(result.reason).toContain('took the change of the endpoint churn back, and does not say why');
  expect(world.fake.serving(NAME)).toHaveLength(1);
});

test('an endpoint that SageMaker works on is waited for', async () => {
  await deployFirst();
  const second = await world.register('better');
  world.fake.systemUpdate(NAME, 600_000);
  const target = await world.open();
  const result = await run(world.situation(target), await world.request(second, rollout));
  expect(result.outcome).toBe('promoted');
  expect(world.said.join('\n')).toContain('is SystemUpdating; waiting');
});

test('a version that nobody approved, and one of another registry, are refused before anything is made', async () => {
  await deployFirst();
  const target = await world.open();
  const pending = await world.register('pending', 'pending');
  await target.read();
  await expect(target.prepare(pending, 60_000, async () => {})).rejects.toThrow('is PendingManualApproval');
  const elsewhere = { ...pending, uri: `oci-layout:r/churn@${pending.digest}` };
  await expect(target.prepare(elsewhere, 60_000, async () => {})).rejects.toThrow(
    'serves versions of its own registry',
  );
  expect(world.fake.state.configs.size).toBe(1);
  await expect(target.stop()).rejects.toThrow('serves users');
});

test('a cancelled run gives all traffic back at once, and reconcile removes the challenger', async () => {
  const first = await deployFirst();
  const second = await world.register('better');
  const controller = new AbortController();
  const target = await world.open({}, controller.signal);
  const situation = world.situation(target, controller.signal);
  const { windows } = target;
  let looks = 0;
  target.windows = async (...given) => {
    looks += 1;
    if (looks === 3) controller.abort(new Error('cancelled'));
    return windows.apply(target, given);
  };
  const result = await run(situation, await world.request(second, rollout));
  expect(result).toMatchObject({ outcome: 'rolled-back', serving: first.digest });
  expect(result.reason).toContain('cancelled');
  expect(await target.unused()).toContainEqual(expect.stringMatching(/^the variant v-/));
  world.fake.advance(60_000);
  expect(world.fake.serving(NAME).map(({ share }) => share)).toEqual([1]);
  const later = await world.open();
  await reconcile(world.situation(later), undefined);
  expect(await later.read()).toMatchObject({ champion: first, challenger: null });
  expect(await later.unused()).toEqual([]);
  expect(world.fake.hazards).toEqual([]);
});

test('minutes are counted once: every error is one, and requests and slow ones agree with what flowed', async () => {
  await deployFirst();
  const second = await world.register('slow');
  world.fake.behave(`model-package/${NAME}/2`, {
    errors: 0.2,
    clientErrors: 0.1,
    latencyMicros: () => 300_000,
  });
  const target = await world.open();
  await target.prepare(second, 60_000, async () => {});
  await target.setSplit({ weight: 50, mirror: false });
  const { lastSequence } = await target.read();
  world.fake.advance(600_000);
  const windows = await target.windows(lastSequence + 1, 250);
  expect(windows.length).toBeGreaterThan(5);
  expect(windows.every(({ startedAt, endedAt }) => endedAt - startedAt === 60_000)).toBe(true);
  expect(windows.at(-1)!.endedAt).toBeLessThanOrEqual(world.fake.now() - 120_000);
  const steady = windows.slice(2);
  for (const { champion, challenger } of steady) {
    expect(champion.requests + challenger.requests).toBe(600);
    expect(champion.errors).toBe(0);
    expect(challenger.errors / challenger.requests).toBeGreaterThan(0.2);
    expect(challenger.errors / challenger.requests).toBeLessThan(0.4);
    expect(challenger.latency).toEqual({ p50: 300, p95: 300, slow: challenger.requests });
  }
  world.fake.setTraffic(0);
  world.fake.advance(300_000);
  const quiet = (await target.windows(windows.at(-1)!.sequence, 250)).at(-1)!;
  expect(quiet.challenger).toMatchObject({ requests: 0, errors: 0, latency: { p50: null, slow: 0 } });
});

test('progress survives in tags, and what is torn or foreign is none', async () => {
  const progress = {
    version: 2,
    steps: Array.from({ length: 40 }, (_, index) => ({ at: index * 7919, weight: index })),
  };
  const position = { step: 1, pausedStep: 0, continuedStep: 0 };
  const tags = progressTags({ ...progress, state: { ...position, ...{ looks: [1, 2, 3] } } });
  expect(Object.keys(tags).length).toBeGreaterThan(2);
  expect(readProgress(tags)).toEqual({ ...progress, position, state: null });
  expect(readProgress(progressTags({ ...progress, state: null }))).toEqual({ ...progress, state: null });
  for (const value of Object.values(tags)) expect(value).toMatch(/^[A-Za-z0-9+/=.]{1,256}$/);
  for (const key of Object.keys(tags)) {
    const { [key]: _gone, ...torn } = tags;
    expect(readProgress(torn)).toBeUndefined();
    expect(readProgress({ ...tags, [key]: `${tags[key]!.slice(0, -1)}x` })).toBeUndefined();
  }
});

describe('guardrails of the service', () => {
  const canary = rolloutSchema.parse({ version: 1, steps: [{ weight: 10, bake: '10m' }] });
  const alarms = 'churn-errors';
  beforeEach(async () => {
    await deployFirst();
    const { CloudWatchClient, PutMetricAlarmCommand } = await import('@aws-sdk/client-cloudwatch');
    const client = new CloudWatchClient({
      endpoint: world.fake.url,
      region: world.env.AWS_REGION ?? '',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const Dimensions = [
      { Name: 'EndpointName', Value: NAME },
      { Name: 'VariantName', Value: world.fake.serving(NAME)[0]!.variant },
    ];
    await client.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: alarms, Namespace: 'AWS/SageMaker', MetricName: 'Invocation5XXErrors', Dimensions },
        ...{ Statistic: 'Average', Period: 60, EvaluationPeriods: 1, Threshold: 0.01 },
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    world.fake.advance(300_000);
  });

  const rollOut = async (word: string) => {
    const second = await world.register(word);
    const target = await world.open({ trafficShifting: 'service', alarms });
    target.byService.refuse(canary, () => ({}));
    const result = await run(world.situation(target), await world.request(second, canary));
    return { second, target, result };
  };

  test('are watched to their end, and the alias moves', async () => {
    const { second, target, result } = await rollOut('better');
    expect(result).toMatchObject({ outcome: 'promoted', verdict: 'pass', serving: second.digest });
    expect(result.events.map(({ kind, weight }) => [kind, weight])).toEqual([
      ['start', 0],
      ['step', 10],
      ['step', 100],
      ['promote', 100],
    ]);
    expect((await world.registry.resolve('champion'))?.digest).toBe(second.digest);
    expect(await target.read()).toMatchObject({ champion: second, challenger: null, progress: undefined });
    expect(await target.unused()).toEqual([]);
  });

  test('an alarm takes the deployment back', async () => {
    world.fake.behave(`model-package/${NAME}/2`, { errors: 0.5 });
    const { target, result } = await rollOut('worse');
    expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail' });
    expect(result.reason).toContain('One or more alarms are in alarm state');
    expect((await target.read()).champion?.digest).toBe(result.serving);
  });

  test('what they cannot do is refused', async () => {
    const target = await world.open({ trafficShifting: 'service', alarms });
    expect(() => target.byService.refuse(rollout, () => ({}))).toThrow('what analysis asks for');
    const two = rolloutSchema.parse({
      version: 1,
      steps: [
        { weight: 10, bake: '5m' },
        { weight: 50, bake: '5m' },
      ],
    });
    expect(() => target.byService.refuse(two, () => ({}))).toThrow('a canary has one step');
    await expect(world.open({ alarms })).rejects.toThrow('traffic-shifting is client');
    await expect(world.open({ trafficShifting: 'service', alarms, traffic: 'a.jsonl' })).rejects.toThrow(
      'replayed',
    );
  });
});
