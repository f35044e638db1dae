/**
 * HAProxy in the place of the local target's own router. Its backend has two servers, of which one is the champion's and
 * the other the challenger's; this changes where they lead and how much they get, at run time. What was wanted last is
 * stored before it is done, so that a run that was killed in between is caught up with.
 */
import * as z from 'zod';
import { UserError } from '../../../../shared/errors.ts';
import type { TrafficWindow } from '../../engine/window.ts';
import { parseRoute, type Route, type Upstream } from '../../router/route.ts';
import { storeJson } from '../../router/stored-file.ts';
import type { Router, RouterView } from '../local/router.ts';
import type { ServingFolder } from '../local/serving-state.ts';
import {
  type Counting,
  closeWindow,
  dropWindow,
  NOTHING_COUNTED,
  openWindow,
  type Reading,
} from './counting.ts';
import type { RuntimeApi, ServerState } from './runtime-api.ts';
import { splitWeights } from './split-weights.ts';

const storedSchema = z.strictObject({
  version: z.literal(1),
  route: z.unknown(),
  counting: z.custom<Counting>((value) => typeof value === 'object' && value !== null),
});
interface Stored {
  version: 1;
  route: Route | null;
  counting: Counting;
}

const FILE = 'haproxy.json';
const HOST = '127.0.0.1';

export interface HaproxyOptions {
  folder: ServingFolder;
  api: RuntimeApi;
  backend: string;
  now?: () => number;
}

export class HaproxyRouter implements Router {
  readonly #options: Required<HaproxyOptions>;
  /** Which server leads to a port, as seen last. */
  #names = new Map<number, string>();
  /** Ports of servers whose health check fails, as seen last. */
  #down = new Set<number>();

  constructor(options: HaproxyOptions) {
    this.#options = { now: Date.now, ...options };
  }

  async find(): Promise<RouterView> {
    const { route, counting } = this.#load();
    const servers = await this.#servers();
    const counters = await this.#options.api.counters(this.#options.backend);
    const inFlight = servers.map(({ name, port }) => [
      String(port),
      counters.servers.find((one) => one.name === name)?.inFlight ?? 0,
    ]);
    return {
      route,
      lastSequence: counting.sequence,
      inFlight: Object.fromEntries(inFlight),
    };
  }

  async ensure(): Promise<RouterView> {
    await this.#catchUp(this.#load());
    return this.find();
  }

