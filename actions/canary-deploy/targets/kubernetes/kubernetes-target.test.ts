import { afterEach, describe, expect, test } from 'vitest';
import type { ApiStandIn } from '../../../../action-test/kubernetes/api-stand-in.ts';
import { runFaultMatrix } from '../../../../action-test/kubernetes/fault-matrix.ts';
import { KubernetesStage } from '../../../../action-test/kubernetes/kubernetes-stage.ts';
import { model, sampleCluster } from '../../../../action-test/kubernetes/sample-cluster.ts';
import {
  deployment,
  expectSettled,
  type Runner,
  setPercent,
  shares,
  storedState,
} from '../../../../action-test/kubernetes/settled.ts';
import {
  newWorld,
  openTarget,
  type RunnerOptions,
  runByHand,
  runRollout,
} from '../../../../action-test/kubernetes/whole-rollout.ts';
import type { HttpRoute, KubernetesObject } from './kinds.ts';

const clusters: ApiStandIn[] = [];
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close();
});

type Resource = RunnerOptions['resource'];
async function runner(resource: Resource, more: Partial<RunnerOptions> = {}): Promise<Runner> {
  const cluster = await sampleCluster(resource);
  clusters.push(cluster);
  return { resource, world: newWorld(), ...more, cluster };
}

describe.each<Resource>(['httproute/churn', 'inferenceservice/churn'])('%s', (resource) => {
  test('an equal challenger gets all requests, and the champion is kept as the one before', async () => {
    const options = await runner(resource);
    const result = await runRollout(options);
    expect(result.reason).toMatch(/^Promoted/);
    expect(options.world.alias).toBe(model('b').digest);
    expectSettled(options, 'promoted');
    expect(storedState(options.cluster).previous.digest).toBe(model('a').digest);
    const again = await runRollout(options);
    expect(again.outcome).toBe('promoted');
    expect(again.reason).toMatch(/serves already/);
  });

  test('a failing challenger is taken back, and the champion has all requests', async () => {
    const options = await runner(resource, { errorRate: 0.3 });
    const result = await runRollout(options);
    expect(result.outcome).toBe('rolled-back');
    expect(options.world.alias).toBe(model('a').digest);
    expectSettled(options, 'rolled back');
  });

  test('a challenger that does not come up is named with the reason, and the champion goes on', async () => {
    const options = await runner(resource);
    options.cluster.behaviour.broken = ['b'.repeat(64)];
    const result = await runRollout(options);
    expect(result).toMatchObject({ outcome: 'rolled-back', verdict: 'fail' });
    expect(result.reason).toMatch(
      resource === 'httproute/churn'
        ? /CrashLoopBackOff \(it ended with code 1\)/
        : /ModelLoadFailed: no such key/,
    );
    expectSettled(options, 'stuck');
  });

  test('of two runs at once the second is refused and changes nothing', async () => {
    const options = await runner(resource);
    const first = await openTarget(options);
    await first.read();
    const second = await openTarget(options);
    await second.read();
    await first.saveProgress({ of: 'the first' });
    const stored = () => JSON.stringify(options.cluster.all('configmaps'));
    const before = stored();
    await expect(second.saveProgress({ of: 'the second' })).rejects.toThrow(
      /Another run changed the rollout/,
    );
    await expect(second.restore()).rejects.toThrow(/Another run changed the rollout/);
    expect(stored()).toBe(before);
    options.cluster.remove('configmaps', 'mlops-canary-churn');
    await expect(first.saveProgress({ of: 'the first again' })).rejects.toThrow(
      /Another run changed the rollout/,
    );
    expect(options.cluster.all('configmaps')).toEqual([]);
  });

  test('a role that lacks a permission is told which rule to add', async () => {
    const options = await runner(resource);
    const plural = resource === 'httproute/churn' ? 'httproutes' : 'inferenceservices';
    options.cluster.forbidden.add(`get ${plural}`);
    await expect(runRollout(options)).rejects.toMatchObject({
      message: expect.stringContaining('(403)'),
      fix: expect.stringContaining(`resources: ["${plural}"], verbs: ["get"]`),
    });
  });

  test('a split that somebody else changed is left so, and the run says by what object and how to go on', async () => {
    const options = await runner(resource);
    const { cluster } = options;
    const giveBack = () => setPercent(cluster, resource, 0);
    const result = await runRollout({ ...options, beforeLook: (look) => look === 1 && giveBack() });
    expect(result).toMatchObject({
      ...{ outcome: 'rolling', verdict: 'inconclusive', serving: model('a').digest },
      reason: expect.stringMatching(
        resource === 'httproute/churn'
          ? /HTTPRoute churn .* gives the challenger 0 % .* had set 25 %.*: abort.*: promote.*: continue.*: reconcile/
          : /InferenceService churn .* gives the challenger 0 % .* had set 25 %/,
      ),
    });
    expect(result.events.at(-1)).toMatchObject({ kind: 'warning', weight: 0 });
    expect(shares(cluster, resource)).toEqual([100]);
    expect(options.world.alias).toBe(model('a').digest);
    // Another runner sees it too, until the split is as it was.
    const again = await runRollout(options);
    expect(again.reason).toContain('Somebody else changed');
    expect(shares(cluster, resource)).toEqual([100]);
    setPercent(cluster, resource, 25);
    expect((await runRollout(options)).outcome).toBe('promoted');
    expectSettled(options, 'as it was again');
  });

  test.each([
    { by: 'promote', serves: 'b' },
    { by: 'abort', serves: 'a' },
  ] as const)('a split that somebody else changed is settled by $by', async ({ by, serves }) => {
    const options = await runner(resource);
    await runRollout({
      ...options,
      beforeLook: (look) => look === 1 && setPercent(options.cluster, resource, 60),
    });
    expect(shares(options.cluster, resource)).toEqual([40, 60]);
    await runByHand(options, by);
    expect(options.world.alias).toBe(model(serves).digest);
    expectSettled(options, by);
  });

  test.each([
    { end: 'promoted', errorRate: 0 },
    { end: 'rolled back', errorRate: 0.3 },
  ])(
    'whatever call goes wrong, a rollout that would be $end ends at one model after a re-run',
    async ({ errorRate }) => {
      const cases = await runFaultMatrix(resource, errorRate, 11);
      expect(cases).toBeGreaterThan(15);
    },
  );
});

