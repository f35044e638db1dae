/** What registries people use do differently, and what becomes of it. */
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../models/digest.ts';
import { type OciServer, type OciServerOptions, startOciServer } from '../../testing/oci-server.ts';
import { openRegistry, parseRegistry, type Registry, type RegistryOptions } from '../registry.ts';
import { failureOf } from './http-failure.ts';

const LARGE_BYTES = 65 * 1024 * 1024;

let folder: string;
let servers: OciServer[];
beforeEach(async () => {
  servers = [];
  folder = await mkdtemp(join(tmpdir(), 'habits-'));
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model', 'a'), 'one');
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await rm(folder, { recursive: true, force: true });
});

async function start(options: OciServerOptions = {}): Promise<OciServer> {
  const server = await startOciServer(options);
  servers.push(server);
  return server;
}

function open(server: OciServer, options: Partial<RegistryOptions> = {}): Promise<Registry> {
  const location = parseRegistry(`oci://${server.host}/team`, 'churn');
  const env = { DOCKER_CONFIG: folder, HOME: folder };
  return openRegistry(location, { env, wait: async () => undefined, ...options });
}

const record = (text: string) => [{ name: 'record.json', bytes: Buffer.from(JSON.stringify(text)) }];
const push = (registry: Registry) =>
  registry.pushModel(join(folder, 'model'), { attachments: [{ role: 'ModelVersion', files: record('v') }] });

describe('an interrupted upload of a large file', () => {
  async function interrupt(chunks: OciServerOptions['chunks']): Promise<OciServer> {
    await writeFile(join(folder, 'model', 'large'), '');
    await truncate(join(folder, 'model', 'large'), LARGE_BYTES);
    let interruptions = 0;
    const server = await start({
      chunks,
      fault: ({ method, bytes }) =>
        method === 'PUT' && bytes === LARGE_BYTES && interruptions++ === 0 ? 'drop-middle' : 'none',
    });
    await rm(join(folder, 'model', 'a'));
    const registry = await open(server);
    const { digest } = await registry.pushModel(join(folder, 'model'));
    await registry.pullModel(digest, join(folder, 'out'));
    expect((await modelDigest(join(folder, 'out'))).digest).toBe(digest);
    return server;
  }

  test.each(['taken', 'answers-201'] as const)('goes on from where it was (chunks: %s)', async (chunks) => {
    const server = await interrupt(chunks);
    const patches = server.requests.filter((line) => line.startsWith('PATCH'));
    expect(patches).toHaveLength(1);
    const sent = server.received.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(sent).toBeLessThan(LARGE_BYTES * 0.7);
  });

  test.each(['too-large', 'refused', 'lost'] as const)('is sent whole again (chunks: %s)', async (chunks) => {
    const server = await interrupt(chunks);
    const whole = server.received.filter(({ bytes }) => bytes === LARGE_BYTES);
    expect(whole).toHaveLength(1);
  });
});

test('sends a few blobs at once and none twice', async () => {
  for (let file = 0; file < 12; file++) await writeFile(join(folder, 'model', `f${file}`), String(file % 6));
  const server = await start();
  await push(await open(server));
  const digests = server.received.map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(digests.length);
});

describe('where the list of referrers is a tag', () => {
  test('what another job’s write took out of it is found all the same, and put back', async () => {
    const server = await start();
    const registry = await open(server);
    const { digest } = await push(registry);
    const list = `team/churn ${digest.replace(':', '-')}`;
    const before = server.manifests.get(list)!;
    await registry.attach(digest, 'Evaluation', record('e'));
    server.manifests.set(list, before);
    const other = await open(server);
    expect((await other.allAttachments(digest)).map(({ role }) => role)).toEqual([
      'Evaluation',
      'ModelVersion',
    ]);
    expect((await other.versions())[0]?.createdAt).toBeDefined();
    await push(other);
    const mended = JSON.parse(server.manifests.get(list)!.bytes.toString());
    expect(mended.manifests).toHaveLength(2);
  });

  test('many jobs that attach at once lose nothing', async () => {
    const server = await start();
    const { digest } = await push(await open(server));
    const roles = ['Evaluation', 'TrainingRun', 'DataProfile', 'code'];
    await Promise.allSettled(
      roles.map(async (role) => (await open(server)).attach(digest, role, record(role))),
    );
    const found = await (await open(server)).allAttachments(digest);
    expect(found.map(({ role }) => role)).toEqual([...roles, 'ModelVersion'].sort());
  });
});

test.each([true, false])('keeps roles, annotations and dates (referrers API: %s)', async (referrersApi) => {
  const server = await start({ referrersApi, bareReferrers: true });
  const registry = await open(server);
  const { digest } = await push(registry);
  await registry.attach(digest, 'ModelVersion', record('newer'));
  await registry.attach(digest, 'model-version', record('a role of the same artifact type'), { rows: '1' });
  const all = await (await open(server)).allAttachments(digest);
  expect(all.map(({ role, annotations }) => [role, annotations])).toEqual([
    ['ModelVersion', {}],
    ['model-version', { rows: '1' }],
  ]);
  expect(new TextDecoder().decode(await all[0]!.files[0]!.read())).toBe('"newer"');
  expect(Date.parse(all[0]!.createdAt ?? '')).not.toBeNaN();
});

