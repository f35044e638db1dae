/** Which version of the policy judges, in a checkout as runners make it and against GitHub's API. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { type GitHubServer, startGitHubServer } from '../../../shared/testing/github-server.ts';
import { type JudgingPolicy, readPolicy, withPolicyWarning } from './policy-source.ts';

const policy = (bound: number, more = '') =>
  `version: 1\ntask: binary\n# What reviewers agreed on.\nmetrics:\n  - {name: roc_auc, lower_bound: ${bound}}\n${more}`;

describe('the policy that judges', () => {
  let folder: string;
  let home: string;
  let warnings: string[];
  const before = process.cwd();
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'policy-')));
    home = join(folder, 'checkout');
    warnings = [];
    await mkdir(join(home, 'models/flights'), { recursive: true });
    git('init', '--quiet', '--initial-branch', 'main');
  });
  afterEach(async () => {
    process.chdir(before);
    await rm(folder, { recursive: true, force: true });
  });

  function git(...words: string[]): string {
    const identity = [
      '-c',
      'user.name=octocat',
      '-c',
      'user.email=octocat@example.com',
      '-c',
      'commit.gpgsign=false',
    ];
    return execFileSync('git', [...identity, ...words], {
      cwd: home,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  }
  async function write(text: string | undefined, file = 'models/flights/gate.yaml'): Promise<void> {
    if (text === undefined) await rm(join(home, file));
    else await writeFile(join(home, file), text);
  }
  async function commit(text: string | undefined, file?: string): Promise<string> {
    await write(text, file);
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'a change');
    return git('rev-parse', 'HEAD');
  }
  /** As a runner's job sees it, in the model's folder. */
  async function read(
    base: string | undefined,
    more: {
      eventName?: string;
      event?: object;
      file?: string;
      from?: 'base' | 'file';
      token?: string;
      api?: string;
    } = {},
  ): Promise<JudgingPolicy | undefined> {
    const workingDirectory = 'models/flights';
    process.chdir(join(home, workingDirectory));
    const eventPath = join(folder, 'event.json');
    const pullRequest = { number: 7, head: { sha: 'd'.repeat(40) }, ...(base && { base: { sha: base } }) };
    const eventName = more.eventName ?? 'pull_request';
    const isPullRequest = eventName.startsWith('pull_request');
    const event = more.event ?? (isPullRequest ? { pull_request: pullRequest } : {});
    await writeFile(eventPath, JSON.stringify(event));
    const warning = (text: string) => void warnings.push(text);
    const deps = {
      env: {
        GITHUB_REPOSITORY: 'octocat/flights',
        GITHUB_SHA: 'e'.repeat(40),
        GITHUB_EVENT_NAME: eventName,
        GITHUB_EVENT_PATH: eventPath,
        GITHUB_WORKSPACE: home,
        GITHUB_API_URL: more.api ?? 'http://127.0.0.1:9',
      },
      signal: new AbortController().signal,
      log: { warning, progress: () => undefined },
    };
    const inputs = {
      policy: more.file ?? 'gate.yaml',
      policyFrom: more.from ?? 'base',
      githubToken: more.token,
      workingDirectory,
    };
    return readPolicy(inputs, deps as unknown as Deps);
  }
  const boundOf = (judging: JudgingPolicy | undefined) => judging?.document.value.metrics[0]?.lower_bound;

  test('is that of the base when the pull request leaves it alone, and nothing is said', async () => {
    const base = await commit(policy(0.8));
    await commit('unrelated', 'models/flights/notes.txt');
    expect(await read(base)).toMatchObject({ from: 'base', change: null, notes: [] });
    await write(policy(0.8).replaceAll('\n', '\r\n'));
    expect(await read(base)).toMatchObject({ from: 'base', change: null });
    expect(warnings).toEqual([]);
  });

  test('is that of the base when the pull request lowers the bar, shown as a diff', async () => {
    const base = await commit(policy(0.8));
    await commit(`# one line more\n${policy(0.5)}`);
    const judging = await read(base);
    expect(boundOf(judging)).toBe(0.8);
    expect(judging).toMatchObject({ from: 'base', document: { file: 'gate.yaml' } });
    expect(judging!.change!.why).toBe(
      `The policy gate.yaml differs in this pull request; it is judged by the version of the base commit ${base.slice(0, 7)}.`,
    );
    expect(judging!.change!.diff).toBe(`--- a/gate.yaml
+++ b/gate.yaml
@@ -1,5 +1,6 @@
+# one line more
 version: 1
 task: binary
 # What reviewers agreed on.
 metrics:
-  - {name: roc_auc, lower_bound: 0.8}
+  - {name: roc_auc, lower_bound: 0.5}
`);
    // A place is in the version that judges and says so; an annotation stands where the pull request shows it.
    const where = judging!.document.locate(['metrics', 0]);
    expect(where).toMatchObject({ file: `gate.yaml@${base.slice(0, 7)}`, line: 5 });
    const moved = judging!.inCheckout({ level: 'error', message: 'too low', where });
    expect(moved.where).toMatchObject({ file: 'gate.yaml', line: 6 });
    expect(moved.message).toBe("too low (Line 5 of the base branch's version, which judges.)");
  });

  test('is that of the base when the pull request deletes it or breaks it', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.8, 'metricks: []\n'));
    const broken = await read(base);
    expect(boundOf(broken)).toBe(0.8);
    expect(broken!.notes.join()).toContain('is broken and would judge nothing once it is merged');
    await commit(undefined);
    const deleted = await read(base);
    expect(boundOf(deleted)).toBe(0.8);
    expect(deleted!.change!.why).toContain('is deleted in this pull request');
    expect(deleted!.change!.diff).toContain('+++ /dev/null');
    const annotation = {
      level: 'error' as const,
      message: 'low',
      where: deleted!.document.locate(['metrics']),
    };
    expect(deleted!.inCheckout(annotation).where).toMatchObject({ file: 'gate.yaml', line: undefined });
  });

  test('is its own where the base has none, loudly: a pass becomes a warning', async () => {
    const base = await commit(policy(0.8));
    await commit(policy(0.1), 'models/flights/easy.yaml');
    const judging = await read(base, { file: 'easy.yaml' });
    expect(boundOf(judging)).toBe(0.1);
    expect(judging!.from).toBe('file');
    expect(judging!.change!.diff).toContain('--- /dev/null');
    expect(judging!.notes).toEqual([judging!.change!.why]);
    expect(warnings).toEqual([judging!.change!.why]);
    expect(withPolicyWarning({ verdict: 'pass', reason: 'Fine.' }, judging)).toEqual({
      verdict: 'warn',
      reason: `${judging!.change!.why} By it: Fine.`,
    });
    const failed = { verdict: 'fail' as const, reason: 'Worse.' };
    expect(withPolicyWarning(failed, judging)).toBe(failed);
    const outside = join(folder, 'elsewhere.yaml');
    await writeFile(outside, policy(0.2));
    expect((await read(base, { file: outside }))!.change!.why).toContain('The base branch has no');
  });

  test("a broken policy of the base has a message of its own, with the base's line", async () => {
    const base = await commit(policy(0.8, 'metricks: []\n'));
    await commit(policy(0.8));
    await expect(read(base)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^The policy of the base branch, which judges this pull request, is broken\. Unknown key/,
      ),
      where: { file: `gate.yaml@${base.slice(0, 7)}`, line: 6 },
      fix: expect.stringContaining('Did you mean "metrics"? Mend it on the base branch first'),
    });
  });

  test('follows a link that the base has, and no replacement that the checkout makes up', async () => {
    await write(policy(0.8), 'common.yaml');
    await symlink('../../common.yaml', join(home, 'models/flights/gate.yaml'));
    git('add', '--all');
    const base = await commit(policy(0.8), 'common.yaml');
    const lower = await commit(policy(0.5), 'common.yaml');
    expect(boundOf(await read(base))).toBe(0.8);
    git('replace', git('rev-parse', `${base}:common.yaml`), git('rev-parse', `${lower}:common.yaml`));
    expect(boundOf(await read(base))).toBe(0.8);
  });

  test('is that of the folder that the workflow names, though the pull request makes it a link', async () => {
    await mkdir(join(home, 'models/toy'));
    await commit(policy(0.1), 'models/toy/gate.yaml');
    const base = await commit(policy(0.8));
    await rm(join(home, 'models/flights'), { recursive: true });
    await symlink('toy', join(home, 'models/flights'));
    const judging = await read(base);
    expect(boundOf(judging)).toBe(0.8);
    expect(judging!.change!.diff).toContain('+  - {name: roc_auc, lower_bound: 0.1}');
  });

  test('is that of the folder, though the pull request makes it a repository of its own', async () => {
    await commit(policy(0.1), 'gate.yaml');
    const base = await commit(policy(0.8));
    await write(policy(0.1));
    execFileSync('git', ['init', '--quiet'], { cwd: join(home, 'models/flights') });
    expect(boundOf(await read(base))).toBe(0.8);
  });

  test('does not show the file of the machine that the pull request makes it a link to', async () => {
    const base = await commit(policy(0.8));
    const secret = join(folder, 'token');
    await writeFile(secret, 'ghs_secret');
    const link = join(home, 'models/flights/gate.yaml');
    for (const target of [secret, join(home, '.git/config'), '/dev/zero', 'nowhere']) {
      await rm(link);
      await symlink(target, link);
      const judging = await read(base);
      expect(boundOf(judging)).toBe(0.8);
      expect(judging!.change!.why).toMatch(/is no longer a file of the checkout|leads nowhere/);
      expect(judging!.change!.diff).not.toMatch(/^\+(?!\+\+)/m);
    }
  });

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
