/**
 * The target on this machine: two model servers behind the project's router, all of them detached. Who serves
 * what stands in the serving folder; each step is stored before it is taken, so that a run that was killed
 * leaves something the next one understands.
 */
import { rmSync } from 'node:fs';
import { UserError } from '../../../../shared/errors.ts';
import type { TrafficWindow } from '../../engine/window.ts';
import type { Route } from '../../router/route.ts';
import { storeJson } from '../../router/stored-file.ts';
import { openHttpDoor } from '../http-door.ts';
import type {
  Check,
  DeployedModel,
  ModelDoor,
  Split,
  Target,
  TargetAbilities,
  TargetState,
} from '../target.ts';
import { Drain } from './drain.ts';
import { doorOf, isAlive, type Launch, ModelServers, modelOf } from './model-servers.ts';
import type { Router, RouterView } from './router.ts';
import { DEFAULT_PORT, type ModelServer, type ServingFolder, type ServingState } from './serving-state.ts';

export interface LocalTargetOptions {
  servingDir: string;
  /** Port of the router; undefined keeps the one it has. */
  port?: number;
  /** Header that keeps a client with one model; null for none, undefined keeps the one it has. */
  stickyHeader?: string | null;
  makeRouter: (folder: ServingFolder, port: number) => Router;
  /** Where users reach the router, when that is not its port on this machine; null where nobody knows. */
  entrance?: string | null;
  abilities: TargetAbilities;
  launch: Launch;
  progress?: (message: string) => void;
  /** Of the run: once it is cancelled there is no time to wait for long requests. */
  signal?: AbortSignal;
}

/** Length of a window while no rollout is under way. */
const QUIET_WINDOW_MS = 60_000;

export class LocalTarget implements Target {
  readonly abilities: TargetAbilities;
  private readonly folder: ServingFolder;
  private readonly options: LocalTargetOptions;
  private readonly unlock: () => Promise<void>;
  private readonly router: Router;
  private readonly servers: ModelServers;
  private windowMs = QUIET_WINDOW_MS;

  constructor(folder: ServingFolder, options: LocalTargetOptions, unlock: () => Promise<void>) {
    this.folder = folder;
    this.options = options;
    this.abilities = options.abilities;
    this.unlock = unlock;
    const stored = folder.load(options.port);
    const { champion, port } = stored;
    if (champion && options.port !== undefined && options.port !== port) {
      throw new UserError(
        `What serves from ${options.servingDir} listens on port ${port}, not ${options.port}.`,
        {
          where: { key: 'port' },
          fix: `Give port: ${port}, or run operation: stop before serving on another port.`,
        },
      );
    }
    const { stickyHeader = stored.stickyHeader, launch, signal } = options;
    const drain = new Drain(signal);
    this.servers = new ModelServers(folder, { ...stored, stickyHeader }, { launch, drain });
    this.router = options.makeRouter(folder, this.servingPort());
  }

  private get state(): ServingState {
    return this.servers.state;
  }

  async read(): Promise<TargetState> {
    let running = await this.router.find();
    if (running?.route) this.adoptRoute(running.route);
    const { champion, challenger } = this.state;
    if (!champion) {
      await this.endRetired();
      // The alias may name it already: of a rollout that is stored whoever reads it decides.
      const isDecidedLater =
        challenger && isAlive(challenger) && this.folder.loadJson('progress.json') !== undefined;
      if (challenger && !isDecidedLater) await this.restore();
      return this.describe(undefined);
    }
    // Brings into force what was wanted last, so that a server gets no requests any more when it is ended.
    running = await this.router.ensure();
    await this.endRetired();
    if (!isAlive(champion)) {
      this.options.progress?.(`The champion ${champion.digest} no longer runs: it is started again.`);
      await this.servers.start(champion, 'champion');
      await this.apply({ weight: 0, mirror: false, ...running.route });
    } else if (running.route?.champion.port !== champion.port) {
      await this.apply({ weight: 0, mirror: false });
    }
    return this.describe(await this.router.ensure());
  }

  async prepare(model: DeployedModel, windowMs: number, check: Check): Promise<void> {
    this.windowMs = windowMs;
    const { challenger } = this.state;
    const ready = challenger?.digest === model.digest && isAlive(challenger);
    if (challenger && !ready) await this.restore();
    try {
      if (!ready) await this.servers.start(model, 'challenger');
      const { champion } = this.state;
      await check(doorOf(this.state.challenger!), champion && doorOf(champion));
    } catch (error) {
      await this.restore();
      throw error;
    }
    if (this.state.champion) await this.apply({ weight: 0, mirror: false });
  }

