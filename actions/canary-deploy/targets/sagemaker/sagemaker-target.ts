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
import {
  bringUp,
  type ConfigChangeOptions,
  leaveAlone,
  modelFor,
  scaleAlike,
  setMirroring,
} from './config-changes.ts';
import type { Shifting } from './deployment-config.ts';
import { changedByOthers, type DriverTag } from './driver-tag.ts';
import { armDoor } from './endpoint-door.ts';
import { deleteEndpoint, removeFailedCreation } from './endpoint-end.ts';
import { noteMinutes } from './endpoint-notes.ts';
import type { EndpointService } from './endpoint-service.ts';
import { GuardedUpdate } from './guarded-update.ts';
import { leftHalfway } from './left-halfway.ts';
import { nameUnused, removeLeftovers } from './leftovers.ts';
import { lastMinute, MINUTE_MS, metricWindows } from './metric-windows.ts';
import { TAG } from './names.ts';
import { readProgress } from './progress-tags.ts';
import { modelOf } from './view.ts';
import { WatchedEndpoint } from './watched-endpoint.ts';
import { copyEveryRequest, giveBack, setWeights } from './weights.ts';

export interface SageMakerTargetOptions extends Omit<ConfigChangeOptions, 'firstTags'> {
  metrics: MetricDataReader;
  /** Who shifts the traffic, and by which alarms the service takes it back. */
  shifting: Shifting;
  alarms: string[];
  driver: DriverTag;
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
  readonly #options: SageMakerTargetOptions & ConfigChangeOptions;
  readonly #service: EndpointService;
  readonly #watched: WatchedEndpoint;
  #undone: string[] = [];

  constructor(options: SageMakerTargetOptions) {
    this.#options = { ...options, firstTags: options.driver.tags };
    this.#service = options.service;
    this.#watched = new WatchedEndpoint(options);
    this.byService = new GuardedUpdate({
      ...options,
      look: () => this.#watched.takeOver(),
      view: (endpoint) => this.#watched.asItIs(endpoint),
      makeModel: (view, model) => modelFor(this.#options, view, model),
      tidy: () => this.#tidy(),
    });
  }

  async read(): Promise<TargetState> {
    await removeFailedCreation(this.#service, this.#options.patience);
    const view = await this.#watched.look();
    return {
      ...this.served(),
      weight: view?.weight ?? 0,
      previous: view?.previous ? { digest: view.previous.digest, uri: view.previous.uri } : null,
      progress: view ? readProgress(view.tags) : undefined,
      lastSequence: lastMinute(this.#options.patience.now()),
    };
  }

  async prepare(model: DeployedModel, windowMs: number, check: Check): Promise<void> {
    let view = await this.#watched.takeOver();
    if (view?.challenger && view.challenger.digest !== model.digest) {
      await this.restore();
      view = await this.#watched.look();
    }
    try {
      if (!view?.challenger) await bringUp(this.#options, view, model);
      await this.setSplit({ weight: 0, mirror: false });
      view = this.#watched.view;
      const challenger = view?.challenger;
      if (!view || !challenger) throw new Error('the challenger is not there');
      await scaleAlike(this.#options, view);
      view = await noteMinutes(this.#service, view, windowMs);
      this.#watched.view = view;
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
    let view = await this.#watched.takeOver();
    if (!view?.challenger) {
      if (weight === 0 && !mirror) return;
      throw new Error('there is no challenger');
    }
    if (await setMirroring(this.#options, view, mirror)) view = (await this.#watched.look()) ?? view;
    const { patience } = this.#options;
    if (mirror) await copyEveryRequest(this.#service, patience, view);
    else if (view.champion) await setWeights(this.#service, patience, view, weight);
    await this.#watched.look();
  }

  async windows(after: number, slowerThanMs: number | null): Promise<TrafficWindow[]> {
    const view = this.#watched.view ?? (await this.#watched.look());
    this.#watched.passTime();
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
    await this.#watched.save(progress);
  }

  async stillHas(digest: string): Promise<boolean> {
    const view = await this.#watched.look();
    return [view?.challenger, view?.champion].some((arm) => arm?.digest === digest);
  }

  promote(digest: string): Promise<void> {
    return this.#promote(digest).catch((error) => this.#halfway(error));
  }

  restore(): Promise<void> {
    return this.#restore().catch((error) => this.#halfway(error));
  }

  async #promote(digest: string): Promise<void> {
    let view = await this.#watched.takeOver();
    const wanted = view?.challenger ?? view?.champion;
    if (wanted?.digest !== digest) throw changedByOthers(this.#service.endpoint);
    // A shadow cannot be given traffic: it first becomes a variant that has none.
    if (await setMirroring(this.#options, view, false)) view = await this.#watched.look();
    if (!view) throw new Error('there is no endpoint');
    const { champion, challenger } = view;
    if (challenger && champion) {
      await setWeights(this.#service, this.#options.patience, view, 100);
      await this.#watched.check(view);
      await leaveAlone(this.#options, view, challenger, {
        ...{ digest: champion.digest, uri: champion.uri },
        config: view.configTags[TAG.base] ?? '',
      });
    } else if (challenger) {
      await this.#service.addTags(view.arn, { [TAG.crowned]: view.config.EndpointConfigName });
    }
    await this.#watched.look();
    await this.#tidy();
  }

  async #restore(): Promise<void> {
    const isCancelled = this.#options.signal.aborted;
    const endpoint = isCancelled ? await this.#service.describeEndpoint() : undefined;
    // A cancelled run cannot wait. While SageMaker is at work, the new variant has no traffic or is being given it.
    const view = isCancelled
      ? endpoint && (await this.#watched.asItIs(endpoint))
      : await this.#watched.takeOver();
    if (view?.challenger && view.champion) {
      if (isCancelled) {
        this.#watched.view = await giveBack(this.#service, this.#options.patience, view);
        return;
      }
      await setWeights(this.#service, this.#options.patience, view, 0);
      if (view.weight > 0) await this.#watched.check(view);
      await leaveAlone(this.#options, view, view.champion, view.previous);
    } else if (view?.challenger && !isCancelled) {
      // Nobody was told of it yet: it was never the champion.
      this.#undone = [`the endpoint ${this.#service.endpoint}, which had served nobody yet`];
      await deleteEndpoint(this.#service, this.#options.patience);
    }
    if (isCancelled) return;
    await this.#watched.look();
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
    return {
      champion: modelOf(this.#watched.view?.champion),
      challenger: modelOf(this.#watched.view?.challenger),
    };
  }

  entrance(): ModelDoor | null {
    return this.#watched.view && armDoor(this.#service, this.#watched.view, null);
  }

  address(): string | null {
    if (!this.#watched.view) return null;
    const { endpoint, region } = this.#service;
    return `https://runtime.sagemaker.${region}.amazonaws.com/endpoints/${endpoint}/invocations`;
  }

  serverName(arm: 'champion' | 'challenger'): string | null {
    return this.#watched.view?.[arm]?.variant.VariantName ?? null;
  }

  unused(): Promise<string[]> {
    return nameUnused(this.#service, this.#watched.view);
  }

  async close(): Promise<void> {}

  #halfway(error: unknown): never {
    throw leftHalfway(error, this.#service.endpoint, this.#watched.view);
  }

  async #tidy(): Promise<void> {
    await removeLeftovers(this.#service, this.#watched.view, this.#options.patience.progress);
  }
}
