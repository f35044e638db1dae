/** Models and endpoint configurations: made, described, listed, deleted, never changed. */
import type { ProductionVariantInput } from './endpoint-shapes.ts';
import {
  arnOf,
  type Fixed,
  isVisible,
  listed,
  type OperationHandler,
  pageOf,
  type SageMakerWorld,
  seconds,
  tagNew,
  validationError,
} from './state.ts';

const KINDS = {
  model: { folder: 'model', called: 'model', table: 'models' },
  config: { folder: 'endpoint-config', called: 'endpoint configuration', table: 'configs' },
} as const;
type Kind = keyof typeof KINDS;

/** @throws AwsFault as SageMaker does when there is none, or when it cannot be seen yet. */
export function fixedOf(kind: Kind, name: unknown, world: SageMakerWorld): Fixed {
  const { table, called, folder } = KINDS[kind];
  const found = world.state[table].get(String(name));
  if (found && isVisible(found, world)) return found;
  throw validationError(
    `Could not find ${called} "${arnOf(world, `${folder}/${String(name).toLowerCase()}`)}".`,
  );
}

function create(kind: Kind, name: string, input: Record<string, unknown>, world: SageMakerWorld): string {
  const { table, called, folder } = KINDS[kind];
  const arn = arnOf(world, `${folder}/${name.toLowerCase()}`);
  if (world.state[table].has(name))
    throw validationError(`Cannot create already existing ${called} "${arn}".`);
  const { Tags, ...fields } = input;
  world.state[table].set(name, { name, arn, createdAt: world.now(), fields });
  tagNew(arn, Tags, world);
  return arn;
}

/** AWS allows deleting what is in use; the next launch of instances then fails. */
function remove(kind: Kind, name: unknown, world: SageMakerWorld): void {
  const found = fixedOf(kind, name, world);
  for (const endpoint of world.state.endpoints.values()) {
    const fleets = [endpoint.fleet, endpoint.change?.green].filter((fleet) => fleet !== undefined);
    const isUsed = fleets.some((fleet) =>
      kind === 'config'
        ? fleet.config === found.name
        : [...fleet.variants, ...fleet.shadows].some(({ model }) => model === found.name),
    );
    if (isUsed)
      world.hazards.push(
        `The ${KINDS[kind].called} ${found.name} was deleted while ${endpoint.name} used it.`,
      );
  }
  world.state[KINDS[kind].table].delete(found.name);
  world.state.tags.delete(found.arn);
}

export const modelOperations: Record<string, OperationHandler> = {
  CreateModel(input, world) {
    const { PrimaryContainer, Containers, ExecutionRoleArn } = input;
    if ((PrimaryContainer === undefined) === (Containers === undefined))
      throw validationError('Give either PrimaryContainer or Containers.');
    for (const container of (Containers ?? [PrimaryContainer]) as Record<string, unknown>[]) {
      const { ModelPackageName, Image } = container;
      if ((ModelPackageName === undefined) === (Image === undefined))
        throw validationError('Each container must have either an Image or a ModelPackageName.');
      if (ModelPackageName !== undefined) checkApproved(String(ModelPackageName), world);
    }
    if (ExecutionRoleArn === undefined) throw validationError('Requires a value for ExecutionRoleArn');
    return { ModelArn: create('model', String(input.ModelName), input, world) };
  },
  DescribeModel(input, world) {
    const { arn, createdAt, fields } = fixedOf('model', input.ModelName, world);
    return {
      ...fields,
      ModelArn: arn,
      CreationTime: seconds(createdAt),
      EnableNetworkIsolation: fields.EnableNetworkIsolation ?? false,
    };
  },
  ListModels(input, world) {
    const { page, NextToken } = pageOf(
      listed(world.state.models.values(), input, world),
      input,
      world.pageSize,
    );
    const Models = page.map(({ name, arn, createdAt }) => {
      return { ModelName: name, ModelArn: arn, CreationTime: seconds(createdAt) };
    });
    return { Models, NextToken };
  },
  DeleteModel(input, world) {
    remove('model', input.ModelName, world);
    return undefined;
  },
};

/** A package that is pending or rejected is not deployed (AWS documents the rule; the words are the fake's own). */
function checkApproved(given: string, world: SageMakerWorld): void {
  const arn = given.startsWith('arn:') ? given : arnOf(world, `model-package/${given}`);
  const found = world.state.packages.get(arn);
  if (!found) throw validationError(`Could not find model package "${arn}".`);
  if (found.fields.ModelApprovalStatus !== 'Approved')
    throw validationError(`Model package "${arn}" is not approved: ${found.fields.ModelApprovalStatus}.`);
}

export const configOperations: Record<string, OperationHandler> = {
  CreateEndpointConfig(input, world) {
    const production = input.ProductionVariants as ProductionVariantInput[];
    const shadows = (input.ShadowProductionVariants ?? []) as ProductionVariantInput[];
    const names = [...production, ...shadows].map(({ VariantName }) => VariantName);
    if (new Set(names).size < names.length) throw validationError('The names of variants must be unique.');
    if (shadows.length > 0 && production.length > 1)
      throw validationError('With a shadow variant there may be one production variant.');
    for (const variant of [...production, ...shadows]) {
      fixedOf('model', variant.ModelName, world);
      const hasInstances = variant.InstanceType !== undefined && variant.InitialInstanceCount !== undefined;
      if (hasInstances === (variant.ServerlessConfig !== undefined))
        throw validationError(
          `${variant.VariantName} needs either InstanceType with InitialInstanceCount, or ServerlessConfig.`,
        );
    }
    return { EndpointConfigArn: create('config', String(input.EndpointConfigName), input, world) };
  },
  DescribeEndpointConfig(input, world) {
    const { arn, createdAt, fields } = fixedOf('config', input.EndpointConfigName, world);
    const filled = (variants: unknown) =>
      (variants as ProductionVariantInput[] | undefined)?.map((variant) => {
        return { InitialVariantWeight: 1, ...variant };
      });
    return {
      ...fields,
      ProductionVariants: filled(fields.ProductionVariants),
      ShadowProductionVariants: filled(fields.ShadowProductionVariants),
      ...{ EndpointConfigArn: arn, CreationTime: seconds(createdAt) },
    };
  },
  ListEndpointConfigs(input, world) {
    const { page, NextToken } = pageOf(
      listed(world.state.configs.values(), input, world),
      input,
      world.pageSize,
    );
    const EndpointConfigs = page.map(({ name, arn, createdAt }) => {
      return { EndpointConfigName: name, EndpointConfigArn: arn, CreationTime: seconds(createdAt) };
    });
    return { EndpointConfigs, NextToken };
  },
  DeleteEndpointConfig(input, world) {
    remove('config', input.EndpointConfigName, world);
    return undefined;
  },
};
