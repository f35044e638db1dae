import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import { groupOf } from './model-package-groups.ts';
import {
  arnOf,
  isSeen,
  type ModelPackage,
  type OperationHandler,
  pageOf,
  type SageMakerWorld,
  seconds,
  validationError,
} from './state.ts';

/** How long a package is InProgress, by the fake's clock. */
const IN_PROGRESS_MS = 2000;
/** Fields of CreateModelPackage that Describe gives back as they came. */
const KEPT = [
  'ModelPackageDescription',
  'ModelPackageRegistrationType',
  'InferenceSpecification',
  'ModelApprovalStatus',
  'MetadataProperties',
  'ModelMetrics',
  'CustomerMetadataProperties',
  'SourceUri',
  'ModelLifeCycle',
];
/** Fields that UpdateModelPackage sets, and that moto's forgets when they are not sent. */
const UPDATED = [
  'ModelApprovalStatus',
  'ApprovalDescription',
  'CustomerMetadataProperties',
  'ModelLifeCycle',
];

/** Versioned model packages. */
export const packageOperations: Record<string, OperationHandler> = {
  CreateModelPackage(input, world) {
    const { state } = world;
    const { ModelPackageGroupName, ClientToken, Tags, InferenceSpecification, SourceUri } = input;
    if (ModelPackageGroupName === undefined) throw validationError('The fake knows versioned packages only');
    if (Tags !== undefined) throw validationError('Tags are not supported for versioned model packages');
    if (InferenceSpecification === undefined && SourceUri === undefined)
      throw validationError('Either InferenceSpecification or SourceUri must be given');
    const group = groupOf(ModelPackageGroupName, world);
    const known =
      ClientToken !== undefined && !world.ignoresClientToken && state.tokens.get(String(ClientToken));
    const asSent = JSON.stringify(input);
    if (known) {
      if (known.input === asSent) return { ModelPackageArn: known.arn };
      throw new AwsFault('ConflictException', 'The client token was used with other parameters.');
    }
    const version = group.next++;
    const arn = arnOf(world, `model-package/${group.name}/${version}`);
    const fields = Object.fromEntries(
      KEPT.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])),
    );
    state.packages.set(arn, {
      ...{ arn, group: group.name, version, createdAt: world.now() },
      unseenBy: new Set(['DescribeModelPackage', 'ListModelPackages']),
      fields: { ModelApprovalStatus: 'PendingManualApproval', ...fields },
    });
    if (ClientToken !== undefined) state.tokens.set(String(ClientToken), { arn, input: asSent });
    return { ModelPackageArn: arn };
  },
  DescribeModelPackage(input, world) {
    const found = packageOf(input.ModelPackageName, world);
    if (!isSeen(found, 'DescribeModelPackage')) throw noSuchPackage(found.arn);
    return {
      ...found.fields,
      ModelPackageName: `${found.group}`,
      ...identity(found, world),
      ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: [] },
      CreatedBy: {},
      ...(found.lastModified === undefined
        ? {}
        : { LastModifiedTime: seconds(found.lastModified), LastModifiedBy: { UserProfileName: 'ann' } }),
    };
  },
  ListModelPackages(input, world) {
    if (input.ModelPackageGroupName === undefined) return { ModelPackageSummaryList: [] };
    const group = groupOf(input.ModelPackageGroupName, world);
    const own = [...world.state.packages.values()].filter(
      (entry) => entry.group === group.name && isSeen(entry, 'ListModelPackages'),
    );
    if (input.SortOrder === 'Descending') own.reverse();
    const { page, NextToken } = pageOf(own, input, world.pageSize);
    const ModelPackageSummaryList = page.map((entry) => ({
      ...identity(entry, world),
      ModelPackageDescription: entry.fields.ModelPackageDescription,
      ModelApprovalStatus: entry.fields.ModelApprovalStatus,
      ModelLifeCycle: entry.fields.ModelLifeCycle,
    }));
    return { ModelPackageSummaryList, NextToken };
  },
  UpdateModelPackage(input, world) {
    const found = packageOf(input.ModelPackageArn, world);
    const removed = (input.CustomerMetadataPropertiesToRemove ?? []) as string[];
    const before = found.fields.CustomerMetadataProperties as Record<string, string> | undefined;
    for (const name of UPDATED) {
      if (input[name] !== undefined) found.fields[name] = input[name];
      else if (world.updateErases) delete found.fields[name];
    }
    if (input.CustomerMetadataProperties !== undefined && !world.updateErases)
      found.fields.CustomerMetadataProperties = { ...before, ...input.CustomerMetadataProperties };
    const properties = { ...(found.fields.CustomerMetadataProperties as Record<string, string> | undefined) };
    for (const name of removed) delete properties[name];
    if (removed.length > 0) found.fields.CustomerMetadataProperties = properties;
    found.lastModified = world.now();
    return { ModelPackageArn: found.arn };
  },
  DeleteModelPackage(input, world) {
    world.state.packages.delete(packageOf(input.ModelPackageName, world).arn);
    return undefined;
  },
};

function identity(found: ModelPackage, world: SageMakerWorld): Record<string, unknown> {
  const isDone = world.now() - found.createdAt >= IN_PROGRESS_MS;
  return {
    ModelPackageGroupName: found.group,
    ModelPackageVersion: found.version,
    ModelPackageArn: found.arn,
    CreationTime: seconds(found.createdAt),
    ModelPackageStatus: isDone ? 'Completed' : 'InProgress',
  };
}

/** By ARN or `group/version`. */
function packageOf(given: unknown, world: SageMakerWorld): ModelPackage {
  const text = String(given);
  const arn = text.startsWith('arn:') ? text : arnOf(world, `model-package/${text}`);
  const found = world.state.packages.get(arn);
  if (!found) throw noSuchPackage(arn);
  return found;
}

const noSuchPackage = (arn: string): AwsFault => validationError(`ModelPackage ${arn} does not exist.`);