test('what cosign or GitHub attached is read as a signature, every one of them, newest first', async () => {
  const server = await start({ referrersApi: true });
  const registry = await open(server);
  const { digest } = await push(registry);
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
  };
  const bundle = (text: string) => [{ name: 'bundle.sigstore.json', bytes: Buffer.from(text) }];
  await registry.attach(digest, 'signature', bundle('first'), annotations);
  await registry.attach(digest, 'signature', bundle('second'), annotations);
  await registry.attach(digest, 'signature', bundle('first'), annotations);
  await registry.attach(digest, 'provenance', bundle('p'), {
    ...annotations,
    'dev.sigstore.bundle.predicateType': 'https://slsa.dev/provenance/v1',
  });
  const manifests = [...server.manifests.values()].map(({ bytes }) => JSON.parse(bytes.toString()));
  const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const bundles = manifests.filter(({ artifactType }) => artifactType === type);
  expect(new Set(bundles.map(({ layers }) => layers[0].mediaType))).toEqual(new Set([type]));
  const files = await registry.attachments(digest, 'signature');
  const texts = await Promise.all(files.map(async (file) => new TextDecoder().decode(await file.read())));
  expect(texts).toEqual(['second', 'first']);
  expect((await registry.allAttachments(digest)).map(({ role }) => role)).toEqual([
    'ModelVersion',
    'provenance',
    'signature',
    'signature',
  ]);
});

describe('a registry that denies what is not there', () => {
  test('is empty for who may write there', async () => {
    const server = await start({ deniesUnknown: true });
    const registry = await open(server);
    expect(await registry.versions()).toEqual([]);
    expect(await registry.resolve('champion')).toBeUndefined();
    const { digest, created } = await push(registry);
    expect(created).toBe(true);
    expect(await registry.attachments(digest, 'ModelVersion')).toHaveLength(1);
  });

  test('is an error for who may only read: nobody can tell', async () => {
    const server = await start({ deniesUnknown: true, readOnly: true });
    const error: unknown = await (await open(server)).resolve('champion').catch((reason) => reason);
    expect(String(error)).toContain('answered 403: DENIED');
    expect((error as { fix: string }).fix).toContain('does not exist yet');
  });
});

test.each(['ecr', 'harbor'] as const)(
  'says what to do about tags that cannot move (%s)',
  async (immutableTags) => {
    const server = await start({ referrersApi: true, immutableTags });
    const registry = await open(server);
    const { digest } = await push(registry);
    await registry.moveAlias('champion', { to: digest });
    await writeFile(join(folder, 'model', 'a'), 'two');
    const second = await push(registry);
    const error: unknown = await registry
      .moveAlias('champion', { to: second.digest })
      .catch((reason) => reason);
    expect(String(error)).toMatch(/immutable/);
    expect((error as { fix: string }).fix).toContain('let tags of this repository be overwritten');
  },
);

test('says that ECR wants the repository to be made first', async () => {
  const server = await start({ wantsRepository: true });
  await expect(push(await open(server))).rejects.toThrow('answered 404: NAME_UNKNOWN');
  const host = '1234.dkr.ecr.eu-west-1.amazonaws.com';
  const answer = Response.json({ errors: [{ code: 'NAME_UNKNOWN' }] }, { status: 404 });
  const error = await failureOf(answer, 'POST', host, (text) => text);
  expect((error as unknown as { fix: string }).fix).toContain('aws ecr create-repository');
});

test('reads no answer without end', async () => {
  const server = await start({ endlessTags: true });
  await expect((await open(server)).versions()).rejects.toThrow('more than 16777216 bytes');
});

describe.each([true, false])('removing (referrers API: %s)', (referrersApi) => {
  test('takes away the version and all that belongs to it', async () => {
    const server = await start({ referrersApi });
    const registry = await open(server);
    const kept = await push(registry);
    const keys = () => [...server.manifests.keys()].sort();
    const before = keys();
    await writeFile(join(folder, 'model', 'a'), 'two');
    const { digest } = await push(registry);
    await registry.setStanding(digest, { approval: 'rejected' });
    await registry.moveAlias('staging', { to: digest });
    await expect(registry.remove(digest)).rejects.toThrow('staging points to it');
    await registry.moveAlias('staging', { to: kept.digest });
    await registry.remove(digest);
    const moves = keys().filter((key) => !before.includes(key));
    expect(moves.filter((key) => key.includes(digest.slice('sha256:'.length)))).toEqual([]);
    expect(await (await open(server)).versions()).toHaveLength(1);
    await (await open(server)).remove(digest);
    expect(await registry.standing(digest)).toEqual({});
  });

  test('is ended by the next run when it was interrupted', async () => {
    let broken = false;
    const server = await start({ referrersApi, fault: () => (broken ? 'refuse' : 'none') });
    const registry = await open(server);
    const { digest } = await push(registry);
    const wait = async () => undefined;
    // The first asks whether the registry deletes at all, the second takes the version away.
    let deletions = 0;
    const cut: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method === 'DELETE' && ++deletions === 2) broken = true;
      return response;
    };
    await expect((await open(server, { fetch: cut, wait })).remove(digest)).rejects.toThrow('503');
    broken = false;
    expect(await (await open(server)).versions()).toEqual([]);
    expect(server.manifests.size).toBeGreaterThan(0);
    await (await open(server)).remove(digest);
    expect([...server.manifests.keys()]).toEqual([]);
  });

  test('says how to allow it where the registry does not', async () => {
    const server = await start({ referrersApi, deletes: false });
    const registry = await open(server);
    const { digest } = await push(registry);
    const error: unknown = await registry.remove(digest).catch((reason) => reason);
    expect(String(error)).toContain('does not remove versions');
    expect((error as { fix: string }).fix).toContain('REGISTRY_STORAGE_DELETE_ENABLED=true');
    expect(await registry.versions()).toHaveLength(1);
  });
});
