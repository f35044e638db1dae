/** Application Auto Scaling: what is registered for a variant. The fake keeps it and scales nothing by itself. */
import { AwsFault } from '../../shared/testing/aws/aws-fault.ts';
import type { Endpoint, Fleet } from './endpoint-shapes.ts';
import { type OperationHandler, pageOf, type SageMakerWorld, seconds, validationError } from './state.ts';

type Fields = Record<string, unknown>;

const keyOf = ({ ServiceNamespace, ResourceId, ScalableDimension }: Fields): string =>
  [ServiceNamespace, ResourceId, ScalableDimension].join(' ');
const policyKey = (input: Fields): string => `${keyOf(input)} ${input.PolicyName}`;
const notFound = (what: string): AwsFault => new AwsFault('ObjectNotFoundException', what);

export const scalingOperations: Record<string, OperationHandler> = {
  RegisterScalableTarget(input, world) {
    const key = keyOf(input);
    const old = world.state.scaling.targets.get(key);
    if (!old && (input.MinCapacity === undefined || input.MaxCapacity === undefined))
      throw validationError('MinCapacity and MaxCapacity are required for a new scalable target.');
    checkVariant(String(input.ResourceId), world);
    const { region, account } = world;
    const { Tags: _tags, ...sent } = input;
    const ScalableTargetARN = `arn:aws:application-autoscaling:${region}:${account}:scalable-target/${world.state.scaling.targets.size}`;
    const RoleARN = `arn:aws:iam::${account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`;
    const target: Fields = {
      RoleARN,
      CreationTime: seconds(world.now()),
      ScalableTargetARN,
      ...old,
      ...sent,
    };
    if (Number(target.MinCapacity) > Number(target.MaxCapacity))
      throw validationError('MaxCapacity must be at least MinCapacity.');
    world.state.scaling.targets.set(key, target);
    return { ScalableTargetARN: target.ScalableTargetARN };
  },
  DescribeScalableTargets: (input, world) => {
    const { page, NextToken } = found(world.state.scaling.targets, input, world);
    return { ScalableTargets: page, NextToken };
  },
  DeregisterScalableTarget(input, world) {
    const { targets, policies } = world.state.scaling;
    if (!targets.delete(keyOf(input))) throw notFound(`No scalable target found for ${keyOf(input)}`);
    for (const [key, policy] of policies) if (keyOf(policy) === keyOf(input)) policies.delete(key);
    return {};
  },
  PutScalingPolicy(input, world) {
    const { targets, policies } = world.state.scaling;
    if (!targets.has(keyOf(input))) throw notFound(`No scalable target registered for ${keyOf(input)}`);
    const { region, account } = world;
    const PolicyARN = `arn:aws:autoscaling:${region}:${account}:scalingPolicy:0:resource/sagemaker/${input.ResourceId}:policyName/${input.PolicyName}`;
    const made = { PolicyARN, PolicyType: 'StepScaling', CreationTime: seconds(world.now()), Alarms: [] };
    policies.set(policyKey(input), { ...made, ...input });
    return { PolicyARN, Alarms: [] };
  },
  DescribeScalingPolicies(input, world) {
    const names = input.PolicyNames as string[] | undefined;
    const { page, NextToken } = found(world.state.scaling.policies, input, world, ({ PolicyName }) =>
      names ? names.includes(String(PolicyName)) : true,
    );
    return { ScalingPolicies: page, NextToken };
  },
  DeleteScalingPolicy(input, world) {
    if (!world.state.scaling.policies.delete(policyKey(input)))
      throw notFound(`No scaling policy found for ${policyKey(input)}`);
    return {};
  },
};

function found(
  entries: Map<string, Fields>,
  input: Fields,
  world: SageMakerWorld,
  fits: (entry: Fields) => boolean = () => true,
): { page: Fields[]; NextToken?: string } {
  const ids = (input.ResourceIds ?? (input.ResourceId === undefined ? undefined : [input.ResourceId])) as
    | string[]
    | undefined;
  const own = [...entries.values()].filter(
    (entry) =>
      entry.ServiceNamespace === input.ServiceNamespace &&
      (ids === undefined || ids.includes(String(entry.ResourceId))) &&
      (input.ScalableDimension ?? entry.ScalableDimension) === entry.ScalableDimension &&
      fits(entry),
  );
  return pageOf(own, { MaxResults: 50, ...input }, world.pageSize);
}

const resourceId = (endpoint: string, variant: string): string => `endpoint/${endpoint}/variant/${variant}`;

function checkVariant(id: string, { state }: SageMakerWorld): void {
  const [, endpoint = '', variant] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(id) ?? [];
  const isThere = state.endpoints.get(endpoint)?.fleet?.variants.some(({ name }) => name === variant);
  if (!isThere) throw validationError(`The endpoint or variant of ${id} does not exist.`);
}

/** SageMaker does not take a variant away that is registered for scaling. @throws AwsFault */
export function checkScaledVariants(
  { name, fleet }: Endpoint,
  green: Fleet,
  { state }: SageMakerWorld,
): void {
  const registered = new Set([...state.scaling.targets.values()].map(({ ResourceId }) => String(ResourceId)));
  const taken = (fleet?.variants ?? []).filter((old) => {
    const next = green.variants.find((variant) => variant.name === old.name);
    const isKept = next?.sent.InstanceType === old.sent.InstanceType;
    return registered.has(resourceId(name, old.name)) && !isKept;
  });
  if (taken.length > 0)
    throw validationError(
      `The variant(s) "[${taken.map((variant) => variant.name).join(', ')}]" must be deregistered as scalable targets with AWS Auto Scaling before they can be removed or have their instance type updated.`,
    );
}
