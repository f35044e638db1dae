import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStoredFile, saveStoredFile } from './pull-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pull-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a store that sends without end is left after the size that was named', async () => {
  const layer = {
    mediaType: 'application/octet-stream',
    digest: `sha256:${'a'.repeat(64)}`,
    size: 2500,
  };
  let sent = 0;
  const store = {
    mend: () => 'Mend it.',
    openBlob: async () =>
      (async function* endless() {
        // As good as endless here: reading on ends the test with another error.
        for (; sent < 100_000; sent += 1000) yield new Uint8Array(1000);
      })(),
  };
  const path = join(folder, 'file');
  await expect(saveStoredFile(store, layer, path)).rejects.toMatchObject({
    message: expect.stringContaining('longer than it should be'),
    fix: 'Mend it.',
  });
  expect(await readdir(folder)).toEqual([]);
  await expect(readStoredFile(store, layer)).rejects.toThrow('longer than it should be');
  expect(sent).toBeLessThan(10_000);
});
