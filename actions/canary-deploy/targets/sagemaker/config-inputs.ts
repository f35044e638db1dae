import type { CreateEndpointConfigCommandInput, ProductionVariant } from '@aws-sdk/client-sagemaker';
import { UserError } from '../../../../shared/errors.ts';
import type { DeployedModel } from '../target.ts';
import type { Tags } from './aws-requests.ts';
import { taken } from './deployable-model.ts';
import type { Endpoint, EndpointConfig, EndpointService } from './endpoint-service.ts';
import { checkedTags, contentName, TAG } from './names.ts';
import type { Arm, EndpointView } from './view.ts';

/** The instances of a first deployment. */
export interface Instances {
  type: string | undefined;
  count: number | undefined;
  role: string | undefined;
}

type ConfigInput = Omit<CreateEndpointConfigCommandInput, 'EndpointConfigName' | 'Tags'>;

/** What of a config is not its variants: kept from config to config. */
function surroundingsOf(config: EndpointConfig): Omit<ConfigInput, 'ProductionVariants'> {
  const { DataCaptureConfig, KmsKeyId, ExplainerConfig, ExecutionRoleArn, VpcConfig } = config;
  const { EnableNetworkIsolation, MetricsConfig } = config;
  return {
    ...(DataCaptureConfig && { DataCaptureConfig }),
    ...(KmsKeyId && { KmsKeyId }),
    ...(ExplainerConfig && { ExplainerConfig }),
    ...(ExecutionRoleArn && { ExecutionRoleArn }),
    ...(VpcConfig && { VpcConfig }),
    ...(EnableNetworkIsolation !== undefined && { EnableNetworkIsolation }),
    ...(MetricsConfig && { MetricsConfig }),
  };
}

/** A variant with the instances that it has now: autoscaling or a person may have changed their number. */
function asItIs(variant: ProductionVariant, endpoint: Endpoint): ProductionVariant {
  const now = endpoint.ProductionVariants?.find(({ VariantName }) => VariantName === variant.VariantName);
  const count = now?.DesiredInstanceCount ?? now?.CurrentInstanceCount;
  return { ...variant, ...(count !== undefined && count > 0 && { InitialInstanceCount: count }) };
}

const armTags = (
  role: 'champion' | 'challenger',
  variant: string | undefined,
  { digest, uri }: DeployedModel,
) => ({
  [TAG[role]]: variant,
  [TAG[`${role}Digest`]]: digest,
  [TAG[`${role}Uri`]]: uri,
});

const previousTags = (previous: (DeployedModel & { config: string }) | null) =>
  previous
    ? {
        [TAG.previousConfig]: previous.config,
        [TAG.previousDigest]: previous.digest,
        [TAG.previousUri]: previous.uri,
      }
    : {};

/** A model with the variant that serves it and its SageMaker model. */
export interface NamedModel extends DeployedModel {
  variant: string;
  modelName: string;
}

export interface WantedConfig {
  input: ConfigInput;
  tags: Record<string, string | undefined>;
}

/** The champion as it serves, and a challenger on as many instances of its kind, without traffic. */
export function sideBySide(view: EndpointView & { champion: Arm }, challenger: NamedModel): WantedConfig {
  const own = aloneWithAll(view);
  // An omitted weight would be 1.
  const added = { ...asChallenger(own, challenger), InitialVariantWeight: 0 };
  return {
    input: { ...surroundingsOf(view.config), ProductionVariants: [own, added] },
    tags: pairTags(view, challenger),
  };
}

/**
 * The champion as it serves, and a challenger on as many instances of its kind that gets a copy of each request and
 * answers nobody. SageMaker allows one variant of each kind; a shadow of the same weight gets every request.
 */
export function inShadow(view: EndpointView & { champion: Arm }, challenger: NamedModel): WantedConfig {
  const own = aloneWithAll(view);
  return {
    input: {
      ...surroundingsOf(view.config),
      ProductionVariants: [own],
      ShadowProductionVariants: [asChallenger(own, challenger)],
    },
    tags: pairTags(view, challenger),
  };
}

const aloneWithAll = ({ champion, endpoint }: EndpointView & { champion: Arm }): ProductionVariant => ({
  ...asItIs(champion.variant, endpoint),
  InitialVariantWeight: 100,
});

const asChallenger = (own: ProductionVariant, { variant, modelName }: NamedModel): ProductionVariant => ({
  ...own,
  VariantName: variant,
  ModelName: modelName,
});

const pairTags = (view: EndpointView & { champion: Arm }, challenger: NamedModel): WantedConfig['tags'] => ({
  ...armTags('champion', view.champion.variant.VariantName, view.champion),
  ...armTags('challenger', challenger.variant, challenger),
  [TAG.base]: view.configTags[TAG.base] ?? view.config.EndpointConfigName,
  ...previousTags(view.previous),
});

/** One arm of an endpoint alone, as the champion. */
export function alone(
  view: EndpointView,
  arm: Arm,
  previous: (DeployedModel & { config: string }) | null,
): WantedConfig {
  const variant = { ...asItIs(arm.variant, view.endpoint), InitialVariantWeight: 100 };
  return {
    input: { ...surroundingsOf(view.config), ProductionVariants: [variant] },
    tags: { ...armTags('champion', arm.variant.VariantName, arm), ...previousTags(previous) },
  };
}

/** The first config of an endpoint. @throws UserError where the inputs do not say on what it runs. */
export function firstConfig(challenger: NamedModel, instances: Instances): WantedConfig {
  if (!instances.type) {
    throw new UserError('There is no endpoint yet, and nothing says on which instances it should run.', {
      where: { key: 'instance-type' },
      fix: 'Give instance-type, e.g. ml.m5.large, and execution-role.',
    });
  }
  const variant = {
    VariantName: challenger.variant,
    ModelName: challenger.modelName,
    InstanceType: instances.type as NonNullable<ProductionVariant['InstanceType']>,
    InitialInstanceCount: instances.count ?? 1,
    InitialVariantWeight: 100,
  };
  return {
    input: { ProductionVariants: [variant] },
    tags: armTags('challenger', challenger.variant, challenger),
  };
}

/** Makes a config, or finds the same one. @returns its name. */
export async function makeConfig(
  service: EndpointService,
  modelName: string,
  { input, tags: roles }: WantedConfig,
): Promise<string> {
  const own = checkedTags(roles);
  const { name, digest } = contentName(service.endpoint, { kind: 'config', input, tags: own });
  const tags: Tags = {
    ...own,
    ...checkedTags({ [TAG.name]: modelName, [TAG.endpoint]: service.endpoint, [TAG.digest]: digest }),
  };
  if (await service.createConfig({ ...input, EndpointConfigName: name }, tags)) return name;
  const found = await service.describeConfig(name);
  const known = found?.EndpointConfigArn ? await service.tags(found.EndpointConfigArn) : {};
  if (known[TAG.digest] === digest) return name;
  throw taken('endpoint config', name);
}
