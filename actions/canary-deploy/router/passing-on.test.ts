import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RouterStage, send } from '../fixtures/router-stage.ts';

let stage: RouterStage;
beforeEach(async () => {
  stage = await RouterStage.create();
});
afterEach(() => stage.close());

test('passes bodies, headers and streams through as they are', async () => {
  let release = () => {};
  const champion = await stage.upstream((incoming, outgoing, body) => {
    if (incoming.url === '/stream') {
      outgoing.write('first ');
      release = () => outgoing.end('second');
      return;
    }
    outgoing.writeHead(201, { 'x-model': 'yes', 'content-type': 'text/plain' });
    outgoing.end(`${incoming.headers['x-request']} ${incoming.headers.host} ${body.length}`);
  });
  await stage.setRoute({ champion: { port: champion.port, digest: 'the-digest' } });
  for (const size of [0, 10, 3_000_000]) {
    const answer = await send(stage.port, {
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
    const asked = request(
      { host: '127.0.0.1', port: stage.port, path: '/stream', agent: false },
      (response) => {
        response.on('data', (chunk: Buffer) => {
          parts.push(String(chunk));
          // The second part is only written once the first has arrived: a router that buffers would hang here.
          if (parts.length === 1) release();
        });
        response.once('end', resolve);
      },
    );
    asked.once('error', reject);
    asked.end();
  });
  expect(parts.join('')).toBe('first second');
});

test('lets a request that is under way end when it is stopped', async () => {
  let release = () => {};
  const champion = await stage.upstream((_, outgoing) => {
    release = () => outgoing.end('late');
  });
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  const answer = send(stage.port);
  await stage.waitForInFlight(champion.port, 1);
  expect((await stage.control('POST', '/stop')).status).toBe(202);
  await vi.waitFor(() => expect(send(stage.port)).rejects.toThrow(), { timeout: 20_000 });
  release();
  expect((await answer).text).toBe('late');
  await stage.router.stopped;
});

test('its control asks for the token and refuses what is not a route', async () => {
  expect((await stage.control('GET', '/state', undefined, 'wrong')).status).toBe(401);
  expect((await stage.control('PUT', '/route', { champion: { port: 1, digest: 'a' } }, 'wrong')).status).toBe(
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
  for (const route of wrong) expect((await stage.control('PUT', '/route', route)).status).toBe(400);
  await expect(readFile(join(stage.folder, 'route.json'))).rejects.toThrow('ENOENT');
});

test('a client that asks on over a kept connection does not keep it from stopping', async () => {
  await stage.close();
  // Without an end of its own within the time that a test has.
  stage = await RouterStage.create(600_000);
  let release = () => {};
  const champion = await stage.upstream((_, outgoing) => {
    release = () => outgoing.end('late');
  });
  await stage.setRoute({ champion: { port: champion.port, digest: 'a' } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<string | undefined>((resolve, reject) => {
      const asked = request({ port: stage.port, method: 'POST', agent }, (response) => {
        response.once('end', () => resolve(response.headers.connection)).resume();
      });
      asked.once('error', reject).end('{}');
    });
  const first = ask();
  await stage.waitForInFlight(champion.port, 1);
  void stage.router.stop();
  release();
  expect(await first).toBe('close');
  await expect(ask()).rejects.toThrow('ECONNREFUSED');
  await stage.router.stopped;
});
