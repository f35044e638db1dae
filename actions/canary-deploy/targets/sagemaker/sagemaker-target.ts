/**
 * The target that is an endpoint of SageMaker. What serves is told by the endpoint, its config and their tags alone, so
 * that any runner finds it: `mlops:champion` and `mlops:challenger` of a config name the variant of each arm. A change
 * of config takes minutes, and a change of weights seconds; whenever a run ends in between, users are answered.
 */
import type { MetricDataReader } from '../../../../shared/aws/metric-data.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { TrafficWindow } from '../../engine/window.ts';
import type {
  Check,
  DeployedModel,
  ModelDoor,
  Split,
  Target,
  TargetAbilities,
  TargetState,
} from '../target.ts';
import { shareScaling } from './autoscaling.ts';
import { alone, firstConfig, type Instances, makeConfig, sideBySide } from './config-inputs.ts';
import { type ModelSurroundings, makeModel } from './deployable-model.ts';
import type { Shifting } from './deployment-config.ts';
import { isBusy } from './endpoint-calls.ts';
import { endpointDoor } from './endpoint-door.ts';
import type { Endpoint, EndpointService } from './endpoint-service.ts';
import { GuardedUpdate } from './guarded-update.ts';
import { findLeftovers, removeLeftover } from './leftovers.ts';
import { lastMinute, MINUTE_MS, metricWindows } from './metric-windows.ts';
import { checkedTags, TAG, variantName } from './names.ts';
import { progressKeys, progressTags, readProgress } from './progress-tags.ts';
import { moveToConfig, type Patience, settle, wentBack } from './settle.ts';
import { type Arm, type EndpointView, viewEndpoint } from './view.ts';

export interface SageMakerTargetOptions {
  service: EndpointService;
  metrics: MetricDataReader;
  /** Name of the model. */
  name: string;
  /** Of a first deployment. */
  instances: Instances;
  patience: Patience;
  /** Who shifts the traffic, and by which alarms the service takes it back. */
  shifting: Shifting;
  alarms: string[];
  /** Of the run: once it is aborted nothing is waited for. */
  signal: AbortSignal;
}

const ABILITIES: TargetAbilities = {
  name: 'the target sagemaker',
  strategies: ['canary', 'linear', 'blue-green', 'all-at-once'],
  sees: { counts: true, latency: true, predictions: false },
  windowStepMs: MINUTE_MS,
  outlivesJob: true,
};

export class SageMakerTarget implements Target {
  readonly abilities = ABILITIES;
  readonly byService: GuardedUpdate;
  readonly #options: SageMakerTargetOptions;
  readonly #service: EndpointService;
  /** As it was seen last; null when there is no endpoint. */
  #view: EndpointView | null = null;

