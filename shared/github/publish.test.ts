import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ACTION_IDS } from '../records/envelope.ts';
import { createFakeRunner, type FakeRunner } from '../testing/fake-runner.ts';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { gateSection, HOSTILE_TEXT, sampleSection } from '../testing/sample-sections.ts';
import { publishSection } from './publish.ts';

interface Comment {
  id: number;
  body: string;
  user: { login: string };
}

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

/** The environment of a job on a pull request, with its event file. */
async function jobOf(
  pull: { number: number; headSha: string },
  changes: { fork?: boolean; state?: string } = {},
) {
  const repository = changes.fork ? 'stranger/flights' : `${github.owner}/${github.repo}`;
  const eventPath = join(runner.folder, 'pull-request.json');
  const head = { sha: pull.headSha, repo: { full_name: repository } };
  const event = { pull_request: { number: pull.number, state: changes.state ?? 'open', head } };
  await writeFile(eventPath, JSON.stringify(event));
  // On a pull request GITHUB_SHA is the merge commit, which must not be used.
  return github.environment({ sha: 'f'.repeat(40), eventPath, eventName: 'pull_request' });
}

const comments = (number: number) =>
  github.api<Comment[]>(
    'GET',
    `/repos/${github.owner}/${github.repo}/issues/${number}/comments?per_page=100`,
  );

const writes = () => github.requests.filter((request) => request.method !== 'GET');

