import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { addPredictions } from '../engine/prediction-groups.ts';
import { named, RouterStage, send } from '../fixtures/router-stage.ts';

let stage: RouterStage;
beforeEach(async () => {
  stage = await RouterStage.create();
});
afterEach(() => stage.close());

test('counts the first prediction of each answer by arm, and passes large and foreign answers on unread', async () => {
  const answer = (text: string) => (_: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(text);
  };
  const champion = await stage.upstream(answer('{"predictions": ["yes", "no", "no"]}'));
  const large = JSON.stringify({ predictions: ['x'.repeat(70_000)] });
  let asked = 0;
  const challenger = await stage.upstream((incoming, outgoing) => {
    asked += 1;
    answer(asked === 1 ? large : asked === 2 ? 'no JSON' : '{"predictions": [0]}')(incoming, outgoing);
  });
  const arms = {
    champion: { port: champion.port, digest: 'a' },
    challenger: { port: challenger.port, digest: 'b' },
  };
  await stage.setRoute({ ...arms, weight: 0 });
  for (let index = 0; index < 3; index += 1) await send(stage.port);
  await stage.setRoute({ ...arms, weight: 100 });
  const texts: string[] = [];
  for (let index = 0; index < 5; index += 1) texts.push((await send(stage.port)).text);
  expect(texts[0]).toBe(large);
  const counted = async (arm: 'champion' | 'challenger') => {
    await stage.setRoute(arms);
    const all = (await stage.windows()).map((window) => window[arm].predictions ?? {});
    return all.reduce((sum, counts) => addPredictions(sum, counts), {});
  };
  await vi.waitFor(async () => expect(await counted('challenger')).toEqual({ 'n:0': 3 }), {
    timeout: 20_000,
  });
  expect(await counted('champion')).toEqual({ yes: 3 });
});

test('counts 5xx, refused posts, cut answers and timeouts as errors, and passes them on', async () => {
  await stage.close();
  stage = await RouterStage.create(200);
  const champion = await stage.upstream((incoming, outgoing) => {
    if (incoming.url === '/500') outgoing.writeHead(500).end('broken');
    else if (incoming.url === '/422') outgoing.writeHead(422).end('no such column');
    else if (incoming.url === '/404') outgoing.writeHead(404).end();
    else if (incoming.url === '/cut') {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('begin', () => outgoing.destroy());
    } else if (incoming.url !== '/hang') outgoing.end('fine');
  });
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  expect((await send(stage.port, { path: '/500' })).text).toBe('broken');
  expect((await send(stage.port, { path: '/422' })).status).toBe(422);
  expect((await send(stage.port, { method: 'GET', path: '/404' })).status).toBe(404);
  await expect(send(stage.port, { path: '/cut' })).rejects.toThrow();
  expect((await send(stage.port, { path: '/hang' })).status).toBe(504);
  expect((await send(stage.port)).text).toBe('fine');
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  expect(await stage.totals('champion')).toEqual({ assigned: 6, requests: 6, errors: 4 });
});

test.each(['042 x', '200 \u0001', '101 x'])(
  'serves on when an arm answers with the status %j',
  async (line) => {
    const broken = createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(`HTTP/1.1 ${line}\r\nContent-Length: 2\r\n\r\n{}`));
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const champion = await stage.upstream(named('champion'));
    await stage.setRoute({
      champion: { port: champion.port, digest: 'a' },
      challenger: { port: (broken.address() as AddressInfo).port, digest: 'b' },
      weight: 100,
    });
    for (let index = 0; index < 3; index += 1) {
      expect(await send(stage.port)).toMatchObject({ status: 200, text: 'champion' });
    }
    broken.close();
    await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
    expect(await stage.totals('challenger')).toEqual({ assigned: 3, requests: 3, errors: 3 });
  },
);

test('counts a client that gave up after a second of waiting, but not one that just left', async () => {
  const champion = await stage.upstream((incoming, outgoing) => {
    if (incoming.url === '/begun') outgoing.write('begin');
  });
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  const leave = async (path: string, afterMs: number) => {
    const began = performance.now();
    const asked = request({ host: '127.0.0.1', port: stage.port, path, method: 'POST', agent: false });
    const closed = new Promise((resolve) => asked.once('close', resolve));
    asked.on('error', () => {});
    asked.end('{}');
    await vi.waitFor(
      async () => {
        expect(await stage.inFlight(champion.port)).toBe(1);
        expect(performance.now() - began).toBeGreaterThan(afterMs);
      },
      { timeout: 20_000, interval: 10 },
    );
    asked.destroy();
    await closed;
    await stage.waitForInFlight(champion.port, 0);
  };
  for (const path of ['/silent', '/begun']) {
    await leave(path, 0);
    await leave(path, 1_050);
  }
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  expect(await stage.totals('champion')).toEqual({ assigned: 4, requests: 2, errors: 2 });
});

test('does not count clients that are killed in the middle of an answer', async () => {
  const champion = await stage.upstream((_, outgoing) => {
    const more = setInterval(() => outgoing.write('more'), 1);
    outgoing.once('close', () => clearInterval(more));
  });
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  const clients = Array.from({ length: 40 }, async (_, index) => {
    const asked = request({ host: '127.0.0.1', port: stage.port, method: 'POST', agent: false });
    asked.on('error', () => {});
    asked.end('{}');
    const response = await new Promise<IncomingMessage>((resolve) => asked.once('response', resolve));
    response.on('error', () => {});
    // A killed process's connection ends, or is reset where something lies unread.
    if (index % 2) asked.socket?.resetAndDestroy();
    else asked.socket?.destroy();
  });
  await Promise.all(clients);
  await stage.waitForInFlight(champion.port, 0);
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  expect(await stage.totals('champion')).toMatchObject({ assigned: 40, errors: 0 });
});

test('does not count GET /ping, and answers 503 before there is a route', async () => {
  const champion = await stage.upstream((incoming, outgoing) =>
    outgoing.end(`${incoming.method} ${incoming.url}`),
  );
  expect((await send(stage.port, { method: 'GET', path: '/ping' })).status).toBe(503);
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  expect((await send(stage.port, { method: 'GET', path: '/ping' })).text).toBe('GET /ping');
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  expect(await stage.totals('champion')).toEqual({ assigned: 0, requests: 0, errors: 0 });
});
