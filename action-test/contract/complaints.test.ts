/** Each test that `docs/training.md` names as a proof is there, by its title. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';

const page = readFileSync(join(root, 'docs/training.md'), 'utf8');
const proofs = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+\.test\.ts)\)/g)].map(([, title, file]) => ({
  title: title!,
  file: file!,
}));

test('every complaint has a proof', () => {
  const table = page.slice(
    page.indexOf('| complaint |'),
    page.indexOf('\n\n', page.indexOf('| complaint |')),
  );
  const rows = table.split('\n').slice(2);
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => !/\.test\.ts\)/.test(row))).toEqual([]);
});

test.each(proofs)('$file has "$title"', ({ title, file }) => {
  const source = readFileSync(join(root, file), 'utf8').replaceAll('\\u2019', '’').replace(/\\'/g, "'");
  // A title may hold a number that the test counts.
  const words = title.replace(/^\d+ /, '');
  expect(source.includes(words), `no test of this title in ${file}`).toBe(true);
});
