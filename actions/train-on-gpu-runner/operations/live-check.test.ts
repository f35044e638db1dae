/** The check run of a training whose process was killed, as a runner would start and kill it, against GitHub's emulator. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { groupIsAlive } from '../../../shared/programs/process-group.ts';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import { type GitHubServer, startGitHubServer } from '../../../shared/testing/github-server.ts';

let runner: FakeRunner;
let github: GitHubServer;
let sha: string;
let children: ChildProcess[] = [];
beforeEach(async () => {
  [runner, github] = await Promise.all([createFakeRunner(), startGitHubServer()]);
  const { commit } = await github.api<{ commit: { sha: string } }>(
    'GET',
    `/repos/${github.owner}/${github.repo}/branches/main`,
  );
  sha = commit.sha;
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  const group = groupOf();
  if (group && groupIsAlive(group)) process.kill(-group, 'SIGKILL');
  await Promise.all([runner.close(), github.close()]);
});

const groupFile = () => join(runner.workspace, 'group');
const groupOf = () => (existsSync(groupFile()) ? Number(readFileSync(groupFile(), 'utf8')) : undefined);

function start(file: string, more: Record<string, string | undefined> = {}) {
  const command = 'echo $$ > group.draft; mv group.draft group; exec sleep 600';
  const inputs = runner.inputs({ name: 'demo', command, comment: 'auto', 'github-token': github.token });
  const child = spawn(process.execPath, [fileURLToPath(new URL(`../${file}`, import.meta.url))], {
    cwd: runner.workspace,
    env: {
      ...{ ...runner.env, ...inputs, ...github.environment({ sha }), GITHUB_ACTIONS: 'true' },
      ...more,
    },
    stdio: 'ignore',
  });
  children.push(child);
  return new Promise<void>((resolve) => child.once('close', () => resolve()));
}

async function killedTraining(): Promise<void> {
  const ended = start('index.ts');
  await vi.waitFor(() => expect(groupOf()).toBeGreaterThan(0), { timeout: 20_000, interval: 20 });
  children.at(-1)!.kill('SIGKILL');
  await ended;
}

const checkRuns = async () => {
  const path = `/repos/${github.owner}/${github.repo}/commits/${sha}/check-runs`;
  const found = await github.api<{
    check_runs: { id: number; status: string; conclusion: string | null }[];
  }>('GET', path);
  return found.check_runs
    .sort((a, b) => a.id - b.id)
    .map(({ status, conclusion }) => (conclusion === null ? status : `${status}: ${conclusion}`));
};

test('the check run of a training that was killed is concluded by post', async () => {
  await killedTraining();
  expect(await checkRuns()).toEqual(['in_progress']);
  await start('post.ts', await runner.stateEnvironment());
  expect(groupIsAlive(groupOf()!)).toBe(false);
  expect(await checkRuns()).toEqual(['completed: cancelled']);
});
