import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeRunner, type FakeRunner } from '../testing/fake-runner.ts';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { createClient } from './client.ts';
import { findPullRequest, readContext } from './context.ts';

let github: GitHubServer;
let runner: FakeRunner;

beforeEach(async () => {
  github = await startGitHubServer();
  runner = await createFakeRunner();
});

afterEach(async () => {
  await github.close();
  await runner.close();
});

async function find(event: unknown, sha: string) {
  const eventPath = `${runner.folder}/event.json`;
  await writeFile(eventPath, JSON.stringify(event));
  const env = github.environment({ sha, eventPath, eventName: 'x' });
  const context = (await readContext(env))!;
  const client = await createClient({ env, token: github.token });
  return { context, pullRequest: await findPullRequest(client, context) };
}

describe('the pull request of a run', () => {
  test('of a pull-request event is in the event, with the head commit instead of the merge commit', async () => {
    const head = { sha: 'b'.repeat(40), repo: { full_name: 'Octocat/Flights' } };
    const { context, pullRequest } = await find(
      { pull_request: { number: 7, state: 'open', head } },
      'a'.repeat(40),
    );
    expect(context.headSha).toBe('b'.repeat(40));
    expect(pullRequest).toEqual({ number: 7, headSha: 'b'.repeat(40), fork: false, open: true });
    const gone = await find({ pull_request: { number: 7, head: { ...head, repo: null } } }, 'a'.repeat(40));
    expect(gone.pullRequest?.fork).toBe(true);
    expect(github.requests).toEqual([]);
  });

  test('of a run that follows another is the one whose head is still that commit', async () => {
    const pull = await github.openPullRequest('change');
    const run = {
      head_sha: pull.headSha,
      head_branch: 'change',
      head_repository: { full_name: `${github.owner}/${github.repo}`, owner: { login: github.owner } },
    };
    const listed = await find(
      { workflow_run: { ...run, pull_requests: [{ number: pull.number }] } },
      'a'.repeat(40),
    );
    expect(listed.pullRequest).toMatchObject({ number: pull.number, fork: false });
    // For forks GitHub lists none: found by branch, repository and commit.
    const unlisted = await find({ workflow_run: { ...run, pull_requests: [] } }, 'a'.repeat(40));
    expect(unlisted.pullRequest).toMatchObject({ number: pull.number });
    const moved = await find(
      { workflow_run: { ...run, head_sha: 'c'.repeat(40), pull_requests: [{ number: pull.number }] } },
      'a'.repeat(40),
    );
    expect(moved.pullRequest).toBeUndefined();
  });

  test('of a comment, of a run by hand and of a push is found by number or by commit', async () => {
    const pull = await github.openPullRequest('change');
    expect(
      (await find({ issue: { number: pull.number, pull_request: {} } }, 'a'.repeat(40))).pullRequest,
    ).toMatchObject(pull);
    expect(
      (await find({ inputs: { 'pull-request': String(pull.number) } }, 'a'.repeat(40))).pullRequest,
    ).toMatchObject(pull);
    expect((await find({}, pull.headSha)).pullRequest).toMatchObject(pull);
    expect((await find({}, 'a'.repeat(40))).pullRequest).toBeUndefined();
  });

  test('a missing or broken event file is an empty event, and no repository is no context', async () => {
    expect(await readContext({})).toBeUndefined();
    const context = await readContext({
      GITHUB_REPOSITORY: 'a/b',
      GITHUB_SHA: 'c'.repeat(40),
      GITHUB_EVENT_PATH: '/none',
    });
    expect(context).toMatchObject({ owner: 'a', repo: 'b', event: {} });
  });
});
