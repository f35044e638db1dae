/** The four example workflows, each run by act with the committed bundles, one after another as in a user's life. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitHubServer, startGitHubServer } from '../../shared/testing/github-server.ts';
import { type ActRun, duckdbFolder, pinned, runAct } from './act.ts';
import { type ContainerRegistry, freePort, startContainerRegistry } from './container-registry.ts';
import { commit, createReleasedActions, createStandIns, createUserRepository, git } from './repository.ts';
import { findTools, pythonFolder } from './tools.ts';

const tools = findTools('act', 'docker-registry', 'jq', 'git', 'python3');

let folder: string;
let repository: string;
let registry: ContainerRegistry;
let github: GitHubServer;
let actions: Record<string, string>;
let port: number;

beforeAll(async () => {
  if (!tools) return;
  folder = mkdtempSync(join(tmpdir(), 'workflows-'));
  repository = join(folder, 'repository');
  createUserRepository(repository, ['tiny', 'steady', 'broken']);
  breakData('broken');
  createReleasedActions(join(folder, 'released'));
  const standIns = createStandIns(join(folder, 'stand-ins'));
  actions = { 'your-org/mlops-actions@v1': join(folder, 'released'), ...pinned(repository, standIns) };
  registry = await startContainerRegistry(tools['docker-registry'], join(folder, 'registry'));
  github = await startGitHubServer();
  port = await freePort();
}, 60_000);

afterAll(async () => {
  await github?.close();
  await registry?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const mark = () => join(folder, 'training-began');
const at = (...parts: string[]) => join(repository, ...parts);

function breakData(model: string): void {
  const file = at('models', model, 'data/tiny-train.csv');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^7,.*$/m, '7,99,,3'));
}

function run(
  workflow: string,
  event: string,
  payload: object,
  sha: string,
  more: { cancelWhen?: () => boolean; attempt?: number } = {},
): Promise<ActRun> {
  const home = join(folder, 'runs', workflow);
  mkdirSync(home, { recursive: true });
  return runAct({
    act: tools!.act,
    python: pythonFolder(),
    repository,
    folder: home,
    cacheFolder: join(folder, 'cache'),
    workflow,
    event,
    payload: {
      repository: { name: 'flights', full_name: 'octocat/flights', default_branch: 'main' },
      ...payload,
    },
    actions,
    env: {
      ARTIFACTS: join(folder, 'artifacts', workflow),
      GITHUB_API_URL: github.url,
      GITHUB_RUN_ATTEMPT: String(more.attempt ?? 1),
      GITHUB_RUN_ID: '17',
      GITHUB_SHA: sha,
      MLOPS_DUCKDB_PATH: duckdbFolder(),
      // Debian's own Python refuses even to install nothing.
      PIP_BREAK_SYSTEM_PACKAGES: '1',
      MARK: mark(),
      RUNNER_TOOL_CACHE: join(folder, 'tool-cache'),
    },
    variables: { MLOPS_REGISTRY: `oci://${registry.host}/octocat`, MLOPS_PORT: String(port) },
    token: github.token,
    cancelWhen: more.cancelWhen,
  });
}

/** Records of a run, from the artifact that the workflow made of them. */
function records(
  workflow: string,
  artifact: string,
): { kind: string; verdict: string; subject: { digest: string } }[] {
  const folders = join(folder, 'artifacts', workflow, artifact);
  return readdirSync(folders, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && /[A-Z]/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folders, name), 'utf8')));
}

