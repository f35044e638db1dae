import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { UserError } from '../../../../shared/errors.ts';
import { canonicalJson } from '../../../../shared/records/canonical-json.ts';
import type { Locate } from '../../../../shared/records/document.ts';
import { type Rollout, rolloutMilliseconds, rolloutSchema } from '../../../../shared/records/rollout.ts';

export type Shifting = 'client' | 'service' | 'rolling';

/** A rollout in SageMaker's words. */
export interface GuardedRollout {
  deployment: DeploymentConfig;
  /** Per cent to the new model, one after the other. */
  shares: number[];
}

const MOST_WAIT_S = 3600;
const MOST_ALARMS = 10;
/** Of the whole deployment, until it is taken back; the least and the most that SageMaker takes. */
const [SHORTEST_S, LONGEST_S] = [600, 28_800];
/** In this time new instances come up. */
const LAUNCH_S = 3600;

/**
 * The deployment guardrails that do what a rollout asks for.
 * @param alarms names of those that take it back.
 * @throws UserError for what guardrails cannot do.
 */
export function guardedRollout(
  rollout: Rollout,
  { shifting, alarms }: { shifting: Exclude<Shifting, 'client'>; alarms: string[] },
  locate: Locate,
): GuardedRollout {
  refuseEvidence(rollout, locate);
  const refuse = (path: (string | number)[], what: string, fix: string) =>
    new UserError(`SageMaker's guardrails cannot do that: ${what}.`, { where: locate(path), fix });
  if (alarms.length === 0 || alarms.length > MOST_ALARMS) {
    throw new UserError(`Guardrails roll back by alarms, and ${alarms.length} are given.`, {
      where: { key: 'alarms' },
      fix: `Name 1 to ${MOST_ALARMS} alarms of CloudWatch that watch the endpoint.`,
    });
  }
  const wait = (key: 'bake' | 'watch', path: (string | number)[], text: string | undefined): number => {
    const seconds = Math.round(rolloutMilliseconds(text ?? '0s') / 1000);
    if (seconds <= MOST_WAIT_S) return seconds;
    throw refuse(path, `${key} is longer than an hour`, 'Give an hour or less.');
  };
  /** A plan that is longer would be taken back however well it goes. */
  const refuseTooLong = (bakes: number, seconds: number): void => {
    if (bakes * seconds + LAUNCH_S <= LONGEST_S) return;
    const most = Math.floor((LONGEST_S - LAUNCH_S) / bakes / 60);
    throw refuse(
      ['bake'],
      `${bakes} bakes of ${Math.round(seconds / 6) / 10} minutes, and an hour for instances to come up, are more than the ${LONGEST_S / 3600} hours after which it takes a deployment back`,
      `Give bake: ${most}m or less, or a larger increment.`,
    );
  };
  const { strategy, steps = [], increment = 0, bake, watch } = rollout;
  const autoRollback = { AutoRollbackConfiguration: { Alarms: alarms.map((AlarmName) => ({ AlarmName })) } };
  if (shifting === 'rolling') {
    if (strategy !== 'linear')
      throw refuse(
        ['strategy'],
        `${strategy} does not go in batches`,
        'Write strategy: linear, increment and bake.',
      );
    if (increment < 5) throw refuse(['increment'], 'a batch is at least 5 %', 'Give 5 to 50.');
    const seconds = wait('bake', ['bake'], bake);
    const shares = linearShares(increment);
    refuseTooLong(shares.length, seconds);
    const RollingUpdatePolicy = {
      MaximumBatchSize: { Type: 'CAPACITY_PERCENT' as const, Value: increment },
      WaitIntervalInSeconds: seconds,
      MaximumExecutionTimeoutInSeconds: timeout(shares.length * (seconds + LAUNCH_S)),
    };
    return { shares, deployment: { RollingUpdatePolicy, ...autoRollback } };
  }
  const blueGreen = (
    shares: number[],
    WaitIntervalInSeconds: number,
    routing: { Type: 'CANARY' | 'LINEAR' | 'ALL_AT_ONCE'; CanarySize?: Size; LinearStepSize?: Size },
  ): GuardedRollout => ({
    shares,
    deployment: {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { ...routing, WaitIntervalInSeconds },
        TerminationWaitInSeconds: 0,
        MaximumExecutionTimeoutInSeconds: timeout(shares.length * WaitIntervalInSeconds + LAUNCH_S),
      },
      ...autoRollback,
    },
  });
  if (strategy === 'canary') {
    const [step, more] = steps;
    if (!step || more)
      throw refuse(
        ['steps'],
        'a canary has one step before all traffic',
        'Give one step, or strategy: linear.',
      );
    if (step.pause) throw refuse(['steps', 0, 'pause'], 'nobody is waited for', 'Leave pause out.');
    if (step.weight > 50 || !Number.isInteger(step.weight))
      throw refuse(['steps', 0, 'weight'], 'a canary is 1 to 50 %, a whole number', 'Give 50 or less.');
    const seconds = wait('bake', ['steps', 0, 'bake'], step.bake);
    return blueGreen([step.weight, 100], seconds, { Type: 'CANARY', CanarySize: percent(step.weight) });
  }
  if (strategy === 'linear') {
    if (increment < 10 || !Number.isInteger(increment))
      throw refuse(
        ['increment'],
        'a step is 10 to 50 %, a whole number',
        'Give 10 or more, or traffic-shifting: rolling.',
      );
    const seconds = wait('bake', ['bake'], bake);
    refuseTooLong(linearShares(increment).length, seconds);
    return blueGreen(linearShares(increment), seconds, {
      Type: 'LINEAR',
      LinearStepSize: percent(increment),
    });
  }
  if (strategy === 'shadow') throw refuse(['strategy'], 'shadow gets no traffic', 'Use another strategy.');
  return blueGreen([100], wait('watch', ['watch'], watch), { Type: 'ALL_AT_ONCE' });
}

