import { expect, test } from 'vitest';
import { md } from '../report/markdown.ts';
import { writeCheckRun } from './check-run.ts';
import { createClient } from './client.ts';
import { type LiveCheckOptions, startLiveCheck } from './live-check-run.ts';

const SHA = 'a'.repeat(40);
const env = { GITHUB_REPOSITORY: 'o/r', GITHUB_SHA: SHA, GITHUB_RUN_ID: '5' };

interface Call {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

/** GitHub as far as check runs go. */
function github(status = 201) {
  const calls: Call[] = [];
  const send: typeof fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    const method = init?.method ?? 'GET';
    if (path.endsWith('/pulls')) return Response.json([]);
    calls.push({ method, path, body: JSON.parse(String(init?.body ?? '{}')) });
    return Response.json({ id: 77, message: 'refused', app: null, html_url: null }, { status });
  };
  return { calls, send };
}

function options(send: typeof fetch, more: Partial<LiveCheckOptions> = {}): LiveCheckOptions {
  return {
    action: 'train-on-gpu-runner',
    name: 'demo',
    env,
    token: 't',
    everyMs: 1_000_000,
    report: () => ({ title: 'training', summary: md`step ${1}` }),
    warn: () => undefined,
    fetch: send,
    ...more,
  };
}

test('one check run is made, brought up to date when something changed, and concluded by the report', async () => {
  const { calls, send } = github();
  let step = 1;
  const live = (await startLiveCheck(
    options(send, { report: () => ({ title: 'training', summary: md`step ${step}` }) }),
  ))!;
  await live.update();
  step = 2;
  await live.update();
  await live.finish();
  const client = await createClient({ token: 't', env, fetch: send });
  const context = { owner: 'o', repo: 'r', headSha: SHA, runUrl: undefined, eventName: '', event: {} };
  const section = {
    ...{ action: 'train-on-gpu-runner' as const, name: 'demo', verdict: 'pass' as const },
    ...{ cell: '1 s', heading: 'trained', summary: md`done`, details: [], footer: [] },
  };
  await writeCheckRun(client, context, SHA, section);
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /repos/o/r/check-runs',
    'PATCH /repos/o/r/check-runs/77',
    'PATCH /repos/o/r/check-runs/77',
  ]);
  expect(calls[0]!.body).toMatchObject({
    status: 'in_progress',
    head_sha: SHA,
    name: 'train-on-gpu-runner: demo',
  });
  expect(calls[1]!.body.output).toEqual({ title: 'training', summary: 'step 2' });
  expect(calls[2]!.body).toMatchObject({ status: 'completed', conclusion: 'neutral' });
  await writeCheckRun(client, context, SHA, section);
  expect(calls.at(-1)!.method).toBe('POST');
});

test('a cancelled run concludes it itself', async () => {
  const { calls, send } = github();
  const live = (await startLiveCheck(options(send)))!;
  await live.cancel();
  expect(calls.at(-1)).toMatchObject({
    method: 'PATCH',
    body: { status: 'completed', conclusion: 'cancelled' },
  });
});

test('a denied permission is one warning, and without a workflow or a token there is nothing', async () => {
  const warnings: string[] = [];
  const { send } = github(403);
  expect(await startLiveCheck(options(send, { warn: (text) => warnings.push(text) }))).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining('checks: write')]);
  expect(await startLiveCheck(options(send, { env: {} }))).toBeUndefined();
  expect(await startLiveCheck(options(send, { token: '' }))).toBeUndefined();
});
