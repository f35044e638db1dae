import type { ScalableTarget, ScalingPolicy } from '@aws-sdk/client-application-auto-scaling';
import type { ScalingService } from './scaling-service.ts';

/**
 * Gives both variants the autoscaling that one of them has: bounds, suspension and policies. SageMaker removes no
 * variant that is registered for scaling, so that a variant that goes is deregistered first; when the change is then
 * taken back, this gives it its autoscaling again. Nothing happens where neither is scaled.
 */
export async function shareScaling(service: ScalingService, one: string, other: string): Promise<void> {
  const targets = await service.targets();
  const of = (variant: string) => targets.find(({ ResourceId }) => ResourceId === service.resource(variant));
  const [first, second] = [of(one), of(other)];
  if (first && !second) await copyScaling(service, first, one, other);
  else if (second && !first) await copyScaling(service, second, other, one);
  else if (first && second) await completePolicies(service, one, other);
}

async function copyScaling(
  service: ScalingService,
  { MinCapacity, MaxCapacity, SuspendedState }: ScalableTarget,
  from: string,
  to: string,
): Promise<void> {
  const policies = await service.policies(from);
  await service.register(to, {
    MinCapacity,
    MaxCapacity,
    ...(SuspendedState && { SuspendedState }),
  });
  for (const policy of policies) await service.putPolicy(to, policyFor(policy, from, to));
}

/** A run may have ended between registering a variant and giving it its policies. */
async function completePolicies(service: ScalingService, one: string, other: string): Promise<void> {
  const [ofOne, ofOther] = [await service.policies(one), await service.policies(other)];
  const lacks = (policies: ScalingPolicy[], name: string | undefined) =>
    !policies.some(({ PolicyName }) => PolicyName === name);
  for (const policy of ofOne)
    if (lacks(ofOther, policy.PolicyName)) await service.putPolicy(other, policyFor(policy, one, other));
  for (const policy of ofOther)
    if (lacks(ofOne, policy.PolicyName)) await service.putPolicy(one, policyFor(policy, other, one));
}

/** A policy may watch a metric of its own variant: then the copy watches that of the other. */
function policyFor(policy: ScalingPolicy, from: string, to: string) {
  const { PolicyName, PolicyType, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration } =
    policy;
  const custom = TargetTrackingScalingPolicyConfiguration?.CustomizedMetricSpecification;
  const dimensions = custom?.Dimensions?.map((dimension) =>
    dimension.Name === 'VariantName' && dimension.Value === from ? { ...dimension, Value: to } : dimension,
  );
  return {
    PolicyName,
    PolicyType,
    ...(StepScalingPolicyConfiguration && { StepScalingPolicyConfiguration }),
    ...(TargetTrackingScalingPolicyConfiguration && {
      TargetTrackingScalingPolicyConfiguration: {
        ...TargetTrackingScalingPolicyConfiguration,
        ...(custom && dimensions && { CustomizedMetricSpecification: { ...custom, Dimensions: dimensions } }),
      },
    }),
  };
}
