/** What every rollout must leave behind, however it went. */
import { expect } from 'vitest';
import type {
  ConfigMap,
  Deployment,
  HttpRoute,
  InferenceService,
} from '../../actions/canary-deploy/targets/kubernetes/kinds.ts';
import { percentOfRevision } from '../../actions/canary-deploy/targets/kubernetes/service-revisions.ts';
import type { ApiStandIn } from './api-stand-in.ts';
import type { SampleResource } from './sample-cluster.ts';
import type { RunnerOptions } from './whole-rollout.ts';

export type Runner = RunnerOptions & { cluster: ApiStandIn };

export const deployment = (cluster: ApiStandIn, name: string) =>
  cluster.find('deployments', name) as Deployment;
const serviceOf = (cluster: ApiStandIn) => cluster.find('inferenceservices', 'churn') as InferenceService;
export const weights = (cluster: ApiStandIn): Record<string, number> => {
  const route = cluster.find('httproutes', 'churn') as HttpRoute;
  const backends = route.spec.rules?.[0]?.backendRefs ?? [];
  return Object.fromEntries(backends.map(({ name, weight = 1 }) => [name, weight]));
};
/** Per cent of the requests that each side or revision gets which gets any, the smallest first. */
export function shares(cluster: ApiStandIn, resource: SampleResource): number[] {
  const traffic = serviceOf(cluster)?.status?.components?.predictor?.traffic ?? [];
  const all =
    resource === 'httproute/churn'
      ? Object.values(weights(cluster))
      : traffic.map(({ percent = 0 }) => percent);
  return all.filter((share) => share > 0).toSorted((a, b) => a - b);
}

/** Gives the challenger on the green side, or the newest revision, so many per cent, as a person would with kubectl. */
export function setPercent(cluster: ApiStandIn, resource: SampleResource, percent: number): void {
  if (resource === 'httproute/churn') {
    const route = structuredClone(cluster.find('httproutes', 'churn')) as HttpRoute;
    for (const backend of route.spec.rules![0]!.backendRefs!)
      backend.weight = backend.name === 'churn-green' ? percent : 100 - percent;
    cluster.put('httproutes', route);
  } else {
    const service = structuredClone(serviceOf(cluster));
    service.spec.predictor.canaryTrafficPercent = percent;
    cluster.put('inferenceservices', service);
  }
  cluster.settle();
}

export const storedState = (cluster: ApiStandIn) => {
  const { data = {} } = cluster.find('configmaps', 'mlops-canary-churn') as ConfigMap;
  return { ...JSON.parse(data.state ?? '{}'), progress: data.progress };
};

/** At every request: what has a weight above 0 runs. */
export function watchTraffic(cluster: ApiStandIn): void {
  cluster.before = ({ what }) => {
    for (const [name, weight] of Object.entries(weights(cluster))) {
      const { spec, status } = deployment(cluster, name);
      const runs = (spec.replicas ?? 0) > 0 && (status?.availableReplicas ?? 0) > 0;
      if (weight > 0 && !runs) cluster.problems.push(`before ${what}, ${name} has traffic and does not run`);
    }
  };
}

/** One model has all requests, nothing else runs, nothing is left over, and the alias names what serves. */
export function expectSettled({ cluster, resource, world }: Runner, story: string): void {
  cluster.settle();
  expect(cluster.problems, story).toEqual([]);
  const { champion, challenger, retiring, progress } = storedState(cluster);
  expect({ challenger, retiring, progress }, story).toEqual({
    challenger: null,
    retiring: null,
    progress: undefined,
  });
  expect(world.alias, story).toBe(champion.digest);
  if (resource === 'httproute/churn') {
    const other = champion.server === 'churn-blue' ? 'churn-green' : 'churn-blue';
    expect(weights(cluster), story).toEqual({ [champion.server]: 100, [other]: 0 });
    expect(deployment(cluster, champion.server).spec.replicas, story).toBe(3);
    expect(deployment(cluster, other).spec.replicas, story).toBe(0);
    expect(digestOf(deployment(cluster, champion.server)), story).toBe(champion.digest);
  } else {
    const { predictor } = serviceOf(cluster).spec;
    expect(predictor.canaryTrafficPercent, story).toBeUndefined();
    expect(predictor.model?.storageUri, story).toBe(champion.storageUri);
    expect(percentOfRevision(serviceOf(cluster), champion.server), story).toBe(100);
  }
}

const digestOf = ({ spec }: Deployment) =>
  spec.template.spec?.containers[0]?.env?.find(({ name }) => name === 'MODEL_DIGEST')?.value;
