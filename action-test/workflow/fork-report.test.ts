/**
 * The report on a fork's pull request, run by act: an honest artifact and hostile ones. GitHub's list of artifacts and
 * their bytes come from the loopback server; the workflow fetches and unpacks them by itself.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Evaluation } from '../../shared/records/evaluation.ts';
import { type GitHubServer, startGitHubServer } from '../../shared/testing/github-server.ts';
import { type ActRun, duckdbFolder, pinned, runAct } from './act.ts';
import { commit, createReleasedActions, createStandIns, createUserRepository } from './repository.ts';
import { findTools, pythonFolder } from './tools.ts';

const tools = findTools('act', 'curl', 'git', 'jq', 'python3', 'unzip');
const RUN = 4711;

let folder: string;
let repository: string;
let github: GitHubServer;
let actions: Record<string, string>;
let pull: { number: number; headSha: string };
let sha: string;
let artifact: Buffer;
/** Of the run; GitHub filters by name, and whatever else it sent would not be taken. A job that ran twice has stored two. */
const STORED = [
  { id: 1, name: 'predictions-../../x' },
  { id: 98, name: 'predictions-tiny' },
  { id: 99, name: 'predictions-tiny' },
];
let artifacts: { id: number; name: string }[];
/** What the pull request changes. */
let changed: string[];

beforeAll(async () => {
  if (!tools) return;
  folder = mkdtempSync(join(tmpdir(), 'fork-report-'));
  repository = join(folder, 'repository');
  createUserRepository(repository, ['tiny', 'steady']);
  // Labels come from the data, so the policy calls them as the data does.
  const policy = join(repository, 'models/tiny/gate.yaml');
  writeFileSync(policy, readFileSync(policy, 'utf8').replace('y_true: y_true', 'y_true: late'));
  createReleasedActions(join(folder, 'released'));
  const standIns = createStandIns(join(folder, 'stand-ins'));
  actions = { 'your-org/mlops-actions@v1': join(folder, 'released'), ...pinned(repository, standIns) };
  sha = commit(repository, 'the default branch');
  github = await startGitHubServer();
  pull = await github.openPullRequest('patch-1');
  github.options = {
    answer: (method, path) => {
      if (method !== 'GET') return undefined;
      if (path === `/repos/octocat/flights/actions/runs/${RUN}/artifacts`) return { artifacts };
      if (path === `/repos/octocat/flights/pulls/${pull.number}/files`)
        return changed.map((filename) => ({ filename }));
      const head = { sha: pull.headSha, ref: 'patch-1', repo: { full_name: 'stranger/flights' } };
      return path === '/repos/octocat/flights/pulls'
        ? [{ number: pull.number, state: 'open', head }]
        : undefined;
    },
    bytes: (_, path) => (path === '/repos/octocat/flights/actions/artifacts/99/zip' ? artifact : undefined),
  };
}, 60_000);

afterAll(async () => {
  await github?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  artifacts = STORED;
  changed = ['README.md', 'models/tiny/code/train.py'];
  if (tools) rmSync(join(folder, 'artifacts'), { recursive: true, force: true });
});

/** A zip made by Python, which lets an archive lie about what is in it. */
function zip(script: string): Buffer {
  const file = join(folder, 'artifact.zip');
  const program = [
    'import sys, zipfile',
    'archive = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)',
    script,
    'archive.close()',
  ];
  execFileSync(join(pythonFolder(), 'python3'), ['-c', program.join('\n'), file]);
  return readFileSync(file);
}

/** Predictions of the tiny model's rows by its true law, which no trained model beats. */
function honest(change: (line: string, index: number) => string = (line) => line): string {
  const [, ...rows] = readFileSync(join(repository, 'models/tiny/data/tiny-gate.csv'), 'utf8')
    .trim()
    .split('\n');
  const lines = rows.map((row) => {
    const [id, x1, x2] = row.split(',').map(Number);
    const score = 1 / (1 + Math.exp(1 - 1.2 * x1! - x2!));
    return `${id},${score >= 0.5 ? 1 : 0},${score}`;
  });
  return ['id,y_pred,y_score', ...lines.map(change), ''].join('\n');
}

const plain = (text: string): Buffer => zip(`archive.writestr("predictions.csv", ${JSON.stringify(text)})`);

function report(fork = 'stranger/flights'): Promise<ActRun> {
  mkdirSync(join(folder, 'run'), { recursive: true });
  return runAct({
    act: tools!.act,
    python: pythonFolder(),
    repository,
    folder: join(folder, 'run'),
    cacheFolder: join(folder, 'cache'),
    workflow: 'fork-report.yml',
    event: 'workflow_run',
    payload: {
      action: 'completed',
      repository: { name: 'flights', full_name: 'octocat/flights', default_branch: 'main' },
      workflow_run: {
        id: RUN,
        event: 'pull_request',
        conclusion: 'failure',
        head_sha: pull.headSha,
        head_branch: 'patch-1',
        head_repository: { full_name: fork, owner: { login: fork.split('/')[0] } },
        pull_requests: [],
      },
    },
    actions,
    env: {
      ARTIFACTS: join(folder, 'artifacts'),
      GITHUB_API_URL: github.url,
      GITHUB_RUN_ID: '18',
      GITHUB_SHA: sha,
      MLOPS_DUCKDB_PATH: duckdbFolder(),
      RUNNER_TOOL_CACHE: join(folder, 'tool-cache'),
    },
    variables: { MLOPS_REGISTRY: `oci-layout:${join(folder, 'registry')}` },
    token: github.token,
  });
}

