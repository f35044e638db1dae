/** What an endpoint goes through over the fake's clock: launches, shifts of traffic, baking, roll-backs. */
import { alarmsRaised } from './alarms.ts';
import { behaviourOf } from './behaviour.ts';
import type { Change, Endpoint, Fleet } from './endpoint-shapes.ts';
import type { SageMakerWorld } from './state.ts';

/** The share of UpdateRollbackFailed: old and new instances serve together. */
const MIXED_SHARE = 0.5;

/** When the endpoint next changes by itself; Infinity when it does not. */
export function nextChangeAt({ change }: Endpoint): number {
  const [stage] = change?.stages ?? [];
  if (!change || !stage) return Infinity;
  const ends = change.fate === 'hangs' ? Infinity : change.stageStartedAt + stage.milliseconds;
  return Math.min(ends, change.deadline);
}

/** Carries an endpoint to now. */
export function settle(endpoint: Endpoint, world: SageMakerWorld): void {
  for (;;) {
    const { change } = endpoint;
    if (!change) return;
    if (change.kind === 'update') {
      const raised = alarmsRaised(change.alarms, world);
      if (raised.length > 0) {
        rollBack(endpoint, change, world, `One or more alarms are in alarm state: ${raised.join(', ')}`);
        return;
      }
    }
    if (nextChangeAt(endpoint) > world.now()) return;
    if (world.now() >= change.deadline) {
      rollBack(endpoint, change, world, 'The deployment did not end in its maximum execution time.');
      return;
    }
    endStage(endpoint, change, world);
  }
}

function endStage(endpoint: Endpoint, change: Change, world: SageMakerWorld): void {
  const ended = change.stages.shift()!;
  change.stageStartedAt += ended.milliseconds;
  if (ended.status === 'Creating') {
    const failing = change.green && launchFailure(change.green, world);
    if (failing) {
      const isNew = change.kind === 'create';
      if (isNew) finish(endpoint, world, 'Failed', failing);
      else rollBack(endpoint, change, world, failing);
      return;
    }
  }
  if (change.fate !== 'succeeds' && change.kind !== 'rollback') {
    meetFate(endpoint, change, world);
    return;
  }
  if (change.stages.length > 0) return;
  if (change.green && change.kind !== 'rollback') {
    endpoint.fleet = change.green;
    endpoint.config = change.green.config;
    endpoint.mixed = undefined;
    endpoint.lastDeployment = change.deployment;
  }
  if (change.kind === 'delete') {
    world.state.endpoints.delete(endpoint.name);
    world.state.tags.delete(endpoint.arn);
  }
  if (change.kind === 'weights') {
    for (const variant of [...(endpoint.fleet?.variants ?? []), ...(endpoint.fleet?.shadows ?? [])]) {
      variant.weight = variant.desiredWeight;
      variant.count = variant.desiredCount;
    }
  }
  finish(endpoint, world, 'InService', change.reason);
}

function launchFailure(green: Fleet, world: SageMakerWorld): string | undefined {
  for (const { name, model } of [...green.variants, ...green.shadows]) {
    if (!world.state.models.has(model))
      return `The model ${model} of production variant ${name} does not exist.`;
    if (behaviourOf(model, world).startsUp === false)
      return `The primary container for production variant ${name} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`;
  }
  return undefined;
}

function meetFate(endpoint: Endpoint, change: Change, world: SageMakerWorld): void {
  if (change.kind === 'create' || change.fate === 'fails') {
    if (change.kind === 'create') endpoint.fleet = undefined;
    finish(
      endpoint,
      world,
      'Failed',
      'Request to service failed. If failure persists after retry, contact customer support.',
    );
  } else if (change.fate === 'rollback-fails') {
    if (change.green) endpoint.mixed = { fleet: change.green, share: MIXED_SHARE };
    undoWeights(endpoint);
    finish(endpoint, world, 'UpdateRollbackFailed', 'The deployment failed, and so did its roll-back.');
  } else {
    const isSilent = change.fate === 'rolls-back-silently';
    rollBack(endpoint, change, world, isSilent ? undefined : 'The deployment failed and was rolled back.');
  }
}

/** The old fleet gets all the traffic at once; the endpoint is back in service a moment later. */
function rollBack(endpoint: Endpoint, change: Change, world: SageMakerWorld, reason?: string): void {
  undoWeights(endpoint);
  endpoint.status = 'RollingBack';
  endpoint.lastModified = world.now();
  endpoint.change = {
    ...{ kind: 'rollback', fate: 'succeeds', alarms: [], deadline: Infinity, reason, green: change.green },
    ...{ startedAt: change.startedAt, stageStartedAt: world.now() },
    stages: [{ status: 'Deleting', milliseconds: world.times.rollbackMs, share: 0 }],
  };
}

function undoWeights({ fleet }: Endpoint): void {
  for (const variant of [...(fleet?.variants ?? []), ...(fleet?.shadows ?? [])]) {
    variant.desiredWeight = variant.weight;
    variant.desiredCount = variant.count;
  }
}

function finish(endpoint: Endpoint, world: SageMakerWorld, status: string, reason?: string): void {
  endpoint.change = undefined;
  endpoint.status = status;
  endpoint.failureReason = reason;
  endpoint.lastModified = world.now();
}