describe('publishSection', () => {
  test('writes a check run on the head commit and one comment, and nothing a second time', async () => {
    const pull = await github.openPullRequest('change');
    const env = await jobOf(pull);
    const section = gateSection(HOSTILE_TEXT);
    const first = await publishSection({ section, env, token: github.token });
    expect(first.warning).toBeUndefined();
    expect(first.commentUrl).toContain('#issuecomment-');
    const [comment, ...others] = await comments(pull.number);
    expect(others).toEqual([]);
    expect(comment!.body).toContain('### flight-delays: better than the champion, safe to merge ✅');
    expect(comment!.body).not.toMatch(/<img|@everyone|::error/);
    const runs = await github.api<{ check_runs: { name: string; head_sha: string; conclusion: string }[] }>(
      'GET',
      `/repos/${github.owner}/${github.repo}/commits/${pull.headSha}/check-runs`,
    );
    expect(runs.check_runs).toHaveLength(1);
    expect(runs.check_runs[0]).toMatchObject({ name: 'evaluate-gate: flight-delays', conclusion: 'success' });

    const before = writes().length;
    await publishSection({ section, env, token: github.token });
    const later = writes().slice(before);
    expect(later.map((request) => request.path)).toEqual([
      `/repos/${github.owner}/${github.repo}/check-runs`,
    ]);
  });

  test('finds its comment on a later page, leaves those of others alone, and removes its own duplicates', async () => {
    const pull = await github.openPullRequest('busy');
    const path = `/repos/${github.owner}/${github.repo}/issues/${pull.number}/comments`;
    for (let index = 0; index < 130; index += 1) await github.api('POST', path, { body: `chatter ${index}` });
    const marker = '<!-- mlops-actions:comment flight-delays -->';
    const own = await github.api<Comment>('POST', path, { body: `${marker}\nold` });
    await github.api('POST', path, { body: `${marker}\nduplicate` });
    await publishSection({ section: gateSection(), env: await jobOf(pull), token: github.token });
    const all = [
      ...(await comments(pull.number)),
      ...(await github.api<Comment[]>('GET', `${path}?per_page=100&page=2`)),
    ];
    const marked = all.filter((comment) => comment.body.startsWith(marker));
    expect(marked.map((comment) => comment.id)).toEqual([own.id]);
    expect(marked[0]!.body).toContain('better than the champion');
    expect(all).toHaveLength(131);
  });

  test('a marker in the comment of somebody else is not taken for ours', async () => {
    const pull = await github.openPullRequest('forged');
    const path = `/repos/${github.owner}/${github.repo}/issues/${pull.number}/comments`;
    const forged = await github.api<Comment>('POST', path, {
      body: '<!-- mlops-actions:comment flight-delays -->',
    });
    const env = await jobOf(pull);
    // The author is another one than the token's.
    github.options.answer = (method, path) =>
      method === 'GET' && path === '/user' ? { login: 'a-bot' } : undefined;
    await publishSection({ section: gateSection(), env, token: github.token });
    const after = await comments(pull.number);
    expect(after.find((comment) => comment.id === forged.id)!.body).toBe(forged.body);
    expect(after).toHaveLength(2);
  });

  test('twenty jobs at once lose no section and leave one comment', { timeout: 120_000 }, async () => {
    const pull = await github.openPullRequest('race');
    const env = await jobOf(pull);
    github.options.delay = () => Math.random() * 80;
    const script = fileURLToPath(new URL('../testing/publish-section-job.ts', import.meta.url));
    const jobs = Array.from({ length: 20 }, (_, index) => {
      const action = ACTION_IDS[index % ACTION_IDS.length]!;
      const child = spawn(process.execPath, [script], {
        env: {
          ...env,
          PATH: process.env.PATH,
          GITHUB_TOKEN: github.token,
          SECTION_ACTION: action,
          SECTION_HEADING: `job ${index} of ${action}`,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return new Promise<number | null>((resolve) => child.once('exit', resolve));
    });
    expect(await Promise.all(jobs)).toEqual(jobs.map(() => 0));
    const all = await comments(pull.number);
    expect(all).toHaveLength(1);
    const { check_runs: runs } = await github.api<{
      check_runs: { id: number; name: string; output: { title: string } }[];
    }>(
      'GET',
      `/repos/${github.owner}/${github.repo}/commits/${pull.headSha}/check-runs?per_page=100&filter=all`,
    );
    expect(runs).toHaveLength(20);
    for (const action of ACTION_IDS) {
      const newest = runs.filter((run) => run.name.startsWith(`${action}:`)).sort((a, b) => b.id - a.id)[0]!;
      expect(all[0]!.body).toContain(newest.output.title);
    }
  });

  test('without check runs the sections are merged in the comment, and one written over is written again', async () => {
    const pull = await github.openPullRequest('no-checks');
    const env = await jobOf(pull);
    const path = `/repos/${github.owner}/${github.repo}/issues`;
    github.options.refuse = (method, path) =>
      method === 'POST' && path.endsWith('/check-runs')
        ? { status: 403, message: 'Resource not accessible by integration' }
        : undefined;
    const first = sampleSection({ action: 'validate-data', heading: 'the data keep their contract' });
    await publishSection({ section: first, env, token: github.token, wait: async () => {} });
    const [before] = await comments(pull.number);
    let waits = 0;
    const wait = async () => {
      waits += 1;
      // Another job that had read the comment before us writes its old view over ours.
      if (waits === 1) await github.api('PATCH', `${path}/comments/${before!.id}`, { body: before!.body });
    };
    await publishSection({ section: gateSection(), env, token: github.token, wait });
    expect(waits).toBe(2);
    const all = await comments(pull.number);
    expect(all).toHaveLength(1);
    expect(all[0]!.body).toContain('the data keep their contract');
    expect(all[0]!.body).toContain('better than the champion');
  });

  test('a fork whose token may only read gets a warning, not a failure', async () => {
    const pull = await github.openPullRequest('from-a-fork');
    github.options.refuse = (method) =>
      method === 'GET' ? undefined : { status: 403, message: 'Resource not accessible by integration' };
    const env = await jobOf(pull, { fork: true });
    const published = await publishSection({ section: gateSection(), env, token: github.token });
    expect(published.commentUrl).toBeUndefined();
    expect(published.warning).toContain("fork's pull request may only read");
  });

  test('a missing permission is named', async () => {
    const pull = await github.openPullRequest('no-permission');
    github.options.refuse = (method, path) =>
      method === 'POST' && path.includes('/comments')
        ? { status: 403, message: 'Resource not accessible' }
        : undefined;
    const env = await jobOf(pull);
    const published = await publishSection({ section: gateSection(), env, token: github.token });
    expect(published.warning).toContain('pull-requests: write');
    expect(published.checkRunUrl).toBeDefined();
  });

  test('a closed pull request is not commented', async () => {
    const pull = await github.openPullRequest('closed');
    await publishSection({
      section: gateSection(),
      env: await jobOf(pull, { state: 'closed' }),
      token: github.token,
    });
    expect(await comments(pull.number)).toEqual([]);
  });

  test('a pushed commit without a pull request gets the check run alone; one with, the comment too', async () => {
    const { object } = await github.api<{ object: { sha: string } }>(
      'GET',
      `/repos/${github.owner}/${github.repo}/git/ref/heads/main`,
    );
    const env = github.environment({ sha: object.sha });
    const alone = await publishSection({ section: gateSection(), env, token: github.token });
    expect(alone.commentUrl).toBeUndefined();
    expect(alone.checkRunUrl).toBeDefined();
    const pull = await github.openPullRequest('pushed');
    const pushed = github.environment({ sha: pull.headSha });
    const both = await publishSection({ section: gateSection(), env: pushed, token: github.token });
    expect(both.commentUrl).toBeDefined();
  });

  test('does nothing on a laptop and says so without a token', async () => {
    expect(await publishSection({ section: gateSection(), env: {}, token: 'x' })).toEqual({});
    const env = github.environment({ sha: 'a'.repeat(40) });
    expect((await publishSection({ section: gateSection(), env, token: '' })).warning).toContain(
      'github-token',
    );
    expect(github.requests).toEqual([]);
  });
});
