/**
 * The target of two Services behind an HTTPRoute: one serves the champion, the other the challenger, and they change
 * parts with each promotion. What has a weight above 0 is never changed or ended.
 */
import { UserError } from '../../../../shared/errors.ts';
import type {
  Check,
  DeployedModel,
  ModelDoor,
  Split,
  Target,
  TargetAbilities,
  TargetState,
} from '../target.ts';
import { ClusterTarget, type ClusterTargetOptions } from './cluster-target.ts';
import { championOfRoute } from './found-champion.ts';
import { bringUp, scaleToZero } from './model-deployment.ts';
import type { Arm } from './rollout-store.ts';
import { RouteServices } from './route-services.ts';

const ABILITIES: TargetAbilities = {
  name: 'the target kubernetes with an HTTPRoute',
  strategies: ['canary', 'linear', 'blue-green', 'shadow', 'all-at-once'],
  // Kubernetes counts no requests: the rollout names a source of metrics that does.
  sees: { counts: false, latency: false, predictions: false },
  windowStepMs: 1,
  outlivesJob: true,
};

export interface HttpRouteTargetOptions extends ClusterTargetOptions {
  /** Name of the HTTPRoute. */
  route: string;
  /** Where the container finds a model, and the image that serves it. */
  locate: (model: DeployedModel) => Promise<{ location: string; image: string | undefined }>;
  /** The way that users take; null where only they know. */
  entrance: ModelDoor | null;
}

export class HttpRouteTarget extends ClusterTarget implements Target {
  readonly abilities = ABILITIES;
  readonly #options: HttpRouteTargetOptions;
  readonly #services: RouteServices;

  constructor(options: HttpRouteTargetOptions) {
    super(options);
    this.#options = options;
    this.#services = new RouteServices(options.api, options.route, options.progress);
  }

  protected get ending() {
    return {
      what: `HTTPRoute ${this.#options.route}`,
      how: 'delete the HTTPRoute and scale both Deployments to 0 by hand',
    };
  }

  async read(): Promise<TargetState> {
    const { api, store, route, uriOf } = this.#options;
    await store.read();
    const split = await this.#services.look();
    const { champion } = store.state;
    // Without a rollout of ours all requests go to the champion, unless somebody changed the weights by hand.
    const serves = champion?.server && this.#services.percent(split, champion.server) === 100;
    if (!champion || (!store.state.challenger && !serves))
      await store.write({ champion: await championOfRoute(api, { route, split, uriOf }), retiring: null });
    if (!store.state.challenger) await this.#retire();
    await store.learnUri(uriOf);
    const { challenger } = store.state;
    return this.stateWith(challenger?.server ? this.#services.percent(split, challenger.server) : 0);
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
        ...{ retiring: null, splits: [{ weight: 0, mirror: false }] },
      });
      await this.#services.refuseBusy(idle);
      await bringUp(
        api,
        { name: idle, beside: champion, model: { digest: model.digest, ...located } },
        progress,
      );
      await check(this.#services.door(idle), this.#services.door(champion));
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
    await this.setAs({ weight, mirror }, () => this.#divide(weight, mirror));
  }

  async promote(): Promise<void> {
    const { store } = this.#options;
    const { champion, challenger } = await store.read();
    if (!challenger || !champion) {
      // A champion without a challenger has been promoted already.
      if (champion) return;
      throw new Error('there is no challenger');
    }
    await this.#divide(100, false);
    await store.write({
      ...{ champion: challenger, challenger: null, previous: champion, retiring: champion.server },
    });
    await this.#retire();
  }

  async restore(): Promise<void> {
    const { api, store } = this.#options;
    const { challenger } = await store.read();
    if (!challenger) return;
    await this.setAs({ weight: 0, mirror: false }, () => this.#divide(0, false));
    // A cancelled run has seconds: the traffic is where it belongs, and reconcile does the rest.
    if (api.isCancelled) return;
    // Forgotten before it ends, so that nobody goes on with a challenger that is being ended.
    await store.write({ challenger: null, retiring: challenger.server });
    await this.#retire();
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
    const { api, store } = this.#options;
    const { champion, challenger } = store.state;
    if (!champion) return [];
    const split = await this.#services.look();
    const idle = split.services.find(({ name }) => name !== champion.server);
    if (!idle || (challenger && this.#services.percent(split, idle.name) > 0)) return [];
    const deployment = await api.find('Deployment', idle.name);
    return deployment && deployment.spec.replicas !== 0 ? [`the Deployment ${idle.name}`] : [];
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
    await this.#services.refuseBusy(service);
    if (await api.find('Deployment', service)) await scaleToZero(api, service);
  }

  async #parts(): Promise<{ champion: string; idle: string }> {
    const { store } = this.#options;
    const champion = store.state.champion?.server;
    const idle = await this.#services.beside(champion, store.name);
    return { champion: champion!, idle };
  }

  protected async lookAtSplit({ server }: Arm): Promise<Split | string> {
    try {
      const split = await this.#services.look();
      return { weight: this.#services.percent(split, server!), mirror: split.mirrorTo === server };
    } catch (error) {
      // A route that no longer splits its requests in one way.
      if (error instanceof UserError && error.where.key === 'kubernetes-resource') return error.message;
      throw error;
    }
  }

  async #divide(weight: number, mirror: boolean): Promise<void> {
    const { champion, idle: challenger } = await this.#parts();
    if (this.#options.store.state.challenger?.server !== challenger)
      throw new Error('the challenger is elsewhere');
    await this.#services.divide({ champion, challenger, weight, mirror });
  }
}
