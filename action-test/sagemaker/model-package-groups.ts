import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import {
  arnOf,
  isSeen,
  type ModelPackageGroup,
  type OperationHandler,
  pageOf,
  type SageMakerWorld,
  seconds,
  validationError,
} from './state.ts';

/** Groups of model packages: the names of models. */
export const groupOperations: Record<string, OperationHandler> = {
  CreateModelPackageGroup(input, world) {
    const name = String(input.ModelPackageGroupName);
    const arn = arnOf(world, `model-package-group/${name}`);
    if (world.state.groups.has(name)) throw validationError(`Model Package Group already exists: ${arn}`);
    const createdAt = world.now();
    const unseenBy = new Set(['DescribeModelPackageGroup']);
    const description = input.ModelPackageGroupDescription as string | undefined;
    world.state.groups.set(name, { arn, createdAt, unseenBy, name, description, next: 1 });
    const tags = (input.Tags ?? []) as { Key: string; Value: string }[];
    world.state.tags.set(arn, new Map(tags.map(({ Key, Value }) => [Key, Value])));
    return { ModelPackageGroupArn: arn };
  },
  DescribeModelPackageGroup(input, world) {
    const group = groupOf(input.ModelPackageGroupName, world);
    if (!isSeen(group, 'DescribeModelPackageGroup')) throw noSuchGroup(group.name, world);
    return { ...summary(group), CreatedBy: {}, ModelPackageGroupDescription: group.description };
  },
  ListModelPackageGroups(input, world) {
    const { page, NextToken } = pageOf([...world.state.groups.values()], input, world.pageSize);
    return { ModelPackageGroupSummaryList: page.map(summary), NextToken };
  },
  DeleteModelPackageGroup(input, world) {
    const group = groupOf(input.ModelPackageGroupName, world);
    if ([...world.state.packages.values()].some((entry) => entry.group === group.name))
      throw new AwsFault(
        'ConflictException',
        'Model Package Group contains model packages and cannot be deleted.',
      );
    world.state.groups.delete(group.name);
    world.state.tags.delete(group.arn);
    return undefined;
  },
};

const summary = (group: ModelPackageGroup) => ({
  ModelPackageGroupName: group.name,
  ModelPackageGroupArn: group.arn,
  CreationTime: seconds(group.createdAt),
  ModelPackageGroupStatus: 'Completed',
});

/** By name or ARN. @throws AwsFault as SageMaker does when there is none. */
export function groupOf(given: unknown, world: SageMakerWorld): ModelPackageGroup {
  const name = String(given).split('/').at(-1) ?? '';
  const group = world.state.groups.get(name);
  if (!group) throw noSuchGroup(name, world);
  return group;
}

const noSuchGroup = (name: string, world: SageMakerWorld): AwsFault =>
  validationError(`ModelPackageGroup ${arnOf(world, `model-package-group/${name}`)} does not exist.`);
