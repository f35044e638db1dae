import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { type Ledger, type LedgerPlace, NoLedger, openLedger } from './ledger.ts';

let github: GitHubServer;
let sha: string;
beforeEach(async () => {
  github = await startGitHubServer();
  const main = await github.api<{ object: { sha: string } }>(
    'GET',
    '/repos/octocat/flights/git/ref/heads/main',
  );
  sha = main.object.sha;
});
afterEach(() => github.close());

async function open(more: Partial<LedgerPlace> = {}): Promise<Ledger> {
  const place = {
    env: github.environment({ sha }),
    token: github.token,
    ref: 'mlops-actions/retrain/flights',
  };
  const ledger = await openLedger({ ...place, ...more });
  return ledger!;
}

test('keeps the last entry for every run, and each ref its own', async () => {
  const first = await open();
  expect(first.latest).toBeUndefined();
  const second = await first.append('one');
  expect(second?.latest).toBe('one');
  expect((await open()).latest).toBe('one');
  expect((await second!.append('two'))?.latest).toBe('two');
  expect((await open()).latest).toBe('two');
  expect((await open({ ref: 'mlops-actions/retrain/churn' })).latest).toBeUndefined();
});

test.each([
  ['the first', []],
  ['a later', ['before']],
])('of several that have read the same one writes %s entry', async (_, before) => {
  for (const text of before) await (await open()).append(text);
  const read = await Promise.all([1, 2, 3, 4].map(() => open()));
  const written = await Promise.all(read.map((ledger) => ledger.append('the same text')));
  expect(written.filter((ledger) => ledger !== undefined)).toHaveLength(1);
  expect((await open()).latest).toBe('the same text');
  for (const ledger of read) expect(await ledger.append('later')).toBeUndefined();
});

test('an entry whose answer was lost, and which was sent again, is written', async () => {
  const twice: typeof fetch = async (input, init) => {
    if (init?.method === 'POST' && String(input).endsWith('/git/refs')) await fetch(input, init);
    return fetch(input, init);
  };
  const ledger = await open({ fetch: twice });
  expect((await ledger.append('one'))?.latest).toBe('one');
});

test('is no branch and no tag', async () => {
  await (await open()).append('one');
  const branches = await github.api<{ name: string }[]>('GET', '/repos/octocat/flights/branches');
  expect(branches.map(({ name }) => name)).toEqual(['main']);
  expect(await github.api('GET', '/repos/octocat/flights/git/matching-refs/tags/')).toEqual([]);
});

test.each([
  ['POST', '/git/commits', 403, 'Resource not accessible by integration'],
  ['POST', '/git/refs', 403, 'Resource not accessible by integration'],
  ['POST', '/git/refs', 422, 'Reference name is not allowed here'],
])('%s %s refused by %i says that there is no ledger', async (wanted, end, status, message) => {
  github.options.refuse = (method, path) =>
    method === wanted && path.endsWith(end) ? { status, message } : undefined;
  const ledger = await open();
  await expect(ledger.append('one')).rejects.toThrow(NoLedger);
  await expect(ledger.append('one')).rejects.toThrow(`cannot be kept: GitHub answered ${message}`);
});

test('outside GitHub there is none', async () => {
  expect(await openLedger({ env: {}, token: 'x', ref: 'a/b' })).toBeUndefined();
});
