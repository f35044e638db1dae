/** The examples and the project's own workflows pass the checkers that users run, and the checkers do look at them. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../scripts/bundle.ts';
import { git } from './repository.ts';
import { findTools } from './tools.ts';

const tools = findTools('actionlint', 'zizmor');
const examples = join(root, 'workflows-examples');
const own = join(root, '.github/workflows');
const files = readdirSync(examples).filter((name) => name.endsWith('.yml') && name !== 'zizmor.yml');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkers-'));
  for (const part of ['actions', 'dist']) cpSync(join(root, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  git(folder, 'init', '--quiet');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** actionlint looks only into actions of the same repository, so ours are written as if they were. */
function lint(change: (text: string) => string = (text) => text): string {
  for (const file of files) {
    const text = readFileSync(join(examples, file), 'utf8');
    const local = text.replace(/your-org\/mlops-actions\/actions\/([a-z-]+)@v1/g, './actions/$1');
    writeFileSync(join(folder, '.github/workflows', file), change(local));
  }
  return spawnSync(tools!.actionlint, ['-no-color'], { cwd: folder, encoding: 'utf8' }).stdout;
}

/** The project's own workflows, which use the actions of the same commit. */
function lintOwn(change: (text: string) => string = (text) => text): string {
  const project = mkdtempSync(join(folder, 'own-'));
  for (const part of ['actions', 'dist']) symlinkSync(join(root, part), join(project, part));
  mkdirSync(join(project, '.github/workflows'), { recursive: true });
  git(project, 'init', '--quiet');
  for (const file of readdirSync(own)) {
    writeFileSync(join(project, '.github/workflows', file), change(readFileSync(join(own, file), 'utf8')));
  }
  return spawnSync(tools!.actionlint, ['-no-color'], { cwd: project, encoding: 'utf8' }).stdout;
}

function audit(paths: string[]): string {
  const configuration = join(examples, 'zizmor.yml');
  const words = ['--offline', '--no-progress', '--color=never', '--config', configuration, ...paths];
  const { status, stdout, stderr } = spawnSync(tools!.zizmor, words, { encoding: 'utf8' });
  return status === 0 ? '' : stdout + stderr;
}

describe.skipIf(!tools)('checkers of workflows', () => {
  test('there are thirteen', () => {
    expect(files).toEqual([
      'canary-continue.yml',
      'canary-reconcile.yml',
      'collect-training.yml',
      'fork-report.yml',
      'on-main.yml',
      'pull-request.yml',
      'reap-machines.yml',
      'retrain.yml',
      'scan-models.yml',
      'scheduled-retrain.yml',
      'submit-training.yml',
      'train-and-release.yml',
      'train-on-own-machine.yml',
    ]);
  });

  test('actionlint finds nothing', () => {
    expect(lint()).toBe('');
  });

  test('actionlint finds an input and an output that our actions do not have', () => {
    expect(lint((text) => text.replace('policy: gate.yaml', 'rules: gate.yaml'))).toContain(
      'input "rules" is not defined',
    );
    expect(lint((text) => text.replace('register.outputs.uri', 'register.outputs.url'))).toContain(
      'property "url"',
    );
  });

  test('actionlint finds nothing in the workflows of this project, and looks at its actions', () => {
    expect(lintOwn()).toBe('');
    expect(lintOwn((text) => text.replace('contract: contract.yaml', 'rules: contract.yaml'))).toContain(
      'input "rules" is not defined',
    );
  });

  test('zizmor finds nothing in the workflows of this project', () => {
    expect(audit(readdirSync(own).map((file) => join(own, file)))).toBe('');
  });

  test('zizmor finds nothing', () => {
    expect(audit(files.map((file) => join(examples, file)))).toBe('');
  });

  test('zizmor finds an action that is not pinned and a template in a script', () => {
    const text = readFileSync(join(examples, 'on-main.yml'), 'utf8');
    const worse = join(folder, 'worse.yml');
    writeFileSync(worse, text.replace(/actions\/checkout@\w+/, 'actions/checkout@v7'));
    expect(audit([worse])).toContain('unpinned-uses');
    // The exception that the example has is its own.
    writeFileSync(worse, readFileSync(join(examples, 'fork-report.yml'), 'utf8'));
    expect(audit([worse])).toContain('dangerous-triggers');
    writeFileSync(worse, text.replace('"$BEFORE" HEAD', '$' + '{{ github.event.head_commit.message }} HEAD'));
    expect(audit([worse])).toContain('template-injection');
  });
});
