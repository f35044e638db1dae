/** Checks one after another, each on a machine that has never seen the one before. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../../shared/github/ledger.ts';
import type { DriftCheck } from '../../../shared/records/drift-check.ts';
import { RecordFolder } from '../../../shared/records/folder.ts';
import type { Deps } from '../../../shared/runtime/definition.ts';
import { createFakeRunner, type FakeRunner } from '../../../shared/testing/fake-runner.ts';
import { type GitHubServer, startGitHubServer } from '../../../shared/testing/github-server.ts';
import { sampleDrift } from '../../../shared/testing/sample-live-records.ts';
import { silentLog } from '../../../shared/testing/silent-log.ts';
import { actOnDrift } from './act-on-drift.ts';
import type { OnDrift, Wanted } from './wanted.ts';

const HOUR = 3_600_000;
const FIRST = Date.parse('2026-11-24T05:00:00Z');
const REPOSITORY = '/repos/octocat/flights';
const DIGEST = `sha256:${'9'.repeat(64)}`;

let github: GitHubServer;
let runner: FakeRunner;
let machines: number;
/** Of the newest commit on main. */
let sha: string;

beforeEach(async () => {
  github = await startGitHubServer();
  runner = await createFakeRunner();
  machines = 0;
  const main = await github.api<{ object: { sha: string } }>('GET', `${REPOSITORY}/git/ref/heads/main`);
  sha = main.object.sha;
});
afterEach(async () => {
  await Promise.all([github.close(), runner.close()]);
});

interface Check extends Partial<Wanted> {
  /** Hours after the first. */
  hour: number;
  name?: string;
  retrain?: boolean;
  verdict?: DriftCheck['verdict'];
  /** A folder of records that is kept between checks; otherwise each has a new one. */
  folder?: string;
  outsideGitHub?: boolean;
}

/** One check; what it said has `warning: ` and `notice: ` before it. */
async function check({
  hour,
  name = 'flights',
  retrain = true,
  verdict,
  folder,
  outsideGitHub,
  ...wanted
}: Check) {
  const said: string[] = [];
  machines += 1;
  const records = new RecordFolder(join(runner.workspace, folder ?? `machine-${machines}`), name);
  const now = new Date(FIRST + hour * HOUR);
  const sample = sampleDrift();
  const record: DriftCheck = {
    ...sample,
    name,
    createdAt: now.toISOString(),
    retrain,
    verdict: verdict ?? (retrain ? 'fail' : 'pass'),
    reason: retrain ? 'roc_auc fell' : 'nothing drifted',
    source: { ...sample.source, runUrl: `https://github.com/octocat/flights/actions/runs/${machines}` },
  };
  await records.write(record);
  const deps: Deps = {
    log: {
      ...silentLog,
      info: (message) => said.push(message),
      warning: (message) => said.push(`warning: ${message}`),
      notice: (message) => said.push(`notice: ${message}`),
    },
    signal: new AbortController().signal,
    env: outsideGitHub ? {} : github.environment({ sha }),
    now: () => now,
    source: record.source,
    records,
    temporaryFolder: runner.folder,
    cacheFolder: runner.folder,
    saveState: () => undefined,
  };
  const given = { token: github.token, workflow: undefined, coolDown: 24 * HOUR, ...wanted };
  await actOnDrift(record, { onDrift: ['issue', 'dispatch'], ...given }, deps, DIGEST);
  return { said: said.join('\n'), dispatches: github.dispatches.length, folder: records.path };
}

interface Issue {
  number: number;
  title: string;
  state: string;
  body: string;
}
const issues = () =>
  github.api<Issue[]>('GET', `/repos/${github.owner}/${github.repo}/issues?state=all&per_page=100`);
const issue = async () => {
  const [one, ...others] = await issues();
  expect(others).toEqual([]);
  return one!;
};
const edit = (number: number, body: string) =>
  github.api('PATCH', `/repos/${github.owner}/${github.repo}/issues/${number}`, { body });
/** What a reader sees, without what is hidden. */
const seen = (body: string) => body.replace(/<!--.*?-->\n?/gs, '');
const refuse = (when: (method: string, path: string) => boolean) => {
  github.options.refuse = (method, path) =>
    when(method, path) ? { status: 403, message: 'Resource not accessible by integration' } : undefined;
};
/** As for a token that may start a workflow, and write no ref. */
const writesNoRef = (method: string, path: string) => method === 'POST' && path.endsWith('/git/commits');

