/** Cancelling a rollout over a cluster at each request that it makes, and killing it there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelAsRunner, killTree } from '../../actions/canary-deploy/fixtures/cancel-as-runner.ts';
import { KubernetesStage } from '../kubernetes/kubernetes-stage.ts';
import { shares, watchTraffic } from '../kubernetes/settled.ts';

describe.each(['httproute/churn', 'inferenceservice/churn'] as const)('%s', (resource) => {
  let stage: KubernetesStage;
  beforeAll(async () => {
    stage = await KubernetesStage.create(resource);
    if (resource === 'httproute/churn') watchTraffic(stage.cluster);
  });
  afterAll(() => stage.close());

  test.each(['cancelled', 'killed'] as const)('%s at each request in turn', async (how) => {
    for (let nth = 1; ; nth += 1) {
      const { child, ended, output, uri, isReached } = await stage.rollOutUntil(/./, nth);
      const story = `${how} at request ${nth}: ${output()}`;
      if (isReached && how === 'killed') killTree(child);
      if (isReached && how === 'cancelled') expect(await cancelAsRunner(child, ended), story).toBe('SIGINT');
      await ended;
      stage.cluster.settle();
      if (how === 'cancelled') expect(shares(stage.cluster, resource), story).toEqual([100]);
      // A run that brings a model up may store nothing for an hour, so that reconcile would still take it for alive.
      const next = how === 'cancelled' && nth % 2 === 1 ? 'reconcile' : 'run';
      await stage.follow(next, uri, story);
      if (isReached) continue;
      console.info(`${resource}: ${how} at ${nth - 1} requests`);
      expect(nth).toBeGreaterThan(20);
      return;
    }
  });

  test('cancelled when the API server no longer answers: both serve until it does', async () => {
    const [request, nth]: [RegExp, number] =
      resource === 'httproute/churn' ? [/^update httproutes/, 2] : [/^update inferenceservices/, 3];
    const { child, ended, output, uri } = await stage.rollOutUntil(request, nth, true);
    expect(await cancelAsRunner(child, ended), output()).not.toBe('SIGKILL');
    expect(shares(stage.cluster, resource), output()).toEqual([20, 80]);
    await stage.follow('run', uri, output());
  });
});
