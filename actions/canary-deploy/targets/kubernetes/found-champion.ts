/** The champion of a cluster in which this action has rolled nothing out yet, or in which people changed what serves. */
import { UserError } from '../../../../shared/errors.ts';
import { digestSchema } from '../../../../shared/records/envelope.ts';
import type { ApiServer } from './api-server.ts';
import type { InferenceService } from './kinds.ts';
import { MODEL_DIGEST, MODEL_URI, variableOf } from './model-deployment.ts';
import type { Arm } from './rollout-store.ts';
import { percentOf, type RouteSplit } from './route-weights.ts';
import { digestOf, storageUriOf } from './service-model.ts';
import { readyRevision, refuseRaw, servingRevision } from './service-revisions.ts';

type UriOf = (digest: string) => string;

/** What the Service with all the weight serves. @throws UserError when none has it, or nothing says what it is. */
export async function championOfRoute(
  api: ApiServer,
  { route, split, uriOf }: { route: string; split: RouteSplit; uriOf: UriOf },
): Promise<Arm> {
  const server = split.services.find(({ name }) => percentOf(route, split, name) === 100)?.name;
  if (!server) {
    throw new UserError(
      `Both Services of the HTTPRoute ${route} get requests, and nothing says which is the champion.`,
      {
        where: { key: 'kubernetes-resource' },
        fix: 'Give the Service of the champion the weight 100, and the other 0.',
      },
    );
  }
  const deployment = await api.get('Deployment', server);
  const digest = digestSchema.safeParse(variableOf(deployment, MODEL_DIGEST));
  if (!digest.success) {
    throw new UserError(`The Deployment ${server} does not say which version of the model it serves.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Tell its container once: kubectl set env deployment/${server} ${MODEL_DIGEST}=sha256:… with the digest of the registered version.`,
    });
  }
  const told = variableOf(deployment, MODEL_URI) ?? '';
  const uri = told.endsWith(`@${digest.data}`) ? told : uriOf(digest.data);
  return { digest: digest.data, uri, server };
}

/**
 * What the InferenceService serves with all requests.
 * @param digestAt the digest of the version at a place, where the place tells.
 * @throws UserError when several revisions do, or nothing says what it is.
 */
export function championOfService(
  service: InferenceService,
  { digestAt, uriOf }: { digestAt: (storageUri: string) => string | undefined; uriOf: UriOf },
): Arm {
  const { name } = service.metadata;
  refuseRaw(service);
  const storageUri = storageUriOf(service);
  const { canaryTrafficPercent: percent = 100 } = service.spec.predictor;
  const server = servingRevision(service);
  if (!server || percent !== 100 || server !== readyRevision(service)) {
    throw new UserError(`The InferenceService ${name} is in the middle of a change that is none of ours.`, {
      where: { key: 'kubernetes-resource' },
      fix: 'Let it come to an end: its newest revision ready, with all requests, and no canaryTrafficPercent.',
    });
  }
  const digest = digestSchema.safeParse(digestOf(service) ?? digestAt(storageUri));
  if (!digest.success) {
    throw new UserError(`The InferenceService ${name} does not say which version of the model it serves.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Give spec.predictor.model.env a variable ${MODEL_DIGEST} with the digest of the registered version (sha256:…), once.`,
    });
  }
  return { digest: digest.data, uri: uriOf(digest.data), server, storageUri };
}