describe('issue and dispatch', () => {
  test('opened, held back within the cool-down, started again after it, closed with its history', async () => {
    expect(await check({ hour: 0 })).toMatchObject({
      dispatches: 1,
      said: expect.not.stringContaining('warning'),
    });
    expect(github.dispatches[0]!.body).toEqual({
      event_type: 'mlops-retrain',
      client_payload: {
        model: 'flights',
        reason: 'roc_auc fell',
        record: DIGEST,
        data: `sha256:${'d'.repeat(64)}`,
        checked_at: '2026-11-24T05:00:00.000Z',
      },
    });
    expect(await issue()).toMatchObject({ title: 'flights: drift asks for a retrain', state: 'open' });
    expect((await issue()).body).toContain(
      '**A retrain was started at 2026-11-24 05:00 UTC:** `mlops-retrain`.',
    );

    const held =
      'No retrain was started: one was at 2026-11-24 05:00 UTC (mlops-retrain), and the next may start after 2026-11-25 05:00 UTC.';
    const hourLater = await check({ hour: 1 });
    expect(hourLater).toMatchObject({ dispatches: 1, said: expect.stringContaining(`notice: ${held}`) });
    expect((await issue()).body).toContain(`**${held}**`);

    expect((await check({ hour: 23.9 })).dispatches).toBe(1);
    expect((await check({ hour: 24 })).dispatches).toBe(2);
    // The cool-down runs from the last started one, not from the last that was asked for.
    expect((await check({ hour: 25 })).dispatches).toBe(2);

    expect((await check({ hour: 26, retrain: false })).dispatches).toBe(2);
    const closed = await issue();
    expect(closed).toMatchObject({ state: 'closed' });
    expect(closed.body).toContain('The last 6 checks, from 2026-11-24 05:00 UTC to 2026-11-25 07:00 UTC');
    const table = seen(closed.body)
      .split('\n')
      .filter((line) => line.startsWith('| [2026-'));
    expect(table.map((line) => line.split(' | ').slice(1, 3))).toEqual([
      ['✅ pass', '–'],
      ['❌ fail', 'held back'],
      ['❌ fail', 'started'],
      ['❌ fail', 'held back'],
      ['❌ fail', 'held back'],
      ['❌ fail', 'started'],
    ]);
    expect(table[0]).toContain('https://github.com/octocat/flights/actions/runs/6');
    // Drift that comes back soon does not start another retrain either.
    expect((await check({ hour: 27 })).dispatches).toBe(2);
    expect(await issue()).toMatchObject({ state: 'open' });
  });

  test('a refused dispatch starts no cool-down', async () => {
    refuse((method, path) => method === 'POST' && path.endsWith('/dispatches'));
    expect(await check({ hour: 0 })).toMatchObject({
      dispatches: 0,
      said: expect.stringContaining('permissions: contents: write'),
    });
    expect((await issue()).body).toContain(
      '**No retrain was started:** Nothing was dispatched: GitHub answered',
    );
    github.options.refuse = undefined;
    expect((await check({ hour: 1 })).dispatches).toBe(1);
  });

  test('a refused issue does not keep the retrain from being started, and it is said what is lost', async () => {
    refuse((method, path) => path.endsWith('/issues') || writesNoRef(method, path));
    const { said, dispatches } = await check({ hour: 0 });
    expect(dispatches).toBe(1);
    expect(said).toContain('permissions: issues: write');
    expect(said).toContain('Whether a retrain was started within the cool-down of 1 d is not known');
    refuse((method, path) => method !== 'GET' && /\/(issues|commits)$/.test(path));
    const later = await check({ hour: 1 });
    expect(later.dispatches).toBe(2);
    expect(later.said).toContain('could not be written into the drift issue, which keeps the cool-down');
  });

  test('models do not share a cool-down', async () => {
    refuse(writesNoRef);
    await check({ hour: 0 });
    expect((await check({ hour: 1, name: 'churn' })).dispatches).toBe(2);
    expect((await check({ hour: 1.5 })).dispatches).toBe(2);
    expect((await issues()).map(({ title }) => title).sort()).toEqual([
      'churn: drift asks for a retrain',
      'flights: drift asks for a retrain',
    ]);
    // One model's memory pasted into another's issue is not taken for its own.
    const [churn, flights] = (await issues()).sort((a, b) => (a.title < b.title ? -1 : 1));
    await edit(
      churn!.number,
      churn!.body.replace(/<!-- mlops-actions:drift-memory.*-->/, hiddenOf(flights!.body)),
    );
    const confused = await check({ hour: 2, name: 'churn' });
    expect(confused).toMatchObject({
      dispatches: 3,
      said: expect.stringContaining('it is of the model flights'),
    });
  });

  const hiddenOf = (body: string) => /<!-- mlops-actions:drift-memory.*-->/.exec(body)![0];

  test.each([
    ['cut off', (hidden: string) => hidden.replace('"checks":[{', '"checks":[{{'), 'it is damaged'],
    [
      'of another version',
      (hidden: string) => hidden.replace('"version":1', '"version":2'),
      'it is damaged, or was written by another version',
    ],
    [
      'of the future',
      (hidden: string) => hidden.replaceAll('2026\\u002d11\\u002d24T05', '2031\\u002d11\\u002d24T05'),
      'it speaks of the future',
    ],
    [
      'no instant',
      (hidden: string) => hidden.replace(/"request":\{"at":"[^"]*"/, '"request":{"at":"always"'),
      'it is damaged',
    ],
  ])('a memory that is %s counts as absent, and it is said', async (_, damage, why) => {
    refuse(writesNoRef);
    await check({ hour: 0 });
    const { number, body } = await issue();
    const damaged = body.replace(hiddenOf(body), damage(hiddenOf(body)).replaceAll('$', '$$$$'));
    expect(damaged).not.toBe(body);
    await edit(number, damaged);
    const { said, dispatches } = await check({ hour: 1 });
    expect(dispatches).toBe(2);
    expect(said).toContain(`warning: What the drift issue remembers of earlier checks is not used: ${why}`);
    // It is whole again.
    expect(await check({ hour: 2 })).toMatchObject({
      dispatches: 2,
      said: expect.not.stringContaining('warning'),
    });
  });

  test('an issue from before there was a memory is taken over', async () => {
    refuse(writesNoRef);
    await check({ hour: 0 });
    const { number, body } = await issue();
    await edit(number, body.replace(`${hiddenOf(body)}\n`, ''));
    expect(await check({ hour: 1 })).toMatchObject({
      dispatches: 2,
      said: expect.not.stringContaining('warning'),
    });
    expect((await check({ hour: 2 })).dispatches).toBe(2);
  });

  test('of checks at the same moment one starts the retrain, and the others say so', async () => {
    const checks = await Promise.all([0, 0, 0].map((hour) => check({ hour })));
    expect(github.dispatches).toHaveLength(1);
    expect(checks.filter(({ said }) => said.includes('Sent the event'))).toHaveLength(1);
    expect(checks.filter(({ said }) => said.includes('notice: No retrain was started'))).toHaveLength(2);
    // Whoever wrote the issue last remembers the retrain.
    refuse(writesNoRef);
    expect((await check({ hour: 1 })).dispatches).toBe(1);
  });

  test('a retrain that another check starts after this one has looked holds this one back', async () => {
    let others = 0;
    github.options.answer = (method, path) => {
      // The ledger was read, and nothing was in it: now another check is first.
      if (method === 'POST' && path.endsWith('/git/commits') && others++ === 0) {
        first = check({ hour: 0, onDrift: ['dispatch'] });
      }
      return undefined;
    };
    let first: ReturnType<typeof check> | undefined;
    const second = await check({ hour: 0, onDrift: ['dispatch'] });
    const said = [(await first!).said, second.said].join('\n');
    expect(said.match(/Sent the event/g)).toHaveLength(1);
    expect(said.match(/No retrain was started: one was at/g)).toHaveLength(1);
  });

  test('a ledger that people have written into counts as absent, and it is said', async () => {
    const onDrift: OnDrift[] = ['dispatch'];
    await check({ hour: 0, onDrift });
    const place = { env: github.environment({ sha }), token: github.token };
    for (const text of ['hello', '{"version":1,"name":"churn","request":null}', '{"version":2}']) {
      await (await openLedger({ ...place, ref: 'mlops-actions/retrain/flights' }))!.append(text);
      const { said, dispatches } = await check({ hour: 1, onDrift });
      expect(said).toContain('refs/mlops-actions/retrain/flights is damaged or speaks of the future');
      expect(dispatches).toBe(github.dispatches.length);
      github.dispatches.length = 0;
    }
  });

  test('a check that cannot tell closes nothing', async () => {
    await check({ hour: 0 });
    await check({ hour: 1, retrain: false, verdict: 'inconclusive' });
    expect(await issue()).toMatchObject({ title: 'flights: drift cannot be told', state: 'open' });
    await check({ hour: 2, retrain: false, verdict: 'fail' });
    expect(await issue()).toMatchObject({ state: 'open' });
    await check({ hour: 3, retrain: false, verdict: 'warn' });
    expect(await issue()).toMatchObject({ state: 'closed' });
  });

  test('without a cool-down each check starts a retrain', async () => {
    for (const hour of [0, 1, 2]) {
      expect((await check({ hour, coolDown: 0 })).dispatches).toBe(hour + 1);
    }
  });

  test('clocks that differ by minutes neither lose nor lengthen the cool-down', async () => {
    await check({ hour: 0 });
    const early = await check({ hour: -0.1 });
    expect(early).toMatchObject({ dispatches: 1, said: expect.not.stringContaining('warning') });
  });
});

describe('dispatch alone', () => {
  const onDrift: OnDrift[] = ['dispatch'];

  test('the folder of records keeps the cool-down, where it is kept', async () => {
    const first = await check({ hour: 0, onDrift, folder: 'kept' });
    expect(first.dispatches).toBe(1);
    expect(await readdir(first.folder)).toContain('retrain-request.json');
    expect(await check({ hour: 1, onDrift, folder: 'kept' })).toMatchObject({
      dispatches: 1,
      said: expect.stringContaining('the next may start after 2026-11-25 05:00 UTC'),
    });
    const later = await check({ hour: 30, onDrift, folder: 'kept' });
    expect(later).toMatchObject({ dispatches: 2, said: expect.not.stringContaining('warning') });
    expect(await issues()).toEqual([]);
  });

  test('a new machine knows of the cool-down', async () => {
    expect((await check({ hour: 0, onDrift })).dispatches).toBe(1);
    expect(await check({ hour: 1, onDrift })).toMatchObject({
      dispatches: 1,
      said: expect.stringContaining('notice: No retrain was started: one was at 2026-11-24 05:00 UTC'),
    });
    expect((await check({ hour: 1, onDrift, name: 'churn' })).dispatches).toBe(2);
    expect(await check({ hour: 24, onDrift })).toMatchObject({
      dispatches: 3,
      said: expect.not.stringContaining('warning'),
    });
  });

  test('where no ref may be written a new machine says that no cool-down is known of', async () => {
    refuse(writesNoRef);
    for (const hour of [0, 1]) {
      const { said, dispatches } = await check({ hour, onDrift });
      expect(dispatches).toBe(hour + 1);
      expect(said).toMatch(
        /warning: Whether a retrain was started .* Add "permissions: contents: write" to the job, add issue/,
      );
    }
    expect((await check({ hour: 2, onDrift, coolDown: 0 })).said).not.toContain('warning');
  });

  test('nothing is sent or said while no retrain is asked for', async () => {
    expect(await check({ hour: 0, onDrift, retrain: false })).toMatchObject({ dispatches: 0, said: '' });
  });
});

test('a workflow is started by name, told what it declares, and held back in the same way', async () => {
  await github.api('PUT', `/repos/${github.owner}/${github.repo}/contents/.github/workflows/retrain.yml`, {
    message: 'retrain',
    content: Buffer.from(
      'on:\n  workflow_dispatch:\n    inputs: {model: {required: true}, reason: {}}\njobs: {}\n',
    ).toString('base64'),
  });
  const workflow = { file: 'retrain.yml' };
  const { said } = await check({ hour: 0, workflow });
  expect(said).toContain('Started the workflow retrain.yml at main.');
  expect(said).toContain('was not told record, data, checked_at, for which it declares no input');
  expect(github.dispatches).toMatchObject([
    { path: expect.stringContaining('/workflows/retrain.yml/'), body: { inputs: { model: 'flights' } } },
  ]);
  expect(await check({ hour: 1, workflow })).toMatchObject({
    dispatches: 1,
    said: expect.stringContaining('one was at 2026-11-24 05:00 UTC (retrain.yml)'),
  });
});

test('the issue alone starts nothing and knows no cool-down', async () => {
  const { said, dispatches, folder } = await check({ hour: 0, onDrift: ['issue'] });
  expect(dispatches).toBe(0);
  expect(said).not.toContain('warning');
  expect((await issue()).body).not.toMatch(/retrain was started/i);
  const [file] = (await readdir(folder)).filter((name) => name.startsWith('drift-issue-'));
  expect(await readFile(join(folder, file!), 'utf8')).toContain('# flights: drift asks for a retrain');
});

test('records that lie in the folder are part of the history from the first issue on', async () => {
  for (const hour of [0, 1]) await check({ hour, onDrift: [], retrain: false, folder: 'kept' });
  await check({ hour: 2, onDrift: ['issue'], folder: 'kept' });
  expect((await issue()).body).toContain('The last 3 checks, from 2026-11-24 05:00 UTC');
});

test('outside GitHub it is said that nothing was written or sent', async () => {
  const { said } = await check({ hour: 0, outsideGitHub: true });
  expect(said).toContain('warning: No issue was written: this is no GitHub workflow.');
  expect(said).toContain('warning: Nothing was dispatched: this is no GitHub workflow.');
});
