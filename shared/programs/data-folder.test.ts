import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataVariable } from './data-folder.ts';

test('one file is named itself; several become links in one folder and none hides another', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'data-'));
  try {
    const files = ['a/x.csv', 'b/x.csv', 'b/y.csv'].map((name) => ({ path: join(folder, name) }));
    mkdirSync(join(folder, 'a'));
    mkdirSync(join(folder, 'b'));
    for (const { path } of files) writeFileSync(path, path);
    expect(await dataVariable(files.slice(0, 1), join(folder, 'links'))).toBe(files[0]!.path);
    const links = await dataVariable(files, join(folder, 'links'));
    expect(readdirSync(links).sort()).toEqual(['2-x.csv', 'x.csv', 'y.csv']);
    expect(readFileSync(join(links, '2-x.csv'), 'utf8')).toBe(files[1]!.path);
    await expect(dataVariable([], folder)).rejects.toThrow(RangeError);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
