import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeMlflow, startMlflowServer } from '../../testing/mlflow-server.ts';
import type { MlflowServerOptions } from '../../testing/mlflow-server-calls.ts';
import {
  type AliasMove,
  openRegistry,
  parseRegistry,
  type Registry,
  type VersionDetails,
} from '../registry.ts';
import { historyTag, readHistory } from './history-tags.ts';

let server: FakeMlflow;
let folder: string;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlflow-'));
  said = [];
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: MlflowServerOptions = {}): Promise<void> {
  await server?.close();
  server = await startMlflowServer(options);
}

const open = (env: NodeJS.ProcessEnv = {}, registry = `mlflow:${server.url}`): Promise<Registry> =>
  openRegistry(parseRegistry(registry, 'churn'), {
    env,
    wait: async () => undefined,
    progress: (message) => said.push(message),
  });

async function makeModel(files: Record<string, string>): Promise<string> {
  const model = await mkdtemp(join(folder, 'model-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(model, path, '..'), { recursive: true });
    await writeFile(join(model, path), text);
  }
  return model;
}

const details = (given: Partial<VersionDetails> = {}): VersionDetails => ({
  description: 'A model.',
  tags: {},
  metrics: {},
  source: { repository: null, commit: null, runUrl: null },
  inputs: [],
  parent: null,
  standing: {},
  ...given,
});

describe('the files of a model', () => {
  test('lie under their own names where the source points, for MLflow to load', async () => {
    const registry = await open();
    await registry.pushModel(await makeModel({ MLmodel: 'flavors: {}', 'code/a b.py': '1' }));
    const [version] = server.models.get('churn')!.versions;
    const root = version!.source.replace('mlflow-artifacts:/', '');
    expect(server.artifacts.get(`${root}/MLmodel`)?.toString()).toBe('flavors: {}');
    expect(server.artifacts.get(`${root}/code/a b.py`)?.toString()).toBe('1');
    expect(version!.description).not.toContain('pyfunc');
  });

  test('without MLmodel are taken, and it is said that MLflow cannot load them', async () => {
    await (await open()).pushModel(await makeModel({ 'model.bin': '1' }), { details: details() });
    const words = 'mlflow.pyfunc cannot load it: it holds no MLmodel file.';
    expect(server.models.get('churn')!.versions[0]!.description).toBe(`A model.\n\n${words}`);
    expect(said.join()).toContain(words);
  });

  test('come back under names that MLflow would change', async () => {
    const registry = await open();
    const names = ['MLmodel', '100%25.txt', 'a#b', 'ab:c/d?e', ' x ', 'ü/ö.json', '...', 'a;b', '%2e%2e/x'];
    const model = await makeModel(Object.fromEntries(names.map((name) => [name, `of ${name}`])));
    const { digest } = await registry.pushModel(model);
    await registry.pullModel(digest, join(folder, 'out'));
    for (const name of names) expect(await readFile(join(folder, 'out', name), 'utf8')).toBe(`of ${name}`);
    expect(said.join()).toContain('mlflow.pyfunc may miss files');
  });

  test('that are damaged, gone, or changed while they are sent, are noticed', async () => {
    const registry = await open();
    const model = await makeModel({ 'model.bin': 'weights', other: '1' });
    const { digest } = await registry.pushModel(model);
    const path = [...server.artifacts.keys()].find((name) => name.endsWith('model.bin'))!;
    server.artifacts.set(path, Buffer.from('WEIGHTS'));
    const where = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
    await expect(registry.pullModel(digest, join(folder, 'out'))).rejects.toMatchObject({
      message: expect.stringContaining('The stored file model.bin has the digest'),
      fix: expect.stringContaining(`curl -X DELETE '${where}'`),
    });
    // As the error says.
    await fetch(where, { method: 'DELETE' });
    await expect(registry.pullModel(digest, join(folder, 'out'))).rejects.toThrow(/lacks the bytes/);
    expect((await registry.pushModel(model)).created).toBe(false);
    await registry.pullModel(digest, join(folder, 'out'));
    const { modelDigest } = await import('../../models/digest.ts');
    const hashed = await modelDigest(await makeModel({ 'model.bin': 'before' }));
    await writeFile(hashed.files[0]!.location, 'behind');
    await expect(registry.pushModel(hashed)).rejects.toThrow('changed while it was stored');
    expect([...server.artifacts.values()].map(String)).not.toContain('behind');
    expect(await registry.versions()).toHaveLength(1);
  });

  test('lie where MLflow alone can reach them: that is said', async () => {
    await start({ artifactRoot: 'file:///srv/mlruns' });
    await expect((await open()).pushModel(await makeModel({ a: '1' }))).rejects.toMatchObject({
      message: expect.stringContaining('keeps artifacts where this machine cannot put them'),
      fix: expect.stringContaining('--serve-artifacts'),
    });
  });
});

describe('what MLflow shows', () => {
  test('of a version and its run', async () => {
    const metrics = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`m${index}`, index]));
    const { digest } = await (await open()).pushModel(await makeModel({ a: '1' }), {
      details: details({
        tags: { team: 'growth' },
        metrics: { ...metrics, 'f1@macro': Number.NaN, loss: Number.NEGATIVE_INFINITY },
        source: { repository: 'https://github.com/acme/churn', commit: 'abc', runUrl: 'https://ci.test/1' },
        inputs: [{ role: 'train', name: 'rows.csv', digest: `sha256:${'1'.repeat(64)}` }],
        parent: `sha256:${'2'.repeat(64)}`,
        image: 'ghcr.io/acme/churn:1',
      }),
    });
    const [version] = server.models.get('churn')!.versions;
    expect(version).toMatchObject({ version: '1', run_link: 'https://ci.test/1' });
    const tags = Object.fromEntries(version!.tags.map(({ key, value }) => [key, value]));
    expect(tags).toMatchObject({
      team: 'growth',
      'mlops.digest': digest,
      'mlops.parent': `sha256:${'2'.repeat(64)}`,
      'mlops.image': 'ghcr.io/acme/churn:1',
    });
    const run = server.runs.get(version!.run_id)!;
    const logged = new Map(run.data.metrics.map(({ key, value }) => [key, value]));
    expect(logged.size).toBe(1202);
    expect(logged.get('m1199')).toBe(1199);
    expect(logged.get('f1_macro')).toBe('NaN');
    expect(logged.get('loss')).toBe('-Infinity');
    expect(run.data.tags).toContainEqual({ key: 'mlflow.source.git.commit', value: 'abc' });
    expect(run.data.tags).toContainEqual({
      key: 'mlflow.source.git.repoURL',
      value: 'https://github.com/acme/churn',
    });
    expect(run.inputs).toHaveLength(1);
    expect(run.info.status).toBe('FINISHED');
  });

  test('what it would refuse is said before anything is sent', async () => {
    const registry = await open();
    const model = await makeModel({ a: '1' });
    const refused: Record<string, string>[] = [
      { 'mlops.digest': 'x' },
      { 'a@b': 'x' },
      { team: 'x'.repeat(5001) },
    ];
    for (const tags of refused) {
      await expect(registry.pushModel(model, { details: details({ tags }) })).rejects.toThrow(/^The tag "/);
    }
    const standing = { stage: 'a', reason: 'x'.repeat(5000) };
    await expect(registry.pushModel(model, { details: details({ standing }) })).rejects.toThrow(
      /reason is longer/,
    );
    expect(server.requests.filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  test('what people set there counts, and what is no approval is not guessed', async () => {
    const registry = await open();
    const standing = { approval: 'approved', by: 'ann', reason: 'good' } as const;
    const { digest } = await registry.pushModel(await makeModel({ a: '1' }), {
      details: details({ standing }),
    });
    const tags = server.models.get('churn')!.versions[0]!.tags;
    const tag = tags.find(({ key }) => key === 'mlops.approval')!;
    tag.value = ' Rejected';
    expect(await registry.standing(digest)).toEqual({ approval: 'rejected' });
    tag.value = 'yes';
    await expect(registry.standing(digest)).rejects.toThrow(
      'The tag mlops.approval of version 1 of churn is "yes"',
    );
  });

  test('versions and aliases of other tools are left alone', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel({ a: '1' }));
    const model = server.models.get('churn')!;
    model.versions.push({ ...structuredClone(model.versions[0]!), version: '2', tags: [] });
    model.aliases.set('champion', '2');
    expect(await registry.versions()).toHaveLength(1);
    expect(await registry.resolve('2')).toBeUndefined();
    expect(await registry.resolve('champion')).toBeUndefined();
    await expect(registry.moveAlias('champion', { to: digest, expected: null })).rejects.toThrow(
      'points to version 2 (of another tool)',
    );
    await expect(registry.moveAlias('3', { to: digest })).rejects.toThrow('reads as the number of a version');
    model.versions[0]!.source = 'mlflow-artifacts://elsewhere.test/1/model';
    await expect(registry.attachments(digest, 'code')).rejects.toThrow('behind another server');
  });
});

