import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type LoopbackServer, startLoopbackServer } from '../testing/loopback-server.ts';
import { useProxyOf } from './proxy.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A proxy that opens no tunnel and remembers where to it was asked. */
async function startProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((_, response) => response.end());
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('requests go through the proxy, those to this machine do not', async () => {
  const proxy = await startProxy();
  const here: LoopbackServer = await startLoopbackServer((_, response) => void response.end('here'));
  closing.push(here.close);
  closing.push(useProxyOf({ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: 'other.invalid' }));
  await expect(fetch('https://registry.invalid/v2/')).rejects.toThrow();
  expect(proxy.asked).toEqual(['registry.invalid:443']);
  expect(await (await fetch(here.url)).text()).toBe('here');
  expect(proxy.asked).toHaveLength(1);
});

test('without a proxy nothing changes', async () => {
  const here = await startLoopbackServer((_, response) => void response.end('here'));
  closing.push(here.close, useProxyOf({}));
  expect(await (await fetch(here.url)).text()).toBe('here');
});
