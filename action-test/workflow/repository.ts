import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/bundle.ts';
import { ACTION_IDS } from '../../shared/records/envelope.ts';

/** Git with nothing of the person's own settings. */
export function git(folder: string, ...words: string[]): string {
  const env = {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'octocat',
    GIT_AUTHOR_EMAIL: 'octocat@example.com',
    GIT_COMMITTER_NAME: 'octocat',
    GIT_COMMITTER_EMAIL: 'octocat@example.com',
  };
  return execFileSync('git', words, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

export function commit(folder: string, message: string): string {
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}

/** A user's repository: the example workflows where GitHub looks for them, and the tiny model under two names. */
export function createUserRepository(folder: string, models: readonly string[]): void {
  const workflows = join(folder, '.github/workflows');
  mkdirSync(workflows, { recursive: true });
  const examples = join(root, 'workflows-examples');
  for (const file of readdirSync(examples).filter((name) => name.endsWith('.yml') && name !== 'zizmor.yml')) {
    cpSync(join(examples, file), join(workflows, file));
  }
  for (const model of models) {
    const home = join(folder, 'models', model);
    cpSync(join(root, 'action-test/fixtures/tiny-model'), home, { recursive: true });
    execFileSync('python3', ['make_data.py', 'data'], { cwd: home });
  }
  git(folder, 'init', '--quiet', '--initial-branch', 'main');
  git(folder, 'remote', 'add', 'origin', 'https://github.com/octocat/flights.git');
}

/** Only what a runner downloads of the actions: no sources, no packages. */
export function createReleasedActions(folder: string): void {
  for (const id of ACTION_IDS) {
    mkdirSync(join(folder, 'actions', id), { recursive: true });
    cpSync(join(root, 'actions', id, 'action.yml'), join(folder, 'actions', id, 'action.yml'));
  }
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch', 'main');
  commit(folder, 'v1');
}

/**
 * Stand-ins for GitHub's own actions that act cannot run without the network: artifacts travel through the folder
 * that the variable ARTIFACTS names, and Python is there already.
 */
export function createStandIns(folder: string): Record<string, string> {
  const input = (name: string) => `\${{ inputs.${name} }}`;
  const composite = (inputs: string[], env: Record<string, string>, script: string) =>
    JSON.stringify({
      name: 'stand-in',
      description: 'stand-in',
      inputs: Object.fromEntries(inputs.map((name) => [name, { description: name, required: false }])),
      runs: { using: 'composite', steps: [{ shell: 'bash', env, run: script }] },
    });
  const actions: Record<string, string> = {
    'upload-artifact': composite(
      ['name', 'path', 'if-no-files-found'],
      { NAME: input('name'), FROM: input('path') },
      'if [ -d "$FROM" ]; then mkdir -p "$ARTIFACTS/$NAME"; cp -r "$FROM/." "$ARTIFACTS/$NAME"; elif [ -f "$FROM" ]; then mkdir -p "$ARTIFACTS/$NAME"; cp "$FROM" "$ARTIFACTS/$NAME"; fi',
    ),
    'download-artifact': composite(
      ['pattern', 'path', 'merge-multiple'],
      { PATTERN: input('pattern'), TO: input('path') },
      'mkdir -p "$TO"; for found in "$ARTIFACTS"/$PATTERN; do if [ -d "$found" ]; then cp -r "$found/." "$TO"; fi; done',
    ),
    'setup-python': composite(['python-version'], {}, 'python3 --version'),
  };
  for (const [name, definition] of Object.entries(actions)) {
    mkdirSync(join(folder, name), { recursive: true });
    // JSON is YAML.
    writeFileSync(join(folder, name, 'action.yml'), definition);
  }
  return Object.fromEntries(Object.keys(actions).map((name) => [`actions/${name}`, join(folder, name)]));
}
