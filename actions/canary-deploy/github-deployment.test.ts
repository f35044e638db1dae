import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitHubServer, startGitHubServer } from '../../shared/testing/github-server.ts';
import { CanaryStage, FAST_ROLLOUT } from './fixtures/canary-stage.ts';
import { registerVersion } from './fixtures/registered-model.ts';

let stage: CanaryStage;
let github: GitHubServer;
beforeEach(async () => {
  stage = await CanaryStage.create(FAST_ROLLOUT.replace('bake: 400ms}', 'bake: 400ms, pause: true}'));
  github = await startGitHubServer();
  Object.assign(stage.env, github.environment({ sha: 'a'.repeat(40) }), {
    RUNNER_ENVIRONMENT: 'self-hosted',
  });
});
afterEach(async () => {
  await stage.close();
  await github.close();
});

const step = (given: Record<string, string>) =>
  stage.run({ environment: 'production-models', 'github-token': github.token, ...given });

/** Model → newest state, oldest first. */
const states = () => github.deployments.all.toReversed().map(({ statuses }) => statuses[0]?.state);

test('deployments follow a rollout through all its jobs: one is active at any time', async () => {
  const first = await registerVersion(stage.folder, { name: 'good' }, { evaluation: 'pass' });
  await step({ model: first.uri });
  expect(states()).toEqual(['success']);
  const second = await registerVersion(stage.folder, { name: 'better' }, { evaluation: 'pass' });
  expect((await step({ model: second.uri })).record.outcome).toBe('paused');
  expect(states()).toEqual(['success', 'queued']);
  expect((await step({ operation: 'continue' })).record.outcome).toBe('rolling');
  expect(states()).toEqual(['success', 'in_progress']);
  await step({ operation: 'promote' });
  expect(states()).toEqual(['inactive', 'success']);
  await step({ operation: 'rollback' });
  expect(states()).toEqual(['inactive', 'inactive', 'success']);
  const failing = await registerVersion(
    stage.folder,
    { name: 'failing', failEvery: 1 },
    { evaluation: 'pass' },
  );
  await step({ model: failing.uri });
  expect(states()).toEqual(['inactive', 'inactive', 'success', 'failure']);
  await step({ operation: 'stop' });
  expect(states()).toEqual(['inactive', 'inactive', 'inactive', 'failure']);
});

test('a refused model is no deployment, a missing permission a warning, and without environment nothing is asked', async () => {
  const ungated = await registerVersion(stage.folder, { name: 'good' });
  await step({ model: ungated.uri });
  expect(github.deployments.all).toEqual([]);
  const first = await registerVersion(stage.folder, { name: 'better' }, { evaluation: 'pass' });
  github.options.refuse = () => ({ status: 403, message: 'Resource not accessible by integration' });
  expect((await step({ model: first.uri })).record.outcome).toBe('promoted');
  expect(stage.log.join('\n')).toContain('Add "permissions: deployments: write" to the job.');
  const { length } = github.requests;
  await stage.run({ model: first.uri, 'github-token': github.token });
  expect(github.requests).toHaveLength(length);
});
