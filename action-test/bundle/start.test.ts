/** Every bundle starts without anything beside it, and says what is missing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';
import { ACTION_IDS } from '../../shared/records/envelope.ts';
import { createFakeRunner, type FakeRunner } from '../../shared/testing/fake-runner.ts';
import { runBundle } from './spawn-bundle.ts';

let runner: FakeRunner;
beforeAll(async () => {
  runner = await createFakeRunner();
});
afterAll(() => runner.close());

describe.each(ACTION_IDS)('%s', (id) => {
  test('names the inputs that are missing, without a stack, and exits with 2', async () => {
    const { exitCode, log, outputs } = await runBundle(runner, id, {});
    expect(exitCode).toBe(2);
    expect(log).toMatch(/^::error ::Input name is required and was not given\./m);
    expect(log).not.toMatch(/\n\s+at /);
    expect(outputs).toEqual({ verdict: 'error' });
  });
});

describe('the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packaged-'));
  // As npm installs it: no source, no node_modules.
  for (const part of ['dist', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  for (const id of ACTION_IDS)
    cpSync(join(root, 'actions', id, 'action.yml'), join(folder, 'actions', id, 'action.yml'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const cli = join(folder, 'dist/cli/index.mjs');
  const call = (...words: string[]) =>
    spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8', cwd: folder });

  test.each(ACTION_IDS)('explains %s from its action.yml', (id) => {
    const help = execFileSync(process.execPath, [cli, id, '--help'], { encoding: 'utf8' });
    expect(help).toContain(`Usage: mlops-actions ${id}`);
    expect(help).toContain('--working-directory');
    expect(help).toContain('--format');
  });

  test('lists the actions, and its version', () => {
    expect(call('--help').stdout).toContain('evaluate-gate');
    expect(call('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('refuses what it does not know and names the nearest', () => {
    const wrong = call('evaluate-gate', '--name', 'churn', '--polcy', 'x');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('Did you mean "policy"?');
    expect(wrong.stdout).toBe('');
  });
});
