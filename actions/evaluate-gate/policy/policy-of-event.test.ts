/** Which version of the policy judges, by the run's event and where only GitHub's API has the base. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitHubServer, startGitHubServer } from '../../../shared/testing/github-server.ts';
import { boundOf, policy, usePolicyCheckout } from '../fixtures/policy-checkout.ts';

const { commit, read } = usePolicyCheckout();

describe('the policy that judges', () => {
  test('is the file in the working directory outside pull requests, and where a person says so', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.5));
    for (const eventName of ['push', 'schedule', 'workflow_run', 'workflow_dispatch']) {
      expect(await read(base, { eventName })).toMatchObject({ from: 'file', change: null, notes: [] });
    }
    expect(boundOf(await read(base, { from: 'file' }))).toBe(0.5);
    expect(boundOf(await read(base, { eventName: 'pull_request_target' }))).toBe(0.8);
  });

  test('an event without a base commit is an error, not the way around', async () => {
    await commit(policy(0.5));
    for (const eventName of ['pull_request', 'pull_request_target', 'pull_request_review', 'merge_group'])
      await expect(read(undefined, { eventName })).rejects.toThrow(/names no base commit/);
  });

  test('is that of the base in a merge queue', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.5));
    const event = { merge_group: { base_sha: base, head_sha: 'd'.repeat(40) } };
    expect(boundOf(await read(base, { eventName: 'merge_group', event }))).toBe(0.8);
  });

  test('is that of the base where a comment or a person names the pull request', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.5));
    const github = await startGitHubServer();
    github.options = {
      answer: (_, path) =>
        path === '/repos/octocat/flights/pulls/7' ? { number: 7, base: { sha: base } } : undefined,
    };
    try {
      const events = {
        issue_comment: { issue: { number: 7, state: 'open', pull_request: {} } },
        workflow_dispatch: { inputs: { 'pull-request': '7' } },
      };
      for (const [eventName, event] of Object.entries(events)) {
        const asked = { eventName, event, api: github.url };
        expect(boundOf(await read(base, { ...asked, token: github.token }))).toBe(0.8);
        await expect(read(base, asked)).rejects.toThrow(/pull request 7 is meant, and github-token is empty/);
      }
      const issue = { eventName: 'issue_comment', event: { issue: { number: 7, state: 'open' } } };
      expect(boundOf(await read(base, issue))).toBe(0.5);
    } finally {
      await github.close();
    }
  });

  describe('where the checkout has only the merge commit', () => {
    let github: GitHubServer;
    const base = 'b'.repeat(40);
    beforeEach(async () => {
      github = await startGitHubServer();
      await commit(policy(0.5));
    });
    afterEach(() => github.close());
    const remote = () => read(base, { api: github.url, token: github.token });

    test("is read by GitHub's API at the base commit", async () => {
      await github.api('PUT', '/repos/octocat/flights/contents/models/flights/gate.yaml', {
        message: 'the policy',
        content: Buffer.from(policy(0.8)).toString('base64'),
        branch: 'main',
      });
      const { object } = await github.api<{ object: { sha: string } }>(
        'GET',
        '/repos/octocat/flights/git/ref/heads/main',
      );
      const judging = await read(object.sha, { api: github.url, token: github.token });
      expect(boundOf(judging)).toBe(0.8);
      expect(judging!.change!.diff).toContain('+  - {name: roc_auc, lower_bound: 0.5}');
    });

    test('is its own where GitHub knows the commit and not the file', async () => {
      github.options = {
        answer: (_, path) => (path.includes(`/git/commits/${base}`) ? { sha: base } : undefined),
      };
      expect(await remote()).toMatchObject({
        from: 'file',
        change: { why: expect.stringContaining('has no gate.yaml') },
      });
    });

    test('is an error where GitHub hides the commit or denies the token', async () => {
      await expect(remote()).rejects.toMatchObject({
        message: expect.stringContaining("The base branch's gate.yaml (at bbbbbbb) cannot be read"),
        fix: expect.stringContaining('contents: read'),
      });
      github.options = { refuse: () => ({ status: 403, message: 'Resource not accessible by integration' }) };
      await expect(remote()).rejects.toThrow(/Resource not accessible by integration/);
      await expect(read(base, { api: github.url })).rejects.toThrow(/github-token is empty/);
    });
  });
});