  async setSplit(split: Split): Promise<void> {
    await this.apply(split);
  }

  windows(after: number): Promise<TrafficWindow[]> {
    return this.router.windows(after);
  }

  async attend(): Promise<void> {
    await this.router.ensure();
  }

  async saveProgress(progress: unknown): Promise<void> {
    if (progress === undefined) rmSync(this.folder.file('progress.json'), { force: true });
    else storeJson(this.folder.file('progress.json'), progress);
  }

  /** All would go to it: one that has just died, or that HAProxy gives no requests, is not promoted. */
  async stillHas(digest: string): Promise<boolean> {
    const { champion, challenger } = this.state;
    if (champion?.digest === digest) return true;
    return challenger?.digest === digest && isAlive(challenger) && !this.router.isDown?.(challenger.port);
  }

  async promote(): Promise<void> {
    const { challenger } = this.state;
    if (!challenger) throw new Error('there is no challenger to promote');
    await this.router.ensure();
    this.windowMs = QUIET_WINDOW_MS;
    await this.router.setRoute(this.soleRoute(challenger));
    this.servers.crown(challenger, this.servingPort());
    await this.endRetired();
  }

  async restore(): Promise<void> {
    this.windowMs = QUIET_WINDOW_MS;
    const { champion } = this.state;
    if (champion) {
      await this.router.ensure();
      await this.router.setRoute(this.soleRoute(champion));
    }
    this.servers.retireChallenger();
    await this.endRetired();
  }

  async stop(): Promise<void> {
    await this.router.stop();
    this.servers.retireAll();
    await this.endRetired();
    for (const name of ['router.json', 'route.json', 'windows.json', 'progress.json', 'token']) {
      rmSync(this.folder.file(name), { force: true });
    }
  }

  served(): Pick<TargetState, 'champion' | 'challenger'> {
    return { champion: modelOf(this.state.champion), challenger: modelOf(this.state.challenger) };
  }

  entrance(): ModelDoor | null {
    const address = this.address();
    return address === null ? null : openHttpDoor(address);
  }

  serverName(arm: 'champion' | 'challenger'): string | null {
    const server = this.state[arm];
    return server && (this.router.nameOf?.(server.port) ?? `127.0.0.1:${server.port}`);
  }

  async unused(): Promise<string[]> {
    return this.servers.waiting();
  }

  address(): string | null {
    if (!this.state.champion) return null;
    const { entrance } = this.options;
    return entrance === undefined ? `http://127.0.0.1:${this.servingPort()}` : entrance;
  }

  async close(): Promise<void> {
    await this.unlock();
  }

  /** Gives the router the route that the state describes. */
  private async apply({ weight, mirror }: Split): Promise<void> {
    const { champion, challenger } = this.state;
    if (!champion) throw new Error('there is no champion to route to');
    await this.router.ensure();
    await this.router.setRoute({
      ...this.soleRoute(champion),
      challenger: challenger && { port: challenger.port, digest: challenger.digest },
      weight: challenger ? weight : 0,
      ...(challenger && mirror ? { mirror } : {}),
    });
  }

  private soleRoute({ port, digest }: ModelServer): Route {
    const { windowMs } = this;
    return {
      champion: { port, digest },
      challenger: null,
      weight: 0,
      windowMs,
      stickyHeader: this.state.stickyHeader,
    };
  }

  /** A run that died between switching the router and storing so is caught up with. */
  private adoptRoute(route: Route): void {
    const { challenger } = this.state;
    this.windowMs = route.windowMs;
    if (challenger && route.champion.port === challenger.port)
      this.servers.crown(challenger, this.servingPort());
  }

  private endRetired(): Promise<void> {
    return this.servers.endRetired(async () => (await this.router.find())?.inFlight);
  }

  private servingPort(): number {
    return this.state.champion ? this.state.port : (this.options.port ?? DEFAULT_PORT);
  }

  private describe(router: RouterView | undefined): TargetState {
    return {
      ...this.served(),
      weight: router?.route?.weight ?? 0,
      previous: this.state.previous,
      progress: this.folder.loadJson('progress.json'),
      lastSequence: router?.lastSequence ?? 0,
    };
  }
}
