import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TrackingClient } from '../../mlflow/tracking-client.ts';
import { hashFile } from '../../models/files.ts';
import { meetEveryFault, startFaultProxy } from '../../testing/fault-proxy.ts';
import { type FakeMlflow, startMlflowServer } from '../../testing/mlflow-server.ts';
import type { MlflowServerOptions } from '../../testing/mlflow-server-calls.ts';
import { MultipartUploads } from './multipart.ts';
import { ProxiedArtifacts } from './proxied-artifacts.ts';

const CONTENT = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251));
const wait = async () => undefined;

let server: FakeMlflow;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multipart-'));
  path = join(folder, 'weights.bin');
  await writeFile(path, CONTENT);
});
afterEach(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: MlflowServerOptions): Promise<(url?: string) => ProxiedArtifacts> {
  server = await startMlflowServer({ authorization: 'Bearer token', ...options });
  return (url = server.url) => {
    const client = new TrackingClient(url, { env: { MLFLOW_TRACKING_TOKEN: 'token' }, wait });
    const multipart = new MultipartUploads(client, { wait, from: 4000, partSize: 3000 });
    return new ProxiedArtifacts('mlflow-artifacts:/1/run/artifacts', client, multipart);
  };
}

test('a large file goes in parts past the server, which gets none of the account', async () => {
  const store = await start({ multipart: true });
  await store().put('model/weights.bin', { ...(await hashFile(path)), path });
  expect(server.artifacts.get('1/run/artifacts/model/weights.bin')?.equals(CONTENT)).toBe(true);
  expect(server.requests.filter((line) => line.startsWith('PUT /storage/'))).toHaveLength(4);
  expect(server.requests.filter((line) => line.startsWith('PUT /api/'))).toEqual([]);
  const storage = server.headers.filter((_, index) => server.requests[index]?.includes('/storage/'));
  expect(storage.map(({ authorization }) => authorization)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('goes through the server where the storage takes no parts, and is asked so once', async () => {
  const store = (await start({}))();
  const content = { ...(await hashFile(path)), path };
  for (const name of ['a', 'b']) await store.put(name, content);
  expect(server.artifacts.get('1/run/artifacts/b')?.equals(CONTENT)).toBe(true);
  expect(server.requests.map((line) => line.split('/mlflow-artifacts/')[1])).toEqual([
    'mpu/create/1/run/artifacts',
    'artifacts/1/run/artifacts/a',
    'artifacts/1/run/artifacts/b',
  ]);
});

test('a file that changes meanwhile is not completed', async () => {
  const store = await start({ multipart: true });
  const content = { ...(await hashFile(path)), path };
  await writeFile(path, Buffer.alloc(CONTENT.length));
  await expect(store().put('weights.bin', content)).rejects.toThrow('changed while it was stored');
  expect([...server.artifacts.keys()]).toEqual([]);
});

test('whatever request is refused, lost or the last one, it is whole after another run', async () => {
  const store = await start({ multipart: true });
  const proxy = await startFaultProxy(server.url);
  const content = { ...(await hashFile(path)), path };
  try {
    const met = await meetEveryFault(proxy, async () => {
      server.artifacts.clear();
      return {
        run: () => store(proxy.url).put('weights.bin', content),
        check: async () => {
          expect(server.artifacts.get('1/run/artifacts/weights.bin')?.equals(CONTENT)).toBe(true);
        },
      };
    });
    expect(met.filter(({ fault, error }) => !fault.startsWith('killed') && error)).toEqual([]);
    expect(met.length).toBeGreaterThan(20);
  } finally {
    await proxy.close();
  }
});
