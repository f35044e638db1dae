import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCredentials } from './docker-config.ts';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-config-'));
  env = { HOME: join(folder, 'home'), PATH: folder };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const basic = (name: string) => ({ auth: Buffer.from(`${name}:secret`).toString('base64') });
const account = (username: string) => ({ username, password: 'secret' });

async function write(path: string, content: unknown): Promise<string> {
  const full = join(folder, path);
  await mkdir(join(full, '..'), { recursive: true });
  await writeFile(full, JSON.stringify(content));
  return full;
}

const find = (host = 'registry.test', repository = 'team/churn') =>
  findCredentials({ host, repository }, { env });

test('Docker’s own file comes first, then those of podman in its order', async () => {
  expect(await find()).toBeUndefined();
  await write('home/.config/containers/auth.json', { auths: { 'registry.test': basic('last') } });
  expect(await find()).toEqual(account('last'));
  env.XDG_RUNTIME_DIR = join(folder, 'run');
  await write('run/containers/auth.json', { auths: { 'registry.test': basic('runtime') } });
  expect(await find()).toEqual(account('runtime'));
  env.REGISTRY_AUTH_FILE = await write('given.json', { auths: { 'registry.test': basic('given') } });
  expect(await find()).toEqual(account('given'));
  await write('home/.docker/config.json', { auths: { 'https://registry.test/v1/': basic('docker') } });
  expect(await find()).toEqual(account('docker'));
  env.DOCKER_CONFIG = join(folder, 'nowhere');
  expect(await find()).toEqual(account('given'));
});

test('an account for a part of the host counts there only, the longest name first', async () => {
  const auths = {
    'registry.test': basic('host'),
    'registry.test/team': basic('team'),
    'registry.test/team/churn': basic('churn'),
  };
  await write('home/.config/containers/auth.json', { auths });
  expect(await find()).toEqual(account('churn'));
  expect(await find('registry.test', 'team/fraud')).toEqual(account('team'));
  expect(await find('registry.test', 'teams/churn')).toEqual(account('host'));
});

test('an identity token is told from a password, and an empty entry stands for the credential store', async () => {
  await write('home/.docker/config.json', { auths: { 'registry.test': { identitytoken: 'token' } } });
  expect(await find()).toEqual({ identityToken: 'token' });
  const helper = join(folder, 'docker-credential-store');
  await writeFile(
    helper,
    '#!/bin/sh\nread -r host\n[ "$host" = https://registry.test ] || { echo "credentials not found"; exit 1; }\necho \'{"Username":"<token>","Secret":"stored"}\'\n',
  );
  await chmod(helper, 0o755);
  await write('home/.docker/config.json', { auths: { 'registry.test': {} }, credsStore: 'store' });
  expect(await find()).toEqual({ identityToken: 'stored' });
  await write('home/.docker/config.json', {
    credHelpers: { 'registry.test': 'ecr-login' },
    credsStore: 'store',
  });
  await expect(find()).rejects.toThrow('docker-credential-ecr-login could not be started');
});
