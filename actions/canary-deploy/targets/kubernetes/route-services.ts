/** The two Services of an HTTPRoute in the cluster: which is whose, what each gets, and giving them their parts. */
import { UserError } from '../../../../shared/errors.ts';
import type { ModelDoor } from '../target.ts';
import type { ApiServer } from './api-server.ts';
import type { HttpRoute } from './kinds.ts';
import { awaitSplit } from './route-in-force.ts';
import { percentOf, type RouteSplit, readSplit, writeSplit } from './route-weights.ts';
import { serviceDoor } from './service-door.ts';

export class RouteServices {
  readonly #api: ApiServer;
  readonly #route: string;
  readonly #progress: (message: string) => void;
  #ports: Readonly<Record<string, number>> = {};

  /** @param route name of the HTTPRoute. */
  constructor(api: ApiServer, route: string, progress: (message: string) => void) {
    this.#api = api;
    this.#route = route;
    this.#progress = progress;
  }

  async look(): Promise<RouteSplit> {
    const split = readSplit(await this.#api.get('HTTPRoute', this.#route));
    this.#ports = Object.fromEntries(split.services.map(({ name, port }) => [name, port]));
    return split;
  }

  /** Per cent of the requests that a Service gets. */
  percent(split: RouteSplit, service: string): number {
    return percentOf(this.#route, split, service);
  }

  /** The Service beside the champion's. @throws UserError when the route no longer leads to the champion. */
  async beside(champion: string | null | undefined, store: string): Promise<string> {
    const { services } = await this.look();
    const isThere = services.some(({ name }) => name === champion);
    const idle = services.find(({ name }) => name !== champion)?.name;
    if (champion && isThere && idle) return idle;
    throw new UserError(`The HTTPRoute ${this.#route} no longer leads to ${champion ?? 'the champion'}.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Let it lead there again, or delete the ConfigMap ${store} so that what serves now is the champion.`,
    });
  }

  /** Resolves when the parts are in force. @throws UserError when nothing would answer the challenger's. */
  async divide(wanted: {
    champion: string;
    challenger: string;
    weight: number;
    mirror: boolean;
  }): Promise<void> {
    if (wanted.weight > 0 || wanted.mirror) await this.#refuseDown(wanted.challenger);
    const written = await this.#api.modify('HTTPRoute', this.#route, (object: HttpRoute) => {
      readSplit(object);
      writeSplit(object, wanted);
    });
    await awaitSplit(this.#api, written, this.#progress);
  }

  /** @throws UserError when a Service gets requests or copies of them. */
  async refuseBusy(service: string): Promise<void> {
    const split = await this.look();
    if (this.percent(split, service) === 0 && split.mirrorTo !== service) return;
    throw new UserError(`The Service ${service} gets requests by the HTTPRoute ${this.#route}.`, {
      where: { key: 'kubernetes-resource' },
      fix: 'Somebody changed the weights. Give the champion the weight 100 and run again.',
    });
  }

  /** The way to a Service past the route. */
  door(service: string): ModelDoor {
    return serviceDoor(this.#api, service, this.#ports[service] ?? 80);
  }

  async #refuseDown(service: string): Promise<void> {
    const { status } = await this.#api.get('Deployment', service);
    if ((status?.availableReplicas ?? 0) > 0) return;
    throw new UserError(`The Deployment ${service} has no replica available, so it gets no requests.`, {
      where: { key: 'kubernetes-resource' },
      fix: `Look at it with: kubectl describe deployment ${service}`,
    });
  }
}
