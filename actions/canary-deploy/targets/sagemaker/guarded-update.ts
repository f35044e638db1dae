import type { PendingDeploymentSummary } from '@aws-sdk/client-sagemaker';
import { UserError } from '../../../../shared/errors.ts';
import type { Locate } from '../../../../shared/records/document.ts';
import type { Rollout } from '../../../../shared/records/rollout.ts';
import type { DeployedModel, ServiceRollouts, ShiftEnd } from '../target.ts';
import { readAlarms } from './alarms.ts';
import { alone, makeConfig } from './config-inputs.ts';
import { guardedRollout, type Shifting } from './deployment-config.ts';
import { isBusy } from './endpoint-calls.ts';
import type { Endpoint, EndpointService } from './endpoint-service.ts';
import { TAG } from './names.ts';
import { readProgress } from './progress-tags.ts';
import { isChanging, moveToConfig, type Patience, settle } from './settle.ts';
import { type EndpointView, modelOf } from './view.ts';

/** What the target lends. */
export interface GuardedUpdateOptions {
  service: EndpointService;
  patience: Patience;
  name: string;
  shifting: Shifting;
  alarms: string[];
  look: () => Promise<EndpointView | null>;
  /** Looks without waiting for anything. */
  view: (endpoint: Endpoint) => Promise<EndpointView>;
  makeModel: (view: EndpointView, model: DeployedModel) => Promise<string>;
  tidy: () => Promise<void>;
}

/** SageMaker may take eight hours, and longer to take a deployment back. */
const MOST_WAIT_MS = 10 * 3_600_000;

/** The traffic is shifted by SageMaker's deployment guardrails, and by its alarms taken back. */
export class GuardedUpdate implements ServiceRollouts {
  readonly isWanted: boolean;
  readonly #options: GuardedUpdateOptions;

  constructor(options: GuardedUpdateOptions) {
    this.#options = options;
    this.isWanted = options.shifting !== 'client';
  }

  refuse(rollout: Rollout, locate: Locate): void {
    this.#plan(rollout, locate);
  }

  async shift(
    model: DeployedModel,
    rollout: Rollout,
    { until, note }: Parameters<ServiceRollouts['shift']>[2],
  ): Promise<ShiftEnd> {
    const { service, patience, name, look, makeModel, tidy } = this.#options;
    const { deployment, shares } = this.#plan(rollout, (path) => ({ key: path.join('.') }));
    const view = await look();
    if (!view?.champion || view.challenger) throw new Error('there is no champion that serves alone');
    const { champion } = view;
    refuseFallBack(champion.variant.InstanceType);
    await this.#refuseRaisedAlarms();
    // The same variant name: it is one variant that changes its model.
    const modelName = await makeModel(view, model);
    const arm = { ...model, variant: { ...champion.variant, ModelName: modelName } };
    const previous = { digest: champion.digest, uri: champion.uri, config: view.config.EndpointConfigName };
    const config = await makeConfig(service, name, alone(view, arm, previous));
    try {
      await service.updateEndpoint({
        EndpointConfigName: config,
        RetainAllVariantProperties: true,
        DeploymentConfig: deployment,
      });
    } catch (error) {
      // Its answer may have been lost: what is under way says whether it is this one.
      const pending = isBusy(error)
        ? (await service.describeEndpoint())?.PendingDeploymentSummary
        : undefined;
      if (pending?.EndpointConfigName !== config) throw error;
    }
    const seen = new Set<string>();
    const watched = settle(service, patientUntil(until, patience), {
      ...{ expected: config, mostMs: MOST_WAIT_MS },
      look: ({ PendingDeploymentSummary }) => {
        const stage = stageOf(PendingDeploymentSummary);
        if (stage === undefined || seen.has(stage)) return;
        seen.add(stage);
        const weight = shares[Math.min(seen.size, shares.length) - 1] ?? 100;
        note(weight, `SageMaker gave ${weight} % to the new instances.`);
      },
    });
    const after = await watched.catch((error: unknown) => {
      if (error instanceof StillAtWork) return null;
      throw error;
    });
    if (after === null) return { promoted: null, reason: 'SageMaker is still shifting the traffic' };
    await look();
    await tidy();
    if (after?.EndpointConfigName === config)
      return { promoted: true, reason: 'SageMaker shifted all traffic, and no alarm was raised' };
    const why = after?.FailureReason
      ? `: ${after.FailureReason.replace(/\.$/, '')}`
      : ', and does not say why';
    return { promoted: false, reason: `SageMaker took the deployment back${why}` };
  }

  async atWork(): ReturnType<ServiceRollouts['atWork']> {
    const endpoint = await this.#options.service.describeEndpoint();
    if (!endpoint || !isChanging(endpoint)) return undefined;
    const { champion, challenger, tags } = await this.#options.view(endpoint);
    return {
      ...{ champion: modelOf(champion), challenger: modelOf(challenger), progress: readProgress(tags) },
      status: `the endpoint is ${endpoint.EndpointStatus}`,
    };
  }

  async undo(): Promise<void> {
    const { service, patience, look, tidy } = this.#options;
    const config = (await look())?.configTags[TAG.previousConfig];
    if (config === undefined) throw new Error('there is nothing to go back to');
    await moveToConfig(service, patience, config);
    await look();
    await tidy();
  }

  #plan(rollout: Rollout, locate: Locate) {
    const { shifting, alarms } = this.#options;
    if (shifting === 'client') throw new Error('guardrails are not asked for');
    return guardedRollout(rollout, { shifting, alarms }, locate);
  }

  /** An alarm that is raised already, or knows nothing, takes back whatever is deployed. */
  async #refuseRaisedAlarms(): Promise<void> {
    const found = await readAlarms(this.#options.service.requests, this.#options.alarms);
    for (const name of this.#options.alarms) {
      const state = found.find(({ AlarmName }) => AlarmName === name)?.StateValue;
      if (state === 'OK') continue;
      throw new UserError(
        state === undefined
          ? `There is no alarm ${name} in CloudWatch.`
          : `The alarm ${name} is ${state} before anything was deployed.`,
        {
          where: { key: 'alarms' },
          fix:
            state === undefined
              ? 'Create it, or correct its name.'
              : 'Wait until it is OK, or mend what it watches.',
        },
      );
    }
  }
}

class StillAtWork extends Error {}

const patientUntil = (until: number, patience: Patience): Patience => ({
  ...patience,
  async wait(milliseconds) {
    if (patience.now().getTime() >= until) throw new StillAtWork();
    await patience.wait(milliseconds);
  },
});

/** Which share of the traffic is under way; undefined while instances come up or end. */
function stageOf(pending: PendingDeploymentSummary | undefined): string | undefined {
  const statuses = pending?.ProductionVariants?.flatMap(({ VariantStatus }) => VariantStatus ?? []) ?? [];
  const baking = statuses.find(({ Status }) => Status === 'Baking');
  return baking && String(baking.StartTime?.getTime() ?? 0);
}

/** SageMaker shifts all at once on these, without a word. */
function refuseFallBack(instanceType: string | undefined): void {
  if (!instanceType?.startsWith('ml.inf1.')) return;
  throw new UserError(
    `On ${instanceType} SageMaker's guardrails shift all traffic at once, without a word.`,
    {
      where: { key: 'traffic-shifting' },
      fix: 'Give traffic-shifting: client.',
    },
  );
}