  constructor(options: SageMakerTargetOptions) {
    this.#options = options;
    this.#service = options.service;
    this.byService = new GuardedUpdate({
      ...options,
      look: () => this.#look(),
      makeModel: async (view, model) =>
        makeModel(this.#service, options.name, model, await this.#surroundings(view)),
      tidy: () => this.#tidy(),
    });
  }

  async read(): Promise<TargetState> {
    await this.#removeFailedCreation();
    const view = await this.#look();
    return {
      ...this.served(),
      weight: view?.weight ?? 0,
      previous: view?.previous ? { digest: view.previous.digest, uri: view.previous.uri } : null,
      progress: view ? readProgress(view.tags) : undefined,
      lastSequence: lastMinute(this.#options.patience.now()),
    };
  }

  async prepare(model: DeployedModel, windowMs: number, check: Check): Promise<void> {
    let view = await this.#look();
    if (view?.challenger && view.challenger.digest !== model.digest) {
      await this.restore();
      view = await this.#look();
    }
    try {
      if (!view?.challenger) await this.#bringUp(view, model);
      view = await this.#look();
      const challenger = view?.challenger;
      if (!view || !challenger) throw new Error('the challenger is not there');
      if (view.champion) {
        await this.setSplit({ weight: 0, mirror: false });
        await shareScaling(this.#service, view.champion.variant.VariantName, challenger.variant.VariantName);
      }
      await this.#noteMinutes(view, windowMs);
      await check(this.#door(challenger), view.champion && this.#door(view.champion));
    } catch (error) {
      await this.restore();
      throw error;
    }
  }

  async setSplit({ weight, mirror }: Split): Promise<void> {
    if (mirror) throw new TypeError('the target sagemaker mirrors no requests');
    const view = await this.#look();
    if (!view?.challenger) {
      if (weight === 0) return;
      throw new Error('there is no challenger');
    }
    await this.#setWeights(view, weight);
    await this.#look();
  }

  async windows(after: number, slowerThanMs: number | null): Promise<TrafficWindow[]> {
    const view = this.#view ?? (await this.#look());
    if (!view?.champion || !view.challenger) return [];
    return metricWindows(this.#options.metrics, {
      ...{ endpoint: this.#service.endpoint, after, slowerThanMs, now: this.#options.patience.now() },
      champion: view.champion.variant.VariantName,
      challenger: view.challenger.variant.VariantName,
      minutes: Number(view.tags[TAG.minutes] ?? 1),
    });
  }

  async saveProgress(progress: unknown): Promise<void> {
    const view = this.#view ?? (await this.#look());
    if (!view) return;
    if (progress !== undefined) {
      const tags = progressTags(progress as object);
      await this.#service.addTags(view.arn, tags);
      this.#view = { ...view, tags: { ...view.tags, ...tags } };
      return;
    }
    // As it is now: another run may have written more.
    const keys = progressKeys(await this.#service.tags(view.arn));
    if (keys.length > 0) await this.#service.deleteTags(view.arn, keys);
  }

  async promote(): Promise<void> {
    const view = await this.#look();
    if (!view) throw new Error('there is no endpoint');
    const { champion, challenger } = view;
    if (challenger && champion) {
      await this.#setWeights(view, 100);
      await this.#moveTo(view, challenger, {
        ...{ digest: champion.digest, uri: champion.uri },
        config: view.configTags[TAG.base] ?? '',
      });
    } else if (challenger) {
      await this.#service.addTags(view.arn, { [TAG.crowned]: view.config.EndpointConfigName });
    }
    await this.#look();
    await this.#tidy();
  }

  async restore(): Promise<void> {
    const isCancelled = this.#options.signal.aborted;
    const endpoint = isCancelled ? await this.#service.describeEndpoint() : undefined;
    // A cancelled run cannot wait. While SageMaker is at work, the new variant has no traffic or is being given it.
    const view = isCancelled ? endpoint && (await viewEndpoint(this.#service, endpoint)) : await this.#look();
    this.#view = view ?? null;
    if (view?.challenger && view.champion) {
      if (isCancelled) return this.#giveBack(view);
      await this.#setWeights(view, 0);
      await this.#moveTo(view, view.champion, view.previous);
    } else if (view?.challenger && !isCancelled) {
      // Nobody was told of it yet.
      await this.#service.deleteEndpoint();
      await this.#untilGone();
    }
    if (isCancelled) return;
    await this.#look();
    await this.#tidy();
  }

  async stop(): Promise<void> {
    throw new UserError(`The endpoint ${this.#service.endpoint} serves users, and no job may end it.`, {
      where: { key: 'operation' },
      fix: `To end it, run: aws sagemaker delete-endpoint --endpoint-name ${this.#service.endpoint}`,
    });
  }

  served(): Pick<TargetState, 'champion' | 'challenger'> {
    return { champion: modelOf(this.#view?.champion), challenger: modelOf(this.#view?.challenger) };
  }

  entrance(): ModelDoor | null {
    return this.#view && endpointDoor(this.#service, null, this.#arms());
  }

  address(): string | null {
    if (!this.#view) return null;
    const { endpoint, region } = this.#service;
    return `https://runtime.sagemaker.${region}.amazonaws.com/endpoints/${endpoint}/invocations`;
  }

  serverName(arm: 'champion' | 'challenger'): string | null {
    return this.#view?.[arm]?.variant.VariantName ?? null;
  }

  /** A challenger that has no traffic is named too: its instances cost as much as the champion's. */
  async unused(): Promise<string[]> {
    const view = this.#view;
    const idle =
      view?.challenger && view.champion && view.weight === 0
        ? [`the variant ${view.challenger.variant.VariantName} of the endpoint ${this.#service.endpoint}`]
        : [];
    const pending = view?.endpoint.PendingDeploymentSummary?.EndpointConfigName;
    if (pending) idle.push(`the endpoint config ${pending}, to which SageMaker is changing`);
    const left = await findLeftovers(this.#service, view);
    return [...idle, ...left.map(({ kind, name }) => `the ${kind} ${name}`)];
  }

  async close(): Promise<void> {}

  /** Waits until nothing is under way, and looks who serves. */
  async #look(): Promise<EndpointView | null> {
    const endpoint = await settle(this.#service, this.#options.patience);
    this.#view = endpoint ? await viewEndpoint(this.#service, endpoint) : null;
    return this.#view;
  }

  /** An endpoint that never came up and that this action made is deleted: nothing else is allowed. */
  async #removeFailedCreation(): Promise<void> {
    const endpoint = await this.#service.describeEndpoint();
    if (endpoint?.EndpointStatus !== 'Failed') return;
    const tags = await this.#service.tags(endpoint.EndpointArn ?? '');
    if (tags[TAG.endpoint] !== this.#service.endpoint || tags[TAG.crowned] !== undefined) return;
    this.#options.patience.progress(`The endpoint ${this.#service.endpoint} never came up: it is deleted`);
    await this.#service.deleteEndpoint();
    await this.#untilGone();
  }

  async #bringUp(view: EndpointView | null, model: DeployedModel): Promise<void> {
    const { name, instances, patience } = this.#options;
    const surroundings = await this.#surroundings(view);
    const modelName = await makeModel(this.#service, name, model, surroundings);
    const challenger = { ...model, variant: variantName(model.digest), modelName };
    if (view?.champion) {
      const config = await makeConfig(
        this.#service,
        name,
        sideBySide({ ...view, champion: view.champion }, challenger),
      );
      await moveToConfig(this.#service, patience, config);
      return;
    }
    const config = await makeConfig(this.#service, name, firstConfig(challenger, instances));
    await this.#service.createEndpoint(
      config,
      checkedTags({ [TAG.name]: name, [TAG.endpoint]: this.#service.endpoint }),
    );
    const made = await settle(this.#service, patience, { expected: config });
    if (made?.EndpointConfigName !== config) throw wentBack(this.#service.endpoint, made);
  }

  /** A challenger runs as the champion does. */
  async #surroundings(view: EndpointView | null): Promise<ModelSurroundings> {
    const { role } = this.#options.instances;
    if (view?.champion) {
      const found = await this.#service.describeModel(view.champion.variant.ModelName ?? '');
      if (found?.ExecutionRoleArn) {
        const { ExecutionRoleArn, VpcConfig, EnableNetworkIsolation } = found;
        return {
          ExecutionRoleArn,
          ...(VpcConfig && { VpcConfig }),
          ...(EnableNetworkIsolation && { EnableNetworkIsolation }),
        };
      }
    }
    if (role) return { ExecutionRoleArn: role };
    throw new UserError('Nothing says with which role SageMaker should run the model.', {
      where: { key: 'execution-role' },
      fix: 'Give execution-role: the ARN of a role that SageMaker may assume and that can read the model and its image.',
    });
  }

  /** Makes one arm the only one; the other's autoscaling goes with it. */
  async #moveTo(view: EndpointView, arm: Arm, previous: EndpointView['previous']): Promise<void> {
    const { patience, name } = this.#options;
    const other = arm === view.champion ? view.challenger : view.champion;
    const base = arm === view.champion ? view.configTags[TAG.base] : undefined;
    const isThere = base !== undefined && (await this.#service.describeConfig(base)) !== undefined;
    const config = isThere ? base : await makeConfig(this.#service, name, alone(view, arm, previous));
    if (other) {
      await shareScaling(this.#service, arm.variant.VariantName, other.variant.VariantName);
      await this.#service.deregisterScaling(other.variant.VariantName);
    }
    await moveToConfig(this.#service, patience, config);
  }

  /** Sets the weights and waits until they are in force; while SageMaker is at work it is waited for. */
  async #setWeights(view: EndpointView, weight: number): Promise<void> {
    // As UpdateEndpoint leaves them: 1 and 0 are as good as 100 and 0.
    if (weight === 0 && view.weight === 0) return;
    const wanted = weightsOf(view, weight);
    const look = () => settle(this.#service, this.#options.patience);
    const areInForce = (endpoint: Endpoint | undefined): boolean =>
      wanted.every(({ VariantName, DesiredWeight }) =>
        endpoint?.ProductionVariants?.some(
          (variant) => variant.VariantName === VariantName && isNear(variant.CurrentWeight, DesiredWeight),
        ),
      );
    for (;;) {
      if (areInForce(await look())) return;
      let isLate = false;
      try {
        await this.#service.updateWeights(wanted);
      } catch (error) {
        if (!isBusy(error)) throw error;
        isLate = true;
      }
      const after = await look();
      if (areInForce(after)) return;
      if (!isLate) throw wentBack(this.#service.endpoint, after);
    }
  }

  /** The one call that a cancelled run has time for. */
  async #giveBack(view: EndpointView): Promise<void> {
    const { progress } = this.#options.patience;
    try {
      if (view.weight !== 0 || !isSettledAt(view)) await this.#service.updateWeights(weightsOf(view, 0));
      this.#view = { ...view, weight: 0 };
      progress('All traffic goes back to the champion; operation: reconcile removes the challenger');
    } catch (error) {
      if (!isBusy(error)) throw error;
      progress(
        'SageMaker is at work on the endpoint; operation: reconcile gives all traffic to the champion',
      );
    }
  }

  async #noteMinutes(view: EndpointView, windowMs: number): Promise<void> {
    const minutes = String(Math.max(1, Math.round(windowMs / MINUTE_MS)));
    if (view.tags[TAG.minutes] === minutes) return;
    await this.#service.addTags(view.arn, { [TAG.minutes]: minutes });
    this.#view = { ...view, tags: { ...view.tags, [TAG.minutes]: minutes } };
  }

  /** Removes what serves nobody; what cannot be removed is told by `unused`. */
  async #tidy(): Promise<void> {
    for (const left of await findLeftovers(this.#service, this.#view)) {
      try {
        await removeLeftover(this.#service, left);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#options.patience.progress(
          `The ${left.kind} ${left.name} could not be removed: ${error.message}`,
        );
      }
    }
  }

  async #untilGone(): Promise<void> {
    const { patience } = this.#options;
    while ((await this.#service.describeEndpoint()) !== undefined) {
      patience.progress(`the endpoint ${this.#service.endpoint} is being deleted; waiting`);
      await patience.wait(10_000);
    }
    this.#view = null;
  }

  #door(arm: Arm): ModelDoor {
    return endpointDoor(this.#service, arm.variant.VariantName, this.#arms());
  }

  #arms(): Map<string, 'champion' | 'challenger'> {
    const arms = new Map<string, 'champion' | 'challenger'>();
    for (const name of ['champion', 'challenger'] as const) {
      const arm = this.#view?.[name];
      if (arm) arms.set(arm.variant.VariantName, name);
    }
    return arms;
  }
}

function weightsOf({ champion, challenger }: EndpointView, weight: number) {
  return [
    { VariantName: champion?.variant.VariantName ?? '', DesiredWeight: 100 - weight },
    { VariantName: challenger?.variant.VariantName ?? '', DesiredWeight: weight },
  ];
}

/** Weights are kept in single precision. */
const isNear = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 1e-4;

const isSettledAt = ({ endpoint }: EndpointView): boolean =>
  (endpoint.ProductionVariants ?? []).every(
    ({ CurrentWeight, DesiredWeight }) => CurrentWeight === DesiredWeight,
  );

function modelOf(arm: Arm | null | undefined): DeployedModel | null {
  return arm ? { digest: arm.digest, uri: arm.uri } : null;
}
