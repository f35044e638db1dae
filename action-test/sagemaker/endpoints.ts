/** The operations on endpoints. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { servingNow } from './behaviour.ts';
import { settle } from './deployment.ts';
import { checkDeployment } from './deployment-check.ts';
import { describeEndpoint } from './endpoint-description.ts';
import type { Change, DeploymentConfig, Endpoint, Fleet } from './endpoint-shapes.ts';
import { newFleet, stagesOf } from './fleet.ts';
import { fixedOf } from './models.ts';
import { checkScaledVariants } from './scaling.ts';
import {
  arnOf,
  isVisible,
  listed,
  type OperationHandler,
  pageOf,
  type SageMakerWorld,
  seconds,
  tagNew,
  validationError,
} from './state.ts';

/**
 * Statuses in which an endpoint may be changed. AWS does not say what UpdateRollbackFailed allows, nor in which words a
 * deletion in progress is refused.
 */
const CHANGEABLE = ['InService', 'UpdateRollbackFailed'];

/** @throws AwsFault as SageMaker does when there is none, or when it cannot be seen yet. */
export function endpointOf(name: unknown, world: SageMakerWorld): Endpoint {
  const found = world.state.endpoints.get(String(name));
  if (found && isVisible(found, world)) return found;
  throw validationError(
    `Could not find endpoint "${arnOf(world, `endpoint/${String(name).toLowerCase()}`)}".`,
  );
}

export const endpointOperations: Record<string, OperationHandler> = {
  CreateEndpoint(input, world) {
    const name = String(input.EndpointName);
    const arn = arnOf(world, `endpoint/${name.toLowerCase()}`);
    if (world.state.endpoints.has(name))
      throw validationError(`Cannot create already existing endpoint "${arn}".`);
    const green = launchable(input.EndpointConfigName, world);
    checkLimit([green], world);
    const endpoint: Endpoint = {
      ...{ name, arn, createdAt: world.now(), lastModified: world.now() },
      ...{ status: 'Creating', config: green.config, carried: 0 },
    };
    world.state.endpoints.set(name, endpoint);
    tagNew(arn, input.Tags, world);
    start(endpoint, world, { kind: 'create', status: 'Creating', green });
    return { EndpointArn: arn };
  },
  DescribeEndpoint(input, world) {
    return describeEndpoint(endpointOf(input.EndpointName, world));
  },
  UpdateEndpoint(input, world) {
    const endpoint = changeable(input.EndpointName, world);
    const green = launchable(input.EndpointConfigName, world);
    const deployment = (input.DeploymentConfig ??
      (input.RetainDeploymentConfig ? endpoint.lastDeployment : undefined) ??
      {}) as DeploymentConfig;
    const kept = checkDeployment(deployment, green, world);
    checkScaledVariants(endpoint, green, world);
    checkLimit([green], world);
    if (input.RetainAllVariantProperties === true) {
      const excluded = (input.ExcludeRetainedVariantProperties ?? []) as { VariantPropertyType: string }[];
      retain(
        endpoint.fleet,
        green,
        excluded.map((property) => property.VariantPropertyType),
      );
    }
    const timeout =
      kept.BlueGreenUpdatePolicy?.MaximumExecutionTimeoutInSeconds ??
      kept.RollingUpdatePolicy?.MaximumExecutionTimeoutInSeconds;
    start(endpoint, world, {
      ...{ kind: 'update', status: 'Updating', green, deployment: kept },
      stages: stagesOf(kept, green, world),
      alarms: (kept.AutoRollbackConfiguration?.Alarms ?? []).flatMap(({ AlarmName }) => AlarmName ?? []),
      deadline: timeout === undefined ? Infinity : world.now() + timeout * 1000,
    });
    return { EndpointArn: endpoint.arn };
  },
  UpdateEndpointWeightsAndCapacities(input, world) {
    const endpoint = changeable(input.EndpointName, world);
    const { variants, shadows } = endpoint.fleet!;
    const all = [...variants, ...shadows];
    const wanted = input.DesiredWeightsAndCapacities as {
      VariantName: string;
      DesiredWeight?: number;
      DesiredInstanceCount?: number;
    }[];
    const unknown = wanted.filter(({ VariantName }) => !all.some(({ name }) => name === VariantName));
    if (unknown.length > 0) {
      const names = unknown.map(({ VariantName }) => `"${VariantName}"`).join(', ');
      throw validationError(
        `The variant name(s) ${names} is/are not present within endpoint configuration "${endpoint.config}".`,
      );
    }
    let grows = false;
    for (const { VariantName, DesiredWeight, DesiredInstanceCount } of wanted) {
      const variant = all.find(({ name }) => name === VariantName)!;
      variant.desiredWeight = DesiredWeight ?? variant.desiredWeight;
      grows ||= (DesiredInstanceCount ?? 0) > (variant.count ?? 0);
      variant.desiredCount = DesiredInstanceCount ?? variant.desiredCount;
    }
    if (variants.every(({ desiredWeight }) => desiredWeight === 0))
      world.hazards.push(`Every variant of ${endpoint.name} was given the weight 0.`);
    const milliseconds = world.times.weightsMs + (grows ? world.times.launchMs : 0);
    const stages: Change['stages'] = [{ status: 'Updating', milliseconds, share: 0 }];
    start(endpoint, world, { kind: 'weights', status: 'Updating', stages });
    return { EndpointArn: endpoint.arn };
  },
  DeleteEndpoint(input, world) {
    const endpoint = endpointOf(input.EndpointName, world);
    if (![...CHANGEABLE, 'Failed'].includes(endpoint.status)) throw inProgress(endpoint);
    if (servingNow(endpoint).length > 0) world.hazards.push(`${endpoint.name} was deleted while it served.`);
    endpoint.fleet = undefined;
    const stages: Change['stages'] = [{ status: 'Deleting', milliseconds: world.times.deleteMs, share: 0 }];
    start(endpoint, world, { kind: 'delete', status: 'Deleting', stages });
    return undefined;
  },
  ListEndpoints(input, world) {
    const found = listed(world.state.endpoints.values(), input, world).filter(
      ({ status }) => (input.StatusEquals ?? status) === status,
    );
    const { page, NextToken } = pageOf(found, input, world.pageSize);
    const Endpoints = page.map(({ name, arn, createdAt, lastModified, status }) => ({
      ...{ EndpointName: name, EndpointArn: arn, EndpointStatus: status },
      ...{ CreationTime: seconds(createdAt), LastModifiedTime: seconds(lastModified) },
    }));
    return { Endpoints, NextToken };
  },
};

