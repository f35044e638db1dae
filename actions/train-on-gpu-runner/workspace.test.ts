import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clearWorkspace, openWorkspace } from './workspace.ts';

let parent: string;
let target: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'workspace-'));
  target = join(parent, 'model');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));
const quiet = () => undefined;

function earlierModel(): void {
  mkdirSync(target);
  writeFileSync(join(target, 'weights'), 'old');
}
const weights = () => readFileSync(join(target, 'weights'), 'utf8');

test('the model gets its name only by publishing', async () => {
  earlierModel();
  const workspace = await openWorkspace(target, quiet);
  writeFileSync(join(workspace.model, 'weights'), 'new');
  expect(weights()).toBe('old');
  await workspace.publish();
  expect(weights()).toBe('new');
  await workspace.remove();
  expect(readdirSync(parent)).toEqual(['model']);
});

test('a run killed between the two renames gives the earlier model back', async () => {
  earlierModel();
  const workspace = await openWorkspace(target, quiet);
  const { renameSync } = await import('node:fs');
  renameSync(target, join(workspace.folder, 'previous'));
  await clearWorkspace(workspace.folder, target);
  expect(weights()).toBe('old');
  expect(readdirSync(parent)).toEqual(['model']);
});

test('clearing after publishing leaves the new model', async () => {
  earlierModel();
  const workspace = await openWorkspace(target, quiet);
  writeFileSync(join(workspace.model, 'weights'), 'new');
  await workspace.publish();
  await clearWorkspace(workspace.folder, target);
  await clearWorkspace(workspace.folder, target);
  expect(weights()).toBe('new');
});

test('what a dead process left is cleared, what a living one uses is not', async () => {
  const dead = `${target}.training-dead`;
  mkdirSync(join(dead, 'model'), { recursive: true });
  writeFileSync(
    join(dead, 'owner.json'),
    JSON.stringify({ owner: { pid: 1, identity: 'another boot' }, group: null }),
  );
  const workspace = await openWorkspace(target, quiet);
  expect(existsSync(dead)).toBe(false);
  await expect(openWorkspace(target, quiet)).rejects.toThrow('is training into');
  await workspace.remove();
  await (await openWorkspace(target, quiet)).remove();
});

test('a model folder that would replace what is needed is refused, and nothing is touched', async () => {
  writeFileSync(join(parent, 'rows.csv'), 'id');
  await expect(openWorkspace(parent, quiet, [join(parent, 'rows.csv')])).rejects.toThrow('would replace');
  await expect(openWorkspace(parent, quiet, [join(parent, 'records')])).rejects.toThrow('would replace');
  await expect(openWorkspace(target, quiet, [target])).rejects.toThrow('would replace');
  await expect(openWorkspace('.', quiet)).rejects.toThrow('would replace');
  await expect(openWorkspace('/', quiet)).rejects.toThrow('would replace');
  await (await openWorkspace(target, quiet, [join(parent, 'model.csv'), join(parent, '..data')])).remove();
  expect(readdirSync(parent)).toEqual(['rows.csv']);
});
