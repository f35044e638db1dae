/** What a cluster's controllers would do, on a clock that moves with each request: slowly, or not at all. */
import type {
  Deployment,
  HttpRoute,
  InferenceService,
  KubernetesObject,
  Pod,
} from '../../actions/canary-deploy/targets/kubernetes/kinds.ts';

/** How the cluster behaves. */
export interface Behaviour {
  /** Requests until a controller has done its work. */
  delay: number;
  /** Deployments and storage addresses, of which a part stands here, that never get ready. */
  broken: string[];
  /** Whether a gateway writes the status of routes. */
  gateway: boolean;
}

export interface Cluster {
  behaviour: Behaviour;
  find(plural: string, name: string): KubernetesObject | undefined;
  all(plural: string): KubernetesObject[];
  /** Stores the status, as a controller does; every other writer's version is old then. */
  store(plural: string, object: KubernetesObject): void;
  time: number;
}

/** What KServe has made a revision of, by the name of the InferenceService. */
const revisions = new WeakMap<Cluster, Map<string, { model: string; number: number }>>();
/** Since when the generation of an object is there, by its key. */
const since = new WeakMap<Cluster, Map<string, { generation: number; at: number }>>();

export function runControllers(cluster: Cluster): void {
  for (const found of cluster.all('deployments')) runDeployment(cluster, found as Deployment);
  for (const found of cluster.all('httproutes')) runRoute(cluster, found as HttpRoute);
  for (const found of cluster.all('inferenceservices')) runService(cluster, found as InferenceService);
}

/** Whether the controllers have had time for an object since it changed. */
function isDue(cluster: Cluster, plural: string, { metadata }: KubernetesObject): boolean {
  const known = since.get(cluster) ?? new Map<string, { generation: number; at: number }>();
  since.set(cluster, known);
  const key = `${plural}/${metadata.name}`;
  const generation = metadata.generation ?? 0;
  if (known.get(key)?.generation !== generation) known.set(key, { generation, at: cluster.time });
  return cluster.time - known.get(key)!.at >= cluster.behaviour.delay;
}

function runDeployment(cluster: Cluster, deployment: Deployment): void {
  const { metadata, spec, status } = deployment;
  if (!isDue(cluster, 'deployments', deployment) || status?.observedGeneration === metadata.generation)
    return;
  const told = JSON.stringify(spec.template);
  const isBroken = (spec.replicas ?? 1) > 0 && cluster.behaviour.broken.some((part) => told.includes(part));
  const replicas = spec.replicas ?? 1;
  const ready = isBroken ? 0 : replicas;
  const changed = structuredClone(deployment);
  changed.status = {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    replicas,
    updatedReplicas: replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    conditions: [
      isBroken
        ? {
            type: 'Progressing',
            status: 'False',
            reason: 'ProgressDeadlineExceeded',
            message: 'ReplicaSet has timed out progressing.',
          }
        : { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ],
  };
  cluster.store('deployments', changed);
  if (isBroken) cluster.store('pods', brokenPod(deployment));
}

function brokenPod({ metadata, spec }: Deployment): Pod {
  return {
    metadata: { name: `${metadata.name}-1`, labels: spec.selector.matchLabels ?? {} },
    status: {
      phase: 'Pending',
      containerStatuses: [
        {
          name: 'model',
          ...{ image: 'churn:1', imageID: '', ready: false, restartCount: 3 },
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
          lastState: { terminated: { reason: 'Error', exitCode: 1 } },
        },
      ],
    },
  };
}

function runRoute(cluster: Cluster, route: HttpRoute): void {
  const { generation = 0 } = route.metadata;
  if (!cluster.behaviour.gateway || !isDue(cluster, 'httproutes', route)) return;
  if (route.status?.parents?.[0]?.conditions?.[0]?.observedGeneration === generation) return;
  const condition = (type: string) => ({
    ...{ type, status: 'True', reason: type, message: '', observedGeneration: generation },
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const changed = structuredClone(route);
  changed.status = {
    parents: [
      {
        controllerName: 'example.com/stand-in',
        parentRef: { name: 'gateway' },
        conditions: [condition('Accepted'), condition('ResolvedRefs')],
      },
    ],
  };
  cluster.store('httproutes', changed);
}

function runService(cluster: Cluster, service: InferenceService): void {
  const { generation = 0 } = service.metadata;
  if (!isDue(cluster, 'inferenceservices', service)) return;
  if (service.status?.observedGeneration === generation) return;
  const { canaryTrafficPercent: percent, model } = service.spec.predictor;
  const before = service.status?.components?.predictor ?? {};
  const text = JSON.stringify(model);
  const known = revisions.get(cluster) ?? new Map<string, { model: string; number: number }>();
  revisions.set(cluster, known);
  const last = known.get(service.metadata.name) ?? { model: '', number: 0 };
  const number = last.number + (last.model === text ? 0 : 1);
  known.set(service.metadata.name, { model: text, number });
  const made = `${service.metadata.name}-predictor-${String(number).padStart(5, '0')}`;
  const isBroken = cluster.behaviour.broken.some((part) => text.includes(part));
  const ready = isBroken ? before.latestReadyRevision : made;
  const isWhole = percent === undefined || percent === 100;
  const rolledOut = isWhole ? ready : (before.latestRolledoutRevision ?? ready);
  const isSplit = !isWhole && ready !== rolledOut;
  const traffic = isSplit
    ? [
        { latestRevision: true, percent, revisionName: ready! },
        { latestRevision: false, percent: 100 - percent, revisionName: rolledOut! },
      ]
    : [{ latestRevision: true, percent: 100, revisionName: rolledOut! }];
  const changed = structuredClone(service);
  changed.status = {
    observedGeneration: generation,
    url: 'http://churn.models.example.com',
    deploymentMode: 'Serverless',
    components: {
      predictor: {
        ...{ latestCreatedRevision: made, latestReadyRevision: ready!, latestRolledoutRevision: rolledOut! },
        traffic,
      },
    },
    modelStatus: isBroken
      ? {
          transitionStatus: 'BlockedByFailedLoad',
          lastFailureInfo: { reason: 'ModelLoadFailed', message: 'no such key' },
        }
      : { transitionStatus: 'UpToDate' },
  };
  cluster.store('inferenceservices', changed);
}
