/** The checkers of the house: layers, types, format, unused code. Each is one test, so that it is counted. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';

function check(program: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return status === 0 ? '' : `${stdout}\n${stderr}`.trim() || `${program} ended with ${status}`;
}

const LIMIT_MS = 120_000;

test('tests run on the Node that actions run on', () => {
  expect(process.versions.node).toMatch(/^24\./);
});
test('nothing imports across or up the layers', { timeout: LIMIT_MS }, () => {
  expect(check('depcruise', '--config', '.dependency-cruiser.json', 'actions', 'shared', 'cli')).toBe('');
});
test('every file passes the type checker', { timeout: LIMIT_MS }, () => {
  expect(check('tsc', '--noEmit')).toBe('');
});
test('every file is formatted and passes the linter', { timeout: LIMIT_MS }, () => {
  expect(check('biome', 'ci', '.')).toBe('');
});
test('no file, export or package is unused', { timeout: LIMIT_MS }, () => {
  expect(check('knip')).toBe('');
});
