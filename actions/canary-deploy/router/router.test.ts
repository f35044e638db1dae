import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addPredictions } from '../engine/prediction-groups.ts';
import type { TrafficWindow } from '../engine/window.ts';
import { MOST_COPIES } from './mirror.ts';
import type { Route, RouterState } from './route.ts';
import { type Router, startRouter } from './start-router.ts';

let folder: string;
let router: Router | undefined;
let servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-'));
  await writeFile(join(folder, 'token'), 'secret-of-the-test');
});
afterEach(async () => {
  await router?.stop();
  router = undefined;
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
  await rm(folder, { recursive: true, force: true });
});

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse, body: string) => void;

async function upstream(handler: Handler): Promise<{ port: number; server: Server }> {
  const server = createServer(async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    handler(incoming, outgoing, body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

const named =
  (name: string): Handler =>
  (_, outgoing) =>
    outgoing.end(name);

async function start(options: { upstreamTimeoutMs?: number } = {}): Promise<Router> {
  router = await startRouter({ folder, port: 0, upstreamTimeoutMs: options.upstreamTimeoutMs ?? 5_000 });
  return router;
}

interface Answer {
  status: number;
  text: string;
  headers: IncomingMessage['headers'];
}

function send(
  port: number,
  options: { method?: string; path?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', path = '/invocations', body = '{}', headers = {} } = options;
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
      );
      response.once('error', reject);
    });
    asked.once('error', reject);
    asked.end(method === 'GET' ? undefined : body);
  });
}

async function control(
  method: string,
  path: string,
  body?: unknown,
  token = 'secret-of-the-test',
): Promise<Answer> {
  return send(router!.controlPort, {
    method,
    path,
    body: body === undefined ? '' : JSON.stringify(body),
    headers: { authorization: `Bearer ${token}` },
  });
}

let routes = 0;

/** Each call has another length of windows, so that it also ends the window that is open. */
async function setRoute(route: Partial<Route> & Pick<Route, 'champion'>): Promise<void> {
  routes += 1;
  const whole = { challenger: null, weight: 0, windowMs: 60_000 + routes, stickyHeader: null, ...route };
  const answer = await control('PUT', '/route', whole);
  expect(answer.status, answer.text).toBe(200);
}

async function windows(): Promise<TrafficWindow[]> {
  return JSON.parse((await control('GET', '/windows?after=0')).text);
}

async function totals(arm: 'champion' | 'challenger') {
  const all = await windows();
  const sum = (key: 'assigned' | 'requests' | 'errors') =>
    all.reduce((total, window) => total + (window[arm][key] ?? 0), 0);
  return { assigned: sum('assigned'), requests: sum('requests'), errors: sum('errors') };
}