test('a first use without a digest, or with both sides in use, is refused with how to mend it', async () => {
  const options = await runner('httproute/churn');
  const { cluster } = options;
  const blue = structuredClone(deployment(cluster, 'churn-blue'));
  blue.spec.template.spec!.containers[0]!.env = [];
  cluster.put('deployments', blue);
  await expect(runRollout(options)).rejects.toMatchObject({
    message: expect.stringContaining('does not say which version'),
    fix: expect.stringContaining('kubectl set env deployment/churn-blue MODEL_DIGEST=sha256:'),
  });
  const route = structuredClone(cluster.find('httproutes', 'churn')) as HttpRoute;
  route.spec.rules![0]!.backendRefs![1]!.weight = 50;
  cluster.put('httproutes', route);
  await expect(runRollout(options)).rejects.toThrow(/Both Services .* get requests/);
});

test('a route that somebody lets lead to one Service alone is left so too', async () => {
  const options = await runner('httproute/churn');
  const route = structuredClone(options.cluster.find('httproutes', 'churn')) as HttpRoute;
  route.spec.rules![0]!.backendRefs!.splice(1);
  const result = await runRollout({
    ...options,
    beforeLook: (look) => look === 1 && options.cluster.put('httproutes', structuredClone(route)),
  });
  expect(result).toMatchObject({
    outcome: 'rolling',
    reason: expect.stringMatching(
      /No rule of the HTTPRoute churn .* two Services\. The rollout had set 25 %/,
    ),
  });
  expect(options.cluster.find('httproutes', 'churn')).toMatchObject({ spec: route.spec });
});

test('copies that somebody stopped are seen as a changed split', async () => {
  const options = await runner('httproute/churn');
  const target = await openTarget(options);
  await target.read();
  await target.prepare(model('b'), 60_000, async () => undefined);
  await target.setSplit({ weight: 0, mirror: true });
  await target.confirmSplit!();
  const route = structuredClone(options.cluster.find('httproutes', 'churn')) as HttpRoute;
  delete route.spec.rules![0]!.filters;
  options.cluster.put('httproutes', route);
  await expect(target.confirmSplit!()).rejects.toThrow(
    'It gives the challenger 0 % of the requests. The rollout had set copies.',
  );
  await target.close();
});

test('weights that a person set by hand are what counts for the next run', async () => {
  const options = await runner('httproute/churn');
  await runRollout(options);
  const route = structuredClone(options.cluster.find('httproutes', 'churn')) as HttpRoute;
  for (const backend of route.spec.rules![0]!.backendRefs!)
    backend.weight = backend.name === 'churn-blue' ? 100 : 0;
  options.cluster.put('httproutes', route);
  const target = await openTarget(options);
  expect((await target.read()).champion?.digest).toBe(model('a').digest);
  await target.close();
});

test('the number of replicas is the business of an autoscaler where there is one', async () => {
  const options = await runner('httproute/churn');
  options.cluster.put('horizontalpodautoscalers', {
    metadata: { name: 'churn-green' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'churn-green' },
      ...{ minReplicas: 5, maxReplicas: 9 },
    },
  } as KubernetesObject);
  await runRollout(options);
  expect(deployment(options.cluster, 'churn-green').spec.replicas).toBe(5);
  expect(options.cluster.problems).toEqual([]);
});

test('a raw deployment, whose requests KServe does not split, is pointed to an HTTPRoute', async () => {
  const options = await runner('inferenceservice/churn');
  const service = structuredClone(options.cluster.find('inferenceservices', 'churn'))!;
  service.metadata.annotations = { 'serving.kserve.io/deploymentMode': 'RawDeployment' };
  options.cluster.put('inferenceservices', service);
  await expect(runRollout(options)).rejects.toMatchObject({ fix: expect.stringContaining('httproute/NAME') });
});

test.each([
  ['steps: [{weight: 5, bake: 1s}, {weight: 12.5, bake: 1s}]', /^12.5 is no whole number of per cents/],
  ['strategy: linear\nincrement: 33.3\nbake: 1s', /^33.3 is no whole number of per cents/],
])('a split that KServe cannot hold is refused before anything is changed: %s', async (steps, message) => {
  const stage = await KubernetesStage.create('inferenceservice/churn');
  clusters.push(stage.cluster);
  await stage.rules(steps);
  const before = stage.cluster.asked.length;
  await expect(stage.run({ model: stage.versions[1].uri })).rejects.toThrow(message);
  expect(stage.cluster.asked.slice(before)).toEqual([]);
  await stage.stage.close();
});
