import { mkdtemp, readdir, readFile, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { recordHead, type Verdict } from '../records/envelope.ts';
import { md } from '../report/markdown.ts';
import { startGitHubServer } from '../testing/github-server.ts';
import { conduct, exitCodeOf, type Surroundings } from './conduct.ts';
import { type ActionResult, type Deps, defineAction } from './definition.ts';
import { fields } from './fields.ts';

const digest = `sha256:${'a'.repeat(64)}`;
let folder: string;
let lines: string[];
let outputs: Record<string, string>;
let summaries: string[];

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'conduct-')));
  lines = [];
  outputs = {};
  summaries = [];
});

function surroundings(raw: Record<string, string>): Surroundings {
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return {
    log: {
      info: say('info'),
      debug: say('debug'),
      notice: say('notice'),
      warning: say('warning'),
      error: say('error'),
      progress: say('progress'),
      mask: say('mask'),
      group: (_, work) => work(),
    },
    env: { RUNNER_TEMP: join(folder, 'temporary') },
    signal: new AbortController().signal,
    now: () => new Date(0),
    input: (name) => ({ name: 'flights', 'working-directory': folder, ...raw })[name],
    saveState: () => undefined,
    output: (name, value) => {
      outputs[name] = value;
    },
    summary: async (markdown) => void summaries.push(markdown),
  };
}

function action(run: (deps: Deps) => Promise<Partial<ActionResult> & { verdict: Verdict }>) {
  return defineAction({
    id: 'validate-data',
    kind: 'DataProfile',
    inputs: { data: fields.text({ default: 'x' }) },
    outputs: ['rows'],
    async run(inputs, deps) {
      const { verdict, ...rest } = await run(deps as Deps);
      const head = recordHead('DataProfile', {
        name: inputs.name,
        source: deps.source,
        createdAt: deps.now(),
        subject: digest,
        inputs: [],
        verdict,
        reason: 'One column is wrong.',
      });
      const record = {
        ...head,
        format: 'csv' as const,
        files: [],
        rowCount: 0,
        rejectedLines: 0,
        columns: [],
        chunks: [],
        approximate: [],
      };
      return { record, ...rest };
    },
    report: (record) => ({
      action: 'validate-data',
      name: record.name,
      verdict: record.verdict,
      cell: record.verdict,
      heading: 'one column is wrong',
      summary: md`Summary.`,
      details: [],
      footer: [],
    }),
  });
}

describe('a run that judges', () => {
  test('writes record, report, summary and outputs', async () => {
    const outcome = await conduct(
      action(async () => ({ verdict: 'pass', outputs: { rows: '3' } })),
      surroundings({}),
    );
    expect(outcome).toMatchObject({ exitCode: 0, verdict: 'pass' });
    const record = join(folder, 'mlops-records/flights/DataProfile-aaaaaaaaaaaa.json');
    expect(outputs).toEqual({ rows: '3', verdict: 'pass', record, report: record.replace('.json', '.md') });
    expect(await readFile(outputs.report!, 'utf8')).toContain('flights: one column is wrong');
    expect(summaries).toHaveLength(1);
    expect(await readdir(join(folder, 'mlops-records'))).toEqual(['flights', 'report.html']);
    expect(await readdir(join(folder, 'temporary'))).toEqual([]);
  });

  test('a failing verdict has its report before it fails the step', async () => {
    const outcome = await conduct(
      action(async () => ({ verdict: 'fail' })),
      surroundings({}),
    );
    expect(outcome.exitCode).toBe(1);
    expect(summaries).toHaveLength(1);
    expect(lines).toContain('error: One column is wrong.');
  });

  test('what judges no change says nothing in the pull request', async () => {
    const github = await startGitHubServer();
    const { headSha } = await github.openPullRequest('calibrated');
    const judges = (operation: string) => {
      const definition = action(async () => ({ verdict: 'pass' }));
      const run = surroundings({ 'github-token': github.token, operation });
      return conduct(
        { ...definition, operationsOutsidePullRequest: ['calibrate'] },
        { ...run, env: { ...run.env, ...github.environment({ sha: headSha }) } },
      );
    };
    const written = () => github.requests.filter(({ method }) => method !== 'GET');
    try {
      const before = written().length;
      await judges('calibrate');
      expect(written()).toHaveLength(before);
      await judges('evaluate');
      expect(written().length).toBeGreaterThan(before);
    } finally {
      await github.close();
    }
  });

  test('what follows the report may fail without changing the verdict', async () => {
    const afterReport = async () => Promise.reject(new Error('no network'));
    const outcome = await conduct(
      action(async () => ({ verdict: 'pass', afterReport })),
      surroundings({}),
    );
    expect(outcome.exitCode).toBe(0);
    expect(lines.find((line) => line.startsWith('warning:'))).toContain('no network');
  });
});

describe('a run that breaks', () => {
  test('by a mistake of the user: what, where and the cure, no stack', async () => {
    const mistake = new UserError('The file is empty.', {
      where: { file: 'a.csv', line: 1 },
      fix: 'Write rows.',
    });
    const outcome = await conduct(
      action(() => Promise.reject(mistake)),
      surroundings({}),
    );
    expect(outcome.exitCode).toBe(2);
    expect(outputs).toEqual({ verdict: 'error' });
    expect(lines.at(-1)).toBe('error: The file is empty.\nWhere: a.csv:1\nHow to mend it: Write rows.');
  });

  test('by a bug of ours: the stack and the cause are kept', async () => {
    const bug = new TypeError('x is undefined', { cause: new Error('deeper') });
    await conduct(
      action(() => Promise.reject(bug)),
      surroundings({}),
    );
    expect(lines.at(-1)).toMatch(/TypeError: x is undefined\n\s+at [\s\S]*Caused by: Error: deeper/);
  });

  test('by a wrong input, before anything is written', async () => {
    const outcome = await conduct(
      action(async () => ({ verdict: 'pass' })),
      surroundings({ comment: 'perhaps' }),
    );
    expect(outcome.exitCode).toBe(2);
    expect(lines.at(-1)).toContain('Input comment is wrong');
    expect(await readdir(folder)).toEqual([]);
  });

  test('by a working directory that is not there', async () => {
    const outcome = await conduct(
      action(async () => ({ verdict: 'pass' })),
      surroundings({ 'working-directory': '/nowhere' }),
    );
    expect(outcome.exitCode).toBe(2);
    expect(lines.at(-1)).toContain('/nowhere cannot be entered');
  });
});

test('the token is masked before anything else happens', async () => {
  await conduct(
    action(async () => ({ verdict: 'pass' })),
    surroundings({ 'github-token': 'secret-token' }),
  );
  expect(lines[0]).toBe('mask: secret-token');
});

test('exit codes follow fail-on, and a broken tool is always 2', () => {
  expect(exitCodeOf('fail', ['fail'])).toBe(1);
  expect(exitCodeOf('fail', [])).toBe(0);
  expect(exitCodeOf('inconclusive', ['fail'])).toBe(0);
  expect(exitCodeOf('inconclusive', ['fail', 'inconclusive'])).toBe(1);
  expect(exitCodeOf('error', [])).toBe(2);
});
