import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import type { Route } from '../../router/route.ts';
import { ServingFolder } from '../local/serving-state.ts';
import { HaproxyRouter } from './haproxy-router.ts';
import type { RuntimeApi, ServerCounters, ServerState } from './runtime-api.ts';

class Killed extends Error {}

/** A HAProxy that remembers, and that a test can kill the caller of at any call. */
class FakeHaproxy implements RuntimeApi {
  readonly place = 'HAProxy of a test';
  servers_: ServerState[] = [];
  counters_ = new Map<string, ServerCounters>();
  unserved = 0;
  start = 1;
  calls = 0;
  /** The call at which the caller dies: before it has an effect, or after it. */
  killAt: { call: number; after: boolean } | undefined;
  refuses: string | undefined;
  /** Called after each effect. */
  watch: () => void = () => undefined;

  constructor(names: string[]) {
    this.restart(names);
  }

  /** With placeholders, as the configuration has them. */
  restart(names = this.servers_.map(({ name }) => name)): void {
    this.servers_ = names.map((name) => ({
      ...{ name, address: '127.0.0.1', port: 1, weight: 1, inMaintenance: true, isDown: false },
    }));
    this.counters_ = new Map(
      names.map((name) => [name, { name, assigned: 0, refused: 0, failed: 0, broken: 0, inFlight: 0 }]),
    );
    this.start += 1;
  }

  count(name: string, more: Partial<ServerCounters>): void {
    const counts = this.counters_.get(name)!;
    for (const [key, value] of Object.entries(more)) counts[key as 'assigned'] += value as number;
  }

  servers = async () => {
    return this.#call(() => this.servers_.map((server) => ({ ...server })));
  };
  counters = async () =>
    this.#call(() => ({
      servers: [...this.counters_.values()].map((counts) => ({ ...counts })),
      unserved: this.unserved,
    }));
  instance = async () => this.#call(() => `${this.start}`);
  setAddress = (path: string, address: string, port: number) => this.#change(path, { address, port });
  setWeight = (path: string, weight: number) => this.#change(path, { weight });
  setState = (path: string, state: 'ready' | 'maint') =>
    this.#change(path, { inMaintenance: state === 'maint' });

  /** Ports that get requests, with their weights. */
  serving(): Record<number, number> {
    const some = this.servers_.filter(({ inMaintenance, weight }) => !inMaintenance && weight > 0);
    return Object.fromEntries(some.map(({ port, weight }) => [port, weight]));
  }

  async #change(path: string, change: Partial<ServerState>): Promise<void> {
    this.#call(() => Object.assign(this.#server(path), change));
  }

  #server(path: string): ServerState {
    const server = this.servers_.find(({ name }) => path === `models/${name}`);
    if (this.refuses) throw new UserError(this.refuses, { where: { key: 'haproxy-socket' } });
    if (!server) throw new UserError(`no server ${path}`, {});
    return server;
  }

  #call<Result>(effect: () => Result): Result {
    const call = this.calls;
    this.calls += 1;
    if (this.killAt?.call === call && !this.killAt.after) throw new Killed();
    const result = effect();
    this.watch();
    if (this.killAt?.call === call) throw new Killed();
    return result;
  }
}

const upstream = (port: number) => ({ port, digest: `sha256:${port}` });
const route = (champion: number, challenger: number | null = null, weight = 0): Route => ({
  champion: upstream(champion),
  challenger: challenger === null ? null : upstream(challenger),
  ...{ weight, windowMs: 1000, stickyHeader: null },
});

/** A rollout that is promoted, one that is taken back, and one that gets all traffic at once. */
const LIFE: Route[] = [
  route(5001),
  route(5001, 5002),
  route(5001, 5002, 10),
  route(5001, 5002, 50),
  route(5002),
  route(5002, 5003),
  route(5002, 5003, 75),
  route(5002),
  // Blue-green: from nothing to everything at once.
  route(5002, 5004),
  route(5004),
];
const LAST_PORTS: Record<number, number>[] = [
  { 5001: 2 },
  { 5001: 2 },
  { 5001: 9, 5002: 1 },
  { 5001: 1, 5002: 1 },
  { 5002: 2 },
  { 5002: 2 },
  { 5002: 1, 5003: 3 },
  { 5002: 2 },
  { 5002: 2 },
  { 5004: 2 },
];

