import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../models/digest.ts';
import { type OciServer, startOciServer } from '../testing/oci-server.ts';
import { copyVersion } from './copy.ts';
import { openRegistry, parseRegistry, type Registry } from './registry.ts';

const account = { username: 'ann', password: 'pass:word' };
let folder: string;
let server: OciServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copy-test-'));
  server = await startOciServer({ auth: { kind: 'token', ...account } });
  const auth = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [server.host]: { auth } } }));
  await mkdir(join(folder, 'model'));
  await writeFile(join(folder, 'model/a.bin'), 'weights');
  await writeFile(join(folder, 'model/b.json'), '{}');
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const open = (registry: string): Promise<Registry> =>
  openRegistry(parseRegistry(registry, 'churn'), {
    env: { DOCKER_CONFIG: folder },
    wait: async () => undefined,
  });
const layout = (name: string) => open(`oci-layout:${join(folder, name)}`);
const remote = (namespace: string) => open(`oci://${server.host}/${namespace}`);

async function register(registry: Registry): Promise<string> {
  const { digest } = await registry.pushModel(join(folder, 'model'), {
    attachments: [
      { role: 'ModelVersion', files: [{ name: 'record.json', bytes: Buffer.from('"v"') }] },
      { role: 'Evaluation', files: [{ name: 'record.json', bytes: Buffer.from('"old"') }] },
    ],
  });
  await registry.attach(digest, 'Evaluation', [{ name: 'record.json', bytes: Buffer.from('"new"') }], {
    rows: '1',
  });
  await registry.setStanding(digest, { approval: 'approved', by: 'ann', reason: 'looked at it' });
  return digest;
}

/** What a registry knows of a version, but for how it stands. */
async function known(registry: Registry, digest: string): Promise<unknown> {
  const attachments = await registry.allAttachments(digest);
  const texts = await Promise.all(
    attachments.map(async ({ files }) =>
      Promise.all(files.map(async (file) => Buffer.from(await file.read()).toString())),
    ),
  );
  return attachments.map((attachment, index) => ({ ...attachment, files: texts[index] }));
}

const blobsOf = (name: string) => readdir(join(folder, name, 'churn/blobs/sha256'));

test('from a folder to a registry and back keeps every digest, of the model and of what is attached', async () => {
  const first = await layout('first');
  const digest = await register(first);
  await first.moveAlias('champion', { to: digest });
  const between = await remote('team');
  expect(await copyVersion(first, between, digest)).toEqual({ created: true });
  expect(await known(between, digest)).toEqual(await known(first, digest));
  const last = await layout('last');
  expect(await copyVersion(between, last, digest)).toEqual({ created: true });
  expect(await known(last, digest)).toEqual(await known(first, digest));
  const [from, to] = [await blobsOf('first'), await blobsOf('last')];
  // The history of the alias and its manifest stay where the alias is, and the approval with its people.
  expect(from.filter((hex) => !to.includes(hex))).toHaveLength(3);
  expect(to.filter((hex) => !from.includes(hex))).toEqual([]);
  expect({ ...(await last.aliases()) }).toEqual({});
  await last.pullModel(digest, join(folder, 'out'));
  expect((await modelDigest(join(folder, 'out'))).digest).toBe(digest);

  const sent = server.received.length;
  expect(await copyVersion(first, between, digest)).toEqual({ created: false });
  expect(server.received).toHaveLength(sent);
});

test('between repositories of one host moves no blob', async () => {
  const from = await remote('team');
  const digest = await register(from);
  const sent = server.received.length;
  const to = await remote('other/team');
  expect(await copyVersion(from, to, digest)).toEqual({ created: true });
  expect(server.received).toHaveLength(sent);
  expect(await known(to, digest)).toEqual(await known(from, digest));
});

test('brings what was attached later to a version that is there', async () => {
  const [from, to] = [await layout('first'), await layout('second')];
  const digest = await register(from);
  await copyVersion(from, to, digest);
  await from.attach(digest, 'code', [{ name: 'code.tar', bytes: Buffer.from('x') }]);
  expect(await copyVersion(from, to, digest)).toEqual({ created: false });
  expect(await known(to, digest)).toEqual(await known(from, digest));
});

/** A registry that is not known to be an OCI store, as those of other kinds. */
const ofAnotherKind = (target: Registry) =>
  new Proxy({} as Registry, {
    get: (_, name: keyof Registry) => {
      const found = target[name];
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });

describe.each([
  ['of one kind', (target: Registry) => target],
  ['of different kinds', ofAnotherKind],
])('between stores %s', (_, as) => {
  test('an approval stays with the people who gave it', async () => {
    const [from, to] = [await layout('first'), await layout('second')];
    const digest = await register(from);
    expect((await from.standing(digest)).approval).toBe('approved');
    await copyVersion(from, as(to), digest);
    expect(await to.standing(digest)).toEqual({});
    // What the people of the target say stays, whatever is copied later.
    await to.setStanding(digest, { approval: 'rejected', by: 'bob' });
    await from.setStanding(digest, { approval: 'pending' });
    await from.setStanding(digest, { approval: 'approved' });
    await copyVersion(from, as(to), digest);
    expect(await to.standing(digest)).toMatchObject({ approval: 'rejected', by: 'bob' });
  });

  test('an objection goes with the version, and the copying operation may decide otherwise', async () => {
    const from = await layout('first');
    const digest = await register(from);
    await from.setStanding(digest, { approval: 'rejected', stage: 'old', by: 'ann', reason: 'unfair' });
    const to = await layout('second');
    await copyVersion(from, as(to), digest);
    const { approval, by, reason, stage } = await to.standing(digest);
    expect({ approval, by, reason, stage }).toEqual({ approval: 'rejected', by: 'ann', reason: 'unfair' });
    const decided = await layout('third');
    const details = { description: '', tags: {}, metrics: {}, inputs: [], parent: null };
    const source = { repository: null, commit: null, runUrl: null };
    const standing = { approval: 'approved', by: 'cleo' } as const;
    await copyVersion(from, as(decided), digest, { details: { ...details, source, standing } });
    expect(await decided.standing(digest)).toMatchObject(standing);
  });
});

test('between stores of different kinds goes through files, verified', async () => {
  const from = await layout('first');
  const digest = await register(from);
  const target = await layout('second');
  const to = ofAnotherKind(target);
  const temporaryFolder = join(folder, 'temporary');
  expect(await copyVersion(from, to, digest, { temporaryFolder })).toEqual({ created: true });
  const without = (value: unknown) => JSON.parse(JSON.stringify(value).replace(/"createdAt":"[^"]*",/g, ''));
  expect(without(await known(target, digest))).toEqual(without(await known(from, digest)));
  expect(await readdir(temporaryFolder)).toEqual([]);
});

test('of what is not there, or is damaged, is an error and makes no version', async () => {
  const from = await layout('first');
  const to = await remote('team');
  const digest = await register(from);
  await expect(copyVersion(from, to, `sha256:${'0'.repeat(64)}`)).rejects.toThrow(
    'There is no model version',
  );
  const { files } = await modelDigest(join(folder, 'model'));
  const blob = join(folder, 'first/churn/blobs/sha256', files[0]!.digest.slice('sha256:'.length));
  await writeFile(blob, 'damaged');
  await expect(copyVersion(from, to, digest)).rejects.toThrow('DIGEST_INVALID');
  await expect(copyVersion(from, await layout('second'), digest)).rejects.toThrow('has the digest');
  expect(await to.versions()).toEqual([]);
});
