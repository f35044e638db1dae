import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packSource } from './source-archive.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'source-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = (path: string) => join(folder, 'source', path);
function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(source(path)), { recursive: true });
    writeFileSync(source(path), path);
  }
}
const git = (...words: string[]) => execFileSync('git', ['-C', source('.'), ...words]);
const pack = async (options: { without?: string[]; data?: string[] } = {}) => {
  const packed = await packSource(source('.'), join(folder, 'archive'), {
    without: [],
    data: [],
    ...options,
  });
  const names = execFileSync('tar', ['-tzf', packed.path]).toString().trim().split('\n');
  return { ...packed, names };
};

test('a checkout is packed as git sees it: tracked and new, never what is ignored or deleted', async () => {
  write(
    'train.py',
    'lib/ü a.py',
    'gone.py',
    '.hidden/kept',
    'out/model.bin',
    'ignored.log',
    'rows.csv',
    'tracked.csv',
  );
  writeFileSync(source('.gitignore'), '*.log\n');
  git('init', '-q');
  git('add', 'train.py', 'gone.py', 'tracked.csv');
  rmSync(source('gone.py'));
  const { names, files } = await pack({
    without: [source('out')],
    data: [source('rows.csv'), source('tracked.csv')],
  });
  expect(names.map((name) => (name.startsWith('"') ? JSON.parse(name) : name))).toHaveLength(files);
  expect(names.join('\n')).not.toMatch(/gone|ignored|rows\.csv|out\/|\.git\//);
  expect(names).toEqual(expect.arrayContaining(['.gitignore', '.hidden/kept', 'tracked.csv', 'train.py']));
  expect(files).toBe(5);
});

test('a folder without git is packed without environments and caches; equal files have an equal digest', async () => {
  write('b.py', 'a.py', '.env', 'env/pyvenv.cfg', 'env/bin/python', '__pycache__/a.pyc', 'node_modules/x.js');
  const first = await pack();
  expect(first.names).toEqual(['a.py', 'b.py']);
  writeFileSync(source('a.py'), 'a.py');
  expect((await pack()).digest).toBe(first.digest);
  writeFileSync(source('a.py'), 'other');
  expect((await pack()).digest).not.toBe(first.digest);
});

test('a link to a file in the folder is that file; one that leads out, and too much, are refused', async () => {
  write('data/rows.csv');
  symlinkSync('data/rows.csv', source('rows.csv'));
  expect((await pack()).names).toEqual(['data/rows.csv', 'rows.csv']);
  symlinkSync('/etc/hostname', source('out'));
  await expect(pack()).rejects.toThrow('out is a link that leads to no file in it');
  rmSync(source('out'));
  write('large.bin');
  truncateSync(source('large.bin'), 600 * 2 ** 20);
  await expect(pack()).rejects.toMatchObject({
    message: expect.stringMatching(
      /holds 600 MiB, more than 500 MiB; the largest file is large\.bin \(600 MiB\)/,
    ),
    where: { key: 'source-dir' },
  });
  await expect(
    packSource(join(folder, 'none'), join(folder, 'archive'), { without: [], data: [] }),
  ).rejects.toThrow('cannot be read');
  mkdirSync(join(folder, 'empty'));
  await expect(
    packSource(join(folder, 'empty'), join(folder, 'archive'), { without: [], data: [] }),
  ).rejects.toThrow('holds no file');
});