let path: string;
let time: number;
let haproxy: FakeHaproxy;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'haproxy-router-'));
  time = 0;
  haproxy = new FakeHaproxy(['blue', 'green']);
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

/** As a new run opens it. */
const open = (api: RuntimeApi = haproxy) =>
  new HaproxyRouter({ folder: new ServingFolder(path), api, backend: 'models', now: () => time });

describe('a route', () => {
  test('is in force when it is set, and at no moment is nobody served', async () => {
    const router = open();
    for (const [index, one] of LIFE.entries()) {
      if (index > 0) haproxy.watch = () => expect(Object.keys(haproxy.serving()).length).toBeGreaterThan(0);
      await router.setRoute(one);
      expect(haproxy.serving()).toEqual(LAST_PORTS[index]);
      expect((await router.find()).route).toMatchObject(one);
    }
    expect(router.nameOf(5002)).toBe('green');
  });

  test('comes about after a kill at any call, before or after its effect', async () => {
    let cases = 0;
    for (const [index, one] of LIFE.entries()) {
      for (let call = 0; ; call += 1) {
        let wasKilled = false;
        for (const after of [false, true]) {
          rmSync(path, { recursive: true, force: true });
          haproxy = new FakeHaproxy(['blue', 'green']);
          const router = open();
          for (const before of LIFE.slice(0, index)) await router.setRoute(before);
          if (index > 0)
            haproxy.watch = () => expect(Object.keys(haproxy.serving()).length).toBeGreaterThan(0);
          haproxy.killAt = { call: haproxy.calls + call, after };
          const died = await router.setRoute(one).then(
            () => false,
            (error: unknown) => error instanceof Killed,
          );
          haproxy.killAt = undefined;
          wasKilled ||= died;
          const next = open();
          const { route: wanted } = await next.ensure();
          if (wanted) expect([LAST_PORTS[index], LAST_PORTS[index - 1]]).toContainEqual(haproxy.serving());
          await next.setRoute(one);
          expect(haproxy.serving()).toEqual(LAST_PORTS[index]);
          cases += 1;
        }
        if (!wasKilled) break;
      }
    }
    expect(cases).toBeGreaterThan(150);
  });

  test('comes back when HAProxy was started again, as soon as somebody looks', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 10));
    haproxy.restart();
    expect(haproxy.serving()).toEqual({});
    await router.windows(0);
    expect(haproxy.serving()).toEqual({ 5001: 9, 5002: 1 });
    haproxy.restart();
    await open().ensure();
    expect(haproxy.serving()).toEqual({ 5001: 9, 5002: 1 });
  });

  test('a split that somebody else changed is mended', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 10));
    haproxy.servers_[0]!.weight = 200;
    haproxy.count('green', { assigned: 500 });
    await router.ensure();
    expect(haproxy.serving()).toEqual({ 5001: 9, 5002: 1 });
    // What was counted under the other one belongs to no window.
    for (const at of [2000, 3000]) {
      time = at;
      await router.windows(0);
    }
    const windows = await router.windows(0);
    expect(windows.map(({ challenger }) => challenger.requests)).toEqual([0]);
  });

  test.each([['blue'], ['blue', 'green', 'red']])('a backend with %s alone is refused', async (...names) => {
    haproxy = new FakeHaproxy(names.flat());
    const error = await open()
      .find()
      .catch((caught: UserError) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(`has ${names.flat().length} servers, and two are needed`);
  });

  test('without the permission nothing is taken for done', async () => {
    haproxy.refuses = 'Permission denied';
    await expect(open().setRoute(route(5001))).rejects.toThrow('Permission denied');
    haproxy.refuses = undefined;
    await open().ensure();
    expect(haproxy.serving()).toEqual({ 5001: 2 });
  });

  test('a weight that is not taken is an error', async () => {
    const stubborn = Object.assign(new FakeHaproxy(['blue', 'green']), { setWeight: async () => undefined });
    await expect(open(stubborn).setRoute(route(5001))).rejects.toThrow('did not take what was asked');
  });

  test.each([0, 49, 2 ** 31, Number.NaN])(
    'with looks of %d ms is refused, and the folder is as before',
    async (windowMs) => {
      await open().setRoute(route(5001));
      const bad = { ...route(5001, 5002), windowMs };
      await expect(open().setRoute(bad)).rejects.toThrow('windowMs');
      await open().setRoute(route(5001));
      expect((await open().find()).route).toMatchObject(route(5001));
      expect(haproxy.serving()).toEqual({ 5001: 2 });
    },
  );

  test('a server whose health check fails is known to be down, as seen last', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 50));
    expect(router.isDown(5002)).toBe(false);
    haproxy.servers_.find(({ port }) => port === 5002)!.isDown = true;
    await router.windows(0);
    expect([5001, 5002].map((port) => router.isDown(port))).toEqual([false, true]);
  });

  test('ends with both servers taken out', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 50));
    await router.stop();
    expect(haproxy.serving()).toEqual({});
    expect(await open().ensure()).toMatchObject({ route: null, lastSequence: 0 });
  });
});

