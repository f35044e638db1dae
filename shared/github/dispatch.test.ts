import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { type GitHubServer, startGitHubServer } from '../testing/github-server.ts';
import { declaredInputs } from './declared-inputs.ts';
import { dispatchRepository, dispatchWorkflow } from './dispatch.ts';

let github: GitHubServer;

beforeEach(async () => {
  github = await startGitHubServer();
});

afterEach(async () => {
  await github.close();
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

describe('a workflow by name', () => {
  const values = { model: 'flights', reason: 'it fell', record: `sha256:${'1'.repeat(64)}` };
  const options = () => ({
    env: github.environment({ sha: 'a'.repeat(40) }),
    token: github.token,
    workflow: 'retrain.yml',
    values,
  });

  async function write(workflow: string): Promise<void> {
    await github.api('PUT', `/repos/${github.owner}/${github.repo}/contents/.github/workflows/retrain.yml`, {
      message: 'a workflow',
      content: Buffer.from(workflow).toString('base64'),
    });
  }
  const takes = (inputs: string) => `on:\n  workflow_dispatch:\n    inputs: ${inputs}\njobs: {}\n`;

  test('is told what it declares, at the default branch, on servers that name the run and on others', async () => {
    await write(takes('{model: {required: true}, reason: }'));
    expect(await dispatchWorkflow(options())).toEqual({
      outcome: 'dispatched',
      ref: 'main',
      notTaken: ['record'],
    });
    expect(github.dispatches).toEqual([
      {
        path: `/repos/${github.owner}/${github.repo}/actions/workflows/retrain.yml/dispatches`,
        body: {
          ref: 'main',
          inputs: { model: 'flights', reason: 'it fell' },
          return_run_details: true,
        },
      },
    ]);
    const runUrl = 'https://github.com/octocat/flights/actions/runs/9';
    github.options.answer = (method, path) =>
      method === 'POST' && path.endsWith('/dispatches')
        ? { workflow_run_id: 9, html_url: runUrl }
        : undefined;
    expect(await dispatchWorkflow({ ...options(), ref: 'main' })).toMatchObject({ ref: 'main', runUrl });
  });

  test('is started by servers that do not know the question for its run', async () => {
    await write('on: [push, workflow_dispatch]\njobs: {}\n');
    let first = true;
    github.options.refuse = (method, path) => {
      if (method !== 'POST' || !path.endsWith('/dispatches') || !first) return undefined;
      first = false;
      return { status: 422, message: 'Invalid request. "return_run_details" is not a permitted key.' };
    };
    expect((await dispatchWorkflow(options())).outcome).toBe('dispatched');
    expect(github.dispatches).toMatchObject([{ body: { ref: 'main', inputs: {} } }]);
  });

  test.each([
    ['there is none', undefined, /no workflow .github\/workflows\/retrain.yml at main/, /contents: read/],
    [
      'it is not started by name',
      'on: push\njobs: {}\n',
      /has no workflow_dispatch/,
      /Add workflow_dispatch/,
    ],
    [
      'it requires what is not known',
      takes('{gpu: {required: true}}'),
      /requires gpu/,
      /model, reason, record/,
    ],
    ['it is broken', 'on: [', /not valid YAML/, /syntax/],
  ])('%s', async (_, workflow, what, fix) => {
    if (workflow !== undefined) await write(workflow);
    const error = await dispatchWorkflow(options()).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(what);
    expect((error as UserError).fix).toMatch(fix);
    expect(github.dispatches).toEqual([]);
  });

  test('a refusal says what to mend', async () => {
    await write(takes('{model: {type: choice, options: [churn]}}'));
    const refuse = (status: number, message: string) => {
      github.options.refuse = (method) => (method === 'POST' ? { status, message } : undefined);
    };
    refuse(403, 'Resource not accessible by integration');
    await expect(dispatchWorkflow(options())).rejects.toMatchObject({
      fix: 'Add "permissions: actions: write" to the job.',
    });
    refuse(422, "Provided value 'flights' for input 'model' not in the list of allowed values");
    await expect(dispatchWorkflow(options())).rejects.toMatchObject({
      message: expect.stringContaining('not in the list of allowed values'),
      fix: 'Mend what GitHub names.',
    });
  });
});

test('all ways to write triggers', async () => {
  const of = (text: string) => declaredInputs(text, 'x.yml');
  for (const text of ['on: workflow_dispatch', 'on: [workflow_dispatch]', 'on: {workflow_dispatch: }']) {
    expect(await of(`${text}\n`)).toEqual({ names: [], required: [] });
  }
  expect(
    await of(
      'on: {push: , workflow_dispatch: {inputs: {a: , b: {required: true}, c: {required: true, default: x}}}}',
    ),
  ).toEqual({ names: ['a', 'b', 'c'], required: ['b'] });
});
