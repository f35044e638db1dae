import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCluster } from './cluster-access.ts';
import type { HttpRoute } from './kinds.ts';
import { packProgress, unpackProgress } from './packed-progress.ts';
import { configMapName } from './rollout-store.ts';
import { percentOf, readSplit, writeSplit } from './route-weights.ts';
import { checkStorageUri, digestIn, fillStorageUri } from './storage-uri.ts';

const route = (weights: [number, number], more: HttpRoute['spec']['rules'] = []): HttpRoute => ({
  metadata: { name: 'churn' },
  spec: {
    rules: [
      {
        backendRefs: [
          { name: 'blue', port: 80, weight: weights[0] },
          { name: 'green', port: 80, weight: weights[1] },
        ],
        filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'audit', port: 80 } } }],
      },
      ...more,
    ],
  },
});

test.each([0, 10, 33.33, 99.5, 100])('a weight of %d %% is what the route then says', (weight) => {
  const object = route([100, 0]);
  writeSplit(object, { champion: 'blue', challenger: 'green', weight, mirror: false });
  expect(percentOf('churn', readSplit(object), 'green')).toBeCloseTo(weight, 9);
});

test('a mirror comes and goes, and another one of the route stays', () => {
  const object = route([100, 0]);
  writeSplit(object, { champion: 'blue', challenger: 'green', weight: 0, mirror: true });
  expect(readSplit(object).mirrorTo).toBe('green');
  writeSplit(object, { champion: 'blue', challenger: 'green', weight: 0, mirror: false });
  expect(object).toEqual(route([100, 0]));
});

test('a route that is not split, gives requests past the split, or serves nothing is refused', () => {
  const past = { backendRefs: [{ name: 'green', port: 80 }] };
  expect(() => readSplit(route([100, 0], [past]))).toThrow(/gives green requests past the split/);
  expect(() => readSplit({ ...route([1, 1]), spec: { rules: [past] } })).toThrow(/exactly two Services/);
  expect(() => percentOf('churn', readSplit(route([0, 0])), 'green')).toThrow(/nothing serves/);
});

test('a long progress is packed, and one without room leaves its state out', () => {
  const short = { phase: 'rolling', state: { looks: ['é'] } };
  expect(JSON.parse(packProgress(short))).toEqual(short);
  const long = { phase: 'rolling', state: { looks: 'x'.repeat(300_000) } };
  expect(packProgress(long).length).toBeLessThan(10_000);
  expect(unpackProgress(packProgress(long))).toEqual(long);
  let word = 1;
  const noise = Array.from({ length: 1_200_000 }, () => {
    word = (word * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (word % 90));
  }).join('');
  expect(unpackProgress(packProgress({ phase: 'rolling', state: noise }))).toEqual({
    phase: 'rolling',
    state: null,
  });
  expect(() => packProgress({ rollout: noise, state: null })).toThrow(/too much/);
  expect(unpackProgress('gzip:nonsense')).toBeNull();
});

test('where a version lies, and which one lies there', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const address = fillStorageUri('s3://models/$version/$digest', { digest, version: '7' });
  expect(address).toBe(`s3://models/7/${'a'.repeat(64)}`);
  expect(digestIn('s3://models/$version/$digest', address)).toBe(digest);
  expect(digestIn('s3://other/$digest', address)).toBeUndefined();
  expect(() => checkStorageUri('s3://models/churn')).toThrow(/does not tell/);
});

test('every model has a ConfigMap of a name that Kubernetes can have', () => {
  const names = ['churn', 'Churn', 'churn_2', 'churn/2', '-', 'x'.repeat(300)].map(configMapName);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])$/);
});

test('secrets of a kubeconfig are masked, and a broken one is not quoted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  const file = join(folder, 'config');
  const masked: string[] = [];
  const find = (context?: string) =>
    findCluster({ KUBECONFIG: file }, context, (secret) => masked.push(secret));
  await writeFile(
    file,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { token: 'secret-token' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'models' } }],
      'current-context': 'x',
    }),
  );
  expect((await find()).namespace).toBe('models');
  expect(masked).toEqual(['secret-token']);
  await expect(find('y')).rejects.toMatchObject({ message: expect.stringContaining('no context y') });
  await writeFile(file, 'users: [{token: secret-token');
  await expect(find()).rejects.not.toThrow(/secret-token/);
  await expect(findCluster({}, undefined, () => undefined)).rejects.toThrow(/Nothing says where/);
  await rm(folder, { recursive: true });
});
