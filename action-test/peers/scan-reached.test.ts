/** The evil pickles are as evil as they say: CPython would import what they name. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PLACED, writeEvil } from '../scan/evil-folder.ts';
import { ask, LONGEST, python, requirePython } from './oracle.ts';

requirePython();

/** An attribute of any object: nothing is imported for it. */
const OF_ANY_OBJECT = 'builtins.object';

/** Those that are one plain stream; the others are reached by a loader of theirs. */
const PICKLES = PLACED.filter(
  ({ path, rule, gadget }) => path.endsWith('.pkl') && rule === 'pickle-import' && gadget !== OF_ANY_OBJECT,
);

let folder: string;
let reached: Record<string, string[]> = {};

beforeAll(async () => {
  if (!python) return;
  folder = await mkdtemp(join(tmpdir(), 'evil-'));
  await writeEvil(folder);
  reached = ask<typeof reached>([{ folder }], 'scan_reached.py')[0]!;
}, LONGEST);
afterAll(async () => {
  if (python) await rm(folder, { recursive: true });
});

test.skipIf(!python)('there are pickles enough', () => expect(PICKLES.length).toBeGreaterThan(200));

test.skipIf(!python).each(PICKLES)('$path reaches $gadget', ({ path, gadget }) => {
  // The inner pickle is the loader's.
  const isNested = gadget === 'os.system' && reached[path]?.includes('torch.storage._load_from_bytes');
  if (!isNested) expect(reached[path]).toContain(gadget);
});