describe('windows', () => {
  test('are counted under one split each, and outlive the run', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 10));
    haproxy.count('blue', { assigned: 90 });
    haproxy.count('green', { assigned: 10, failed: 1 });
    time = 999;
    expect(await router.windows(0)).toEqual([]);
    time = 1000;
    const [first] = await router.windows(0);
    expect(first).toMatchObject({
      ...{ sequence: 1, startedAt: 0, endedAt: 1000, weight: 10 },
      champion: { requests: 90, errors: 0 },
      challenger: { requests: 10, errors: 1 },
    });
    haproxy.count('green', { assigned: 5 });
    time = 1500;
    await router.setRoute(route(5001, 5002, 50));
    const next = open();
    expect((await next.find()).lastSequence).toBe(2);
    const [second, ...more] = await next.windows(1);
    expect(second).toMatchObject({ startedAt: 1000, endedAt: 1500, weight: 10, challenger: { requests: 5 } });
    expect(more).toEqual([]);
  });

  test('hold what no server was there for, and the silence of one that is down', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 100));
    haproxy.count('green', { assigned: 60 });
    haproxy.unserved = 40;
    time = 1000;
    const [first] = await router.windows(0);
    expect(first!.challenger).toMatchObject({ assigned: 100, requests: 100, errors: 40 });
    haproxy.servers_.find(({ port }) => port === 5002)!.isDown = true;
    haproxy.unserved = 140;
    time = 2000;
    const [second] = await router.windows(1);
    expect(second!.challenger).toMatchObject({ assigned: null, requests: 0, errors: 0 });
  });

  test('what was counted while the split changed belongs to none', async () => {
    const router = open();
    await router.setRoute(route(5001, 5002, 10));
    haproxy.killAt = { call: haproxy.calls + 6, after: true };
    await router.setRoute(route(5001, 5002, 50)).catch(() => undefined);
    haproxy.killAt = undefined;
    haproxy.count('green', { assigned: 1000 });
    const next = open();
    await next.ensure();
    time = 5000;
    await next.windows(0);
    haproxy.count('green', { assigned: 7 });
    time = 6000;
    const windows = await next.windows(0);
    expect(windows.at(-1)).toMatchObject({ weight: 50, challenger: { requests: 7 } });
    expect(windows.some(({ challenger }) => challenger.requests >= 1000)).toBe(false);
  });
});
