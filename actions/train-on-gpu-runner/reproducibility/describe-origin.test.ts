import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reproductionSchema } from '../../../shared/records/training-run.ts';
import { findContainer } from './container.ts';
import { describeOrigin, type WorkOrigin } from './describe-origin.ts';
import { interpretersOf } from './packages.ts';
import { withoutAccount } from './repository.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'origin-test-'));
  mkdirSync(join(folder, 'bin'));
  for (const name of ['bash', 'git']) {
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${name}`])
        .toString()
        .trim(),
      join(folder, 'bin', name),
    );
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...{ PATH: join(folder, 'bin'), HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'a' },
  ...{
    GIT_AUTHOR_EMAIL: 'a@example.org',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.org',
    ...more,
  },
});
const code = (...parts: string[]) => join(folder, 'code', ...parts);
const git = (...words: string[]) => execFileSync('git', words, { cwd: code(), env: env() }).toString().trim();
function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(code(path)), { recursive: true });
  writeFileSync(code(path), content);
}
function program(name: string, lines: string): void {
  writeFileSync(join(folder, 'bin', name), `#!${join(folder, 'bin')}/bash\n${lines}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}
async function describe(more: Partial<WorkOrigin> = {}) {
  const origin = await describeOrigin({
    ...{ command: 'python3 train.py', params: {}, sources: [], files: [], seed: undefined, folder: code() },
    ...{ env: env(), source: { repository: null, commit: null, runUrl: null }, driver: null, keepOut: [] },
    ...{ mask: (text: string) => text.replaceAll('top-secret', '***'), ...more },
  });
  expect(reproductionSchema.parse(origin.reproduction)).toEqual(origin.reproduction);
  return {
    ...origin.reproduction,
    texts: origin.texts.map(({ bytes }) => Buffer.from(bytes).toString('latin1')),
    notes: origin.notes,
  };
}
function makeRepository(): void {
  write('train.py', 'print(1)\n');
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=x');
}

test('without git, Python, container or driver all is null, and the commit is what GitHub says', async () => {
  mkdirSync(code());
  rmSync(join(folder, 'bin', 'git'));
  const source = { repository: 'o/r', commit: 'c0ffee', runUrl: null };
  const { texts, notes, ...origin } = await describe({ source, env: env({ GITHUB_REPOSITORY: 'o/r' }) });
  expect(origin).toEqual({
    ...{ repository: 'https://github.com/o/r', commit: 'c0ffee', workingDirectory: null, uncommitted: null },
    ...{ seed: null, packages: [], container: null, cuda: null, dataVersions: [] },
  });
  expect([texts, notes]).toEqual([[], []]);
});

test('of a clean checkout there is nothing uncommitted, and its address holds no account', async () => {
  makeRepository();
  git('remote', 'add', 'origin', 'https://x-access-token:ghs_1@github.com/o/r');
  const found = await describe({ seed: 0 });
  expect(found).toMatchObject({
    ...{ repository: 'https://github.com/o/r', commit: git('rev-parse', 'HEAD') },
    ...{ workingDirectory: '.', uncommitted: null, seed: 0 },
  });
  expect(withoutAccount('ssh://git:pw@host/o/r')).toBe('ssh://git@host/o/r');
  expect(withoutAccount('git@github.com:o/r.git')).toBe('git@github.com:o/r.git');
});

test('changes of every kind are kept, and the index of the user stays as it is', async () => {
  makeRepository();
  write('old.txt', 'x\n');
  git('add', '.');
  git('commit', '--quiet', '--message=y');
  write('train.py', 'print(2)  # top-secret\n');
  write('staged.txt', 'staged\n');
  git('add', 'staged.txt');
  rmSync(code('old.txt'));
  write('new/é "x".bin', Buffer.from([0, 255]));
  // Settings of a person that would change the form.
  git('config', 'diff.noprefix', 'true');
  git('config', 'core.quotePath', 'true');
  const before = git('status', '--porcelain');
  const { uncommitted, texts } = await describe();
  expect(uncommitted).toMatchObject({
    files: 4,
    path: expect.stringMatching(/^[0-9a-f]{64}\.masked\.patch$/),
  });
  expect(texts[0]).toContain('+print(2)  # ***');
  expect(texts[0]).toMatch(
    /deleted file mode[\s\S]*new file mode[\s\S]*GIT binary patch|GIT binary patch[\s\S]*deleted/,
  );
  expect(git('status', '--porcelain')).toBe(before);
});

test('data, records, environments and what looks like a secret are no part of the changes', async () => {
  makeRepository();
  for (const path of ['data/a.csv', 'mlops-records/demo/x.json', 'env/pyvenv.cfg', 'env/lib/x.py'])
    write(path, 'x');
  for (const path of ['model.training-0123456789ab/owner.json', 'model.output/x', 'model/m.bin'])
    write(path, 'x');
  for (const path of ['gha-creds-1f.json', 'sub/.env', 'key.pem']) write(path, 'the-key');
  write('note.txt', '-----BEGIN RSA PRIVATE KEY-----\nMII\n');
  write('model.py', 'kept\n');
  const { uncommitted, texts, notes } = await describe({
    files: ['data/a.csv'],
    keepOut: [code('mlops-records'), code('model')],
  });
  expect(uncommitted?.files).toBe(1);
  expect(texts[0]).toContain('kept');
  expect(texts[0]).not.toMatch(/the-key|PRIVATE|pyvenv|csv/);
  expect(notes).toEqual([
    expect.stringMatching(/look like secrets: gha-creds-1f\.json, key\.pem, note\.txt, sub\/\.env\.$/),
  ]);
});

test('changes that are too large are known by their digest, which follows their content', async () => {
  makeRepository();
  write('large.bin', Buffer.alloc(10_000_001));
  const first = await describe();
  expect(first.uncommitted).toMatchObject({ files: 1, path: null });
  expect(first.texts).toEqual([]);
  expect(first.notes).toEqual([expect.stringContaining('larger than 10 MB')]);
  write('large.bin', Buffer.alloc(10_000_001, 1));
  expect((await describe()).uncommitted?.digest).not.toBe(first.uncommitted?.digest);
});

test('packages: pip of the interpreter that the command names, conda, and locks of uv and poetry', async () => {
  makeRepository();
  const python = 'case "$*" in "-m pip freeze") echo "$0"; echo "b==2"; echo "# -e x" ;; esac';
  program('python3', python);
  expect((await describe()).packages).toMatchObject([{ manager: 'pip', count: 2 }]);
  program('env-python3', python);
  expect(interpretersOf('cd x && ./env/bin/python3.12 train.py')).toEqual([
    './env/bin/python3.12',
    'python',
    'python3',
  ]);
  expect(interpretersOf('FOO=/usr/bin/python-x bash train.sh python')).toEqual(['python', 'python3']);

  // An environment of uv has no pip.
  program('python3', '[ "$2" = "" ] && [ "$1" = -c ]');
  program('uv', '[ "$1 $2 $3" = "pip freeze --python" ] && echo "c==3"');
  const uv = await describe();
  expect([uv.packages, uv.texts]).toMatchObject([[{ manager: 'uv', count: 1 }], ['c==3\n']]);

  write('uv.lock', 'version = 1\n[[package]]\nname = "a"\n[[package]]\nname = "b"\n');
  const locked = await describe({ command: 'uv run train.py' });
  expect(locked.packages).toMatchObject([
    { manager: 'uv', count: 2, path: expect.stringMatching(/\.uv\.lock$/) },
  ]);

  const yaml =
    'name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n  - pip:\n    - a==1\nprefix: /home/me/x\n';
  program('conda', `[ "$4" = /opt/x ] && printf '${yaml.replaceAll('\n', '\\n')}'`);
  const conda = await describe({ env: env({ CONDA_PREFIX: '/opt/x' }) });
  expect(conda.packages.find(({ manager }) => manager === 'conda')).toMatchObject({ count: 2 });
  expect(conda.texts.at(-1)).not.toContain('/home/me');
});

test('CUDA: nvcc, the note of the toolkit, or the variable of NVIDIA images', async () => {
  mkdirSync(code());
  const toolkit = async (more: NodeJS.ProcessEnv) =>
    (await describe({ env: env(more), driver: '550.54.15' })).cuda;
  expect(await toolkit({ CUDA_HOME: folder, CUDA_VERSION: '12.2.0' })).toEqual({
    toolkit: '12.2.0',
    driver: '550.54.15',
  });
  writeFileSync(join(folder, 'version.json'), '{"cuda" : {"name" : "CUDA SDK", "version" : "12.4.1"}}');
  expect(await toolkit({ CUDA_HOME: folder })).toMatchObject({ toolkit: '12.4.1' });
  program('nvcc', 'echo "Cuda compilation tools, release 12.6, V12.6.20"');
  expect(await toolkit({ CUDA_HOME: folder })).toMatchObject({ toolkit: '12.6.20' });
});

test('versions of data: DVC files and pipelines, lakeFS addresses and folders, Delta tables', async () => {
  makeRepository();
  const md5 = (letter: string) => letter.repeat(32);
  write('data/images.dvc', `outs:\n- md5: ${md5('a')}.dir\n  nfiles: 2\n  path: images\n`);
  write('data/images/1.csv', 'x\n1\n');
  write('data/other.csv.dvc', `outs:\n- md5: ${md5('b')}\n  path: other.csv\n`);
  const stage = `deps:\n    - path: train.py\n      md5: ${md5('c')}\n    outs:\n    - path: out/f.csv\n      md5: ${md5('d')}\n`;
  write('dvc.lock', `schema: '2.0'\nstages:\n  make:\n    cmd: x\n    ${stage}`);
  write('out/f.csv', 'x\n1\n');
  for (const name of [
    '00000000000000000009.json',
    '00000000000000000010.checkpoint.parquet',
    '00000000000000000011.json.tmp',
    '00000000000000000010.crc',
  ])
    write(`table/_delta_log/${name}`, '');
  write('broken.dvc', 'outs: [');
  const params = { a: [{ table: 'table' }], uri: 'lakefs://repo/main/x y', same: 'lakefs://repo/main/x y' };
  const { dataVersions } = await describe({
    ...{ files: ['data/images/1.csv', 'out/f.csv'], sources: ['data/images', 'out/f.csv'], params },
    command: `train --data 's3://repo/${'e'.repeat(64)}/rows.csv'`,
    env: env({
      LAKECTL_SERVER_ENDPOINT_URL: 'https://lake.example.org/api/v1',
      AWS_ENDPOINT_URL_S3: 'https://lake.example.org',
    }),
  });
  expect(dataVersions).toEqual([
    { system: 'dvc', name: 'data/images', version: `md5:${md5('a')}.dir` },
    { system: 'dvc', name: 'out/f.csv', version: `md5:${md5('d')}` },
    { system: 'lakefs', name: 'lakefs://repo/main/x', version: 'main' },
    { system: 'lakefs', name: `s3://repo/${'e'.repeat(64)}/rows.csv`, version: 'e'.repeat(64) },
    { system: 'delta', name: 'table', version: '10' },
  ]);
  // Without the input, what the repository keeps by DVC; and S3 is not lakeFS everywhere.
  git('add', '--force', 'data/images.dvc', 'dvc.lock');
  const all = await describe({ command: 'train s3://repo/main/rows.csv' });
  expect(all.dataVersions.map(({ name }) => name)).toEqual(['data/images', 'out/f.csv']);
});

test('a container: by the variables of services, by ECS, and by the socket of Docker', async () => {
  const digest = `sha256:${'f'.repeat(64)}`;
  const id = 'a'.repeat(64);
  const answers: Record<string, unknown> = {
    [`/containers/${id}/json`]: { Config: { Image: 'ml/train:1' }, Image: 'sha256:image' },
    '/images/sha256:image/json': { RepoDigests: [`ml/train@${digest}`] },
    '/ecs': { Image: 'repo/x:2', ImageID: digest },
  };
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
  });
  const socket = join(folder, 'docker.sock');
  const mountInfo = join(folder, 'mountinfo');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  try {
    expect(await findContainer({}, { socket, mountInfo })).toBeNull();
    writeFileSync(
      mountInfo,
      `1 2 8:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/sda rw\n`,
    );
    expect(await findContainer({}, { socket, mountInfo })).toEqual({ image: 'ml/train:1', digest });
    expect(await findContainer({}, { socket: join(folder, 'none'), mountInfo })).toBeNull();
    answers['/images/sha256:image/json'] = { RepoDigests: [] };
    expect(await findContainer({}, { socket, mountInfo })).toEqual({ image: 'ml/train:1', digest: null });
    expect(await findContainer({ CI_JOB_IMAGE: `python@${digest}` })).toEqual({
      image: `python@${digest}`,
      digest,
    });
    await new Promise<void>((resolve) => server.close(() => server.listen(0, '127.0.0.1', resolve)));
    const { port } = server.address() as { port: number };
    const ecs = { ECS_CONTAINER_METADATA_URI_V4: `http://127.0.0.1:${port}/ecs` };
    expect(await findContainer(ecs, { mountInfo })).toEqual({ image: 'repo/x:2', digest });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
