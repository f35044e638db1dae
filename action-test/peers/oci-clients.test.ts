/** oras and skopeo read what was registered, and what they copy is read again. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDigest } from '../../shared/models/digest.ts';
import { copyVersion } from '../../shared/registries/copy.ts';
import { openRegistry, parseRegistry, type Registry } from '../../shared/registries/registry.ts';
import {
  missingPrograms,
  type RegistryServer,
  startDockerRegistry,
  startOciRegistry,
} from './oci-servers.ts';

const { MLOPS_TEST_ORAS: orasProgram = '', MLOPS_TEST_OCI_REGISTRY: withReferrers = '' } = process.env;
const missing = missingPrograms([
  'docker-registry',
  'skopeo',
  orasProgram || undefined,
  withReferrers || undefined,
]);
const isSkipped = missing.length > 0 && process.env.CI !== 'true';
if (isSkipped) console.warn(`Skipped: ${missing.join(', ')} is not there (node scripts/install.mjs)`);

const FILES = { 'weights.bin': 'w'.repeat(300_000), 'conf/a.json': '{}', 'with space ü': 'x' };
const RECORD = '{"kind":"Evaluation"}';

const servers = [
  { title: 'docker-registry 2.8', start: (folder: string) => startDockerRegistry(join(folder, 'server')) },
  { title: 'a registry with the referrers API', start: () => startOciRegistry(withReferrers) },
];

describe.skipIf(isSkipped).each(servers)('what was registered in $title', ({ start }) => {
  let folder: string;
  let server: RegistryServer;
  let registry: Registry;
  let digest: string;
  let repository: string;

  beforeEach(async () => {
    expect(missing, 'programs that must be installed where CI=true').toEqual([]);
    folder = await mkdtemp(join(tmpdir(), 'oci-clients-'));
    server = await start(folder);
    repository = `${server.host}/team/churn`;
    registry = await open(`oci://${server.host}/team`);
    for (const [path, content] of Object.entries(FILES)) {
      await mkdir(join(folder, 'model', path, '..'), { recursive: true });
      await writeFile(join(folder, 'model', path), content);
    }
    const files = [{ name: 'record.json', bytes: Buffer.from(RECORD) }];
    const pushed = await registry.pushModel(join(folder, 'model'), {
      attachments: [{ role: 'Evaluation', files }],
    });
    digest = pushed.digest;
    await registry.moveAlias('champion', { to: digest });
  });
  afterEach(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function open(uri: string): Promise<Registry> {
    return openRegistry(parseRegistry(uri, 'churn'), { env: { DOCKER_CONFIG: folder, HOME: folder } });
  }

  const run = (program: string, words: string[]) =>
    execFileSync(program, words, {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const oras = (...words: string[]) => run(orasProgram, words);
  const skopeo = (...words: string[]) => run('skopeo', ['--insecure-policy', ...words]);

  async function expectModel(path: string): Promise<void> {
    for (const [name, content] of Object.entries(FILES))
      expect(await readFile(join(path, name), 'utf8')).toBe(content);
    expect((await modelDigest(path)).digest).toBe(digest);
  }

  test('is pulled by oras, byte for byte', async () => {
    oras('pull', '--plain-http', `${repository}:champion`, '-o', join(folder, 'pulled'));
    await expectModel(join(folder, 'pulled'));
  });

  test('shows what is attached to oras discover, which pulls it', async () => {
    const found = JSON.parse(oras('discover', '--plain-http', '--format', 'json', `${repository}@${digest}`));
    const type = 'application/vnd.mlops-actions.evaluation.v1';
    expect(found.referrers).toMatchObject([{ artifactType: type }]);
    oras('pull', '--plain-http', `${repository}@${found.referrers[0].digest}`, '-o', join(folder, 'record'));
    expect(await readFile(join(folder, 'record/record.json'), 'utf8')).toBe(RECORD);
  });

  test('is copied by oras with what is attached, and read there', async () => {
    oras(
      'copy',
      '--recursive',
      '--from-plain-http',
      '--to-plain-http',
      `${repository}:champion`,
      `${server.host}/copies/churn:champion`,
    );
    const copy = await open(`oci://${server.host}/copies`);
    expect(await copy.resolve('champion')).toMatchObject({ digest, aliases: ['champion'] });
    const [file] = await copy.attachments(digest, 'Evaluation');
    expect(Buffer.from(await file!.read()).toString()).toBe(RECORD);
    await copy.pullModel(digest, join(folder, 'out'));
    await expectModel(join(folder, 'out'));
  });

  test('is listed, looked into and copied by skopeo', async () => {
    const tags = JSON.parse(skopeo('list-tags', '--tls-verify=false', `docker://${repository}`)).Tags;
    expect(tags).toEqual(expect.arrayContaining(['champion', `version-${digest.slice(7)}`]));
    const raw = skopeo('inspect', '--raw', '--tls-verify=false', `docker://${repository}:champion`);
    expect(JSON.parse(raw).artifactType).toBe('application/vnd.cncf.model.manifest.v1+json');
    await mkdir(join(folder, 'layouts'));
    skopeo(
      'copy',
      '--src-tls-verify=false',
      `docker://${repository}:champion`,
      `oci:${join(folder, 'layouts/churn')}:champion`,
    );
    await (await open(`oci-layout:${join(folder, 'layouts')}`)).pullModel(digest, join(folder, 'out'));
    await expectModel(join(folder, 'out'));
  });

  test('is copied to a folder, where oras finds model and attachments', async () => {
    const layout = await open(`oci-layout:${join(folder, 'store')}`);
    expect(await copyVersion(registry, layout, digest)).toEqual({ created: true });
    await layout.moveAlias('champion', { to: digest });
    const reference = `${join(folder, 'store/churn')}:champion`;
    oras('pull', '--oci-layout', reference, '-o', join(folder, 'pulled'));
    await expectModel(join(folder, 'pulled'));
    const found = JSON.parse(oras('discover', '--oci-layout', '--format', 'json', reference));
    expect(found.referrers).toHaveLength(1);
  });

  test('is removed, and the registry has it no more', async () => {
    await registry.moveAlias('champion', { to: (await registerOther()).digest });
    await registry.remove(digest);
    expect((await registry.versions()).map((version) => version.aliases)).toEqual([['champion']]);
    const tags = JSON.parse(skopeo('list-tags', '--tls-verify=false', `docker://${repository}`))
      .Tags as string[];
    expect(tags.filter((tag) => tag.includes(digest.slice(7)))).toEqual([]);
  });

  async function registerOther(): Promise<{ digest: string }> {
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'other/a'), 'other');
    return registry.pushModel(join(folder, 'other'));
  }
});
