import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { md } from '../report/markdown.ts';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { dispatchRepository, dispatchWorkflow } from './dispatch.ts';
import { type IssueOptions, syncIssue } from './issue.ts';

interface Issue {
  number: number;
  title: string;
  body: string;
  state: string;
}

let github: GitHubServer;

beforeEach(async () => {
  github = await startGitHubServer();
});

afterEach(async () => {
  await github.close();
});

const issues = () =>
  github.api<Issue[]>('GET', `/repos/${github.owner}/${github.repo}/issues?state=all&per_page=100`);

function drift(changes: Partial<IssueOptions> = {}): IssueOptions {
  return {
    env: github.environment({ sha: 'a'.repeat(40) }),
    token: github.token,
    name: 'flight-delays',
    state: 'drifting',
    title: 'flight-delays drifts',
    body: md`ROC AUC fell to ${0.52}.`,
    ...changes,
  };
}

test('opens one issue, leaves it alone, updates, closes and reopens it: never a second', {
  timeout: 60_000,
}, async () => {
  expect(await syncIssue(drift({ state: 'recovered' }))).toEqual({ outcome: 'none' });
  const opened = await syncIssue(drift());
  expect(opened.outcome).toBe('opened');
  expect((await syncIssue(drift())).outcome).toBe('unchanged');
  expect((await syncIssue(drift({ body: md`ROC AUC fell to ${0.5}.` }))).outcome).toBe('updated');
  expect((await syncIssue(drift({ state: 'recovered', body: md`back within its limit` }))).outcome).toBe(
    'closed',
  );
  expect((await syncIssue(drift({ state: 'recovered', body: md`still fine` }))).outcome).toBe('unchanged');
  expect((await syncIssue(drift())).outcome).toBe('reopened');
  const another = await syncIssue(drift({ name: 'churn', title: 'churn drifts' }));
  const all = await issues();
  expect(all.map((issue) => [issue.number, issue.state])).toEqual([
    [another.number, 'open'],
    [opened.number, 'open'],
  ]);
  expect(all[1]!.body).toContain('ROC AUC fell to 0.52.');
});

test('two jobs that open an issue at once leave one open', { timeout: 60_000 }, async () => {
  // Both see an empty list before either creates.
  let lists = 0;
  github.options.answer = (method, path) => {
    if (method !== 'GET' || !path.endsWith('/issues')) return undefined;
    lists += 1;
    return lists <= 2 ? [] : undefined;
  };
  const both = await Promise.all([syncIssue(drift()), syncIssue(drift())]);
  github.options.answer = undefined;
  await syncIssue(drift());
  const all = await issues();
  expect(all.filter((issue) => issue.state === 'open').map((issue) => issue.number)).toEqual([1]);
  expect(all.filter((issue) => issue.body.includes('mlops-actions:drift-issue'))).toHaveLength(1);
  expect(both.map((issue) => issue.number)).toContain(1);
});

test('finds its issue beyond the first page', { timeout: 60_000 }, async () => {
  const first = await syncIssue(drift());
  const path = `/repos/${github.owner}/${github.repo}/issues`;
  for (let index = 0; index < 105; index += 1) await github.api('POST', path, { title: `chatter ${index}` });
  expect(await syncIssue(drift())).toMatchObject({ outcome: 'unchanged', number: first.number });
});

test('a denied issue names the permission', async () => {
  github.options.refuse = (method) =>
    method === 'POST' ? { status: 403, message: 'Resource not accessible' } : undefined;
  const error = await syncIssue(drift()).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).fix).toContain('issues: write');
});

test('dispatches a retrain with its payload, within the limits', async () => {
  const env = github.environment({ sha: 'a'.repeat(40) });
  const options = { env, token: github.token };
  const sent = await dispatchRepository({
    ...options,
    payload: { name: 'flight-delays', reason: 'performance fell' },
  });
  expect(sent.outcome).toBe('dispatched');
  expect(github.dispatches).toEqual([
    {
      path: `/repos/${github.owner}/${github.repo}/dispatches`,
      body: {
        event_type: 'mlops-retrain',
        client_payload: { name: 'flight-delays', reason: 'performance fell' },
      },
    },
  ]);
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, key) => [`key${key}`, 1]));
  await expect(dispatchRepository({ ...options, payload: many })).rejects.toThrow(RangeError);
  await expect(dispatchRepository({ ...options, payload: { text: 'x'.repeat(70_000) } })).rejects.toThrow(
    RangeError,
  );
  expect((await dispatchRepository({ env: {}, token: 'x', payload: {} })).warning).toContain(
    'no GitHub workflow',
  );
});

test('starts a workflow on servers that answer with the run and on those that do not', async () => {
  const options = {
    env: github.environment({ sha: 'a'.repeat(40) }),
    token: github.token,
    workflow: 'retrain.yml',
    ref: 'main',
  };
  expect(await dispatchWorkflow(options)).toEqual({ outcome: 'dispatched' });
  github.options.answer = (method, path) =>
    method === 'POST' && path.endsWith('/dispatches')
      ? { workflow_run_id: 9, html_url: 'https://github.com/octocat/flights/actions/runs/9' }
      : undefined;
  expect(await dispatchWorkflow(options)).toEqual({
    outcome: 'dispatched',
    runUrl: 'https://github.com/octocat/flights/actions/runs/9',
  });
  github.options.answer = undefined;
  github.options.refuse = () => ({ status: 403, message: 'Resource not accessible by integration' });
  await expect(dispatchWorkflow(options)).rejects.toMatchObject({
    fix: 'Add "permissions: actions: write" to the job.',
  });
});
