/** A name that tries to break out of Markdown, HTML, a mention and a workflow command stays plain text everywhere. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FakeRunner } from '../../shared/testing/fake-runner.ts';
import { type GitHubServer, startGitHubServer } from '../../shared/testing/github-server.ts';
import { type BundleRun, runBundle, tinyModelRunner } from './spawn-bundle.ts';

const HOSTILE = '</details><img src=x onerror=alert(1)>@everyone ::error::x';

let github: GitHubServer;
let runner: FakeRunner;
let run: BundleRun;
let page: string;
let comment: string;

beforeAll(async () => {
  github = await startGitHubServer();
  const { number, headSha } = await github.openPullRequest('hostile');
  runner = await tinyModelRunner({
    eventName: 'pull_request',
    event: {
      pull_request: { number, state: 'open', head: { sha: headSha, repo: { full_name: 'octocat/flights' } } },
    },
    env: {
      GITHUB_REPOSITORY: 'octocat/flights',
      GITHUB_SHA: headSha,
      GITHUB_API_URL: github.url,
      GITHUB_RUN_ID: '1',
    },
  });
  // The metric, and a line of output that is itself a command.
  const program = `import json, os
open(os.environ["METRICS_FILE"], "w").write(json.dumps({${JSON.stringify(HOSTILE)}: 0.5}))
open(os.environ["MODEL_DIR"] + "/model.txt", "w").write("x")
print("::error::from the program")
print("  ::set-output name=model::stolen")
print("##[error]old style")`;
  await writeFile(join(runner.workspace, 'hostile.py'), program);
  run = await runBundle(runner, 'train-on-gpu-runner', {
    name: 'hostile',
    command: 'python3 hostile.py',
    'github-token': github.token,
  });
  page = await readFile(join(runner.workspace, 'mlops-records/report.html'), 'utf8');
  const comments = await github.api<{ body: string }[]>(
    'GET',
    `/repos/octocat/flights/issues/${number}/comments`,
  );
  expect(comments).toHaveLength(1);
  comment = comments[0]!.body;
});

afterAll(async () => {
  await runner?.close();
  await github?.close();
});

test('the run itself is fine', () => {
  expect(run.exitCode, run.log).toBe(0);
  expect(run.outputs.verdict).toBe('pass');
  expect(run.outputs.model).not.toBe('stolen');
});

describe('in the log', () => {
  test('no line is a command but those of the action', () => {
    const commands = run.log.split(/\r?\n/).filter((line) => /^\s*::|##\[/.test(line));
    expect(
      commands.filter(
        (line) => !/^::(group::|endgroup::|add-mask::|debug::|set-output|save-state)/.test(line),
      ),
    ).toEqual([]);
  });
});

describe.each(['comment', 'summary'] as const)('in the %s', (place) => {
  const text = () => (place === 'comment' ? comment : run.summary);

  test('the name is there, and is no markup', () => {
    expect(text()).toContain('onerror');
    expect(text()).not.toMatch(/<img/i);
    expect(text()).not.toMatch(/(^|[^\u200b\w])@everyone/);
  });

  test('every fold that opens closes', () => {
    expect(text().match(/<details>/g)?.length ?? 0).toBe(text().match(/<\/details>/g)?.length ?? 0);
  });
});

test('in the page the name is text', () => {
  expect(page).toContain('onerror');
  expect(page).not.toMatch(/<img/i);
  expect(page).not.toMatch(/<script/i);
});
