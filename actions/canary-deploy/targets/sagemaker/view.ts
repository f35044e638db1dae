import type { ProductionVariant } from '@aws-sdk/client-sagemaker';
import { UserError } from '../../../../shared/errors.ts';
import type { DeployedModel } from '../target.ts';
import type { Tags } from './aws-requests.ts';
import type { Endpoint, EndpointConfig, EndpointService } from './endpoint-service.ts';
import { TAG } from './names.ts';

/** A variant and the model that it serves. */
export interface Arm extends DeployedModel {
  variant: ProductionVariant & { VariantName: string };
}

/** What an endpoint serves, from its own description, its config and their tags alone. */
export interface EndpointView {
  endpoint: Endpoint;
  arn: string;
  config: EndpointConfig & { EndpointConfigName: string };
  /** Of the config. */
  configTags: Tags;
  /** Of the endpoint. */
  tags: Tags;
  champion: Arm | null;
  challenger: Arm | null;
  /** Per cent of the requests that the challenger answers. */
  weight: number;
  /** Whether the challenger is a shadow: it gets copies of the requests and answers nobody. */
  mirrored: boolean;
  previous: (DeployedModel & { config: string }) | null;
}

/** Who serves at an endpoint that is at rest. @throws UserError when it is not one that this action can work with. */
export async function viewEndpoint(service: EndpointService, endpoint: Endpoint): Promise<EndpointView> {
  const name = endpoint.EndpointConfigName ?? '';
  const found = await service.configWithTags(name);
  if (!found) {
    throw refuse(
      service.endpoint,
      `its config ${name} was deleted`,
      'Update it to a config that exists, and run again.',
    );
  }
  const config = { ...found.config, EndpointConfigName: name };
  const { tags: configTags } = found;
  const tags = await service.tags(endpoint.EndpointArn ?? '');
  const base = { endpoint, arn: endpoint.EndpointArn ?? '', config, configTags, tags };
  const isOurs = configTags[TAG.endpoint] === service.endpoint;
  refuseForeignKind(service.endpoint, config, isOurs);
  const previousConfig = configTags[TAG.previousConfig];
  const previousModel = taggedModel(configTags[TAG.previousDigest], configTags[TAG.previousUri]);
  const previous = previousConfig && previousModel ? { ...previousModel, config: previousConfig } : null;
  if (!isOurs) {
    return {
      ...base,
      champion: await foreignArm(service, config),
      challenger: null,
      weight: 0,
      mirrored: false,
      previous: null,
    };
  }
  const marked = {
    champion: armOf(
      config,
      configTags[TAG.champion],
      taggedModel(configTags[TAG.championDigest], configTags[TAG.championUri]),
    ),
    challenger: armOf(
      config,
      configTags[TAG.challenger],
      taggedModel(configTags[TAG.challengerDigest], configTags[TAG.challengerUri]),
    ),
  };
  // The first model of an endpoint is its challenger until it is made the champion.
  const isCrowned = !marked.champion && tags[TAG.crowned] === name;
  const arms = isCrowned ? { champion: marked.challenger, challenger: null } : marked;
  const mirrored = (config.ShadowProductionVariants ?? []).some(
    ({ VariantName }) => VariantName === arms.challenger?.variant.VariantName,
  );
  return { ...base, ...arms, weight: mirrored ? 0 : weightOf(endpoint, arms), mirrored, previous };
}

/** The model of an arm; null where there is none. */
export function modelOf(arm: Arm | null | undefined): DeployedModel | null {
  return arm ? { digest: arm.digest, uri: arm.uri } : null;
}

const taggedModel = (digest: string | undefined, uri: string | undefined): DeployedModel | null =>
  digest !== undefined && uri !== undefined ? { digest, uri } : null;

function armOf(config: EndpointConfig, variant: string | undefined, model: DeployedModel | null): Arm | null {
  const all = [...(config.ProductionVariants ?? []), ...(config.ShadowProductionVariants ?? [])];
  const found = all.find(({ VariantName }) => VariantName === variant);
  return found && model ? { ...model, variant: { ...found, VariantName: found.VariantName ?? '' } } : null;
}

function weightOf(
  endpoint: Endpoint,
  { champion, challenger }: Pick<EndpointView, 'champion' | 'challenger'>,
): number {
  if (!challenger) return 0;
  if (!champion) return 100;
  const of = (arm: Arm) =>
    endpoint.ProductionVariants?.find(({ VariantName }) => VariantName === arm.variant.VariantName)
      ?.CurrentWeight ?? 0;
  const sum = of(champion) + of(challenger);
  // To the millionth: weights are kept in single precision.
  return sum === 0 ? 0 : Math.round((of(challenger) / sum) * 100e6) / 1e6;
}

/** The only variant of a config that others made, whose model is one of a registered package. */
async function foreignArm(service: EndpointService, config: EndpointConfig): Promise<Arm> {
  const [variant, more] = config.ProductionVariants ?? [];
  if (!variant || more) {
    throw refuse(
      service.endpoint,
      'it has several variants that this action did not make',
      'Update it to a config with the champion alone, and run again.',
    );
  }
  const model = await service.describeModel(variant.ModelName ?? '');
  const container = model?.PrimaryContainer ?? model?.Containers?.[0];
  const known = container?.ModelPackageName && (await service.packages.modelOf(container.ModelPackageName));
  if (!known) {
    throw refuse(
      service.endpoint,
      `its model ${variant.ModelName} comes from no version that register-model registered`,
      'Register the model that serves, deploy it to a new endpoint by this action, and send users there.',
    );
  }
  return { ...known, variant: { ...variant, VariantName: variant.VariantName ?? '' } };
}

function refuseForeignKind(endpoint: string, config: EndpointConfig, isOurs: boolean): void {
  const variants = config.ProductionVariants ?? [];
  const why = config.AsyncInferenceConfig
    ? 'it answers asynchronously'
    : variants.some(({ ModelName }) => !ModelName)
      ? 'it serves inference components'
      : undefined;
  if (!isOurs && config.ShadowProductionVariants?.length) {
    throw refuse(
      endpoint,
      'it has a shadow variant that this action did not make',
      'End that shadow test, so that the champion is alone, and run again.',
    );
  }
  if (why)
    throw refuse(endpoint, why, 'Use an endpoint that answers in real time, with one model per variant.');
}

function refuse(endpoint: string, why: string, fix: string): UserError {
  return new UserError(`The endpoint ${endpoint} is not one for a rollout: ${why}.`, {
    where: { key: 'endpoint' },
    fix,
  });
}
