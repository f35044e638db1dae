import { type OperationHandler, type SageMakerWorld, validationError } from './state.ts';

const MOST_TAGS = 50;

/** Tags of any resource, by its ARN. */
export const tagOperations: Record<string, OperationHandler> = {
  AddTags(input, world) {
    const tags = tagsOf(input.ResourceArn, world);
    for (const { Key, Value } of input.Tags as { Key: string; Value: string }[]) tags.set(Key, Value);
    if (tags.size > MOST_TAGS) throw validationError(`More than ${MOST_TAGS} tags`);
    return { Tags: listed(tags) };
  },
  ListTags(input, world) {
    return { Tags: listed(tagsOf(input.ResourceArn, world)) };
  },
  DeleteTags(input, world) {
    const tags = tagsOf(input.ResourceArn, world);
    for (const key of input.TagKeys as string[]) tags.delete(key);
    return {};
  },
};

function tagsOf(arn: unknown, world: SageMakerWorld): Map<string, string> {
  const tags = world.state.tags.get(String(arn));
  if (!tags) throw validationError(`Resource ${arn} does not exist.`);
  return tags;
}

const listed = (tags: Map<string, string>) => [...tags].map(([Key, Value]) => ({ Key, Value }));
