import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { preparePythonEnvironment } from './python-environment.ts';

let folder: string;
let requirements: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'python-'));
  requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, '# nothing is needed\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prepare = () => preparePythonEnvironment({ requirements, cacheFolder: folder });
const environments = () => readdirSync(join(folder, 'python')).filter((entry) => !entry.endsWith('.txt'));

test('makes an environment once and gives the same one again', async () => {
  const { bin } = await prepare();
  const prefix = execFileSync(join(bin, 'python'), ['-c', 'import sys; print(sys.prefix)'], {
    encoding: 'utf8',
  });
  expect(join(prefix.trim(), 'bin')).toBe(bin);
  expect(await prepare()).toEqual({ bin });
  writeFileSync(requirements, '# other text, other environment\n');
  expect((await prepare()).bin).not.toBe(bin);
});

test('several at once agree on one environment and leave no other', async () => {
  const made = await Promise.all([prepare(), prepare(), prepare()]);
  expect(new Set(made.map(({ bin }) => bin)).size).toBe(1);
  expect(environments()).toHaveLength(1);
});

test('a half-built environment of a killed process is never used, and is removed a day later', async () => {
  const { bin } = await prepare();
  const key = environments()[0]!.split('-')[0]!;
  rmSync(join(folder, 'python', `${key}.txt`));
  rmSync(join(bin, 'python'));
  const again = await prepare();
  expect(again.bin).not.toBe(bin);
  expect(environments()).toHaveLength(2);
  const old = new Date(Date.now() - 25 * 3600 * 1000);
  utimesSync(join(bin, '..'), old, old);
  mkdirSync(join(folder, 'python', 'young'));
  writeFileSync(requirements, '# something new\n');
  await prepare();
  expect(environments()).not.toContain(bin.split('/').at(-2));
  expect(environments()).toContain('young');
});

test('an environment whose Python has been removed is made anew', async () => {
  const { bin } = await prepare();
  rmSync(join(bin, 'python'));
  const again = await prepare();
  expect(execFileSync(join(again.bin, 'python'), ['-c', 'print(1)'], { encoding: 'utf8' })).toBe('1\n');
});

test('an included file belongs to the key', async () => {
  writeFileSync(join(folder, 'base.txt'), '# first\n');
  writeFileSync(requirements, '# needs\n-r base.txt\n');
  const first = await prepare();
  writeFileSync(join(folder, 'base.txt'), '# second\n');
  expect((await prepare()).bin).not.toBe(first.bin);
});

test('says which requirement cannot be installed, and keeps nothing', async () => {
  writeFileSync(requirements, `${join(folder, 'no-such-folder')}\n`);
  await expect(prepare()).rejects.toThrow(/pip could not install .*requirements.txt.*no-such-folder/s);
  expect(environments()).toEqual([]);
}, 60_000);

test('a cancelled build ends with the reason and keeps nothing', async () => {
  await expect(
    preparePythonEnvironment({
      requirements,
      cacheFolder: folder,
      signal: AbortSignal.abort(new Error('stop')),
    }),
  ).rejects.toThrow('stop');
});

test('what runs while packages are installed does not see the token of the action', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'python3'), `#!/bin/sh\nenv >> ${folder}/seen\nexit 1\n`, { mode: 0o755 });
  writeFileSync(join(bin, 'python'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const secrets = { 'INPUT_GITHUB-TOKEN': 'ghs_secret', ACTIONS_RUNTIME_TOKEN: 'runtime_secret' };
  const env = { ...process.env, ...secrets, PATH: `${bin}:${process.env.PATH}` };
  await expect(preparePythonEnvironment({ requirements, cacheFolder: folder, env })).rejects.toThrow(
    'no Python',
  );
  const seen = readFileSync(join(folder, 'seen'), 'utf8');
  expect(seen).toContain('PATH=');
  expect(seen).not.toContain('_secret');
});
