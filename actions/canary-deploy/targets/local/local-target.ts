/**
 * The target on this machine: two model servers behind the project's router, all of them detached. Who serves
 * what stands in the serving folder; each step is stored before it is taken, so that a run that was killed
 * leaves something the next one understands.
 */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../../../shared/errors.ts';
import { findFreePort } from '../../../../shared/programs/free-port.ts';
import { endGroup, groupStillLives, processIdentity } from '../../../../shared/programs/process-group.ts';
import { ROLLOUT_STRATEGIES } from '../../../../shared/records/rollout.ts';
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
import type { Router, RouterView } from './router.ts';
import { takeLock } from './run-lock.ts';
import { type ModelServer, ServingFolder, type ServingState } from './serving-state.ts';

/** Starts the server of a model and resolves when it answers `GET /ping` with 200. */
export type Launch = (
  model: DeployedModel,
  place: { port: number; servingDir: string; beforeStart: (group: number) => Promise<void> },
) => Promise<void>;

export interface LocalTargetOptions {
  servingDir: string;
  /** Port of the router; undefined keeps the one it has. */
  port?: number;
  /** Header that keeps a client with one model; null for none, undefined keeps the one it has. */
  stickyHeader?: string | null;
  makeRouter: (folder: ServingFolder, port: number) => Router;
  /** Where users reach the router, when that is not its port on this machine; null where nobody knows. */
  entrance?: string | null;
  abilities?: TargetAbilities;
  launch: Launch;
  progress?: (message: string) => void;
}

const DEFAULT_PORT = 8080;
const DRAIN_MS = 5_000;
const END_GRACE_MS = 2_000;
/** Length of a window while no rollout is under way. */
const QUIET_WINDOW_MS = 60_000;

/** Takes the folder's lock. @throws UserError when another run has it, or the folder is not one of ours. */
export async function openLocalTarget(options: LocalTargetOptions): Promise<Target> {
  const folder = new ServingFolder(options.servingDir);
  const unlock = await takeLock(folder.file('run.lock'));
  try {
    return new LocalTarget(folder, options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

const LOCAL_ABILITIES: TargetAbilities = {
  name: 'the local target',
  strategies: ROLLOUT_STRATEGIES,
  sees: { counts: true, latency: true, predictions: true },
  windowStepMs: 1,
  outlivesJob: false,
};

class LocalTarget implements Target {
  readonly abilities: TargetAbilities;
  private readonly folder: ServingFolder;
  private readonly options: LocalTargetOptions;
  private readonly unlock: () => Promise<void>;
  private readonly router: Router;
  private state: ServingState;
  private windowMs = QUIET_WINDOW_MS;

  constructor(folder: ServingFolder, options: LocalTargetOptions, unlock: () => Promise<void>) {
    this.folder = folder;
    this.options = options;
    this.abilities = options.abilities ?? LOCAL_ABILITIES;
    this.unlock = unlock;
    this.state = folder.load(options.port ?? DEFAULT_PORT);
    const { champion, port } = this.state;
    if (champion && options.port !== undefined && options.port !== port) {
      throw new UserError(
        `What serves from ${options.servingDir} listens on port ${port}, not ${options.port}.`,
        {
          where: { key: 'port' },
          fix: `Give port: ${port}, or run operation: stop before serving on another port.`,
        },
      );
    }
    if (options.stickyHeader !== undefined)
      this.state = { ...this.state, stickyHeader: options.stickyHeader };
    this.router = options.makeRouter(folder, this.servingPort());
  }

  async read(): Promise<TargetState> {
    let running = await this.router.find();
    if (running?.route) this.adoptRoute(running.route);
    await this.endRetired();
    const { champion, challenger } = this.state;
    if (!champion) {
      if (challenger) await this.restore();
      return this.describe(undefined);
    }
    running = await this.router.ensure();
    if (!isAlive(champion)) {
      this.options.progress?.(`The champion ${champion.digest} no longer runs: it is started again.`);
      await this.launch(champion, 'champion');
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
      if (!ready) await this.launch({ ...model, port: 0, group: null, identity: null }, 'challenger');
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

  async promote(): Promise<void> {
    const { champion, challenger } = this.state;
    if (!challenger) throw new Error('there is no challenger to promote');
    await this.router.ensure();
    this.windowMs = QUIET_WINDOW_MS;
    await this.router.setRoute(this.soleRoute(challenger));
    this.takeOver(champion, challenger);
    await this.endRetired();
  }

  async restore(): Promise<void> {
    this.windowMs = QUIET_WINDOW_MS;
    const { champion, challenger } = this.state;
    if (champion) {
      await this.router.ensure();
      await this.router.setRoute(this.soleRoute(champion));
    }
    if (challenger) this.store({ challenger: null, retired: [...this.state.retired, challenger] });
    await this.endRetired();
  }

  async stop(): Promise<void> {
    await this.router.stop();
    const { champion, challenger, retired } = this.state;
    const all = [champion, challenger, ...retired].filter((server) => server !== null);
    this.store({ champion: null, challenger: null, retired: all });
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
    return [];
  }

  address(): string | null {
    if (!this.state.champion) return null;
    const { entrance } = this.options;
    return entrance === undefined ? `http://127.0.0.1:${this.servingPort()}` : entrance;
  }

  async close(): Promise<void> {
    await this.unlock();
  }

  /** Starts a server in one of the two places; its port and group are stored before its first command runs. */
  private async launch(model: ModelServer, place: 'champion' | 'challenger'): Promise<void> {
    const server: ModelServer = { ...model, port: await findFreePort(), group: null, identity: null };
    this.store({ [place]: server });
    await this.options.launch(
      { digest: server.digest, uri: server.uri },
      {
        port: server.port,
        servingDir: this.folder.path,
        beforeStart: async (group) => {
          this.store({ [place]: { ...server, group, identity: processIdentity(group) ?? null } });
        },
      },
    );
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
    const { champion, challenger } = this.state;
    this.windowMs = route.windowMs;
    if (challenger && route.champion.port === challenger.port) this.takeOver(champion, challenger);
  }

  private takeOver(champion: ModelServer | null, challenger: ModelServer): void {
    this.store({
      port: this.servingPort(),
      champion: challenger,
      challenger: null,
      retired: champion ? [...this.state.retired, champion] : this.state.retired,
      previous: champion ? { digest: champion.digest, uri: champion.uri } : this.state.previous,
    });
  }

  /** Ends the servers that have no traffic, once the requests they still have are done. */
  private async endRetired(): Promise<void> {
    for (const server of this.state.retired) {
      const end = performance.now() + DRAIN_MS;
      while (isAlive(server) && performance.now() < end) {
        const running = await this.router.find();
        if (!running?.inFlight[server.port]) break;
        await delay(20);
      }
      if (server.group !== null && isAlive(server)) await endGroup(server.group, END_GRACE_MS);
      this.store({ retired: this.state.retired.filter(({ port }) => port !== server.port) });
    }
  }

  private servingPort(): number {
    return this.state.champion ? this.state.port : (this.options.port ?? DEFAULT_PORT);
  }

  private store(change: Partial<ServingState>): void {
    this.state = { ...this.state, ...change };
    this.folder.store(this.state);
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

function isAlive(server: ModelServer): boolean {
  if (server.group === null || server.identity === null) return false;
  return groupStillLives(server.group, server.identity);
}

const doorOf = ({ port }: ModelServer): ModelDoor => openHttpDoor(`http://127.0.0.1:${port}`);

function modelOf(server: ModelServer | null): DeployedModel | null {
  return server && { digest: server.digest, uri: server.uri };
}