function evaluation(): Evaluation | undefined {
  const records = join(folder, 'artifacts/records-tiny');
  const names = (() => {
    try {
      return readdirSync(records, { recursive: true, encoding: 'utf8' });
    } catch {
      return [];
    }
  })();
  const file = names.find((name) => /Evaluation-\w+\.json$/.test(name));
  return file === undefined ? undefined : JSON.parse(readFileSync(join(records, file), 'utf8'));
}

const comments = () =>
  github.api<{ id: number; body: string }[]>('GET', `/repos/octocat/flights/issues/${pull.number}/comments`);

describe.skipIf(!tools)("the report on a fork's pull request", () => {
  test('judges honest predictions by the policy and the labels of the default branch, in one comment', async () => {
    artifact = plain(honest());
    const result = await report();
    expect(result.exitCode, result.log).toBe(0);
    expect(evaluation(), result.log).toMatchObject({
      verdict: 'warn',
      rows: 2000,
      policy: { file: 'gate.yaml', from: 'file', change: null },
      baseline: { status: 'missing' },
      notes: expect.arrayContaining([expect.stringContaining('come from an untrusted run')]),
    });
    const written = await comments();
    expect(written).toHaveLength(1);
    expect(written[0]!.body).toContain('roc_auc');
    // The model without predictions is left alone, and so is whatever else the artifacts are called.
    expect(readdirSync(join(folder, 'artifacts'))).toEqual(['records-tiny']);
    const downloads = github.requests.filter(({ path }) => path.endsWith('/zip')).map(({ path }) => path);
    expect(downloads).toEqual(['/repos/octocat/flights/actions/artifacts/99/zip']);
  });

  test.each<[string, () => Buffer, RegExp]>([
    [
      'a link',
      () =>
        zip(`entry = zipfile.ZipInfo("predictions.csv")
entry.create_system = 3
entry.external_attr = 0o120777 << 16
archive.writestr(entry, "/etc/passwd")`),
      /have no column id/,
    ],
    [
      'a bomb of zeros',
      () =>
        zip(`with archive.open("predictions.csv", "w", force_zip64=True) as entry:
    for _ in range(300): entry.write(bytes(1_000_000))`),
      /makes more than 200 MB of untrusted files/,
    ],
    [
      'ten million rows',
      () =>
        zip(`with archive.open("predictions.csv", "w") as entry:
    entry.write(b"id,y_score\\n")
    for _ in range(100): entry.write(b"1,0\\n" * 100_000)`),
      /more rows than there are to judge: the data has 2000/,
    ],
    [
      'names that lead elsewhere',
      () =>
        zip(
          'for name in ("../../../predictions.csv", "/tmp/predictions.csv", "a/predictions.csv"): archive.writestr(name, "id,y_score\\n1,1\\n")',
        ),
      /predictions\.csv is empty/,
    ],
    ['no archive', () => Buffer.from('#!/bin/sh\necho hello\n'), /predictions\.csv is empty/],
    [
      'ids that are markup and commands',
      () =>
        plain(
          honest((line, index) =>
            index < 3
              ? `"</details><img src=x onerror=alert(1)> @everyone $(touch $HOME/owned)\\u001b[2J ::error::${index}",1,1`
              : line,
          ),
        ),
      /3 ids only in the predictions/,
    ],
    [
      'scores that are markup and commands',
      () =>
        plain(
          honest((line, index) =>
            index < 3 ? `${line.split(',')[0]},1,::set-output name=verdict::pass` : line,
          ),
        ),
      /holds text, such as/,
    ],
    ['more than is downloaded', () => Buffer.alloc(100_000_001), /makes more than 200 MB of untrusted files/],
  ])('ends in an error that the comment tells, on %s', async (_, make, message) => {
    artifact = make();
    const result = await report();
    expect(result.log).toMatch(message);
    expect(result.exitCode, result.log).not.toBe(0);
    expect(result.log).not.toMatch(/set-output:: *verdict=(?!error)/);
    expect(evaluation()).toBeUndefined();
    const written = await comments();
    expect(written, result.log).toHaveLength(1);
    const { body } = written[0]!;
    expect(body).toContain('tiny: this commit could not be judged');
    expect(body.replaceAll('\\', '')).toMatch(message);
    expect(body).toContain(`commit \`${pull.headSha.slice(0, 12)}\``);
    expect(body).not.toMatch(/<img|@everyone|::|\u001b/);
    expect(readdirSync(join(folder, 'run/home'))).not.toContain('owned');
  });

  test('says in the comment that stood there that a push brought no predictions', async () => {
    artifact = plain(honest());
    await report();
    const [before] = await comments();
    expect(before!.body).toContain('roc_auc');
    artifacts = STORED.filter(({ name }) => name !== 'predictions-tiny');
    const result = await report();
    expect(result.exitCode, result.log).not.toBe(0);
    const after = await comments();
    expect(after, result.log).toHaveLength(1);
    expect(after[0]!.id).toBe(before!.id);
    expect(after[0]!.body).toContain('tiny: this commit could not be judged');
    expect(after[0]!.body.replaceAll('\\', '')).toContain(
      'This push brought no predictions: there is no predictions.csv.',
    );
    expect(after[0]!.body).not.toContain('roc_auc');
  });

  test('says nothing of a model that the pull request neither changes nor predicts', async () => {
    artifacts = [];
    changed = ['README.md', 'models/tiny.md', 'other/models/steady/gate.yaml'];
    const result = await report();
    expect(result.exitCode, result.log).toBe(0);
    expect(evaluation()).toBeUndefined();
    expect(result.log).not.toMatch(/no predictions/);
  });

  test('does nothing for a pull request of the repository itself', async () => {
    const requests = github.requests.length;
    await report('octocat/flights');
    expect(evaluation()).toBeUndefined();
    expect(github.requests.slice(requests)).toEqual([]);
  });
});
