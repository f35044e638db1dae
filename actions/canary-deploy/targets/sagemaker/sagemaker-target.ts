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
import { bringUp, leaveAlone, modelFor, scaleAlike, setMirroring } from './config-changes.ts';
import type { Instances } from './config-inputs.ts';
import type { Shifting } from './deployment-config.ts';
import { armDoor } from './endpoint-door.ts';
import { deleteEndpoint, removeFailedCreation } from './endpoint-end.ts';
import { noteMinutes, storeProgress } from './endpoint-notes.ts';
import type { EndpointService } from './endpoint-service.ts';
import { GuardedUpdate } from './guarded-update.ts';
import { leftHalfway } from './left-halfway.ts';
import { nameUnused, removeLeftovers } from './leftovers.ts';
import { lastMinute, MINUTE_MS, metricWindows } from './metric-windows.ts';
import { TAG } from './names.ts';
import { readProgress } from './progress-tags.ts';
import { type Patience, settle } from './settle.ts';
import { type Arm, type EndpointView, viewEndpoint } from './view.ts';
import { copyEveryRequest, giveBack, setWeights } from './weights.ts';

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
  strategies: ['canary', 'linear', 'blue-green', 'shadow', 'all-at-once'],
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
  #undone: string[] = [];

  constructor(options: SageMakerTargetOptions) {
    this.#options = options;
    this.#service = options.service;
    this.byService = new GuardedUpdate({
      ...options,
      look: () => this.#look(),
      makeModel: (view, model) => modelFor(options, view, model),
      tidy: () => this.#tidy(),
    });
  }

  async read(): Promise<TargetState> {
    await removeFailedCreation(this.#service, this.#options.patience);
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
      if (!view?.challenger) await bringUp(this.#options, view, model);
      await this.setSplit({ weight: 0, mirror: false });
      view = this.#view;
      const challenger = view?.challenger;
      if (!view || !challenger) throw new Error('the challenger is not there');
      await scaleAlike(this.#options, view);
      view = await noteMinutes(this.#service, view, windowMs);
      this.#view = view;
      await check(
        armDoor(this.#service, view, challenger),
        view.champion && armDoor(this.#service, view, view.champion),
      );
    } catch (error) {
      await this.restore();
      throw error;
    }
  }

  async setSplit({ weight, mirror }: Split): Promise<void> {
    if (mirror && weight !== 0) throw new TypeError('who gets copies of requests answers none');
    let view = await this.#look();
    if (!view?.challenger) {
      if (weight === 0 && !mirror) return;
      throw new Error('there is no challenger');
    }
    if (await setMirroring(this.#options, view, mirror)) view = (await this.#look()) ?? view;
    const { patience } = this.#options;
    if (mirror) await copyEveryRequest(this.#service, patience, view);
    else if (view.champion) await setWeights(this.#service, patience, view, weight);
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
      mirrored: view.mirrored,
      progress: this.#options.patience.progress,
    });
  }

  async saveProgress(progress: unknown): Promise<void> {
    const view = this.#view ?? (await this.#look());
    if (view) this.#view = await storeProgress(this.#service, view, progress);
  }

  promote(): Promise<void> {
    return this.#promote().catch((error) => this.#halfway(error));
  }

  restore(): Promise<void> {
    return this.#restore().catch((error) => this.#halfway(error));
  }

  async #promote(): Promise<void> {
    let view = await this.#look();
    // A shadow cannot be given traffic: it first becomes a variant that has none.
    if (await setMirroring(this.#options, view, false)) view = await this.#look();
    if (!view) throw new Error('there is no endpoint');
    const { champion, challenger } = view;
    if (challenger && champion) {
      await setWeights(this.#service, this.#options.patience, view, 100);
      await leaveAlone(this.#options, view, challenger, {
        ...{ digest: champion.digest, uri: champion.uri },
        config: view.configTags[TAG.base] ?? '',
      });
    } else if (challenger) {
      await this.#service.addTags(view.arn, { [TAG.crowned]: view.config.EndpointConfigName });
    }
    await this.#look();
    await this.#tidy();
  }

  async #restore(): Promise<void> {
    const isCancelled = this.#options.signal.aborted;
    const endpoint = isCancelled ? await this.#service.describeEndpoint() : undefined;
    // A cancelled run cannot wait. While SageMaker is at work, the new variant has no traffic or is being given it.
    const view = isCancelled ? endpoint && (await viewEndpoint(this.#service, endpoint)) : await this.#look();
    this.#view = view ?? null;
    if (view?.challenger && view.champion) {
      if (isCancelled) {
        this.#view = await giveBack(this.#service, this.#options.patience, view);
        return;
      }
      await setWeights(this.#service, this.#options.patience, view, 0);
      await leaveAlone(this.#options, view, view.champion, view.previous);
    } else if (view?.challenger && !isCancelled) {
      // Nobody was told of it yet: it was never the champion.
      this.#undone = [`the endpoint ${this.#service.endpoint}, which had served nobody yet`];
      await deleteEndpoint(this.#service, this.#options.patience);
    }
    if (isCancelled) return;
    await this.#look();
    await this.#tidy();
  }

  undone(): readonly string[] {
    return this.#undone;
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
    return this.#view && armDoor(this.#service, this.#view, null);
  }

  address(): string | null {
    if (!this.#view) return null;
    const { endpoint, region } = this.#service;
    return `https://runtime.sagemaker.${region}.amazonaws.com/endpoints/${endpoint}/invocations`;
  }

  serverName(arm: 'champion' | 'challenger'): string | null {
    return this.#view?.[arm]?.variant.VariantName ?? null;
  }

  unused(): Promise<string[]> {
    return nameUnused(this.#service, this.#view);
  }

  async close(): Promise<void> {}

  /** Waits until nothing is under way, and looks who serves. */
  async #look(): Promise<EndpointView | null> {
    const endpoint = await settle(this.#service, this.#options.patience);
    this.#view = endpoint ? await viewEndpoint(this.#service, endpoint) : null;
    return this.#view;
  }

  #halfway(error: unknown): never {
    throw leftHalfway(error, this.#service.endpoint, this.#view);
  }

  async #tidy(): Promise<void> {
    await removeLeftovers(this.#service, this.#view, this.#options.patience.progress);
  }
}

function modelOf(arm: Arm | null | undefined): DeployedModel | null {
  return arm ? { digest: arm.digest, uri: arm.uri } : null;
}
