/**
 * The target of two Services behind an HTTPRoute: one serves the champion, the other the challenger, and they change
 * parts with each promotion. What has a weight above 0 is never changed or ended.
 */
import { UserError } from '../../../../shared/errors.ts';
import { digestSchema } from '../../../../shared/records/envelope.ts';
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
import type { ApiServer } from './api-server.ts';
import type { HttpRoute } from './kinds.ts';
import { bringUp, MODEL_DIGEST, MODEL_URI, scaleToZero, variableOf } from './model-deployment.ts';
import type { Arm, RolloutStore } from './rollout-store.ts';
import { awaitSplit } from './route-in-force.ts';
import { percentOf, type RouteSplit, readSplit, writeSplit } from './route-weights.ts';
import { serviceDoor } from './service-door.ts';

const ABILITIES: TargetAbilities = {
  name: 'the target kubernetes with an HTTPRoute',
  strategies: ['canary', 'linear', 'blue-green', 'shadow', 'all-at-once'],
  // Kubernetes counts no requests: the rollout names a source of metrics that does.
  sees: { counts: false, latency: false, predictions: false },
  windowStepMs: 1,
  outlivesJob: true,
};

export interface HttpRouteTargetOptions {
  api: ApiServer;
  store: RolloutStore;
  /** Name of the HTTPRoute. */
  route: string;
  /** Where the container finds a model, and the image that serves it. */
  locate: (model: DeployedModel) => Promise<{ location: string; image: string | undefined }>;
  /** The URI of a version of which only the digest is known; empty where nothing tells. */
  uriOf: (digest: string) => string;
  /** The way that users take; null where only they know. */
  entrance: ModelDoor | null;
  progress: (message: string) => void;
}

export class HttpRouteTarget implements Target {
  readonly abilities = ABILITIES;
  readonly #options: HttpRouteTargetOptions;
  #split: RouteSplit | null = null;

  constructor(options: HttpRouteTargetOptions) {
    this.#options = options;
  }

  async read(): Promise<TargetState> {
    const { store, route } = this.#options;
    await store.read();
    const split = await this.#look();
    const { champion } = store.state;
    // Without a rollout of ours all requests go to the champion, unless somebody changed the weights by hand.
    const serves = champion?.server && percentOf(route, split, champion.server) === 100;
    if (!champion || (!store.state.challenger && !serves)) await this.#adopt(split);
    if (!store.state.challenger) await this.#retire();
    await store.learnUri(this.#options.uriOf);
    const { challenger, previous } = store.state;
    return {
      ...this.served(),
      weight: challenger?.server ? percentOf(route, split, challenger.server) : 0,
      previous: modelOf(previous),
      progress: store.progress,
      lastSequence: 0,
    };
  }

  async prepare(model: DeployedModel, _windowMs: number, check: Check): Promise<void> {
    const { api, store, locate, progress } = this.#options;
    const before = await store.read();
    if (before.challenger && before.challenger.digest !== model.digest) await this.restore();
    const { champion, idle } = await this.#parts();
    const located = await locate(model);
    try {
      await store.write({
        challenger: { digest: model.digest, uri: model.uri, server: idle },
        retiring: null,
      });
      await this.#refuseBusy(idle);
      await bringUp(
        api,
        { name: idle, beside: champion, model: { digest: model.digest, ...located } },
        progress,
      );
      await check(this.#door(idle), this.#door(champion));
    } catch (error) {
      await this.restore();
      throw error;
    }
  }

  async setSplit({ weight, mirror }: Split): Promise<void> {
    const { store } = this.#options;
    await store.read();
    if (!store.state.challenger) {
      if (weight === 0 && !mirror) return;
      throw new Error('there is no challenger');
    }
    await this.#setSplit(weight, mirror);
  }

  /** Nothing is seen here: the counts come from the rollout's own source. */
  async windows(): Promise<TrafficWindow[]> {
    return [];
  }

  async saveProgress(progress: unknown): Promise<void> {
    await this.#options.store.writeProgress(progress);
  }

  async promote(): Promise<void> {
    const { store } = this.#options;
    const { champion, challenger } = await store.read();
    if (!challenger || !champion) {
      // A champion without a challenger has been promoted already.
      if (champion) return;
      throw new Error('there is no challenger');
    }
    await this.#setSplit(100, false);
    await store.write({
      ...{ champion: challenger, challenger: null, previous: champion, retiring: champion.server },
    });
    await this.#retire();
  }

  async restore(): Promise<void> {
    const { api, store } = this.#options;
    const { challenger } = await store.read();
    if (!challenger) return;
    await this.#setSplit(0, false);
    // A cancelled run has seconds: the traffic is where it belongs, and reconcile does the rest.
    if (api.isCancelled) return;
    // Forgotten before it ends, so that nobody goes on with a challenger that is being ended.
    await store.write({ challenger: null, retiring: challenger.server });
    await this.#retire();
  }

  async stop(): Promise<void> {
    throw new UserError(`The HTTPRoute ${this.#options.route} serves users, and no job may end it.`, {
      where: { key: 'operation' },
      fix: 'To end it, delete the HTTPRoute and scale both Deployments to 0 by hand.',
    });
  }

  served(): Pick<TargetState, 'champion' | 'challenger'> {
    const { champion, challenger } = this.#options.store.state;
    return { champion: modelOf(champion), challenger: modelOf(challenger) };
  }

  entrance(): ModelDoor | null {
    return this.#options.entrance;
  }

  address(): string | null {
    return this.#options.entrance?.place ?? null;
  }

  serverName(arm: 'champion' | 'challenger'): string | null {
    return this.#options.store.state[arm]?.server ?? null;
  }

  /** What runs beside the champion and gets no requests: it costs as much. */
  async unused(): Promise<string[]> {
    const { api, store, route } = this.#options;
    const { champion, challenger } = store.state;
    if (!champion || !this.#split) return [];
    const split = await this.#look();
    const idle = split.services.find(({ name }) => name !== champion.server);
    if (!idle || (challenger && percentOf(route, split, idle.name) > 0)) return [];
    const deployment = await api.find('Deployment', idle.name);
    return deployment && deployment.spec.replicas !== 0 ? [`the Deployment ${idle.name}`] : [];
  }

  async close(): Promise<void> {
    await this.#options.api.close();
  }

  async #look(): Promise<RouteSplit> {
    const { api, route } = this.#options;
    this.#split = readSplit(await api.get('HTTPRoute', route));
    return this.#split;
  }

  /** The champion is what the Service with all the weight serves. */
  async #adopt(split: RouteSplit): Promise<void> {
    const { api, store, route, uriOf } = this.#options;
    const server = split.services.find(({ name }) => percentOf(route, split, name) === 100)?.name;
    if (!server) {
      throw new UserError(
        `Both Services of the HTTPRoute ${route} get requests, and nothing says which is the champion.`,
        {
          where: { key: 'kubernetes-resource' },
          fix: 'Give the Service of the champion the weight 100, and the other 0.',
        },
      );
    }
    const deployment = await api.get('Deployment', server);
    const digest = digestSchema.safeParse(variableOf(deployment, MODEL_DIGEST));
    if (!digest.success) {
      throw new UserError(`The Deployment ${server} does not say which version of the model it serves.`, {
        where: { key: 'kubernetes-resource' },
        fix: `Tell its container once: kubectl set env deployment/${server} ${MODEL_DIGEST}=sha256:… with the digest of the registered version.`,
      });
    }
    const told = variableOf(deployment, MODEL_URI) ?? '';
    const uri = told.endsWith(`@${digest.data}`) ? told : uriOf(digest.data);
    await store.write({ champion: { digest: digest.data, uri, server }, retiring: null });
  }

  /** Ends what an earlier promotion took out of service, unless it has traffic again. */
  async #retire(): Promise<void> {
    const { store } = this.#options;
    const { retiring } = store.state;
    if (!retiring) return;
    await this.#end(retiring);
    await store.write({ retiring: null });
  }