type Size = { Type: 'CAPACITY_PERCENT'; Value: number };

const percent = (value: number): Size => ({ Type: 'CAPACITY_PERCENT', Value: value });
const timeout = (seconds: number): number => Math.min(LONGEST_S, Math.max(SHORTEST_S, Math.ceil(seconds)));

const linearShares = (increment: number): number[] =>
  Array.from({ length: Math.ceil(100 / increment - 1e-9) }, (_, index) =>
    Math.min(100, increment * (index + 1)),
  );

/** Guardrails know alarms alone: what of a rollout is to be compared would be passed over in silence. */
function refuseEvidence(rollout: Rollout, locate: Locate): void {
  const usual = rolloutSchema.parse({ version: 1, steps: [{ weight: 10, bake: '5m' }] });
  const { latency, predictions, servers, metrics, before, strategy } = rollout;
  // Both strategies must name a ceiling; here an alarm is it.
  const isAlone = strategy === 'blue-green' || strategy === 'all-at-once';
  const { ceiling, ...errors } = rollout.errors;
  const asked = {
    analysis: canonicalJson(rollout.analysis) !== canonicalJson(usual.analysis),
    errors: canonicalJson(errors) !== canonicalJson(usual.errors) || (ceiling !== undefined && !isAlone),
    latency: latency !== undefined,
    predictions: predictions !== undefined,
    servers: servers !== undefined,
    metrics: metrics !== undefined,
    before: before !== undefined,
  };
  const [key] = Object.entries(asked).find(([, isAsked]) => isAsked) ?? [];
  if (key === undefined) return;
  throw new UserError(`SageMaker's guardrails judge by alarms, and know nothing of what ${key} asks for.`, {
    where: locate([key]),
    fix: 'Leave it out and set an alarm for it, or give traffic-shifting: client.',
  });
}
