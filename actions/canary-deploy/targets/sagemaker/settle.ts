import { UserError } from '../../../../shared/errors.ts';
import { isBusy } from './endpoint-calls.ts';
import type { Endpoint, EndpointService } from './endpoint-service.ts';

export interface Patience {
  /** Rejects when the run is cancelled. Milliseconds. */
  wait: (milliseconds: number) => Promise<void>;
  now: () => Date;
  progress: (message: string) => void;
}

const POLL_MS = 10_000;
/** Instances are started, models loaded, and with guardrails the service may take eight hours of its own. */
const MOST_WAIT_MS = 90 * 60_000;
/** Just after a change was asked for, the endpoint may still be shown as it was: so often is looked before it counts. */
const LOOKS = 3;

const CHANGING = ['Creating', 'Updating', 'RollingBack', 'SystemUpdating'];

/**
 * Waits until nothing is under way at the endpoint: it is in service and every weight is the one that was asked for.
 * @param expected the config that was just asked for: another one counts only when it stays.
 * @returns undefined when there is no endpoint. @throws UserError when it failed, or takes too long.
 */
export async function settle(
  service: EndpointService,
  patience: Patience,
  options: { expected?: string; mostMs?: number; look?: (endpoint: Endpoint) => void } = {},
): Promise<Endpoint | undefined> {
  const { expected, mostMs = MOST_WAIT_MS, look } = options;
  const end = patience.now().getTime() + mostMs;
  let sawChange = false;
  for (let looks = 1; ; looks += 1) {
    const endpoint = await service.describeEndpoint();
    if (endpoint) {
      look?.(endpoint);
      refuseBroken(endpoint);
      const isSteady = isAtRest(endpoint);
      sawChange ||= !isSteady;
      const isIt = expected === undefined || endpoint.EndpointConfigName === expected;
      if (isSteady && (isIt || sawChange || looks >= LOOKS)) return endpoint;
    } else if (expected === undefined || looks >= LOOKS) return undefined;
    if (patience.now().getTime() >= end) throw tooLong(service.endpoint, endpoint);
    patience.progress(`${describe(service.endpoint, endpoint)}; waiting`);
    await patience.wait(POLL_MS);
  }
}

/** Whether SageMaker is at work on it. */
export const isChanging = (endpoint: Endpoint): boolean =>
  CHANGING.includes(endpoint.EndpointStatus ?? '') ||
  (endpoint.EndpointStatus === 'InService' && !isAtRest(endpoint));

/** In service, with nothing pending and the weights in force. */
export function isAtRest(endpoint: Endpoint): boolean {
  const variants = [...(endpoint.ProductionVariants ?? []), ...(endpoint.ShadowProductionVariants ?? [])];
  return (
    endpoint.EndpointStatus === 'InService' &&
    endpoint.PendingDeploymentSummary === undefined &&
    variants.every(({ CurrentWeight, DesiredWeight }) => CurrentWeight === DesiredWeight)
  );
}

/**
 * Moves the endpoint to a config and waits until it is there; nothing happens when it is there already. Weights and
 * counts of variants that stay are kept.
 * @throws UserError when the service went back to the config before, which it does without a word.
 */
export async function moveToConfig(
  service: EndpointService,
  patience: Patience,
  config: string,
): Promise<void> {
  for (;;) {
    const before = await settle(service, patience);
    if (before?.EndpointConfigName === config) return;
    let busy = false;
    try {
      await service.updateEndpoint({ EndpointConfigName: config, RetainAllVariantProperties: true });
    } catch (error) {
      // Someone was faster, or this very request took effect and its answer was lost.
      if (!isBusy(error)) throw error;
      busy = true;
    }
    const after = await settle(service, patience, { expected: config });
    if (after?.EndpointConfigName === config) return;
    if (!busy) throw wentBack(service.endpoint, after);
  }
}

/** What to say of a change that the service took back. */
export function wentBack(endpoint: string, after: Endpoint | undefined): UserError {
  const reason = after?.FailureReason
    ? `: ${after.FailureReason.replace(/\.$/, '')}`
    : ', and does not say why';
  return new UserError(`SageMaker took the change of the endpoint ${endpoint} back${reason}.`, {
    // It came up nowhere: that is a fault of the model, as where its serve-command fails.
    where: { key: 'serve-command' },
    fix: `Read the logs of the new instances in CloudWatch, group /aws/sagemaker/Endpoints/${endpoint}.`,
  });
}

function refuseBroken({ EndpointName, EndpointStatus, FailureReason }: Endpoint): void {
  if (EndpointStatus === 'InService' || CHANGING.includes(EndpointStatus ?? '')) return;
  const reason = FailureReason ? `: ${FailureReason.replace(/\.$/, '')}` : '';
  const fix: Record<string, string> = {
    Failed: 'SageMaker allows nothing but deleting it: look at its logs, delete it, and run again.',
    UpdateRollbackFailed: 'Look at its logs in CloudWatch, delete it and run again, or ask AWS to mend it.',
    OutOfService: 'Delete it, and run again.',
    Deleting: 'Run again when it is gone.',
  };
  throw new UserError(`The endpoint ${EndpointName} is ${EndpointStatus}${reason}.`, {
    where: { key: 'endpoint' },
    fix: fix[EndpointStatus ?? ''] ?? 'Look at it in the console of SageMaker.',
  });
}

const describe = (name: string, endpoint: Endpoint | undefined): string =>
  endpoint ? `the endpoint ${name} is ${endpoint.EndpointStatus}` : `the endpoint ${name} cannot be seen yet`;

function tooLong(name: string, endpoint: Endpoint | undefined): UserError {
  return new UserError(`Waited long, and ${describe(name, endpoint)} still.`, {
    where: { key: 'endpoint' },
    fix: 'Whatever it does now, a variant that serves has all traffic. Run operation: reconcile when it is InService.',
  });
}