  async setRoute(wanted: Route): Promise<void> {
    // What is stored must be read again by every later run, those that take it back among them.
    const route = parseRoute(wanted);
    const { route: before, counting } = this.#load();
    if (before && sameSplit(before, route) && (await this.#isInForce(route))) return;
    // What was counted until now was under the old weights.
    const closed = before ? closeWindow(counting, await this.#read(before)) : counting;
    this.#store({ version: 1, route, counting: closed });
    await this.#apply(route);
    this.#store({ version: 1, route, counting: openWindow(closed, await this.#read(route), route.weight) });
  }

  async windows(after: number): Promise<TrafficWindow[]> {
    const stored = this.#load();
    const { route } = stored;
    if (!route) return [];
    // Nobody is served by a HAProxy that was started again, so that is looked at as often as the counters are.
    let { counting } = await this.#catchUp(stored);
    const { open } = counting;
    if (!open || this.#options.now() - open.begin.at >= route.windowMs) {
      const reading = await this.#read(route);
      counting = openWindow(closeWindow(counting, reading), reading, route.weight);
      this.#store({ version: 1, route, counting });
    }
    return counting.windows.filter(({ sequence }) => sequence > after);
  }

  /** HAProxy runs on: only our servers are taken out of it. */
  async stop(): Promise<void> {
    for (const { name } of await this.#servers()) await this.#options.api.setState(this.#path(name), 'maint');
    this.#store({ version: 1, route: null, counting: NOTHING_COUNTED });
  }

  nameOf(port: number): string | undefined {
    return this.#names.get(port);
  }

  isDown(port: number): boolean {
    return this.#down.has(port);
  }

  /** Brings the route that is wanted into force again: after a run that was killed, or a HAProxy that was started anew. */
  async #catchUp(stored: Stored): Promise<Stored> {
    const { route, counting } = stored;
    if (!route || (await this.#isInForce(route))) return stored;
    const dropped: Stored = { version: 1, route, counting: dropWindow(counting) };
    this.#store(dropped);
    await this.#apply(route);
    return dropped;
  }

  async #isInForce(route: Route): Promise<boolean> {
    const servers = await this.#servers();
    const places = placesOf(route);
    return (
      places.every(({ port, weight }) => {
        const server = servers.find((one) => leadsTo(one, port));
        return server !== undefined && server.weight === weight && !server.inMaintenance;
      }) && servers.every((server) => server.inMaintenance || isPlaced(server, places))
    );
  }

  async #apply(route: Route): Promise<void> {
    const { api, backend } = this.#options;
    const places = placesOf(route);
    for (const place of places) await this.#place(place, places);
    const servers = await this.#servers();
    const weightOf = (server: ServerState): number =>
      places.find(({ port }) => leadsTo(server, port))?.weight ?? 0;
    const changes = servers.filter((server) => server.weight !== weightOf(server));
    // The larger ones first: at no moment has every server a weight of 0.
    for (const server of changes.toSorted((a, b) => weightOf(b) - b.weight - (weightOf(a) - a.weight)))
      await api.setWeight(this.#path(server.name), weightOf(server));
    // A weight of 0 keeps those whom a cookie binds to the server, which ends soon; what is under way ends well.
    for (const { name, inMaintenance } of servers.filter((one) => !isPlaced(one, places)))
      if (!inMaintenance) await api.setState(this.#path(name), 'maint');
    if (await this.#isInForce(route)) return;
    throw new UserError(`${api.place} did not take what was asked of the backend ${backend}.`, {
      where: { key: 'haproxy-backend' },
      fix: 'Let nothing else change its servers, and write "balance roundrobin" or another way that takes weights at run time.',
    });
  }

  /** Lets one of the two servers lead to a port, unless one does. */
  async #place({ port, weight }: Place, places: readonly Place[]): Promise<void> {
    const { api } = this.#options;
    const servers = await this.#servers();
    const there = servers.find((server) => leadsTo(server, port));
    if (there) {
      if (there.inMaintenance) await this.#bringIn(there, weight);
      return;
    }
    // Of two that may be used, the one that gets fewer requests.
    const partOf = (server: ServerState): number => (server.inMaintenance ? -1 : server.weight);
    const [free] = servers.filter((one) => !isPlaced(one, places)).sort((a, b) => partOf(a) - partOf(b));
    if (!free) throw new Error('both servers of the backend are in use');
    const path = this.#path(free.name);
    if (!free.inMaintenance) await api.setState(path, 'maint');
    await api.setAddress(path, HOST, port);
    await this.#bringIn(free, weight);
  }

  /** With its weight from the first request on: it may be the only one, or must get none yet. */
  async #bringIn({ name }: ServerState, weight: number): Promise<void> {
    await this.#options.api.setWeight(this.#path(name), weight);
    await this.#options.api.setState(this.#path(name), 'ready');
  }

  async #read(route: Route): Promise<Reading> {
    const { api, backend, now } = this.#options;
    const servers = await this.#servers();
    const counters = await api.counters(backend);
    const of = (upstream: Upstream | null) => {
      const server = upstream && servers.find((one) => leadsTo(one, upstream.port));
      const counted = counters.servers.find((one) => one.name === server?.name);
      return server && counted ? { ...counted, isDown: server.isDown } : null;
    };
    const arms = { champion: of(route.champion), challenger: of(route.challenger) };
    return { instance: await api.instance(), at: now(), arms, unserved: counters.unserved };
  }

  /** @throws UserError when the backend does not have two servers. */
  async #servers(): Promise<ServerState[]> {
    const { api, backend } = this.#options;
    const servers = await api.servers(backend);
    this.#names = new Map(servers.map(({ name, port }) => [port, name]));
    this.#down = new Set(servers.filter(({ isDown }) => isDown).map(({ port }) => port));
    if (servers.length === 2) return servers;
    throw new UserError(`The backend ${backend} has ${servers.length} servers, and two are needed.`, {
      where: { key: 'haproxy-backend' },
      fix: 'Write two lines such as "server blue 127.0.0.1:1 disabled"; where they lead is set at run time.',
    });
  }

  #path(server: string): string {
    return `${this.#options.backend}/${server}`;
  }

  #load(): Stored {
    const value = this.#options.folder.loadJson(FILE);
    if (value === undefined) return { version: 1, route: null, counting: NOTHING_COUNTED };
    const { route, counting } = storedSchema.parse(value);
    return { version: 1, route: route === null ? null : parseRoute(route), counting };
  }

  #store(stored: Stored): void {
    storeJson(this.#options.folder.file(FILE), stored);
  }
}

/** A port of this machine and its weight. */
interface Place {
  port: number;
  weight: number;
}

function placesOf({ champion, challenger, weight }: Route): Place[] {
  const weights = splitWeights(weight);
  if (!challenger) return [{ port: champion.port, weight: weights.champion }];
  return [
    { port: champion.port, weight: weights.champion },
    { port: challenger.port, weight: weights.challenger },
  ];
}

const leadsTo = (server: ServerState, port: number): boolean =>
  server.address === HOST && server.port === port;

const isPlaced = (server: ServerState, places: readonly Place[]): boolean =>
  places.some(({ port }) => leadsTo(server, port));

const sameSplit = (before: Route, after: Route): boolean =>
  before.champion.port === after.champion.port &&
  before.challenger?.port === after.challenger?.port &&
  before.weight === after.weight &&
  before.windowMs === after.windowMs;
