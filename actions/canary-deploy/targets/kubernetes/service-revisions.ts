/** What an InferenceService says of its revisions: which is there, ready, and gets how much. */
import { UserError } from '../../../../shared/errors.ts';
import { CheckFailed } from '../../before/checks.ts';
import type { ApiServer } from './api-server.ts';
import type { InferenceService } from './kinds.ts';

/** By the annotation and by the status, in the words of older and newer versions. */
const WITH_REVISIONS = ['Serverless', 'Knative'];
const MODE = 'serving.kserve.io/deploymentMode';

/** @throws UserError when its requests cannot be split: canaryTrafficPercent means something to Knative alone. */
export function refuseRaw({ metadata, status }: InferenceService): void {
  const mode = metadata.annotations?.[MODE] ?? status?.deploymentMode;
  const hasRevisions = status?.components?.predictor?.latestReadyRevision !== undefined;
  if (mode === undefined ? hasRevisions : WITH_REVISIONS.includes(mode)) return;
  throw new UserError(
    `The InferenceService ${metadata.name} has no revisions to split requests over (${mode ?? 'no revision is ready'}).`,
    {
      where: { key: 'kubernetes-resource' },
      fix: 'Let it be ready in serverless mode once; for raw deployments put two Services behind an HTTPRoute and give httproute/NAME.',
    },
  );
}

/** Per cent of the requests that a revision gets. */
export function percentOfRevision({ status }: InferenceService, revision: string): number {
  const traffic = status?.components?.predictor?.traffic ?? [];
  return traffic
    .filter(({ revisionName }) => revisionName === revision)
    .reduce((sum, { percent = 0 }) => sum + percent, 0);
}

export const readyRevision = ({ status }: InferenceService): string | undefined =>
  status?.components?.predictor?.latestReadyRevision;

/** The revision that gets all requests; undefined when several do. */
export const servingRevision = ({ status }: InferenceService): string | undefined =>
  status?.components?.predictor?.traffic?.find(({ percent }) => percent === 100)?.revisionName;

/**
 * Waits until the revision of what was written last is ready.
 * @param other a revision that it is not. @param isNew whether what KServe says of a failure is about it.
 * @throws CheckFailed when it cannot be loaded.
 */
export function awaitRevision(
  api: ApiServer,
  name: string,
  options: { other: string | null; isNew: boolean; progress: (message: string) => void },
): Promise<string> {
  const { other, isNew, progress } = options;
  return api.until(
    async () => {
      const service = await api.get('InferenceService', name);
      if (!hasBeenSeen(service)) return undefined;
      const { latestCreatedRevision: made, latestReadyRevision: ready } =
        service.status?.components?.predictor ?? {};
      if (ready !== undefined && ready === made && ready !== other) return ready;
      if (isNew && made !== other) refuseFailed(service);
      progress(`the InferenceService ${name} brings up a revision; waiting`);
      return undefined;
    },
    () => late(name, 'has no new revision that is ready'),
  );
}

/** Waits until a revision gets so many per cent. */
export async function awaitTraffic(
  api: ApiServer,
  name: string,
  { revision, percent, progress }: { revision: string; percent: number; progress: (message: string) => void },
): Promise<void> {
  if (api.isCancelled) return;
  await api.until(
    async () => {
      const service = await api.get('InferenceService', name);
      if (hasBeenSeen(service) && percentOfRevision(service, revision) === percent) return true;
      progress(`the InferenceService ${name} does not split its requests as asked yet; waiting`);
      return undefined;
    },
    () => late(name, `does not give ${percent} % to ${revision}`),
  );
}

const hasBeenSeen = ({ metadata, status }: InferenceService): boolean =>
  (status?.observedGeneration ?? metadata.generation ?? 0) >= (metadata.generation ?? 0);

const FAILED = ['BlockedByFailedLoad', 'InvalidSpec'];

function refuseFailed({ metadata: { name }, status }: InferenceService): void {
  const { transitionStatus, lastFailureInfo } = status?.modelStatus ?? {};
  if (!FAILED.includes(transitionStatus ?? '')) return;
  const { reason, message } = lastFailureInfo ?? {};
  const said = [transitionStatus, reason, message].filter(Boolean).join(': ').replace(/\.$/, '');
  throw new CheckFailed(`The InferenceService ${name} cannot load the model: ${said}.`, {
    where: { key: 'storage-uri' },
    fix: `Look at it with: kubectl describe inferenceservice ${name}`,
  });
}

const late = (name: string, what: string): UserError =>
  new UserError(`The InferenceService ${name} still ${what}.`, {
    where: { key: 'kubernetes-resource' },
    fix: `Look at it with: kubectl describe inferenceservice ${name}`,
  });
