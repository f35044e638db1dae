import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../errors.ts';
import { openRegistry, parseRegistry } from '../registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layout-'));
  await writeFile(join(folder, 'model'), 'weights');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (name: string) =>
  openRegistry(parseRegistry(`oci-layout:${join(folder, name)}`, 'churn'), { env: {} });

test('a registry that cannot be a folder, or whose index is none, is a mistake with its place and no crash', async () => {
  await writeFile(join(folder, 'file'), '');
  const problem = await (await open('file'))
    .pushModel(join(folder, 'model'))
    .catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(UserError);
  expect(String(problem)).toContain('cannot be written');
  await mkdir(join(folder, 'broken/churn/index.json'), { recursive: true });
  await expect((await open('broken')).aliases()).rejects.toThrow(UserError);
  await expect((await open('broken')).aliases()).rejects.toThrow('cannot be read (EISDIR)');
});
