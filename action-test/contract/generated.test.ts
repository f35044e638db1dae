/** What is generated from the code stands in the repository as the code makes it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';
import { generatedFiles } from '../../scripts/generated-files.ts';

const files = await generatedFiles();

test.each([...files])('%s is up to date: npm run generate', async (path, text) => {
  expect(await readFile(join(root, path), 'utf8')).toBe(text);
});

test('schemas/ holds no other file', async () => {
  const expected = [...files.keys()].filter((path) => path.startsWith('schemas/'));
  expect((await readdir(join(root, 'schemas'))).map((file) => `schemas/${file}`).sort()).toEqual(
    expected.sort(),
  );
});