describe.skipIf(!tools)('the example workflows', () => {
  test('on-main releases what was pushed, and a model that fails keeps no other from it', async () => {
    const before = commit(repository, 'nothing but workflows and models');
    writeFileSync(at('models/tiny/params.yaml'), 'use_x2: false\nsteps: 60\n');
    writeFileSync(at('models/broken/params.yaml'), 'use_x2: true\nsteps: 61\n');
    const sha = commit(repository, 'two models change');
    const result = await run('on-main.yml', 'push', { before, after: sha, ref: 'refs/heads/main' }, sha);

    const champion = await registry.resolve('octocat/tiny', 'champion');
    expect(champion, result.log).toMatch(/^sha256:/);
    const trained = records('on-main.yml', 'records-train-tiny');
    expect(trained.find((record) => record.kind === 'ModelVersion')?.subject.digest).toBe(champion);
    expect(records('on-main.yml', 'records-canary-tiny')).toMatchObject([
      { kind: 'Deployment', verdict: 'pass' },
    ]);
    expect(
      records('on-main.yml', 'records-train-broken').map((record) => [record.kind, record.verdict]),
    ).toContainEqual(['DataValidation', 'fail']);
    expect(result.exitCode).not.toBe(0);
    expect(await registry.resolve('octocat/broken', 'champion')).toBeUndefined();
    // What was not pushed was not trained.
    expect(readdirSync(join(folder, 'artifacts/on-main.yml')).some((name) => name.includes('steady'))).toBe(
      false,
    );
  });

  test('pull-request judges what changed against the champion and comments once per model', async () => {
    const champion = await registry.resolve('octocat/tiny', 'champion');
    writeFileSync(at('models/tiny/params.yaml'), 'use_x2: true\nsteps: 60\n');
    writeFileSync(at('models/broken/params.yaml'), 'use_x2: true\nsteps: 62\n');
    const sha = commit(repository, 'a better model, and a broken one');
    const pull = await github.openPullRequest('better');
    const payload = {
      number: pull.number,
      pull_request: {
        number: pull.number,
        // A fork's, so that its predictions are left for fork-report.yml.
        head: { sha: pull.headSha, repo: { full_name: 'stranger/flights' } },
        base: { ref: 'main', sha: git(repository, 'rev-parse', 'HEAD^') },
      },
    };
    const result = await run('pull-request.yml', 'pull_request', payload, sha);

    const judged = records('pull-request.yml', 'records-tiny');
    const evaluation = judged.find((record) => record.kind === 'Evaluation');
    expect(evaluation, result.log).toMatchObject({ verdict: 'pass', baseline: { digest: champion } });
    expect(records('pull-request.yml', 'records-broken')).toMatchObject([
      { kind: 'DataProfile' },
      { verdict: 'fail' },
    ]);
    const path = `/repos/octocat/flights/issues/${pull.number}/comments`;
    const comments = await github.api<{ body: string }[]>('GET', path);
    expect(comments).toHaveLength(2);
    const tiny = comments.find(({ body }) => body.includes('tiny:'))!;
    expect(tiny.body).toContain('trained in');
    expect(tiny.body).toContain('roc_auc');
    const left = join(folder, 'artifacts/pull-request.yml/predictions-tiny/predictions.csv');
    expect(readFileSync(left, 'utf8')).toMatch(/^id,y_pred,y_score\n5000,[01],0\.\d+\n/);
    // Advice only: nothing was registered and no alias moved.
    expect(await registry.resolve('octocat/tiny', 'champion')).toBe(champion);
    expect(await registry.resolve('octocat/tiny', evaluation!.subject.digest)).toBeUndefined();
  });

  test('scheduled-retrain asks for the model whose drift asks for it, once, and opens its issue; retrain releases it', async () => {
    rmSync(at('models/broken'), { recursive: true });
    writeFileSync(at('models/tiny/fault'), '');
    const sha = commit(repository, 'the feature job has a fault');
    const champion = await registry.resolve('octocat/tiny', 'champion');
    const result = await run('scheduled-retrain.yml', 'schedule', { schedule: '17 5 * * 1' }, sha);

    expect(result.exitCode, result.log).toBe(0);
    expect(records('scheduled-retrain.yml', 'drift-tiny')).toMatchObject([
      { kind: 'DriftCheck', verdict: 'fail', retrain: true },
    ]);
    expect(records('scheduled-retrain.yml', 'drift-steady')).toMatchObject([
      { kind: 'DriftCheck', retrain: false },
    ]);
    const issues = await github.api<{ title: string; pull_request?: unknown }[]>(
      'GET',
      '/repos/octocat/flights/issues',
    );
    const drift = issues.filter((issue) => !issue.pull_request);
    expect(drift).toHaveLength(1);
    expect(drift[0]!.title).toContain('tiny');
    // The check releases nothing: it sends one event, and a second check of the same drift sends none.
    expect(await registry.resolve('octocat/tiny', 'champion')).toBe(champion);
    expect((await run('scheduled-retrain.yml', 'workflow_dispatch', {}, sha)).exitCode).toBe(0);
    expect(github.dispatches).toHaveLength(1);
    const { event_type: action, client_payload } = github.dispatches[0]!.body as Record<string, unknown>;
    expect(client_payload).toMatchObject({ model: 'tiny' });
    const retrained = await run('retrain.yml', 'repository_dispatch', { action, client_payload }, sha);
    expect(retrained.exitCode, retrained.log).toBe(0);
    const promoted = await registry.resolve('octocat/tiny', 'champion');
    expect(promoted).not.toBe(champion);
    // On a hosted runner the model is served until the job ends, and so it was here.
    expect(retrained.leftRunning.some((command) => command.includes('serve.py'))).toBe(true);
    expect(records('retrain.yml', 'records-canary-tiny')).toMatchObject([
      { kind: 'Deployment', verdict: 'pass', subject: { digest: promoted } },
    ]);
    expect(await registry.resolve('octocat/steady', 'champion')).toBeUndefined();
  });

  test('a cancelled training ends with all that it started, and the next attempt goes on from its checkpoint', async () => {
    const train = [
      'import os, shutil, subprocess, time',
      'step = os.environ["CHECKPOINT_DIR"] + "/step"',
      'if os.path.exists(step):',
      '    shutil.copy(step, os.environ["MODEL_DIR"])',
      '    raise SystemExit',
      'open(step, "w").write("1")',
      'subprocess.Popen(["sleep", "600"])',
      'open(os.environ["MARK"], "w").write("here")',
      'time.sleep(600)',
    ];
    writeFileSync(at('models/tiny/code/train.py'), train.join('\n'));
    const sha = commit(repository, 'a training that takes long');
    const payload = { before: git(repository, 'rev-parse', 'HEAD^'), after: sha };
    const result = await run('on-main.yml', 'push', payload, sha, { cancelWhen: () => existsSync(mark()) });
    expect(existsSync(mark()), result.log).toBe(true);
    expect(result.log).toContain('The training command still runs: it is ended now.');
    expect(result.log).toContain('are kept for the next attempt');
    expect(result.leftRunning).toEqual([]);

    rmSync(join(folder, 'artifacts/on-main.yml'), { recursive: true });
    const again = await run('on-main.yml', 'push', payload, sha, { attempt: 2 });
    const training = records('on-main.yml', 'records-train-tiny').find(
      (record) => record.kind === 'TrainingRun',
    );
    expect(training, again.log).toMatchObject({
      outcome: 'succeeded',
      checkpoints: { resumedFrom: 'cache' },
    });
  });
});
