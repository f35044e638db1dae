import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TrafficWindow } from '../engine/window.ts';
import { makeControlServer } from './control.ts';
import { makeProxy } from './proxy.ts';
import { parseRoute, type Route, type RouterAddress } from './route.ts';
import { loadJson, storeJson } from './stored-file.ts';
import { WindowCounter } from './windows.ts';

export interface RouterOptions {
  /** Holds `token`, and after a while `route.json`, `windows.json` and `router.json`. */
  folder: string;
  /** 0 takes any free port. */
  port: number;
  upstreamTimeoutMs: number;
}

export interface Router extends RouterAddress {
  /** Takes no new connection, lets every request end, and closes. */
  stop(): Promise<void>;
  stopped: Promise<void>;
}

/**
 * Starts the router with the route and the windows that an earlier one left in the folder, if any.
 * @throws Error with code EADDRINUSE when the port is taken.
 */
export async function startRouter(options: RouterOptions): Promise<Router> {
  const file = (name: string) => join(options.folder, name);
  const token = readFileSync(file('token'), 'utf8').trim();
  const storedRoute = loadJson(file('route.json'));
  let route: Route | null = storedRoute === undefined ? null : parseRoute(storedRoute);
  const earlier = (loadJson(file('windows.json')) ?? []) as TrafficWindow[];
  const counter = new WindowCounter(Date.now, earlier, route ?? undefined);
  let timer: NodeJS.Timeout | undefined;
  let stopping: Promise<void> | undefined;

  const roll = () => {
    clearTimeout(timer);
    counter.roll(route ?? { weight: 0 });
    storeJson(file('windows.json'), counter.after(0));
    if (route) timer = setTimeout(roll, route.windowMs);
  };
  const proxy = makeProxy({ ...options, counter, route: () => route, random: Math.random });
  const underWay = new Set<ServerResponse>();
  const users = createServer((incoming, outgoing) => {
    if (stopping) outgoing.shouldKeepAlive = false;
    underWay.add(outgoing);
    outgoing.once('close', () => underWay.delete(outgoing));
    // Whatever one exchange does to the router, the others must go on.
    proxy.handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Node's default of five minutes would cut long uploads and answers; the upstream's limit counts instead.
  users.requestTimeout = 0;
  await listen(users, options.port);
  const port = (users.address() as AddressInfo).port;

  const control = makeControlServer(token, {
    state: () => ({
      pid: process.pid,
      port,
      route,
      lastSequence: counter.lastSequence(),
      inFlight: proxy.inFlight(),
    }),
    setRoute: (next) => {
      // Stored first: after a crash in between, the next router does what the caller wanted.
      storeJson(file('route.json'), next);
      const changed = !sameSplit(route, next);
      route = next;
      if (changed) roll();
    },
    windows: (after) => counter.after(after),
    stop: () => void stop(),
  });
  await listen(control, 0);
  const address = { pid: process.pid, port, controlPort: (control.address() as AddressInfo).port };
  storeJson(file('router.json'), address);
  if (route) timer = setTimeout(roll, route.windowMs);

  const usersClosed = new Promise<void>((resolve) => users.once('close', resolve));
  const controlClosed = new Promise<void>((resolve) => control.once('close', resolve));
  const stopped = Promise.all([usersClosed, controlClosed]).then(() => undefined);
  function stop(): Promise<void> {
    stopping ??= (async () => {
      clearTimeout(timer);
      users.close();
      // A client that keeps its connection and asks on would keep the router from its end.
      for (const outgoing of underWay) outgoing.shouldKeepAlive = false;
      // By then each request was answered, if only by saying that the model took too long.
      const force = setTimeout(() => users.closeAllConnections(), options.upstreamTimeoutMs + 1_000);
      await usersClosed;
      clearTimeout(force);
      control.close();
      control.closeAllConnections();
      await controlClosed;
    })();
    return stopping;
  }
  return { ...address, stop, stopped };
}

/** Whether a window may go on under the new route: the same arms, weight, way to draw and length. */
function sameSplit(before: Route | null, after: Route): boolean {
  return (
    before?.champion.port === after.champion.port &&
    before.challenger?.port === after.challenger?.port &&
    before.weight === after.weight &&
    (before.mirror ?? false) === (after.mirror ?? false) &&
    before.windowMs === after.windowMs &&
    before.stickyHeader === after.stickyHeader
  );
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
