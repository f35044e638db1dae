import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LoopbackServer, startLoopbackServer } from '../../testing/loopback-server.ts';
import type { DataAccess } from '../data-access.ts';
import { resolveData } from '../source.ts';
import { temporaryFolder } from '../test-engine.ts';

const pem = (name: string): string =>
  readFileSync(
    fileURLToPath(
      new URL(
        `../../../actions/evaluate-gate/metrics-files/mlflow/fixtures/loopback-${name}.pem`,
        import.meta.url,
      ),
    ),
    'utf8',
  );

const CONTENT = 'a,b\n1,2\n';
const trusted = getCACertificates('default');
let tls: ReturnType<typeof createServer>;
let plain: LoopbackServer;
let url: string;
let folder: ReturnType<typeof temporaryFolder>;
let masked: string[];
const asked: { path: string; authorization?: string }[] = [];

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '';
  asked.push({ path, authorization: request.headers.authorization });
  const send = (headers: Record<string, string>, body = CONTENT): void => {
    response.writeHead(200, headers).end(body);
  };
  if (path.startsWith('/a.csv')) send({});
  else if (path === '/typed') send({ 'content-type': 'text/csv; charset=utf-8' });
  else if (path === '/untyped') send({ 'content-type': 'text/html' });
  else if (path === '/cut.csv') {
    response.writeHead(200, { 'content-length': '1000' }).write(CONTENT);
    setImmediate(() => response.destroy());
  } else redirect(path, response);
}

function redirect(path: string, response: ServerResponse): void {
  const to: Record<string, string> = {
    '/moved': '/a.csv',
    '/down.csv': `${plain.url}/a.csv`,
    '/loop.csv': '/loop.csv',
  };
  if (to[path] !== undefined) response.writeHead(302, { location: to[path] }).end();
  else response.writeHead(404).end();
}

beforeAll(async () => {
  setDefaultCACertificates([...trusted, pem('certificate')]);
  tls = createServer({ key: pem('key'), cert: pem('certificate') }, answer);
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;
  plain = await startLoopbackServer(answer);
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  tls.close();
  tls.closeAllConnections();
  await plain.close();
});
beforeEach(() => {
  folder = temporaryFolder();
  masked = [];
  asked.length = 0;
});
afterEach(() => folder.remove());

function access(env: NodeJS.ProcessEnv = {}): DataAccess {
  return { env, temporaryFolder: folder.path, mask: (secret) => masked.push(secret) };
}

test('fetches a file, named without what is secret in its address', async () => {
  const given = `${url.replace('://', '://me:pass%20word@')}/a.csv?signature=abc`;
  const { files, digest, format } = await resolveData([given], access());
  const sha256 = createHash('sha256').update(CONTENT).digest('hex');
  expect([files[0]?.path, digest, format]).toEqual([`${url}/a.csv`, `sha256:${sha256}`, 'csv']);
  expect(readFileSync(files[0]!.fetchedTo!, 'utf8')).toBe(CONTENT);
  expect(masked).toEqual(['pass%20word', 'signature=abc']);
  expect(asked).toEqual([
    {
      path: '/a.csv?signature=abc',
      authorization: `Basic ${Buffer.from('me:pass word').toString('base64')}`,
    },
  ]);
});

test('takes the format from the address, from where it leads, or from the server', async () => {
  expect((await resolveData([`${url}/moved`], access())).format).toBe('csv');
  expect((await resolveData([`${url}/typed`], access())).format).toBe('csv');
  await expect(resolveData([`${url}/untyped`], access())).rejects.toThrow(
    /Cannot tell the format.*text\/html/,
  );
});

test.each([
  ['/none.csv?token=abc', /none\.csv answered 404/],
  ['/down.csv', /redirects to http:.*not https/],
  ['/loop.csv', /redirects more than/],
  ['/cut.csv', /broke after 8 bytes/],
])('%s is an error for people', async (path, message) => {
  const failure = await resolveData([url + path], access()).catch((error: Error) => error);
  expect(failure).toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
  expect(String(failure)).not.toContain('abc');
});

test('plain http is for this machine alone', async () => {
  expect((await resolveData([`${plain.url}/a.csv`], access())).format).toBe('csv');
  await expect(resolveData(['http://example.com/a.csv'], access())).rejects.toThrow(/is not https/);
});

test('goes through the proxy that the environment names', async () => {
  const tunnels: string[] = [];
  const { createServer: createPlain } = await import('node:http');
  const proxy = createPlain();
  proxy.on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    server.on('error', () => client.destroy());
    client.on('error', () => server.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    await resolveData([`${url}/a.csv`], access(env));
    expect(tunnels).toEqual([url.slice('https://'.length)]);
  } finally {
    proxy.close();
    proxy.closeAllConnections();
  }
});

test('is no way in for those that may read files alone', async () => {
  await expect(resolveData([`${url}/a.csv?token=abc`])).rejects.toThrow(/a\.csv cannot be fetched here/);
  expect(asked).toEqual([]);
});