describe('the router', () => {
  test('copies requests to the challenger, whose answers nobody sees and whose faults are its own', async () => {
    const champion = await upstream((_, outgoing, body) => outgoing.end(`champion ${body}`));
    const copies: { body: string; marked: unknown }[] = [];
    const challenger = await upstream((incoming, outgoing, body) => {
      copies.push({ body, marked: incoming.headers['x-mlops-mirrored'] });
      const { n } = JSON.parse(body) as { n: number };
      if (n % 3 === 0) outgoing.writeHead(500).end('broken');
      else if (n % 3 === 1) outgoing.destroy();
      else outgoing.end('fine');
    });
    const { port } = await start();
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, mirror: true });
    for (let index = 0; index < 12; index += 1) {
      const answer = await send(port, { body: `{"n":${index}}` });
      expect(answer).toMatchObject({ status: 200, text: `champion {"n":${index}}` });
      expect(answer.headers['x-mlops-arm']).toBe('champion');
    }
    await send(port, { method: 'GET', path: '/ping' });
    await vi.waitFor(async () => {
      const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
      expect(state.inFlight[challenger.port]).toBeUndefined();
    });
    await setRoute(arms);
    // One whose kept connection broke was sent once more.
    expect([...new Set(copies.map(({ body }) => body))].toSorted()).toEqual(
      Array.from({ length: 12 }, (_, index) => `{"n":${index}}`).toSorted(),
    );
    expect(copies.every(({ marked }) => marked === 'true')).toBe(true);
    expect(await totals('champion')).toEqual({ assigned: 12, requests: 12, errors: 0 });
    expect(await totals('challenger')).toEqual({ assigned: 12, requests: 12, errors: 8 });
    const mirrored = (await windows()).filter((window) => window.challenger.requests > 0);
    expect(mirrored.every((window) => window.mirrored === true && window.weight === 0)).toBe(true);
    expect(
      (
        await control('PUT', '/route', {
          ...arms,
          windowMs: 60_000,
          stickyHeader: null,
          weight: 10,
          mirror: true,
        })
      ).status,
    ).toBe(400);
  });

  test('copies no more than it can bear, and a challenger that hangs holds up nobody', async () => {
    const champion = await upstream(named('champion'));
    const challenger = await upstream(() => {});
    const { port } = await start({ upstreamTimeoutMs: 60_000 });
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, mirror: true });
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(port)));
    expect(answers.every(({ text }) => text === 'champion')).toBe(true);
    const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
    expect(state.inFlight[challenger.port]).toBe(MOST_COPIES);
    challenger.server.closeAllConnections();
    await vi.waitFor(async () => {
      const later = JSON.parse((await control('GET', '/state')).text) as RouterState;
      expect(later.inFlight[challenger.port]).toBeUndefined();
    });
    await setRoute(arms);
    // Both arms count the requests that were copied, and no others.
    expect(await totals('champion')).toMatchObject({ requests: MOST_COPIES, errors: 0 });
    expect(await totals('challenger')).toMatchObject({ requests: MOST_COPIES, errors: MOST_COPIES });
  });

  test('counts the first prediction of each answer by arm, and passes large and foreign answers on unread', async () => {
    const answer = (text: string) => (_: IncomingMessage, outgoing: ServerResponse) => {
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(text);
    };
    const champion = await upstream(answer('{"predictions": ["yes", "no", "no"]}'));
    const large = JSON.stringify({ predictions: ['x'.repeat(70_000)] });
    let asked = 0;
    const challenger = await upstream((incoming, outgoing) => {
      asked += 1;
      answer(asked === 1 ? large : asked === 2 ? 'no JSON' : '{"predictions": [0]}')(incoming, outgoing);
    });
    const { port } = await start();
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, weight: 0 });
    for (let index = 0; index < 3; index += 1) await send(port);
    await setRoute({ ...arms, weight: 100 });
    const texts: string[] = [];
    for (let index = 0; index < 5; index += 1) texts.push((await send(port)).text);
    expect(texts[0]).toBe(large);
    const counted = async (arm: 'champion' | 'challenger') => {
      await setRoute(arms);
      const all = (await windows()).map((window) => window[arm].predictions ?? {});
      return all.reduce((sum, counts) => addPredictions(sum, counts), {});
    };
    await vi.waitFor(async () => expect(await counted('challenger')).toEqual({ 'n:0': 3 }));
    expect(await counted('champion')).toEqual({ yes: 3 });
  });

  test('loses no request while weights change under load, and splits as told', async () => {
    const champion = await upstream(named('champion'));
    const challenger = await upstream(named('challenger'));
    const { port } = await start();
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, weight: 20 });
    const answers: Answer[] = [];
    let running = true;
    const clients = Array.from({ length: 20 }, async () => {
      while (running) answers.push(await send(port));
    });
    for (const weight of [20, 50, 80, 0, 100, 30]) {
      const before = answers.length;
      await setRoute({ ...arms, weight });
      await vi.waitFor(() => expect(answers.length).toBeGreaterThan(before + 200), {
        timeout: 10_000,
        interval: 5,
      });
    }
    // Promotion under load: the challenger takes over, and the old champion can go once nothing is under way.
    await setRoute({ champion: arms.challenger });
    await vi.waitFor(async () => {
      const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
      expect(state.inFlight[champion.port]).toBeUndefined();
    });
    champion.server.closeAllConnections();
    champion.server.close();
    const before = answers.length;
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(before + 100), {
      timeout: 10_000,
      interval: 5,
    });
    running = false;
    await Promise.all(clients);
    await setRoute({ champion: arms.challenger });

    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    for (const window of await windows()) {
      const assigned = window.challenger.assigned!;
      const all = window.champion.assigned! + assigned;
      const share = (assigned / all) * 100;
      if (all >= 200) expect(Math.abs(share - window.weight!)).toBeLessThan(15);
      expect(window.champion.errors + window.challenger.errors).toBe(0);
    }
    const counted = (await totals('champion')).requests + (await totals('challenger')).requests;
    expect(counted).toBe(answers.length);
  });

  test('answers from the other arm when one is dead, and counts the failure where it happened', async () => {
    const champion = await upstream(named('champion'));
    const challenger = await upstream(named('challenger'));
    const { port } = await start();
    challenger.server.close();
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, weight: 50 });
    const answers = await Promise.all(Array.from({ length: 200 }, () => send(port)));
    await setRoute(arms);
    expect(answers.every(({ status, text }) => status === 200 && text === 'champion')).toBe(true);
    const dead = await totals('challenger');
    expect(dead.errors).toBe(dead.requests);
    expect(dead.requests).toBeGreaterThan(50);
    expect(await totals('champion')).toMatchObject({ errors: 0, requests: 200 - dead.requests });
  });

  test('counts 5xx, refused posts, cut answers and timeouts as errors, and passes them on', async () => {
    const champion = await upstream((incoming, outgoing) => {
      if (incoming.url === '/500') outgoing.writeHead(500).end('broken');
      else if (incoming.url === '/422') outgoing.writeHead(422).end('no such column');
      else if (incoming.url === '/404') outgoing.writeHead(404).end();
      else if (incoming.url === '/cut') {
        outgoing.writeHead(200, { 'content-length': '100' });
        outgoing.write('begin', () => outgoing.destroy());
      } else if (incoming.url !== '/hang') outgoing.end('fine');
    });
    const { port } = await start({ upstreamTimeoutMs: 200 });
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect((await send(port, { path: '/500' })).text).toBe('broken');
    expect((await send(port, { path: '/422' })).status).toBe(422);
    expect((await send(port, { method: 'GET', path: '/404' })).status).toBe(404);
    await expect(send(port, { path: '/cut' })).rejects.toThrow();
    expect((await send(port, { path: '/hang' })).status).toBe(504);
    expect((await send(port)).text).toBe('fine');
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect(await totals('champion')).toEqual({ assigned: 6, requests: 6, errors: 4 });
  });

  test.each(['042 x', '200 \u0001', '101 x'])(
    'serves on when an arm answers with the status %j',
    async (line) => {
      const broken = createSocketServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 2\r\n\r\n{}`));
      });
      await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
      const champion = await upstream(named('champion'));
      const { port } = await start();
      await setRoute({
        champion: { port: champion.port, digest: 'a' },
        challenger: { port: (broken.address() as AddressInfo).port, digest: 'b' },
        weight: 100,
      });
      for (let index = 0; index < 3; index += 1) {
        expect(await send(port)).toMatchObject({ status: 200, text: 'champion' });
      }
      broken.close();
      await setRoute({ champion: { port: champion.port, digest: 'a' } });
      expect(await totals('challenger')).toEqual({ assigned: 3, requests: 3, errors: 3 });
    },
  );

  test('counts a client that gave up after a second of waiting, but not one that just left', async () => {
    const champion = await upstream((incoming, outgoing) => {
      if (incoming.url === '/begun') outgoing.write('begin');
    });
    const { port } = await start();
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    const leave = async (path: string, afterMs: number) => {
      const began = performance.now();
      const asked = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false });
      const closed = new Promise((resolve) => asked.once('close', resolve));
      asked.on('error', () => {});
      asked.end('{}');
      await vi.waitFor(
        async () => {
          const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
          expect(state.inFlight[champion.port]).toBe(1);
          expect(performance.now() - began).toBeGreaterThan(afterMs);
        },
        { timeout: 5_000, interval: 10 },
      );
      asked.destroy();
      await closed;
      await vi.waitFor(async () => {
        const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
        expect(state.inFlight[champion.port]).toBeUndefined();
      });
    };
    for (const path of ['/silent', '/begun']) {
      await leave(path, 0);
      await leave(path, 1_050);
    }
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect(await totals('champion')).toEqual({ assigned: 4, requests: 2, errors: 2 });
  });

  test('does not count clients that are killed in the middle of an answer', async () => {
    const champion = await upstream((_, outgoing) => {
      const more = setInterval(() => outgoing.write('more'), 1);
      outgoing.once('close', () => clearInterval(more));
    });
    const { port } = await start();
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    const clients = Array.from({ length: 40 }, async (_, index) => {
      const asked = request({ host: '127.0.0.1', port, method: 'POST', agent: false });
      asked.on('error', () => {});
      asked.end('{}');
      const response = await new Promise<IncomingMessage>((resolve) => asked.once('response', resolve));
      response.on('error', () => {});
      // A killed process's connection ends, or is reset where something lies unread.
      if (index % 2) asked.socket?.resetAndDestroy();
      else asked.socket?.destroy();
    });
    await Promise.all(clients);
    await vi.waitFor(async () => {
      const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
      expect(state.inFlight[champion.port]).toBeUndefined();
    });
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect(await totals('champion')).toMatchObject({ assigned: 40, errors: 0 });
  });

  test('does not count GET /ping, and answers 503 before there is a route', async () => {
    const champion = await upstream((incoming, outgoing) =>
      outgoing.end(`${incoming.method} ${incoming.url}`),
    );
    const { port } = await start();
    expect((await send(port, { method: 'GET', path: '/ping' })).status).toBe(503);
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect((await send(port, { method: 'GET', path: '/ping' })).text).toBe('GET /ping');
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect(await totals('champion')).toEqual({ assigned: 0, requests: 0, errors: 0 });
  });

  test('keeps a client with one model by the sticky header', async () => {
    const champion = await upstream(named('champion'));
    const challenger = await upstream(named('challenger'));
    const { port } = await start();
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, weight: 40, stickyHeader: 'X-Session' });
    const seen = new Map<string, Set<string>>();
    for (let index = 0; index < 300; index += 1) {
      const session = `session-${index % 60}`;
      const { text } = await send(port, { headers: { 'x-session': session } });
      seen.set(session, (seen.get(session) ?? new Set()).add(text));
    }
    expect([...seen.values()].every((arms) => arms.size === 1)).toBe(true);
    const onChallenger = [...seen.values()].filter((arms) => arms.has('challenger')).length;
    expect(onChallenger).toBeGreaterThan(10);
    expect(onChallenger).toBeLessThan(40);
  });

  test('passes bodies, headers and streams through as they are', async () => {
    let release = () => {};
    const champion = await upstream((incoming, outgoing, body) => {
      if (incoming.url === '/stream') {
        outgoing.write('first ');
        release = () => outgoing.end('second');
        return;
      }
      outgoing.writeHead(201, { 'x-model': 'yes', 'content-type': 'text/plain' });
      outgoing.end(`${incoming.headers['x-request']} ${incoming.headers.host} ${body.length}`);
    });
    const { port } = await start();
    await setRoute({ champion: { port: champion.port, digest: 'the-digest' } });
    for (const size of [0, 10, 3_000_000]) {
      const answer = await send(port, {
        body: 'x'.repeat(size),
        headers: { 'x-request': 'kept', host: 'my.host' },
      });
      expect(answer.text).toBe(`kept my.host ${size}`);
      expect(answer.status).toBe(201);
      expect(answer.headers).toMatchObject({
        'x-model': 'yes',
        'x-mlops-arm': 'champion',
        'x-mlops-digest': 'the-digest',
      });
    }
    const parts: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: '/stream', agent: false }, (response) => {
        response.on('data', (chunk: Buffer) => {
          parts.push(String(chunk));
          // The second part is only written once the first has arrived: a router that buffers would hang here.
          if (parts.length === 1) release();
        });
        response.once('end', resolve);
      });
      asked.once('error', reject);
      asked.end();
    });
    expect(parts.join('')).toBe('first second');
  });

  test('lets a request that is under way end when it is stopped', async () => {
    let release = () => {};
    const champion = await upstream((_, outgoing) => {
      release = () => outgoing.end('late');
    });
    const { port, stopped } = await start();
    await setRoute({ champion: { port: champion.port, digest: 'a' } });
    const answer = send(port);
    await vi.waitFor(async () => {
      const state = JSON.parse((await control('GET', '/state')).text) as RouterState;
      expect(state.inFlight[champion.port]).toBe(1);
    });
    expect((await control('POST', '/stop')).status).toBe(202);
    await vi.waitFor(() => expect(send(port)).rejects.toThrow());
    release();
    expect((await answer).text).toBe('late');
    await stopped;
    router = undefined;
  });

  test('goes on with its route and its windows after a crash', async () => {
    const champion = await upstream(named('champion'));
    const challenger = await upstream(named('challenger'));
    await start();
    const arms = {
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: challenger.port, digest: 'b' },
    };
    await setRoute({ ...arms, weight: 100 });
    expect((await send(router!.port)).text).toBe('challenger');
    await setRoute({ ...arms, weight: 100 });
    const before = await windows();
    // A second router on the same folder is what a restart looks like: the first one stored all it needs.
    const first = router!;
    const { port } = await start();
    expect((await send(port)).text).toBe('challenger');
    expect((await windows()).slice(0, before.length)).toEqual(before);
    await first.stop();
  });

  test('windows end by time, and each has one weight', async () => {
    const champion = await upstream(named('champion'));
    await start();
    await setRoute({ champion: { port: champion.port, digest: 'a' }, windowMs: 50 });
    await vi.waitFor(async () => expect((await windows()).length).toBeGreaterThan(4), {
      timeout: 5_000,
      interval: 20,
    });
    const all = await windows();
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1));
    for (const [index, window] of all.slice(1).entries()) expect(window.startedAt).toBe(all[index]!.endedAt);
  });

  test('a route that changes nothing ends no window', async () => {
    const champion = await upstream(named('champion'));
    await start();
    const route = { champion: { port: champion.port, digest: 'a' }, windowMs: 60_000 };
    await setRoute(route);
    const before = await windows();
    await setRoute(route);
    expect(await windows()).toEqual(before);
  });

  test('its control asks for the token and refuses what is not a route', async () => {
    await start();
    expect((await control('GET', '/state', undefined, 'wrong')).status).toBe(401);
    expect((await control('PUT', '/route', { champion: { port: 1, digest: 'a' } }, 'wrong')).status).toBe(
      401,
    );
    const wrong = [
      { champion: { port: 0, digest: 'a' }, challenger: null, weight: 0, windowMs: 1000, stickyHeader: null },
      {
        champion: { port: 80, digest: 'a' },
        challenger: null,
        weight: 10,
        windowMs: 1000,
        stickyHeader: null,
      },
      { champion: { port: 80, digest: 'a' }, challenger: null, weight: 0, windowMs: 0, stickyHeader: null },
      'nonsense',
    ];
    for (const route of wrong) expect((await control('PUT', '/route', route)).status).toBe(400);
    await expect(readFile(join(folder, 'route.json'))).rejects.toThrow('ENOENT');
  });
});
