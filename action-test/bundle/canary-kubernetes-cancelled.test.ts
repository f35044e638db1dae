/** Cancelling a rollout over a cluster, as the runner does it; at every single request in the heavy tier. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelAsRunner } from '../../actions/canary-deploy/fixtures/cancel-as-runner.ts';
import { KubernetesStage } from '../kubernetes/kubernetes-stage.ts';
import { shares, watchTraffic } from '../kubernetes/settled.ts';

type Moment = [story: string, request: RegExp, nth: number];
const MOMENTS: Record<KubernetesStage['resource'], Moment[]> = {
  'httproute/churn': [
    ['when it is noted', /^(create|update) configmaps/, 1],
    ['while the challenger comes up', /^update deployments/, 1],
    ['at the first traffic', /^update httproutes/, 1],
    ['while it is promoted', /^update httproutes/, 3],
    ['while the champion before ends', /^update deployments/, 2],
  ],
  'inferenceservice/churn': [
    ['while the challenger comes up', /^update inferenceservices/, 1],
    ['in the second step', /^update inferenceservices/, 3],
    ['while it is promoted', /^update inferenceservices/, 4],
  ],
};

describe.each(['httproute/churn', 'inferenceservice/churn'] as const)('%s', (resource) => {
  let stage: KubernetesStage;
  beforeAll(async () => {
    stage = await KubernetesStage.create(resource);
    if (resource === 'httproute/churn') watchTraffic(stage.cluster);
  });
  afterAll(() => stage.close());

  test.each(MOMENTS[resource].map((moment, index) => [...moment, index] as const))(
    'cancelled %s: one model has all requests, and the next job settles the rest',
    async (_, request, nth, index) => {
      const { child, ended, output, uri } = await stage.rollOutUntil(request, nth);
      expect(await cancelAsRunner(child, ended), output()).toBe('SIGINT');
      stage.cluster.settle();
      expect(shares(stage.cluster, resource), output()).toEqual([100]);
      await stage.follow(index % 2 === 0 ? 'run' : 'reconcile', uri, output());
    },
  );

  test('cancelled while the cluster takes its time', async () => {
    const { behaviour } = stage.cluster;
    behaviour.delay = Number.POSITIVE_INFINITY;
    const { child, ended, output, uri } = await stage.rollOutUntil(
      /^update (deployments|inferenceservices)/,
      1,
    );
    expect(await cancelAsRunner(child, ended), output()).toBe('SIGINT');
    expect(shares(stage.cluster, resource), output()).toEqual([100]);
    behaviour.delay = 0;
    await stage.follow('reconcile', uri, output());
  });
});