  async #end(service: string | null): Promise<void> {
    const { api, store } = this.#options;
    if (!service || service === store.state.champion?.server) return;
    await this.#refuseBusy(service);
    if (await api.find('Deployment', service)) await scaleToZero(api, service);
  }

  /** @throws UserError when a Service gets requests or copies of them. */
  async #refuseBusy(service: string): Promise<void> {
    const { route } = this.#options;
    const split = await this.#look();
    if (percentOf(route, split, service) === 0 && split.mirrorTo !== service) return;
    throw new UserError(`The Service ${service} gets requests by the HTTPRoute ${route}.`, {
      where: { key: 'kubernetes-resource' },
      fix: 'Somebody changed the weights. Give the champion the weight 100 and run again.',
    });
  }

  /** @throws UserError when nothing would answer the requests that a Service is to get. */
  async #refuseDown(service: string): Promise<void> {
    const { status } = await this.#options.api.get('Deployment', service);
    if ((status?.availableReplicas ?? 0) > 0) return;
    throw new UserError(`The Deployment ${service} has no replica available, so it gets no requests.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Look at it with: kubectl describe deployment ${service}`,
    });
  }

  async #parts(): Promise<{ champion: string; idle: string }> {
    const { store } = this.#options;
    const split = await this.#look();
    const champion = store.state.champion?.server;
    const isThere = split.services.some(({ name }) => name === champion);
    const idle = split.services.find(({ name }) => name !== champion)?.name;
    if (champion && isThere && idle) return { champion, idle };
    throw new UserError(
      `The HTTPRoute ${this.#options.route} no longer leads to ${champion ?? 'the champion'}.`,
      {
        where: { key: 'kubernetes-resource' },
        fix: `Let it lead there again, or delete the ConfigMap ${store.name} so that what serves now is the champion.`,
      },
    );
  }

  async #setSplit(weight: number, mirror: boolean): Promise<void> {
    const { api, store, route, progress } = this.#options;
    const { champion, idle: challenger } = await this.#parts();
    if (store.state.challenger?.server !== challenger) throw new Error('the challenger is elsewhere');
    if (weight > 0 || mirror) await this.#refuseDown(challenger);
    const wanted = { champion, challenger, weight, mirror };
    const written = await api.modify('HTTPRoute', route, (object: HttpRoute) => {
      readSplit(object);
      writeSplit(object, wanted);
    });
    await awaitSplit(api, written, progress);
    await this.#look();
  }

  #door(service: string): ModelDoor {
    const port = this.#split?.services.find(({ name }) => name === service)?.port ?? 80;
    return serviceDoor(this.#options.api, service, port);
  }
}

const modelOf = (arm: Arm | null): DeployedModel | null => arm && { digest: arm.digest, uri: arm.uri };
