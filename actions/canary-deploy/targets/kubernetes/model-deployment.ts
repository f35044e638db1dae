/** The Deployment behind a Service: bringing a model up in it, and ending it. It has the Service's name. */
import { UserError } from '../../../../shared/errors.ts';
import { CheckFailed } from '../../before/checks.ts';
import type { ApiServer } from './api-server.ts';
import type { Container, Deployment, Pod } from './kinds.ts';

/** What the container is told. */
export const MODEL_URI = 'MODEL_URI';
export const MODEL_DIGEST = 'MODEL_DIGEST';

export interface WantedModel {
  digest: string;
  /** Where the container finds it. */
  location: string;
  /** The image that serves it, where the version names one. */
  image: string | undefined;
}

/** The container that serves the model. @throws UserError when it cannot be told from its sidecars. */
function modelContainer(deployment: Deployment): Container {
  const containers = deployment.spec.template.spec?.containers ?? [];
  const knows = containers.filter(({ env = [] }) => env.some(({ name }) => name === MODEL_DIGEST));
  const named = containers.filter(({ name }) => name === 'model');
  const found = [knows, named, containers].find((some) => some.length === 1)?.[0];
  if (found) return found;
  throw new UserError(
    `The Deployment ${deployment.metadata.name} has several containers, and none says that it serves the model.`,
    {
      where: { key: 'kubernetes-resource' },
      fix: `Call that container "model", or give it the variable ${MODEL_DIGEST}.`,
    },
  );
}

/** What the container was told; undefined where nobody told it. */
export function variableOf(deployment: Deployment, name: string): string | undefined {
  return modelContainer(deployment).env?.find((variable) => variable.name === name)?.value;
}

/**
 * Brings a model up in a Deployment that gets no requests, with as many replicas as the champion has, and waits until
 * all of them are available. Where an autoscaler is at work their number is its business.
 * @throws CheckFailed when they do not become available.
 */
export async function bringUp(
  api: ApiServer,
  { name, beside, model }: { name: string; beside: string; model: WantedModel },
  progress: (message: string) => void,
): Promise<void> {
  const [champion, autoscaler] = await Promise.all([api.get('Deployment', beside), autoscalerOf(api, name)]);
  const { minReplicas = 1, maxReplicas = Number.POSITIVE_INFINITY } = autoscaler?.spec ?? {};
  const wanted = Math.min(Math.max(champion.spec.replicas ?? 1, minReplicas, 1), maxReplicas);
  await api.modify('Deployment', name, (deployment) => {
    if ((deployment.spec as { paused?: boolean }).paused) throw isPaused(name);
    const container = modelContainer(deployment);
    tell(container, MODEL_URI, model.location);
    tell(container, MODEL_DIGEST, model.digest);
    if (model.image !== undefined) container.image = model.image;
    if (!autoscaler || deployment.spec.replicas === 0) deployment.spec.replicas = wanted;
  });
  await api.until(
    async () => {
      const deployment = await api.get('Deployment', name);
      const failed = deployment.status?.conditions?.find(
        ({ type, status, reason }) =>
          type === 'Progressing' && status === 'False' && reason === 'ProgressDeadlineExceeded',
      );
      // Of an earlier change, until the controller has seen this one.
      if (failed && hasBeenSeen(deployment)) throw await notAvailable(api, deployment, failed.message);
      progress(describe(deployment));
      return isAvailable(deployment) || undefined;
    },
    () =>
      new UserError(`The Deployment ${name} is still not available.`, {
        where: { key: 'kubernetes-resource' },
        fix: `Look at it with: kubectl describe deployment ${name}`,
      }),
  );
}

/** Ends the pods of a Deployment. */
export async function scaleToZero(api: ApiServer, name: string): Promise<void> {
  await api.modify('Deployment', name, (deployment) => {
    deployment.spec.replicas = 0;
  });
}

/** Whether every replica that is wanted runs what is wanted, and nothing else runs. */
function isAvailable(deployment: Deployment): boolean {
  const { replicas: wanted = 1 } = deployment.spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  return (
    hasBeenSeen(deployment) &&
    updatedReplicas >= wanted &&
    replicas === updatedReplicas &&
    availableReplicas >= wanted
  );
}

const hasBeenSeen = ({ metadata, status }: Deployment): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);

function describe({ metadata, spec, status }: Deployment): string {
  return `the Deployment ${metadata.name} has ${status?.availableReplicas ?? 0} of ${spec.replicas ?? 1} replicas available; waiting`;
}

function tell(container: Container, name: string, value: string): void {
  const others = container.env ?? [];
  const there = others.find((variable) => variable.name === name);
  if (there?.value === value) return;
  if (there) {
    there.value = value;
    delete there.valueFrom;
  } else container.env = [...others, { name, value }];
}

async function autoscalerOf(api: ApiServer, deployment: string) {
  const all = await api.list('HorizontalPodAutoscaler');
  return all.find(
    ({ spec }) => spec.scaleTargetRef.kind === 'Deployment' && spec.scaleTargetRef.name === deployment,
  );
}

async function notAvailable(
  api: ApiServer,
  { metadata, spec }: Deployment,
  said: string | undefined,
): Promise<CheckFailed> {
  const labels = spec.selector.matchLabels ?? {};
  const pods = Object.keys(labels).length === 0 ? [] : await api.list('Pod', labels);
  const reasons = [...new Set(pods.flatMap(reasonsOf))];
  const because = reasons.length > 0 ? reasons.join('; ') : (said ?? 'the cluster does not say why');
  return new CheckFailed(
    `The Deployment ${metadata.name} did not become available: ${because.replace(/\.$/, '')}.`,
    {
      where: { key: 'kubernetes-resource' },
      fix: `Look at it with: kubectl describe deployment ${metadata.name}, and kubectl logs deployment/${metadata.name}`,
    },
  );
}

/** `the container model waits: CrashLoopBackOff (it ended with code 1)` */
function reasonsOf({ status }: Pod): string[] {
  const unscheduled = status?.conditions?.find(
    ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
  );
  const waiting = (status?.containerStatuses ?? []).flatMap(({ name, state, lastState }) => {
    const reason = state?.waiting?.reason;
    if (reason === undefined || reason === 'ContainerCreating') return [];
    const code = lastState?.terminated?.exitCode;
    const ended = code === undefined ? (state?.waiting?.message ?? '') : `it ended with code ${code}`;
    return [`the container ${name} waits: ${reason}${ended ? ` (${ended.slice(0, 200)})` : ''}`];
  });
  return [
    ...(unscheduled ? [`a pod finds no node (${unscheduled.message ?? unscheduled.reason})`] : []),
    ...waiting,
  ];
}

const isPaused = (name: string): UserError =>
  new UserError(`The Deployment ${name} is paused, so that no change of it takes effect.`, {
    where: { key: 'kubernetes-resource' },
    fix: `Resume it with: kubectl rollout resume deployment ${name}`,
  });
