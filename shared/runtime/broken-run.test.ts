import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { recordHead } from '../records/envelope.ts';
import { md } from '../report/markdown.ts';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { conduct } from './conduct.ts';
import { defineAction } from './definition.ts';
import { fields } from './fields.ts';

let github: GitHubServer;
let folder: string;
let lines: string[];
let summaries: string[];
let cancel: AbortController;
let pulls = 0;

beforeAll(async () => {
  github = await startGitHubServer();
  folder = await mkdtemp(join(tmpdir(), 'broken-run-'));
});

beforeEach(() => {
  [lines, summaries] = [[], []];
  cancel = new AbortController();
});

afterAll(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

/** A gate that passes, or ends as it is told to. */
const gate = (fail?: () => never) =>
  defineAction({
    id: 'evaluate-gate',
    kind: 'DataProfile',
    inputs: {
      operation: fields.choice(['evaluate', 'calibrate'], { default: 'evaluate' }),
      draws: fields.integer({ default: '1', min: 1, max: 9 }),
    },
    operationsOutsidePullRequest: ['calibrate'],
    outputs: [],
    async run({ name }, { source, now }) {
      fail?.();
      const head = { name, source, createdAt: now(), subject: `sha256:${'a'.repeat(64)}`, inputs: [] };
      const profile = { format: 'csv' as const, files: [], rowCount: 0, rejectedLines: 0 };
      const lists = { columns: [], chunks: [], approximate: [] };
      const record = recordHead('DataProfile', { ...head, verdict: 'pass', reason: '' });
      return { record: { ...record, ...profile, ...lists } };
    },
    report: ({ name, verdict }) => ({
      action: 'evaluate-gate',
      name,
      verdict,
      cell: verdict,
      heading: 'safe to merge',
      summary: md`As it should be.`,
      details: [],
      footer: [],
    }),
  });

function run(definition: ReturnType<typeof gate>, sha: string, raw: Record<string, string> = {}) {
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const texts: Record<string, string> = {
    name: 'flights',
    'working-directory': folder,
    'github-token': github.token,
    ...raw,
  };
  return conduct(definition, {
    log: {
      info: say('info'),
      debug: say('debug'),
      notice: say('notice'),
      warning: say('warning'),
      error: say('error'),
      progress: say('progress'),
      mask: () => undefined,
      group: (_, work) => work(),
    },
    env: { RUNNER_TEMP: folder, ...github.environment({ sha }), GITHUB_RUN_ID: '7' },
    signal: cancel.signal,
    now: () => new Date(0),
    input: (name) => texts[name],
    saveState: () => undefined,
    output: () => undefined,
    summary: async (markdown) => void summaries.push(markdown),
  });
}

const path = (rest: string) => `/repos/${github.owner}/${github.repo}/${rest}`;
const comments = (number: number) => github.api<{ body: string }[]>('GET', path(`issues/${number}/comments`));

/** A pull request whose gate has passed, by its number and head. */
async function passed() {
  const pull = await github.openPullRequest(`change-${++pulls}`);
  await run(gate(), pull.headSha);
  expect((await comments(pull.number))[0]!.body).toContain('safe to merge');
  return pull;
}

function broken(message: string) {
  return gate(() => {
    throw new UserError(message, {
      where: { file: 'predictions.csv', line: 3, key: 'y_score' },
      fix: 'Write plain numbers.',
    });
  });
}

test('the verdict that stood there is replaced by what broke, where, and how to mend it', async () => {
  const pull = await passed();
  expect(await run(broken('The file is cut off.'), pull.headSha)).toEqual({ exitCode: 2, verdict: 'error' });
  const written = await comments(pull.number);
  expect(written).toHaveLength(1);
  const { body } = written[0]!;
  expect(body).not.toContain('safe to merge');
  expect(body).toContain('flights: this commit could not be judged');
  expect(body).toContain('**The file is cut off.**');
  expect(body).toContain('Where: `predictions.csv:3, key y_score`');
  expect(body).toContain('How to mend it: Write plain numbers.');
  expect(body).toContain(`commit \`${pull.headSha.slice(0, 12)}\``);
  expect(summaries.at(-1)).toContain('**The file is cut off.**');
  const { check_runs } = await github.api<{ check_runs: { id: number; conclusion: string }[] }>(
    'GET',
    path(`commits/${pull.headSha}/check-runs`),
  );
  expect(check_runs.sort((a, b) => a.id - b.id).at(-1)!.conclusion).toBe('failure');
});

test('what a file says is shown as text, shortened, and what a program printed is left to the log', async () => {
  const pull = await passed();
  const hostile = `It holds "</details><img src=x> @everyone ::error::x ${'long '.repeat(5000)}".\nTOKEN=secret`;
  await run(broken(hostile), pull.headSha);
  const { body } = (await comments(pull.number))[0]!;
  expect(body).toContain('this commit could not be judged');
  expect(body).toContain('&lt;img src=x&gt;');
  for (const text of [body, summaries.at(-1)!]) {
    expect(text).not.toMatch(/<img|@everyone|::error|secret/);
    expect(text.length).toBeLessThan(10_000);
    expect(text).toContain('The log of the run says more.');
  }
});

test('of a bug the kind is told, and its text only to the log, where secrets are masked', async () => {
  const pull = await passed();
  const bug = gate(() => {
    throw new TypeError('x of https://user:secret@host is undefined');
  });
  await run(bug, pull.headSha);
  const { body } = (await comments(pull.number))[0]!;
  expect(body).toContain('**The action itself broke: TypeError.**');
  expect(body).not.toContain('secret');
  expect(lines.find((line) => line.startsWith('error:'))).toContain('is undefined');
});

test('a wrong input is told there too, since it comes with a commit as well', async () => {
  const pull = await passed();
  await run(gate(), pull.headSha, { draws: 'many' });
  expect((await comments(pull.number))[0]!.body).toContain('Input draws is wrong');
});

test.each([
  ['an operation that judges no change', { operation: 'calibrate' }],
  ['comment: never', { comment: 'never' }],
  ['a name that is none', { name: 'Not A Name' }],
])('with %s the comment is left alone', async (_, raw) => {
  const pull = await passed();
  const before = await comments(pull.number);
  expect(await run(broken('The file is cut off.'), pull.headSha, raw)).toMatchObject({ exitCode: 2 });
  expect(await comments(pull.number)).toEqual(before);
});

test('where no comment can be written, the run ends in the same way and says why', async () => {
  const pull = await passed();
  expect(await run(broken('The file is cut off.'), pull.headSha, { 'github-token': '' })).toMatchObject({
    exitCode: 2,
  });
  expect(lines.some((line) => line.startsWith('warning: No comment was written'))).toBe(true);
  expect(lines.some((line) => line.startsWith('error: The file is cut off.'))).toBe(true);
});

test('a cancelled run says so in one line, and writes nothing', async () => {
  const pull = await passed();
  const before = await comments(pull.number);
  const cancelled = gate(() => {
    cancel.abort(new Error('The run was cancelled (SIGINT).'));
    throw new DOMException('The operation was aborted', 'AbortError');
  });
  summaries = [];
  expect(await run(cancelled, pull.headSha)).toMatchObject({ exitCode: 2 });
  expect(lines.filter((line) => line.startsWith('error:'))).toEqual([
    'error: evaluate-gate: The run was cancelled (SIGINT). Nothing was judged or reported.',
  ]);
  expect(summaries).toEqual([]);
  expect(await comments(pull.number)).toEqual(before);
});
