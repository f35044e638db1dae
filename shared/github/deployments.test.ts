import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { describeRefusal, GitHubDeployments } from './deployments.ts';

let github: GitHubServer;
beforeEach(async () => {
  github = await startGitHubServer();
});
afterEach(() => github.close());

const sha = 'a'.repeat(40);
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function open(name = 'churn', environment = 'production-models', env = github.environment({ sha })) {
  const { token } = github;
  const signal = AbortSignal.timeout(30_000);
  return GitHubDeployments.open({ environment, name, token, env, signal, progress: () => {} });
}

/** Version → newest state, newest deployment first. */
const states = () =>
  github.deployments.all.map(({ payload, statuses }) => [
    (payload as { digest: string }).digest.at(-1),
    statuses[0]?.state,
  ]);

test('a deployment is begun, succeeds, and the one before becomes inactive', async () => {
  await (await open()).begin(digest('a'));
  expect(states()).toEqual([['a', 'in_progress']]);
  expect(github.deployments.all[0]).toMatchObject({
    ref: sha,
    task: 'mlops-actions:churn',
    environment: 'production-models',
    description: 'churn sha256:aaaaaaaaaaaa',
  });
  const first = await open();
  await first.set(digest('a'), 'success', 'First deployment.', 'https://models.example.com/churn');
  await first.keepOnly([digest('a')]);
  expect(github.deployments.all[0]!.statuses[0]).toMatchObject({
    state: 'success',
    description: 'First deployment.',
    environment_url: 'https://models.example.com/churn',
    log_url: 'https://github.com/octocat/flights/actions/runs/17',
  });
  await (await open()).begin(digest('b'));
  expect(states()).toEqual([
    ['b', 'in_progress'],
    ['a', 'success'],
  ]);
  const second = await open();
  await second.set(digest('b'), 'success', 'Promoted.', 'http://127.0.0.1:8080');
  await second.keepOnly([digest('b')]);
  expect(states()).toEqual([
    ['b', 'success'],
    ['a', 'inactive'],
  ]);
  expect(github.deployments.all[0]!.statuses[0]!.environment_url).toBe('');
});

test('a later run goes on with the deployment of the same version, whatever it waits for', async () => {
  await (await open()).begin(digest('a'));
  await (await open()).set(digest('a'), 'queued', 'Paused.');
  await (await open()).begin(digest('a'));
  await (await open()).set(digest('a'), 'failure', `Rolled back: ${'x'.repeat(300)}`);
  expect(states()).toEqual([['a', 'failure']]);
  expect(github.deployments.all[0]!.statuses.map(({ state }) => state)).toEqual([
    'failure',
    'in_progress',
    'queued',
    'in_progress',
  ]);
  expect(github.deployments.all[0]!.statuses[0]!.description).toHaveLength(140);
  await (await open()).begin(digest('a'));
  expect(states()).toEqual([
    ['a', 'in_progress'],
    ['a', 'failure'],
  ]);
});

test('what was never begun does not fail, and what serves again is deployed again', async () => {
  const deployments = await open();
  await deployments.set(digest('a'), 'failure', 'Rolled back.');
  expect(states()).toEqual([]);
  await deployments.set(digest('a'), 'success', 'Rolled back by a person.');
  await deployments.keepOnly([]);
  expect(states()).toEqual([['a', 'inactive']]);
  await deployments.set(digest('a'), 'success', 'Once more.');
  expect(states()).toEqual([
    ['a', 'success'],
    ['a', 'inactive'],
  ]);
});

test('deployments of other models and other environments are left alone', async () => {
  for (const [name, environment] of [
    ['fraud', 'production-models'],
    ['churn', 'staging'],
  ] as const) {
    await (await open(name, environment)).set(digest('f'), 'success', 'Serves.');
  }
  await (await open()).set(digest('a'), 'success', 'Serves.');
  await (await open()).keepOnly([digest('a')]);
  expect(states().map(([, state]) => state)).toEqual(['success', 'success', 'success']);
});

test('of one version only the newest stays active', async () => {
  await (await open()).set(digest('a'), 'success', 'Serves.');
  const api = `/repos/${github.owner}/${github.repo}/deployments`;
  const task = 'mlops-actions:churn';
  const payload = JSON.stringify({ digest: digest('a') });
  await github.api('POST', api, {
    ref: sha,
    task,
    environment: 'production-models',
    required_contexts: [],
    payload,
  });
  await (await open()).keepOnly([digest('a')]);
  expect(github.deployments.all.map(({ statuses }) => statuses[0]?.state)).toEqual([undefined, 'inactive']);
});

test('a missing permission, no token and no workflow are said in words', async () => {
  github.options.refuse = () => ({ status: 403, message: 'Resource not accessible by integration' });
  const refused = await (await open()).begin(digest('a')).catch(describeRefusal);
  expect(refused).toContain('GitHub answered Resource not accessible by integration (HTTP 403).');
  expect(refused).toContain('Add "permissions: deployments: write" to the job.');
  expect(await open('churn', 'e', {}).catch(describeRefusal)).toBe(
    'The GitHub deployment could not be written: this is no GitHub workflow.',
  );
});
