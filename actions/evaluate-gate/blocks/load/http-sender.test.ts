import { afterEach, describe, expect, test } from 'vitest';
import {
  type LoopbackServer,
  readBody,
  startLoopbackServer,
} from '../../../../shared/testing/loopback-server.ts';
import { openSender, parseEndpoint, type Sender } from './http-sender.ts';

const never = new AbortController().signal;
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function serve(handle: Parameters<typeof startLoopbackServer>[0]): Promise<LoopbackServer> {
  const server = await startLoopbackServer(handle);
  opened.push(server);
  return server;
}

function sender(server: { url: string }, timeoutMs = 20_000, signal = never): Sender {
  const made = openSender(parseEndpoint(server.url), { timeoutMs, env: {}, signal });
  opened.unshift(made);
  return made;
}

describe('a request', () => {
  test('is a POST of JSON to /invocations, and a whole answer of 2xx is good', async () => {
    const seen: unknown[] = [];
    const server = await serve(async (request, response) => {
      const body = (await readBody(request)).toString();
      seen.push([request.method, request.url, request.headers['content-type'], body]);
      response.end('{}');
    });
    expect(await sender(server).send('{"é":1}')).toMatchObject({ good: true });
    expect(seen).toEqual([['POST', '/invocations', 'application/json', '{"é":1}']]);
  });

  test.each([404, 500, 302])('answered with %d is not good', async (status) => {
    const server = await serve((request, response) => {
      request.resume();
      response.writeHead(status).end('x');
    });
    expect(await sender(server).send('{}')).toMatchObject({ good: false });
  });

  test.each<[string, Parameters<typeof startLoopbackServer>[0]]>([
    ['whose connection is closed', (request) => void request.socket.destroy()],
    ['whose connection is ended', (request) => void request.socket.end()],
    [
      'whose answer is cut off',
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('half');
        response.socket?.end();
      },
    ],
  ])('%s is not good', async (_, handle) => {
    expect(await sender(await serve(handle)).send('{}')).toMatchObject({ good: false });
  });

  test('nobody listens for is not good', async () => {
    const server = await startLoopbackServer(() => undefined);
    await server.close();
    expect(await sender(server).send('{}')).toMatchObject({ good: false });
  });

  test('without a whole answer in time is not good', async () => {
    const server = await serve((request, response) => {
      request.resume();
      response.writeHead(200).write('the first half');
    });
    expect(await sender(server, 50).send('{}')).toMatchObject({ good: false });
  });

  test('ends when the action is cancelled', async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort());
    expect(await sender(server, 20_000, stop.signal).send('{}')).toMatchObject({ good: false });
  });

  test('does not wait for the one before it', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((request, response) => {
      request.resume();
      waiting.push(() => response.end('{}'));
      // Nobody is answered before twenty have come.
      if (waiting.length === 20) for (const answer of waiting) answer();
    });
    const one = sender(server);
    const answers = await Promise.all(Array.from({ length: 20 }, () => one.send('{}')));
    expect(answers.filter(({ good }) => good)).toHaveLength(20);
  });

  test('goes through the proxy that the environment names, but not to this machine', async () => {
    const seen: unknown[] = [];
    const proxy = await serve((request, response) => {
      request.resume();
      seen.push(request.url);
      response.end('{}');
    });
    const server = await serve((request, response) => {
      request.resume();
      response.end('{}');
    });
    for (const url of ['http://models.invalid/score', server.url]) {
      const one = openSender(parseEndpoint(url), {
        timeoutMs: 20_000,
        env: { http_proxy: proxy.url },
        signal: never,
      });
      opened.unshift(one);
      expect(await one.send('{}')).toMatchObject({ good: true });
    }
    expect(seen).toEqual(['http://models.invalid/score']);
  });

  test('uses a connection again', async () => {
    const ports = new Set<number | undefined>();
    const server = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume();
      response.end('{}');
    });
    const one = sender(server);
    for (let request = 0; request < 5; request++) await one.send('{}');
    expect(ports.size).toBe(1);
  });
});

test.each([
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/invocations'],
  ['https://models.example/score?v=2', 'https://models.example/score?v=2'],
])('%s is asked at %s', (written, asked) => {
  expect(parseEndpoint(written).href).toBe(asked);
});

test.each(['localhost:8080', 'ftp://models.example', 'no url'])('%s is no endpoint', (written) => {
  expect(() => parseEndpoint(written)).toThrow('is not a URL of http or https');
});

test('what is no endpoint is not repeated, since it may hold a password', () => {
  expect(() => parseEndpoint('ann:s3cret@models.example')).toThrow(/^(?!.*s3cret)/);
});