test('a version is found by its number', async () => {
  const registry = await open();
  const digests: string[] = [];
  for (const text of ['1', '2', '3'])
    digests.push((await registry.pushModel(await makeModel({ a: text }))).digest);
  expect(await registry.resolve('3')).toMatchObject({
    digest: digests[2],
    version: '3',
    uri: `mlflow:${server.url}/churn@${digests[2]}`,
  });
  expect(await registry.resolve('4')).toBeUndefined();
});

describe('the account', () => {
  test.each<[NodeJS.ProcessEnv, string]>([
    [{ MLFLOW_TRACKING_TOKEN: 'canary-token' }, 'Bearer canary-token'],
    [{ MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'canary' }, `Basic ${btoa('ann:canary')}`],
  ])('of %j goes with every request, and into no message', async (env, authorization) => {
    await start({ authorization, multipart: true });
    const all = { ...env, MLFLOW_WORKSPACE: 'team-a', MLFLOW_TRACKING_URI: server.url };
    const registry = await open(all, 'mlflow:');
    const { digest } = await registry.pushModel(await makeModel({ a: '1' }));
    expect((await registry.versions())[0]!.uri).toBe(`mlflow:churn@${digest}`);
    expect(new Set(server.headers.map((headers) => headers['x-mlflow-workspace']))).toEqual(
      new Set(['team-a']),
    );
    await server.close();
    server = await startMlflowServer({ authorization: 'another' });
    const error = await (await open(env)).versions().catch((reason: unknown) => reason);
    expect(String(error)).toContain('answered 401: You are not authenticated: B');
    expect(`${JSON.stringify(error)}${error}`).not.toMatch(/canary|YW5uOmNhbmFyeQ/);
  });
});

test('the history of an alias is read back from tags of a limited length', () => {
  const text = fc.string({ maxLength: 2000 });
  const anyMove = fc.record({ to: fc.string(), reason: text, by: text });
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 30 }), (moves) => {
      const tags: Record<string, string> = {};
      const written: AliasMove[] = [];
      for (const { to, reason, by } of moves) {
        const move: AliasMove = { to, from: null, at: '2026-01-01', operation: 'promote', reason, by };
        if (JSON.stringify([move]).length > 5000) continue;
        const { key, value } = historyTag(tags, 'champion', move);
        expect(value.length).toBeLessThanOrEqual(5000);
        tags[key] = value;
        written.push(move);
      }
      expect(readHistory(tags, 'champion')).toEqual(written);
    }),
  );
});
