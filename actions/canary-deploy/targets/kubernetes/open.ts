import { UserError } from '../../../../shared/errors.ts';
import { readAttachedRecord } from '../../../../shared/registries/packaged-model.ts';
import type { Registry } from '../../../../shared/registries/registry.ts';
import { openHttpDoor } from '../http-door.ts';
import type { DeployedModel, Target } from '../target.ts';
import { ApiServer } from './api-server.ts';
import { findCluster } from './cluster-access.ts';
import { HttpRouteTarget } from './http-route-target.ts';
import { InferenceServiceTarget } from './inference-service-target.ts';
import type { Bounds } from './patience.ts';
import { RolloutStore } from './rollout-store.ts';
import { checkStorageUri, digestIn, fillStorageUri } from './storage-uri.ts';

export interface KubernetesInputs {
  /** Name of the model. */
  name: string;
  /** URI of the version to roll out; of an operation that names none, undefined. */
  model?: string | undefined;
  traffic?: string | undefined;
  /** `httproute/churn` or `inferenceservice/churn`. */
  kubernetesResource?: string | undefined;
  kubernetesNamespace?: string | undefined;
  kubernetesContext?: string | undefined;
  /** Where users reach an HTTPRoute. */
  kubernetesAddress?: string | undefined;
  storageUri?: string | undefined;
}

export interface KubernetesSurroundings {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  log: { mask(secret: string): void; progress(message: string): void };
  registryOf: (model: DeployedModel) => Promise<Registry>;
  bounds?: Bounds;
}

const RESOURCE = /^(httproute|inferenceservice)\/([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?)$/;

/** Opens an HTTPRoute or an InferenceService. @throws UserError for inputs that do not say which, or where. */
export async function openKubernetesTarget(
  given: KubernetesInputs,
  surroundings: KubernetesSurroundings,
): Promise<Target> {
  const { env, signal, log, bounds, registryOf } = surroundings;
  const { name, model, storageUri, kubernetesContext, kubernetesNamespace, kubernetesAddress } = given;
  const [resource, kind, object = ''] = RESOURCE.exec(given.kubernetesResource ?? '') ?? [];
  if (!resource) throw noResource(given.kubernetesResource);
  if (storageUri !== undefined) checkStorageUri(storageUri);
  refuseMeaningless(given, kind === 'inferenceservice');
  const cluster = await findCluster(env, kubernetesContext, log.mask);
  const api = new ApiServer({
    ...{ config: cluster.config, namespace: kubernetesNamespace ?? cluster.namespace },
    ...{ signal, mask: log.mask, bounds },
  });
  const store = new RolloutStore(api, name, resource);
  const place = async (version: DeployedModel, template: string): Promise<string> => {
    const found = await (await registryOf(version)).resolve(version.digest);
    return fillStorageUri(template, { digest: version.digest, version: found?.version ?? version.digest });
  };
  const registered = model?.replace(/@[^@]*$/, '');
  const shared = {
    ...{ api, store, progress: log.progress },
    uriOf: (digest: string) => (registered === undefined ? '' : `${registered}@${digest}`),
  };
  if (kind === 'inferenceservice') {
    const template = storageUri ?? '';
    return new InferenceServiceTarget({
      ...shared,
      service: object,
      locate: (version) => {
        if (template === '') throw noStorageUri();
        return place(version, template);
      },
      digestAt: (address) => digestIn(template, address),
    });
  }
  return new HttpRouteTarget({
    ...shared,
    route: object,
    locate: async (version) => ({
      location: storageUri === undefined ? version.uri : await place(version, storageUri),
      image: await imageOf(await registryOf(version), version.digest),
    }),
    entrance: kubernetesAddress === undefined ? null : openHttpDoor(checkAddress(kubernetesAddress)),
  });
}

/** The image that serves a version, by digest. */
async function imageOf(registry: Registry, digest: string): Promise<string | undefined> {
  const image = (await readAttachedRecord(registry, digest, 'ModelVersion'))?.image;
  if (!image) return undefined;
  return image.reference.includes('@') ? image.reference : `${image.reference}@${image.digest}`;
}

function refuseMeaningless(given: KubernetesInputs, isInferenceService: boolean): void {
  const { traffic, kubernetesAddress, storageUri, model } = given;
  if (isInferenceService && model !== undefined && storageUri === undefined) throw noStorageUri();
  if (isInferenceService && (traffic ?? kubernetesAddress) !== undefined) {
    const key = traffic === undefined ? 'kubernetes-address' : 'traffic';
    throw new UserError(
      `The input ${key} means nothing to an InferenceService, whose requests are in its model's own protocol.`,
      {
        where: { key },
        fix: 'Leave it out, and let the users make the traffic.',
      },
    );
  }
  if (traffic !== undefined && kubernetesAddress === undefined) {
    throw new UserError('Nothing says where the traffic of the input traffic should be sent.', {
      where: { key: 'kubernetes-address' },
      fix: 'Give kubernetes-address: the http:// or https:// address at which users reach the route.',
    });
  }
}

function checkAddress(address: string): string {
  if (/^https?:\/\/[^\s/]+/.test(address)) return address;
  throw new UserError(`The input kubernetes-address is no address: ${address}.`, {
    where: { key: 'kubernetes-address' },
    fix: 'Begin it with http:// or https://.',
  });
}

const noResource = (given: string | undefined): UserError =>
  new UserError(
    given === undefined
      ? 'The input kubernetes-resource is needed by the target kubernetes.'
      : `The input kubernetes-resource is none that is known: ${given}.`,
    { where: { key: 'kubernetes-resource' }, fix: 'Give httproute/NAME or inferenceservice/NAME.' },
  );

const noStorageUri = (): UserError =>
  new UserError('The input storage-uri is needed to roll a model out with an InferenceService.', {
    where: { key: 'storage-uri' },
    fix: 'Give the address of each version with $digest or $version in it, such as s3://models/churn/$digest.',
  });
