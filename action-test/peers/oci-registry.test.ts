/** The OCI adapter against a real registry (docker-registry 2.8, no referrers API) and a real client (skopeo). */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { openRegistry, parseRegistry, type Registry } from '../../shared/registries/registry.ts';
import { missingPrograms, type RegistryServer, startDockerRegistry } from './oci-servers.ts';

/** Programs of the system, not of a package. */
const PROGRAMS = { registry: 'docker-registry', skopeo: 'skopeo', htpasswd: 'htpasswd' };
const missing = missingPrograms(Object.values(PROGRAMS));
const isSkipped = missing.length > 0 && process.env.CI !== 'true';
if (isSkipped)
  console.warn(`Skipped: ${missing.join(', ')} not installed (apt: docker-registry skopeo apache2-utils)`);

const ACCOUNT = { username: 'ann', password: 'pass:word-1' };
const LARGE_BYTES = 256 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

describe.skipIf(isSkipped)('docker-registry with a password, and skopeo', () => {
  let folder: string;
  let server: RegistryServer | undefined;
  let host: string;

  beforeAll(async () => {
    expect(missing, 'programs that must be installed where CI=true').toEqual([]);
    folder = await mkdtemp(join(tmpdir(), 'oci-peer-'));
    const accounts = execFileSync(PROGRAMS.htpasswd, ['-Bbn', ACCOUNT.username, ACCOUNT.password]);
    await writeFile(join(folder, 'htpasswd'), accounts);
    server = await startDockerRegistry(join(folder, 'server'), { htpasswd: join(folder, 'htpasswd') });
    host = server.host;
    const auth = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString('base64');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  });

  afterAll(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  function open(registry: string, config = folder): Promise<Registry> {
    return openRegistry(parseRegistry(registry, 'churn'), { env: { DOCKER_CONFIG: config } });
  }

  function skopeo(...given: string[]): string {
    const credentials = ['--authfile', join(folder, 'config.json')];
    const [command = '', ...rest] = given;
    const tls =
      command === 'copy' ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : ['--tls-verify=false'];
    return execFileSync(PROGRAMS.skopeo, ['--insecure-policy', command, ...tls, ...credentials, ...rest], {
      encoding: 'utf8',
    });
  }

  async function makeModel(name: string, size: number): Promise<string> {
    await mkdir(join(folder, name, 'conf'), { recursive: true });
    const pieces = Array.from({ length: Math.ceil(size / PIECE_BYTES) }, (_, index) => {
      return Math.min(PIECE_BYTES, size - index * PIECE_BYTES);
    });
    const piece = Buffer.alloc(PIECE_BYTES, name);
    await writeFile(
      join(folder, name, 'weights.bin'),
      (function* () {
        for (const length of pieces) yield piece.subarray(0, length);
      })(),
    );
    await writeFile(join(folder, name, 'conf', 'a.json'), '{}');
    await writeFile(join(folder, name, 'empty'), '');
    return join(folder, name);
  }

  test('keeps versions, attachments, aliases and their history', async () => {
    const registry = await open(`oci://${host}/team`);
    expect(await registry.resolve('champion')).toBeUndefined();
    const model = await makeModel('first', 1000);
    const record = { role: 'ModelVersion', files: [{ name: 'record.json', bytes: Buffer.from('{"a":1}') }] };
    const { digest, created } = await registry.pushModel(model, { attachments: [record] });
    expect(created).toBe(true);
    expect((await registry.pushModel(model)).created).toBe(false);
    await registry.attach(digest, 'Evaluation', [{ name: 'record.json', bytes: Buffer.from('{"b":2}') }]);
    await registry.moveAlias('champion', { to: digest, expected: null, by: 'ann' });
    const second = await registry.pushModel(await makeModel('second', 2000));
    await registry.moveAlias('champion', { to: second.digest, expected: digest });

    const other = await open(`oci://${host}/team`);
    expect((await other.versions()).map((version) => [version.digest, version.aliases])).toEqual(
      expect.arrayContaining([
        [digest, []],
        [second.digest, ['champion']],
      ]),
    );
    expect(await other.versions()).toHaveLength(2);
    expect((await other.aliasHistory('champion')).map((move) => move.to)).toEqual([digest, second.digest]);
    const [evaluation] = await other.attachments(digest, 'Evaluation');
    expect(new TextDecoder().decode(await evaluation!.read())).toBe('{"b":2}');
    await other.pullModel(digest, join(folder, 'pulled'));
    expect((await modelDigest(join(folder, 'pulled'))).digest).toBe(digest);
    const tags = JSON.parse(skopeo('list-tags', `docker://${host}/team/churn`)).Tags as string[];
    expect(tags).toEqual(
      expect.arrayContaining(['champion', 'history-champion', `version-${digest.slice(7)}`]),
    );
    expect(tags).toContain(digest.replace(':', '-'));
  });

  test('is copied by skopeo to a folder and back under the same digest, and read from there', async () => {
    const model = await makeModel('copied', 5000);
    const remote = await open(`oci://${host}/copies`);
    const { digest } = await remote.pushModel(model);
    await remote.moveAlias('champion', { to: digest });
    await mkdir(join(folder, 'layouts'));
    skopeo('copy', `docker://${host}/copies/churn:champion`, `oci:${join(folder, 'layouts/churn')}:champion`);
    const layout = await open(`oci-layout:${join(folder, 'layouts')}`);
    expect(await layout.resolve('champion')).toMatchObject({ digest, aliases: ['champion'] });
    expect(await layout.versions()).toHaveLength(1);
    await layout.pullModel(digest, join(folder, 'from-layout'));
    expect((await modelDigest(join(folder, 'from-layout'))).digest).toBe(digest);
    // And what the adapter writes into that folder, skopeo reads.
    const added = await layout.pushModel(await makeModel('added', 7000));
    await layout.moveAlias('challenger', { to: added.digest });
    skopeo(
      'copy',
      `oci:${join(folder, 'layouts/churn')}:challenger`,
      `docker://${host}/copies/churn:challenger`,
    );
    expect((await remote.resolve('challenger'))?.digest).toBe(added.digest);
    const raw = skopeo('inspect', '--raw', `docker://${host}/copies/churn:challenger`);
    expect(JSON.parse(raw).artifactType).toBe('application/vnd.cncf.model.manifest.v1+json');
  });

  test('takes a large file as a stream', async () => {
    const model = await makeModel('large', LARGE_BYTES);
    const registry = await open(`oci://${host}/large`);
    // In KiB. The highest ever, so that what is freed again before we look is counted too.
    const before = process.resourceUsage().maxRSS;
    const { digest } = await registry.pushModel(model);
    await registry.pullModel(digest, join(folder, 'large-out'));
    expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(LARGE_BYTES / 2);
    expect((await stat(join(folder, 'large-out/weights.bin'))).size).toBe(LARGE_BYTES);
    expect((await readFile(join(folder, 'large-out/conf/a.json'), 'utf8')).trim()).toBe('{}');
  });

  test('says what to do when the password is wrong or missing', async () => {
    const strange = join(folder, 'strange');
    await mkdir(strange);
    const registry = await open(`oci://${host}/team`, strange);
    await expect(registry.pushModel(await makeModel('refused', 10))).rejects.toThrow(/answered 401/);
    const auth = Buffer.from('ann:wrong-password').toString('base64');
    await writeFile(join(strange, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
    const error: unknown = await (await open(`oci://${host}/team`, strange))
      .versions()
      .catch((reason) => reason);
    expect(error).toMatchObject({ name: 'UserError', fix: expect.stringContaining('docker login') });
    expect(String(error)).not.toContain('wrong-password');
  });
});
