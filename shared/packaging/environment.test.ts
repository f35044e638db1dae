import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../records/canonical-json.ts';
import { sampleTraining } from '../testing/sample-records.ts';
import { captureEnvironment } from './environment.ts';

describe('the environment of a version', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'environment-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const capture = (given: Partial<Parameters<typeof captureEnvironment>[0]> = {}) =>
    captureEnvironment({
      files: undefined,
      folder,
      requirements: undefined,
      trainingRun: undefined,
      ...given,
    });
  const write = (name: string, text: string) => writeFile(join(folder, name), text);

  test('is unknown without a lock file and a training run', async () => {
    await write('train.py', 'print()');
    expect(await capture()).toEqual({ environment: null });
  });

  test('is what the training run saw', async () => {
    const run = sampleTraining();
    const { environment, attachment } = await capture({ trainingRun: run });
    expect(environment).toMatchObject({ python: run.environment.python, files: [] });
    expect(environment?.platform).toBe(`${run.environment.platform}-${run.environment.architecture}`);
    expect(attachment).toBeUndefined();
  });

  test('has the lock files of the working directory with it, and the requirements from elsewhere', async () => {
    await mkdir(join(folder, 'code'));
    await write('uv.lock', 'version = 1\n');
    await write('requirements-dev.txt', 'pytest==9\n');
    await write('.python-version', '3.13.1\n');
    await write('notes.txt', 'no lock');
    await write('code/requirements.txt', 'scikit-learn==1.9.1\n');
    const { environment, attachment } = await capture({
      requirements: join(folder, 'code/requirements.txt'),
    });
    const names = ['.python-version', 'requirements-dev.txt', 'uv.lock', 'requirements.txt'];
    expect(environment?.files.map(({ name }) => name)).toEqual(names);
    expect(environment?.files[2]?.digest).toBe(sha256(Buffer.from('version = 1\n')));
    expect(environment?.python).toBe('3.13.1');
    expect(attachment?.files.map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ['uv.lock', '[[package]]\nname = "nvidia-cuda-runtime-cu12"\nversion = "12.4.127"\n', '12.4'],
    ['requirements.txt', 'nvidia-cuda-runtime-cu12==12.8.90\n', '12.8'],
    ['requirements.txt', 'torch==2.7.1+cu126\n', '12.6'],
    ['environment.yml', 'dependencies:\n  - cuda-version=12.9\n', '12.9'],
    ['environment.yml', 'dependencies:\n  - python=3.13\n', null],
  ])('reads CUDA from %s', async (name, text, expected) => {
    await write(name, text);
    expect((await capture()).environment?.cuda).toBe(expected);
  });

  test('refuses an address with a password in it, and lets a variable pass', async () => {
    await write('requirements.txt', 'numpy\n--extra-index-url https://ann:hunter2@pypi.test/simple\n');
    const refused = capture();
    await expect(refused).rejects.toMatchObject({ where: { line: 2 } });
    await expect(refused).rejects.not.toThrow('hunter2');
    await write('requirements.txt', '--extra-index-url https://ann:${TOKEN}@pypi.test/simple\n');
    expect((await capture()).environment?.files).toHaveLength(1);
  });

  test.each([
    'git+https://ghp_a1b2c3d4e5f6a1b2c3d4e5f6@github.com/a/b',
    'https://ann:hunter2@pypi.test/simple\r',
    'https://conda.anaconda.org/t/an-0a1b2c3d-4e5f-6a7b/team/noarch',
  ])('refuses a token in %s', async (address) => {
    await write('requirements.txt', `x @ ${address}\n`);
    await expect(capture()).rejects.toMatchObject({ where: { line: 1 } });
  });

  test.each([
    'git+ssh://git@github.com/a/b.git@0a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d',
    'https://oauth2accesstoken@europe-python.pkg.dev/simple',
    'https://${TOKEN}@pypi.test/simple',
    'https://conda.anaconda.org/t/${TOKEN}/team/noarch',
    'https://pypi.test/a/b/0a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f/x@1.whl',
  ])('lets pass %s', async (address) => {
    await write('requirements.txt', `x @ ${address}\n`);
    expect((await capture()).environment?.files).toHaveLength(1);
  });

  test('refuses a named file that is not there, and two of one name', async () => {
    await expect(capture({ files: [join(folder, 'none.lock')] })).rejects.toThrow('cannot be read');
    await mkdir(join(folder, 'a'));
    await write('uv.lock', '1');
    await write('a/uv.lock', '2');
    const files = [join(folder, 'uv.lock'), join(folder, 'a/uv.lock')];
    await expect(capture({ files })).rejects.toThrow('Two lock files are called uv.lock');
  });
});
