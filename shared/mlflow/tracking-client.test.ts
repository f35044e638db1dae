import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { type LoopbackServer, readBody, startLoopbackServer } from '../testing/loopback-server.ts';
import { checkAccount } from './account.ts';
import { parseServerAddress, serverOfEnvironment } from './server-address.ts';
import { TrackingClient } from './tracking-client.ts';

let server: LoopbackServer | undefined;
afterEach(() => server?.close());

const clientOf = (url: string, pauses: number[] = []) =>
  new TrackingClient(url, { env: {}, wait: async (milliseconds) => void pauses.push(milliseconds) });

test('a download goes on where the connection broke', async () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 256));
  let answers = 0;
  server = await startLoopbackServer(async (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    // Each time a little further, before the connection breaks.
    const end = Math.min(content.length, ++answers * 100_001);
    response.write(content.subarray(0, end), () => end < content.length && response.destroy());
    if (end === content.length) response.end();
  });
  const parts: Uint8Array[] = [];
  const request = { method: 'GET' as const, path: '/file' };
  for await (const part of (await clientOf(server.url).open(request))!) parts.push(part);
  expect(Buffer.concat(parts).equals(content)).toBe(true);
  expect(answers).toBe(3);
});

test('a download that breaks every time ends with an error for people', async () => {
  server = await startLoopbackServer((_, response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('12345', () => response.destroy());
  });
  const stream = (await clientOf(server.url).open({ method: 'GET', path: '/file' }))!;
  const readAll = async () => {
    for await (const _ of stream);
  };
  await expect(readAll()).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining('could not be reached'),
  });
});

test('the server says how long to wait, and what it cannot do at all is not asked again', async () => {
  const statuses = [429, 501];
  server = await startLoopbackServer((_, response) => {
    response.writeHead(statuses.shift() ?? 200, { 'retry-after': '7' }).end('{}');
  });
  const pauses: number[] = [];
  const request = { method: 'POST' as const, path: '/x', json: {} };
  await expect(clientOf(server.url, pauses).ask(request)).rejects.toMatchObject({ status: 501 });
  expect(pauses).toEqual([7000]);
});

test('an answer that comes before all is sent counts', async () => {
  server = await startLoopbackServer(async (request, response) => {
    await once(request, 'data');
    response
      .writeHead(403, { connection: 'close' })
      .end('{"error_code":"PERMISSION_DENIED","message":"No."}');
  });
  const upload = { size: 1e9, read: () => Array.from({ length: 10_000 }, () => Buffer.alloc(100_000)) };
  await expect(clientOf(server.url).ask({ method: 'PUT', path: '/x', upload })).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
  });
});

test.each<[string, NodeJS.ProcessEnv, RegExp | undefined]>([
  ['http://host:5000', {}, undefined],
  ['https://host', { MLFLOW_TRACKING_TOKEN: 'x' }, undefined],
  ['http://127.0.0.1:5000', { MLFLOW_TRACKING_TOKEN: 'x' }, undefined],
  ['http://[::1]:5000', { MLFLOW_TRACKING_TOKEN: 'x' }, undefined],
  ['http://host', { MLFLOW_TRACKING_TOKEN: 'x' }, /in clear text/],
  ['http://host', { MLFLOW_TRACKING_USERNAME: 'a', MLFLOW_TRACKING_PASSWORD: 'x' }, /in clear text/],
  ['http://host', { MLFLOW_TRACKING_TOKEN: 'x', MLFLOW_TRACKING_INSECURE_TLS: 'true' }, undefined],
  ['http://127.0.0.1.example.org', { MLFLOW_TRACKING_TOKEN: 'x' }, /in clear text/],
  ['https://host', { MLFLOW_TRACKING_AWS_SIGV4: 'true' }, undefined],
  ['http://host', { MLFLOW_TRACKING_AWS_SIGV4: 'true' }, /in clear text/],
  ['https://host', { MLFLOW_TRACKING_AUTH: 'my-plugin' }, /plugin/],
])('to %s the account of %j', (address, env, refusal) => {
  if (refusal) expect(() => checkAccount(address, env)).toThrow(refusal);
  else expect(() => checkAccount(address, env)).not.toThrow();
});

test('the address of a server', () => {
  expect(parseServerAddress('https://host/base/', 'registry')).toBe('https://host/base');
  for (const text of ['host:5000', 'ftp://host', 'http://', 'http://host/?a=b', 'http://host/#a', '']) {
    expect(() => parseServerAddress(text, 'registry'), text).toThrow('is not that of an MLflow server');
  }
  expect(() => parseServerAddress('http://ann:secret@host', 'registry')).toThrow(
    /^(?!.*secret).*no credentials/,
  );
  expect(serverOfEnvironment({ MLFLOW_TRACKING_URI: 'http://host:5000/' })).toBe('http://host:5000');
  for (const uri of [undefined, '', 'sqlite:///m.db', 'databricks'])
    expect(() => serverOfEnvironment({ MLFLOW_TRACKING_URI: uri })).toThrow('names no MLflow server');
});

test('signs for AWS when asked to, anew for each attempt, and repeats no token of the session', async () => {
  const env = {
    MLFLOW_TRACKING_AWS_SIGV4: 'true',
    MLFLOW_TRACKING_TOKEN: 'of-another-server',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'the-secret-key',
    AWS_SESSION_TOKEN: 'session/token+of==',
    AWS_REGION: 'eu-central-1',
  };
  const statuses = [503, 403];
  const bodies: string[] = [];
  server = await startLoopbackServer(async (request, response) => {
    const body = await readBody(request);
    bodies.push(body.toString());
    const { authorization, 'x-amz-content-sha256': sha256, 'x-amz-security-token': token } = request.headers;
    expect(authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/execute-api\//,
    );
    expect(sha256).toBe(createHash('sha256').update(body).digest('hex'));
    // As a gateway does; some write a slash as JSON lets them.
    const said = JSON.stringify({ message: `The string should have been ${token}` });
    response.writeHead(statuses.shift() ?? 500).end(said.replaceAll('/', '\\/'));
  });
  const client = new TrackingClient(server.url, { env, wait: async () => undefined });
  const upload = { size: 7, read: () => [Buffer.from('wei'), Buffer.from('ghts')] };
  const failure = await client.ask({ method: 'PUT', path: '/x', upload }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    status: 403,
    message: expect.stringContaining('should have been ***'),
    fix: expect.stringContaining('execute-api:Invoke'),
  });
  expect(bodies).toEqual(['weights', 'weights']);
});
