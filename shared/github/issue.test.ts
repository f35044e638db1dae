import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { type Markdown, md } from '../report/markdown.ts';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { findDriftIssue, type IssueAccess, type WantedIssue } from './issue.ts';

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

type Changes = Partial<Omit<WantedIssue, 'body'>> & { body?: Markdown; name?: string };

function access(name: string): IssueAccess {
  return { env: github.environment({ sha: 'a'.repeat(40) }), token: github.token, name };
}

async function sync({
  name = 'flight-delays',
  body = md`ROC AUC fell to ${0.52}.`,
  ...changes
}: Changes = {}) {
  const issue = await findDriftIssue(access(name));
  return issue!.sync({
    state: 'drifting',
    title: `${name} drifts`,
    body: [{ text: body }],
    ...changes,
  });
}

test('opens one issue, leaves it alone, updates, closes and reopens it: never a second', {
  timeout: 60_000,
}, async () => {
  expect(await sync({ state: 'recovered' })).toEqual({ outcome: 'none' });
  const opened = await sync();
  expect(opened.outcome).toBe('opened');
  expect((await sync()).outcome).toBe('unchanged');
  expect((await sync({ body: md`ROC AUC fell to ${0.5}.` })).outcome).toBe('updated');
  expect((await sync({ state: 'recovered', body: md`back within its limit` })).outcome).toBe('closed');
  expect((await sync({ state: 'recovered', body: md`still fine` })).outcome).toBe('updated');
  expect((await issues())[0]).toMatchObject({ state: 'closed', body: expect.stringContaining('still fine') });
  expect((await sync()).outcome).toBe('reopened');
  const another = await sync({ name: 'churn', title: 'churn drifts' });
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
  const both = await Promise.all([sync(), sync()]);
  github.options.answer = undefined;
  await sync();
  const all = await issues();
  expect(all.filter((issue) => issue.state === 'open').map((issue) => issue.number)).toEqual([1]);
  expect(all.filter((issue) => issue.body.includes('mlops-actions:drift-issue'))).toHaveLength(1);
  expect(both.map((issue) => issue.number)).toContain(1);
});

test('finds its issue beyond the first page', { timeout: 60_000 }, async () => {
  const first = await sync();
  const path = `/repos/${github.owner}/${github.repo}/issues`;
  for (let index = 0; index < 105; index += 1) await github.api('POST', path, { title: `chatter ${index}` });
  expect(await sync()).toMatchObject({ outcome: 'unchanged', number: first.number });
});

test('a denied issue names the permission', async () => {
  github.options.refuse = (method) =>
    method === 'POST' ? { status: 403, message: 'Resource not accessible' } : undefined;
  const error = await sync().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).fix).toContain('issues: write');
});

test('what cannot be told leaves the issue open or closed, and opens none', { timeout: 60_000 }, async () => {
  expect(await sync({ state: 'unclear' })).toEqual({ outcome: 'none' });
  await sync();
  for (const [state, kept] of [
    ['drifting', 'open'],
    ['recovered', 'closed'],
  ] as const) {
    await sync({ state });
    expect(await sync({ state: 'unclear', body: md`no labels after ${state}` })).toMatchObject({
      outcome: 'updated',
    });
    expect((await issues())[0]).toMatchObject({ state: kept, body: expect.stringContaining('no labels') });
  }
});

test('a body that is too long loses whole parts, never what is hidden', { timeout: 60_000 }, async () => {
  const hidden = '<!-- kept {} -->';
  const issue = await findDriftIssue(access('flight-delays'));
  const part = (letter: string, mayGo = true) => ({ text: md`${letter.repeat(30_000)}`, mayGo });
  await issue!.sync({
    state: 'drifting',
    title: 'x',
    hidden,
    body: [part('a', false), part('b'), part('c'), { text: md`the end` }],
  });
  const body = (await findDriftIssue(access('flight-delays')))!.previousBody!;
  expect(body.split('\n')[1]).toBe(hidden);
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body).toContain('b'.repeat(30_000));
  expect(body).not.toContain('cc');
  expect(body).toContain('the end\n\n1 part is left out here');
});

test('an issue that somebody else wrote is not taken for its own', { timeout: 60_000 }, async () => {
  await sync();
  github.options.answer = (method, path) =>
    method === 'GET' && path === '/user' ? { login: 'somebody-else' } : undefined;
  expect((await findDriftIssue(access('flight-delays')))!.previousBody).toBeUndefined();
});