function changeable(name: unknown, world: SageMakerWorld): Endpoint {
  const endpoint = endpointOf(name, world);
  if (CHANGEABLE.includes(endpoint.status)) return endpoint;
  if (endpoint.status === 'Failed')
    throw validationError(
      `Cannot update endpoint "${endpoint.arn}": its status is Failed; it can only be deleted.`,
    );
  throw inProgress(endpoint);
}

const inProgress = ({ arn }: Endpoint): AwsFault =>
  validationError(`Cannot update in-progress endpoint "${arn}".`);

function launchable(configName: unknown, world: SageMakerWorld): Fleet {
  const green = newFleet(fixedOf('config', configName, world), world);
  for (const { model } of [...green.variants, ...green.shadows]) fixedOf('model', model, world);
  return green;
}

function checkLimit(added: Fleet[], world: SageMakerWorld): void {
  const used = [...world.state.endpoints.values()].flatMap(({ fleet }) => fleet ?? []);
  const count = (fleets: Fleet[]) =>
    fleets
      .flatMap(({ variants, shadows }) => [...variants, ...shadows])
      .reduce((sum, variant) => sum + (variant.count ?? 0), 0);
  const total = count([...used, ...added]);
  if (total > world.instanceLimit)
    throw new AwsFault(
      'ResourceLimitExceeded',
      `The account-level service limit for endpoint usage is ${world.instanceLimit} Instances, with current utilization of ${count(used)} Instances and a request delta of ${count(added)} Instances.`,
    );
}

function retain(blue: Fleet | undefined, green: Fleet, excluded: string[]): void {
  for (const variant of green.variants) {
    const old = blue?.variants.find(({ name }) => name === variant.name);
    if (!old) continue;
    if (!excluded.includes('DesiredWeight'))
      Object.assign(variant, { weight: old.weight, desiredWeight: old.weight });
    if (!excluded.includes('DesiredInstanceCount'))
      Object.assign(variant, { count: old.count, desiredCount: old.count });
  }
}

/** An update has its stages; a launch is all that a creation is. */
function start(
  endpoint: Endpoint,
  world: SageMakerWorld,
  { status, ...change }: Pick<Change, 'kind'> & { status: string } & Partial<Change>,
): void {
  const fate = change.kind === 'delete' ? undefined : world.fates.get(endpoint.name);
  if (fate !== undefined) world.fates.delete(endpoint.name);
  endpoint.status = status;
  endpoint.failureReason = undefined;
  endpoint.lastModified = world.now();
  endpoint.change = {
    ...{
      startedAt: world.now(),
      stageStartedAt: world.now(),
      fate: fate ?? 'succeeds',
      alarms: [],
      deadline: Infinity,
    },
    stages: [{ status: 'Creating', milliseconds: world.times.launchMs, share: 0 }],
    ...change,
  };
  settle(endpoint, world);
}
