/** The committed bundles are those that the sources make, and they stay small. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundle, entryPoints, root, staticClosureBytes } from '../../scripts/bundle.ts';
import { licenseTexts } from '../../scripts/licenses.ts';

/** What an action does not need to check its inputs is loaded when it is needed. */
const CLOSURE_LIMIT_BYTES = 600_000;
/** Of a megabyte each: the clients of Kubernetes and of EC2, and the cache service. */
const DIST_LIMIT_BYTES = 8_500_000;

const result = await bundle(false);
const made = new Map(result.files);
made.set('dist/THIRD-PARTY-LICENSES.txt', await licenseTexts(result.metafile));

test('dist holds the files that the sources make, and no other', async () => {
  const entries = await readdir(join(root, 'dist'), { recursive: true, withFileTypes: true });
  const committed = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  expect(committed.sort(), 'run "npm run build"').toEqual([...made.keys()].sort());
});

test('every file of dist is byte for byte what the sources make', async () => {
  const different: string[] = [];
  for (const [path, text] of made) {
    if ((await readFile(join(root, path), 'utf8').catch(() => '')) !== text) different.push(path);
  }
  expect(different, 'run "npm run build"').toEqual([]);
});

describe('size', async () => {
  test.each((await entryPoints()).map((entry) => entry.out))('%s starts from less than 0.6 MB', (out) => {
    const bytes = staticClosureBytes(result.metafile, `dist/${out}.mjs`);
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(CLOSURE_LIMIT_BYTES);
  });

  test('dist as a whole is below 8.5 MB', () => {
    const bytes = [...made.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeLessThan(DIST_LIMIT_BYTES);
  });
});
