/** One suite for every adapter: what a store cannot promise it declares, and the suite holds it to that. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../models/digest.ts';
import { BUNDLE_FILE, bundleAnnotations } from '../provenance/media-types.ts';
import { AliasMovedError } from '../registries/alias.ts';
import type { Registry, RegistryOptions, Standing, VersionDetails } from '../registries/registry.ts';
import { NOWHERE, removalSuite } from './registry-suite-removal.ts';

/** A store that holds nothing of the model yet. */
export interface StoreUnderTest {
  /** Opens the same model's name each time, with these options. */
  open(options: Omit<RegistryOptions, 'env'>): Promise<Registry>;
  /** `METHOD path` of every request that came in so far, where the store is a server of ours. */
  requests?: readonly string[];
  close?(): Promise<void>;
}

/**
 * @param start makes a store of its own for each test. @param folder a temporary folder, empty but for what `start`
 * puts there.
 */
export function describeRegistry(
  title: string,
  capabilities: Registry['capabilities'],
  start: (folder: string) => Promise<StoreUnderTest>,
): void {
  describe(title, () => registrySuite(capabilities, start));
}

function registrySuite(
  capabilities: Registry['capabilities'],
  start: (folder: string) => Promise<StoreUnderTest>,
): void {
  let folder: string;
  let store: StoreUnderTest;
  let open: () => Promise<Registry>;
  let clock: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'registry-'));
    clock = Date.parse('2026-01-01T00:00:00Z');
    store = await start(folder);
    open = () => store.open({ now: () => new Date(clock++), wait: async () => undefined });
  });

  afterEach(async () => {
    await store?.close?.();
    await rm(folder, { recursive: true, force: true });
  });

  async function makeModel(name: string, content: string): Promise<string> {
    const path = join(folder, name);
    await mkdir(join(path, 'sub'), { recursive: true });
    await writeFile(join(path, 'model.pkl'), content);
    await writeFile(join(path, 'sub', 'ünïcode config.json'), '{}');
    await writeFile(join(path, 'empty'), '');
    return path;
  }

  test('is empty before anything is registered, and reading creates nothing', async () => {
    const registry = await open();
    expect(await registry.versions()).toEqual([]);
    expect({ ...(await registry.aliases()) }).toEqual({});
    expect(await registry.resolve('champion')).toBeUndefined();
    expect(await registry.aliasHistory('champion')).toEqual([]);
    expect(await readdir(folder)).not.toContain('store');
  });

  test('gives back the very bytes, under the digest that the files alone make', async () => {
    const registry = await open();
    const model = await makeModel('a', 'weights');
    const { digest, created } = await registry.pushModel(model);
    expect(created).toBe(true);
    expect(digest).toBe((await modelDigest(model)).digest);
    await (await open()).pullModel(digest, join(folder, 'out'));
    expect((await modelDigest(join(folder, 'out'))).digest).toBe(digest);
    expect(await readFile(join(folder, 'out', 'model.pkl'), 'utf8')).toBe('weights');
    await registry.pullModel(digest, join(folder, 'out'));
    await writeFile(join(folder, 'out', 'model.pkl'), 'other');
    await expect(registry.pullModel(digest, join(folder, 'out'))).rejects.toThrow('is not empty');
  });

  test('keeps the same bytes once', async () => {
    const registry = await open();
    const first = await registry.pushModel(await makeModel('a', 'weights'));
    const requestsBefore = store.requests?.length ?? 0;
    const again = await (await open()).pushModel(await makeModel('b', 'weights'));
    expect(again).toEqual({ digest: first.digest, created: false });
    expect(await registry.versions()).toHaveLength(1);
    expect((store.requests ?? []).slice(requestsBefore).filter((line) => line.startsWith('POST'))).toEqual(
      [],
    );
  });

  test('lists versions in order of registration, with their aliases', async () => {
    const registry = await open();
    for (const content of ['1', '2', '3']) {
      const record = { name: 'record.json', bytes: new TextEncoder().encode(content) };
      const attachments = [{ role: 'ModelVersion', files: [record] }];
      await registry.pushModel(await makeModel(content, content), { attachments });
    }
    const versions = await registry.versions();
    expect(versions).toHaveLength(3);
    await registry.moveAlias('champion', { to: versions[1]!.digest });
    await registry.moveAlias('constructor', { to: versions[1]!.digest });
    const aliases = (await registry.versions()).map((version) => version.aliases);
    expect(aliases).toEqual([[], ['champion', 'constructor'], []]);
    expect(await registry.resolve('champion')).toEqual((await registry.versions())[1]);
    expect(await registry.resolve(versions[2]!.digest)).toEqual(versions[2]);
    expect(await registry.resolve(NOWHERE)).toBeUndefined();
  });

  test('attaches without changing the digest, and the newest of a role counts', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a', 'weights'), {
      attachments: [{ role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('first') }] }],
    });
    // A clock that goes back, as that of another runner may: still the later attachment counts.
    clock -= 3_600_000;
    const large = join(folder, 'large.csv');
    await writeFile(large, 'x'.repeat(300_000));
    await registry.attach(digest, 'Evaluation', [{ name: 'record.json', bytes: Buffer.from('second') }]);
    await registry.attach(digest, 'predictions', [{ name: 'large.csv', path: large }], { rows: '1' });
    const other = await open();
    const [evaluation] = await other.attachments(digest, 'Evaluation');
    expect(new TextDecoder().decode(await evaluation!.read())).toBe('second');
    const [predictions] = await other.attachments(digest, 'predictions');
    expect(predictions).toMatchObject({ name: 'large.csv', size: 300_000 });
    await predictions!.save(join(folder, 'saved.csv'));
    expect((await readFile(join(folder, 'saved.csv'))).length).toBe(300_000);
    expect(await other.attachments(digest, 'code')).toEqual([]);
    expect((await other.versions()).map((version) => version.digest)).toEqual([digest]);
    await expect(registry.attach(NOWHERE, 'code', [])).rejects.toThrow('There is no model version');
  });

  test('keeps the signatures of several parties, so that nobody hides those of others by his own', async () => {
    const registry = await open();
    const { digest } = await registry.pushModel(await makeModel('a', 'weights'));
    const sign = (text: string) =>
      registry.attach(
        digest,
        'signature',
        [{ name: BUNDLE_FILE, bytes: Buffer.from(text) }],
        bundleAnnotations('signature'),
      );
    for (const text of ['ours', 'theirs', 'ours']) await sign(text);
    const files = await registry.attachments(digest, 'signature');
    const texts = await Promise.all(files.map(async (file) => Buffer.from(await file.read()).toString()));
    expect(texts).toEqual(['theirs', 'ours']);
    const all = await registry.allAttachments(digest);
    expect(all.filter(({ role }) => role === 'signature')).toHaveLength(2);
  });

  test('moves an alias only from where the job believed it to be', async () => {
    const registry = await open();
    const a = (await registry.pushModel(await makeModel('a', 'a'))).digest;
    const b = (await registry.pushModel(await makeModel('b', 'b'))).digest;
    await registry.moveAlias('champion', { to: a, expected: null, operation: 'register', by: 'ann' });
    await expect(registry.moveAlias('champion', { to: b, expected: null })).rejects.toThrow(AliasMovedError);
    expect((await registry.resolve('champion'))?.digest).toBe(a);
    await registry.moveAlias('champion', {
      to: b,
      expected: a,
      reason: 'better',
      runUrl: 'https://ci.test/1',
    });
    // The goal is reached already: nothing to complain about and nothing to record.
    await registry.moveAlias('champion', { to: b, expected: a });
    expect(await registry.aliasHistory('champion')).toMatchObject([
      { to: a, from: null, operation: 'register', by: 'ann' },
      { to: b, from: a, operation: 'promote', reason: 'better', runUrl: 'https://ci.test/1' },
    ]);
    await expect(registry.moveAlias('champion', { to: NOWHERE })).rejects.toThrow('no model');
    for (const reserved of ['latest', 'v2', 'history-champion', 'sha256-abc', 'a.b', '../x', '']) {
      await expect(registry.moveAlias(reserved, { to: a })).rejects.toThrow(/alias/);
    }
  });

  test('of jobs that move an alias at once exactly one wins where the store promises it', async () => {
    const registry = await open();
    const digests: string[] = [];
    for (let i = 0; i < 6; i++)
      digests.push((await registry.pushModel(await makeModel(`m${i}`, String(i)))).digest);
    expect(registry.capabilities).toEqual(capabilities);
    if (!registry.capabilities.atomicAlias) return;
    const results = await Promise.allSettled(
      digests.map(async (to) => (await open()).moveAlias('champion', { to, expected: null })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    expect(await registry.aliasHistory('champion')).toHaveLength(1);
  });

  test('two jobs that register the same bytes at once make one version', async () => {
    const model = await makeModel('a', 'weights');
    const record = (text: string) => [
      { role: 'ModelVersion', files: [{ name: 'record.json', bytes: new TextEncoder().encode(text) }] },
    ];
    await Promise.all(
      ['one', 'two', 'three'].map(async (text) =>
        (await open()).pushModel(model, { attachments: record(text) }),
      ),
    );
    const registry = await open();
    const versions = await registry.versions();
    expect(versions).toHaveLength(1);
    expect(await registry.attachments(versions[0]!.digest, 'ModelVersion')).toHaveLength(1);
  });

  const details = (standing: Standing): VersionDetails => ({
    description: 'Predicts who leaves.',
    tags: { team: 'growth' },
    metrics: { roc_auc: 0.9, log_loss: Number.NaN },
    source: { repository: 'acme/churn', commit: 'c'.repeat(40), runUrl: 'https://ci.test/1' },
    inputs: [{ role: 'train', name: 'rows.csv', digest: `sha256:${'1'.repeat(64)}` }],
    parent: null,
    standing,
  });

  test('keeps how a version stands, and what a person decided stays when it is registered again', async () => {
    const registry = await open();
    const model = await makeModel('a', 'a');
    const first = details({
      approval: 'pending',
      stage: 'staging',
      by: 'ann',
      at: '2026-01-01T00:00:00.000Z',
    });
    const { digest } = await registry.pushModel(model, { details: first });
    expect(await registry.standing(digest)).toEqual(first.standing);
    const approved = { approval: 'approved', by: 'bob', runUrl: 'https://ci.test/2', reason: 'looks "good"' };
    await registry.setStanding(digest, approved as Standing);
    const now = { ...approved, stage: 'staging', at: expect.stringMatching(/^2026-01-01T/) };
    expect(await (await open()).standing(digest)).toEqual(now);
    await (await open()).pushModel(model, { details: first });
    expect(await registry.standing(digest)).toMatchObject({
      approval: 'approved',
      stage: 'staging',
      by: 'bob',
    });
    const other = await registry.pushModel(await makeModel('b', 'b'));
    expect(await registry.standing(other.digest)).toEqual({});
    await expect(registry.setStanding(NOWHERE, { stage: 'x' })).rejects.toThrow('There is no model version');
  });

  test('gives all attachments, so that they can be attached elsewhere', async () => {
    const registry = await open();
    const odd = { name: 'ünïcode 100%25 #1.json', bytes: Buffer.from('odd') };
    const { digest } = await registry.pushModel(await makeModel('a', 'a'), {
      attachments: [
        {
          role: 'predictions',
          files: [odd, { name: 'empty', bytes: Buffer.from('') }],
          annotations: { rows: '1' },
        },
        { role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('1') }] },
      ],
      details: details({ approval: 'approved' }),
    });
    await registry.attach(digest, 'Evaluation', [{ name: 'record.json', bytes: Buffer.from('2') }]);
    const all = await (await open()).allAttachments(digest);
    expect(all.map(({ role }) => role)).toEqual(['Evaluation', 'predictions']);
    expect(new TextDecoder().decode(await all[0]!.files[0]!.read())).toBe('2');
    expect(all[1]).toMatchObject({ annotations: { rows: '1' }, createdAt: expect.stringMatching(/^2026-/) });
    expect(all[1]!.files.map(({ name, size }) => [name, size])).toEqual([
      [odd.name, 3],
      ['empty', 0],
    ]);
    expect(new TextDecoder().decode(await all[1]!.files[0]!.read())).toBe('odd');
  });

  removalSuite({ open: () => open(), makeModel, folder: () => folder });
}
