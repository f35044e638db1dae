import type { DeploymentConfig, Fleet } from './endpoint-shapes.ts';
import { type SageMakerWorld, validationError } from './state.ts';

type Size = { Type: string; Value: number } | undefined;

/**
 * The limits of deployment guardrails as AWS documents them.
 * @returns what is carried out: instances of Inf1 fall back, without a word, to all at once.
 * @throws AwsFault
 */
export function checkDeployment(
  given: DeploymentConfig,
  green: Fleet,
  world: SageMakerWorld,
): DeploymentConfig {
  const { BlueGreenUpdatePolicy, RollingUpdatePolicy, AutoRollbackConfiguration } = given;
  if (BlueGreenUpdatePolicy && RollingUpdatePolicy)
    throw validationError('Give either BlueGreenUpdatePolicy or RollingUpdatePolicy.');
  for (const { AlarmName } of AutoRollbackConfiguration?.Alarms ?? [])
    if (!world.state.alarms.has(AlarmName ?? ''))
      throw validationError(`Could not find alarm "${AlarmName}".`);
  if (RollingUpdatePolicy) {
    if (green.variants.length > 1 || green.variants.some(({ count }) => count === undefined))
      throw validationError('A rolling deployment needs one production variant, and no serverless one.');
    within(RollingUpdatePolicy.MaximumBatchSize, 5, 50, 'MaximumBatchSize');
  }
  const routing = BlueGreenUpdatePolicy?.TrafficRoutingConfiguration;
  if (routing?.Type === 'CANARY') within(routing.CanarySize, 1, 50, 'CanarySize');
  if (routing?.Type === 'LINEAR') within(routing.LinearStepSize, 10, 50, 'LinearStepSize');
  if (!routing || !green.variants.some(({ sent }) => sent.InstanceType?.startsWith('ml.inf1.'))) return given;
  const allAtOnce = { Type: 'ALL_AT_ONCE' as const, WaitIntervalInSeconds: routing.WaitIntervalInSeconds };
  return {
    ...given,
    BlueGreenUpdatePolicy: { ...BlueGreenUpdatePolicy, TrafficRoutingConfiguration: allAtOnce },
  };
}

function within(size: Size, least: number, most: number, name: string): void {
  if (!size) throw validationError(`${name} is required.`);
  if (size.Type === 'CAPACITY_PERCENT' && (size.Value < least || size.Value > most))
    throw validationError(`${name} must be ${least} to ${most} percent, not ${size.Value}.`);
}
