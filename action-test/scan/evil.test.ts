/** Every evil file is refused, for the reason that it has. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVIL } from './evil.ts';
import { PLACED, writeEvil } from './evil-folder.ts';
import { scanFolder } from './scan-folder.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evil-'));
  await writeEvil(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const techniques = new Set(EVIL.map(({ technique }) => technique));

test('there are a hundred files of twelve techniques at least, and no two are the same', () => {
  expect(EVIL.length).toBeGreaterThanOrEqual(100);
  expect(techniques.size).toBeGreaterThanOrEqual(12);
  expect(new Set(PLACED.map(({ path }) => path)).size).toBe(EVIL.length);
});

describe.each([...techniques])('%s', (technique) => {
  test.each(PLACED.filter((evil) => evil.technique === technique))('$name is refused', async (evil) => {
    const { findings } = await scanFolder(join(folder, evil.path));
    const errors = findings.filter(({ level }) => level === 'error');
    const reasons = errors.map(({ rule, what }) => `${rule}: ${what}`);
    expect(
      errors.map(({ rule }) => rule),
      reasons.join('\n'),
    ).toContain(evil.rule);
    if (evil.rule === 'pickle-import') expect(reasons.join('\n')).toContain(evil.gadget);
  });
});
