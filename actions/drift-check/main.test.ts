/** The action on real files, with the real engine. */
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEngine } from '../../shared/data/engine.ts';
import { profileTable } from '../../shared/data/profile.ts';
import { loadTable, resolveData } from '../../shared/data/source.ts';
import type { DriftCheck } from '../../shared/records/drift-check.ts';
import { recordHead } from '../../shared/records/envelope.ts';
import { RecordFolder } from '../../shared/records/folder.ts';
import { RECORD_FILE } from '../../shared/registries/packaged-model.ts';
import { formatModelUri, openRegistry, parseRegistry } from '../../shared/registries/registry.ts';
import type { Deps } from '../../shared/runtime/definition.ts';
import { readInputs } from '../../shared/runtime/inputs.ts';
import { createFakeRunner, type FakeRunner } from '../../shared/testing/fake-runner.ts';
import { startGitHubServer } from '../../shared/testing/github-server.ts';
import { definition } from './main.ts';
import { normalNumbers, randomNumbers } from './test-tables.ts';

let runner: FakeRunner;
let messages: string[];
beforeEach(async () => {
  runner = await createFakeRunner();
  messages = [];
});
afterEach(() => runner.close());

const at = (name: string) => join(runner.workspace, name);
const DAY = 86_400_000;

function deps(env: NodeJS.ProcessEnv = {}): Deps {
  const say = (message: string) => messages.push(message);
  return {
    log: {
      info: say,
      debug: say,
      warning: say,
      error: say,
      notice: say,
      progress: () => undefined,
      group: (_title, work) => work(),
      mask: () => undefined,
    },
    signal: new AbortController().signal,
    env: { ...process.env, GITHUB_REPOSITORY: '', ...env },
    now: () => new Date('2001-07-01T00:00:00Z'),
    source: { repository: null, commit: null, runUrl: null },
    records: new RecordFolder(at('records'), 'flights'),
    temporaryFolder: join(runner.folder, 'temporary'),
    cacheFolder: process.env.RUNNER_TOOL_CACHE ?? join(homedir(), '.cache', 'mlops-actions'),
    saveState: () => undefined,
  };
}

async function check(given: Record<string, string>, env?: NodeJS.ProcessEnv) {
  const inputs = readInputs(definition.inputs, (name) => ({ name: 'flights', ...given })[name]);
  const result = await definition.run(inputs, deps(env));
  return { ...result, record: result.record as DriftCheck };
}

interface Rows {
  first: string;
  days: number;
  seed: number;
  broken?: boolean;
  shift?: number;
  /** Left out of the header. */
  without?: string[];
}

/** Writes 60 flights a day as CSV, and their labels beside them. The rows are in no order. */
async function writeRows(name: string, rows: Rows): Promise<void> {
  const random = randomNumbers(rows.seed);
  const normal = normalNumbers(random);
  const header = ['flight_id', 'date', 'delay', 'origin', 'wet', 'score'];
  const kept = header.filter((column) => !rows.without?.includes(column));
  const lines: string[] = [];
  const labels: string[] = [];
  for (let row = 0; row < rows.days * 60; row++) {
    const x = normal() + (rows.shift ?? 0);
    const score = 1 / (1 + Math.exp(1 - 1.5 * x));
    const id = `${name}-${row}`;
    const cells: Record<string, string> = {
      flight_id: id,
      date: new Date(Date.parse(rows.first) + (row / 60) * DAY).toISOString().slice(0, 10),
      delay: x.toFixed(6),
      origin: ['ORD', 'ATL', 'DFW', ''][Math.floor(random() * 4)]!,
      wet: String(random() < 0.3),
      score: score.toFixed(6),
    };
    lines.push(kept.map((column) => cells[column]).join(','));
    labels.push(`${id},${random() < (rows.broken ? 0.3 : score) ? 1 : 0}`);
  }
  lines.reverse();
  await writeFile(at(`${name}.csv`), `${kept.join(',')}\n${lines.join('\n')}\n`);
  await writeFile(at(`${name}-labels.csv`), `flight_id,late\n${labels.join('\n')}\n`);
}

const POLICY = `version: 1
columns: {id: flight_id, timestamp: date, y_true: late, y_score: score}
performance: [{name: roc_auc, margin: 0.02}]
`;

async function flights(data: Omit<Rows, 'first' | 'days' | 'seed'> = {}): Promise<Record<string, string>> {
  await writeRows('before', { first: '2001-01-29', days: 56, seed: 1 });
  await writeRows('now', { first: '2001-04-02', days: 21, seed: 2, ...data });
  await writeFile(at('drift.yaml'), POLICY);
  return {
    reference: at('before.csv'),
    data: at('now.csv'),
    labels: `${at('before-labels.csv')},${at('now-labels.csv')}`,
    policy: at('drift.yaml'),
    chunk: '7d',
  };
}

describe('rows', () => {
  test('weeks in order from unordered rows, labels joined: nothing to say', async () => {
    const { record, outputs } = await check(await flights());
    expect(record).toMatchObject({ verdict: 'pass', retrain: false });
    expect(outputs?.retrain).toBe('false');
    expect(record.rows).toEqual({ reference: 3360, data: 1260, labelledReference: 3360, labelledData: 1260 });
    expect(record.columns.map((column) => [column.name, column.kind, column.role])).toEqual([
      ['delay', 'numeric', 'feature'],
      ['origin', 'categorical', 'feature'],
      ['wet', 'boolean', 'feature'],
      ['score', 'numeric', 'prediction'],
    ]);
    expect(record.chunks.map((chunk) => chunk.rows)).toEqual(new Array(11).fill(420));
    expect(record.chunks[8]!.start).toBe('2001-04-02T00:00:00.000Z');
    expect(record.inputs.map((input) => input.role)).toEqual(['reference', 'data', 'labels', 'policy']);
    expect(record.columns[1]!.reference!.nullShare).toBeGreaterThan(0.2);
  });

  test('the record is written, read back and reported', async () => {
    const { record } = await check(await flights({ broken: true }));
    const folder = new RecordFolder(at('records'), 'flights');
    expect(await folder.write(record)).toMatch(/DriftCheck-[0-9a-f]{12}-20010701T000000Z\.json$/);
    expect(await folder.read('DriftCheck')).toEqual(record);
    expect(definition.report(record).heading).toBe('a retrain is asked for');
  });

  test('labels that no longer follow the score ask for a retrain', async () => {
    const { record, outputs } = await check(await flights({ broken: true }));
    expect(record.verdict).toBe('fail');
    expect(outputs).toEqual({ retrain: 'true', reason: record.reason });
    expect(record.reason).toMatch(/roc_auc fell to 0\.\d+ in the chunk from 2001-04-/);
  });

  test('without labels what is known is said, and no more', async () => {
    const { labels: _, ...given } = await flights({ shift: 0.6 });
    const { record } = await check(given);
    expect(record).toMatchObject({ verdict: 'warn', retrain: false });
    expect(record.reason).toContain('real performance is not known yet');
  });

  test('labels may lie in the data, and late ones fill the rest', async () => {
    const given = await flights();
    const rows = (await readFile(at('before.csv'), 'utf8')).trim().split('\n');
    const labels = new Map(
      (await readFile(at('before-labels.csv'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split(',') as [string, string]),
    );
    const joined = rows.map(
      (row, index) => `${row},${index === 0 ? 'late' : labels.get(row.split(',')[0]!)}`,
    );
    await writeFile(at('before.csv'), `${joined.join('\n')}\n`);
    const { record } = await check({ ...given, labels: at('now-labels.csv') });
    expect(record.rows).toMatchObject({ labelledReference: 3360, labelledData: 1260 });
    expect(record.columns.some((column) => column.name === 'late')).toBe(false);
  });

  test('a column that is gone fails by name', async () => {
    const { record } = await check(await flights({ without: ['origin'] }));
    expect(record.verdict).toBe('fail');
    expect(record.reason).toContain('Column origin is missing from the data');
  });

  test('importance comes from a file', async () => {
    await writeFile(at('importance.json'), '{"delay": 0.9, "origin": 0.1, "carrier": 0.5}');
    const { record } = await check({ ...(await flights()), importance: at('importance.json') });
    expect(record.columns[0]).toMatchObject({ importance: 0.9, important: true });
    expect(record.notes.join(' ')).toContain('carrier');
  });
});

describe('what a person can mend', () => {
  test.each([
    ['a misspelt feature', 'features: {dely: {min_effect: 0.2}}', /features: dely is not in the reference/],
    ['an unknown metric', 'performance: [{name: roc_au}]', /There is no metric "roc_au"/],
    ['a misspelt role', 'columns: {y_true: late, y_score: scor}', /y_score: scor is not in the reference/],
    ['a metric without its column', 'performance: [{name: roc_auc}]', /roc_auc needs columns.y_true/],
    ['an unknown key', 'colums: {}', /colums/],
    ['text as timestamp', 'columns: {timestamp: origin}', /origin of the reference holds no times/],
    ['text as score', 'columns: {y_score: origin}', /y_score must be numbers/],
  ])('%s', async (_, policy, message) => {
    const given = await flights();
    await writeFile(at('drift.yaml'), `version: 1\n${policy}\n`);
    await expect(
      check({ reference: given.reference!, data: given.data!, policy: given.policy! }),
    ).rejects.toThrow(message);
  });

  test('a period without a timestamp, too many chunks, labels without an id', async () => {
    const given = await flights();
    await expect(check({ ...given, chunk: '1' })).rejects.toThrow(/about 4620 chunks/);
    await writeFile(at('drift.yaml'), 'version: 1\n');
    await expect(check(given)).rejects.toThrow(/chunk is a period/);
    await expect(check({ ...given, chunk: '' })).rejects.toThrow(/joined on an id/);
    await expect(check({ ...given, chunk: '7 weeks' })).rejects.toThrow(/is not a duration/);
  });

  test('lines of the labels that cannot be read', async () => {
    const given = await flights();
    await appendFile(at('now-labels.csv'), 'now-1,0,1,2\nnow-2,1,0,3\n');
    const { record } = await check(given);
    expect(record.unreadableLines).toEqual({ reference: 0, data: 0, labels: 2, onMissing: 'warn' });
    expect(record.verdict).toBe('warn');
    expect(record.reason).toContain('Unreadable lines: 2 lines of the labels');
    const { summary } = definition.report(record);
    expect(String(summary)).toContain('⚠️ **Unreadable lines**: 2 lines of the labels.');
  });

  test('labels that contradict each other, and labels that are text', async () => {
    const given = await flights();
    await writeFile(at('now-labels.csv'), 'flight_id,late\nnow-1,0\nnow-1,1\n');
    await expect(check(given)).rejects.toThrow(/contradict each other for the id now-1/);
    await writeFile(at('now-labels.csv'), 'flight_id,late\nnow-1,late\nnow-2,on time\n');
    await expect(check({ ...given, labels: at('now-labels.csv') })).rejects.toThrow(
      /hold "late" in late, which is no number/,
    );
  });

  test('labels of the reference alone have not come yet for the data, whose performance is estimated', async () => {
    const given = await flights();
    await writeFile(at('now-labels.csv'), 'flight_id,late\n');
    const { record } = await check(given);
    expect(record.verdict).toBe('pass');
    expect(record.reason).toContain(
      'real performance is not known yet, for no labels have come, and the estimate is within its limit (roc_auc)',
    );
    expect(record.performance.map(({ source, status }) => [source, status])).toEqual([
      ['real', 'not_judged'],
      ['estimated', 'within'],
    ]);
  });

  test('labels of other rows are never a silent pass', async () => {
    const given = await flights();
    await writeFile(at('now-labels.csv'), 'flight_id,late\nelsewhere-1,0\n');
    const { record } = await check(given);
    expect(record.verdict).toBe('inconclusive');
    expect(record.reason).toContain('no verdict on roc_auc although labels were given');
    expect(record.notes).toContain(
      'No label has an id (flight_id) of the data: are they labels of other rows?',
    );
  });

  test('negative weights', async () => {
    const given = await flights();
    await writeFile(at('drift.yaml'), 'version: 1\ncolumns: {sample_weight: delay}\n');
    await expect(check({ ...given, labels: '', chunk: '' })).rejects.toThrow(
      /column delay of the reference is empty, negative or infinite in \d+ rows/,
    );
  });

  test('a header without rows is inconclusive, not a wrong type of time', async () => {
    const given = await flights();
    await writeFile(at('now.csv'), 'flight_id,date,delay,origin,wet,score\n');
    const { record } = await check(given);
    expect(record).toMatchObject({ verdict: 'inconclusive', rows: { data: 0 } });
  });
});

describe('profiles', () => {
  /** Writes the DataProfile of a CSV, with the edges of an earlier one. */
  async function writeProfile(name: string, edges?: Map<string, readonly number[]>) {
    const data = await resolveData([at(`${name}.csv`)]);
    const own = deps();
    const engine = await openEngine(own);
    const { columns } = await loadTable(engine, data, 'rows');
    const profile = await profileTable(engine, 'rows', columns, { edges });
    engine.close();
    const head = {
      name: 'flights',
      source: own.source,
      createdAt: own.now(),
      inputs: [],
      verdict: 'pass' as const,
      reason: 'Profiled.',
    };
    const path = await own.records.write({
      ...recordHead('DataProfile', { ...head, subject: data.digest }),
      format: data.format,
      files: data.files.map((file) => ({
        path: file.path,
        bytes: file.bytes,
        digest: `sha256:${file.sha256}`,
      })),
      rejectedLines: 0,
      ...profile,
    });
    return { path, profile };
  }

  test('rows against a profile, and a profile against a profile, are approximately what rows are', async () => {
    const { chunk: _, labels: __, ...given } = await flights({ shift: 0.5 });
    // By rows without an order, as a profile has none.
    await writeFile(
      at('drift.yaml'),
      'version: 1\ncolumns: {id: flight_id, y_score: score, features: [delay, origin, wet]}\n',
    );
    const { record: exact } = await check(given);
    const before = await writeProfile('before');
    const edges = new Map(
      before.profile.columns.flatMap(({ name, histogram }) =>
        histogram ? [[name, histogram.edges] as const] : [],
      ),
    );
    const now = await writeProfile('now', edges);
    const sides: Record<string, string>[] = [
      { reference: before.path },
      { reference: before.path, data: now.path },
    ];
    for (const sources of sides) {
      const { record } = await check({ ...given, ...sources });
      expect(record.approximate).toBe(true);
      expect(record.columns.map(({ name, status }) => [name, status])).toEqual(
        exact.columns.map(({ name, status }) => [name, status]),
      );
      for (const [index, column] of record.columns.entries()) {
        expect(Math.abs(column.effect! - exact.columns[index]!.effect!)).toBeLessThan(0.05);
      }
    }
    await expect(check({ ...given, reference: before.path, chunk: '100' })).rejects.toThrow(
      /a profile stands for them/,
    );
  });

  test('against a profile: a new column, one without values, a lost time, a misspelt rule', async () => {
    const { chunk: _, labels: __, ...given } = await flights();
    await writeFile(at('drift.yaml'), 'version: 1\ncolumns: {id: flight_id}\n');
    const before = await writeProfile('before');
    const rows = (await readFile(at('now.csv'), 'utf8')).trimEnd().split('\n');
    const [header, ...lines] = rows.map((row) => row.split(','));
    const time = header!.indexOf('date');
    const delay = header!.indexOf('delay');
    const changed = [
      [...header!.toSpliced(time, 1), 'extra'],
      ...lines.map((cells) => [...cells.with(delay, '').toSpliced(time, 1), '4']),
    ];
    await writeFile(at('now.csv'), changed.map((cells) => cells.join(',')).join('\n'));
    const { record } = await check({ ...given, reference: before.path });
    const of = (name: string) => record.columns.find((column) => column.name === name);
    expect(of('extra')).toMatchObject({ status: 'new' });
    expect(of('delay')).toMatchObject({ status: 'drifts', nulls: { drifts: true } });
    expect(of('date')).toMatchObject({ status: 'missing' });
    expect(record.verdict).toBe('fail');
    await writeFile(at('drift.yaml'), 'version: 1\nfeatures: {dely: {min_effect: 0.2}}\n');
    await expect(check({ ...given, reference: before.path })).rejects.toThrow(
      /features: dely is not in the reference/,
    );
  });

  test('labels that a profile cannot use are no silent pass', async () => {
    const { chunk: _, ...given } = await flights();
    const before = await writeProfile('before');
    const { record } = await check({ ...given, reference: before.path });
    expect(record.verdict).toBe('inconclusive');
    expect(record.reason).toContain('no verdict on roc_auc although labels were given');
  });

  test('the profile stored with a registered model is the reference', async () => {
    const { chunk: _, labels: __, ...given } = await flights({ shift: 0.5 });
    await writeFile(
      at('drift.yaml'),
      'version: 1\ncolumns: {id: flight_id, timestamp: date, y_score: score}\n',
    );
    const { path } = await writeProfile('before');
    await mkdir(at('model'));
    await writeFile(at('model/model.json'), '{}');
    const location = parseRegistry(`oci-layout:${at('registry')}`, 'flights');
    const registry = await openRegistry(location, { env: {} });
    const file = { name: RECORD_FILE, path };
    const { digest } = await registry.pushModel(at('model'), {
      attachments: [{ role: 'DataProfile', files: [file] }],
    });
    const reference = formatModelUri({ ...location, reference: digest });
    const { record } = await check({ ...given, reference });
    expect(record.approximate).toBe(true);
    expect(record.columns.find((column) => column.name === 'delay')?.status).toBe('drifts');
    const empty = await registry.pushModel(at('before.csv'));
    await expect(
      check({ ...given, reference: formatModelUri({ ...location, reference: empty.digest }) }),
    ).rejects.toThrow(/No DataProfile was stored/);
    await expect(
      check({ ...given, reference: formatModelUri({ ...location, reference: 'champion' }) }),
    ).rejects.toThrow(/no version champion/);
  });

  test('another record is refused by its kind', async () => {
    const given = await flights();
    const { record } = await check(given);
    const path = await new RecordFolder(at('records'), 'flights').write(record);
    await expect(check({ ...given, reference: path })).rejects.toThrow(
      /is a DriftCheck, and a DataProfile is needed/,
    );
  });
});

describe('on-drift', () => {
  test('without a repository the issue is left as a file, and it is said that nothing was sent', async () => {
    const { afterReport } = await check({
      ...(await flights({ broken: true })),
      'on-drift': 'issue,dispatch',
    });
    await afterReport?.();
    expect(messages).toContain('No issue was written: this is no GitHub workflow.');
    expect(messages).toContain('Nothing was dispatched: this is no GitHub workflow.');
    const [file] = (await readdir(at('records/flights'))).filter((name) => name.startsWith('drift-issue-'));
    expect(await readFile(at(`records/flights/${file}`), 'utf8')).toContain(
      '# flights: drift asks for a retrain',
    );
  });

  test('one issue is opened, kept and closed on recovery; of two checks that ask for a retrain the first sends the event', async () => {
    const server = await startGitHubServer();
    try {
      const env = server.environment({ sha: '0'.repeat(40) });
      const given = { 'on-drift': 'issue,dispatch', 'github-token': server.token };
      const broken = await flights({ broken: true });
      for (let time = 0; time < 2; time++) await (await check({ ...broken, ...given }, env)).afterReport?.();
      const issues = () =>
        server.api<{ title: string; state: string }[]>(
          'GET',
          `/repos/${server.owner}/${server.repo}/issues?state=all`,
        );
      expect(await issues()).toMatchObject([{ title: 'flights: drift asks for a retrain', state: 'open' }]);
      expect(server.dispatches).toHaveLength(1);
      expect(server.dispatches[0]!.body).toMatchObject({
        event_type: 'mlops-retrain',
        client_payload: { model: 'flights' },
      });
      await (await check({ ...(await flights()), ...given }, env)).afterReport?.();
      expect(await issues()).toMatchObject([{ state: 'closed' }]);
      expect(server.dispatches).toHaveLength(1);
    } finally {
      await server.close();
    }
  });

  test('what only dispatch uses is refused without it, before anything is read', async () => {
    const nowhere = { reference: 'nowhere.csv', data: 'nowhere.csv' };
    await expect(check({ ...nowhere, 'on-drift': 'issue', 'cool-down': '12h' })).rejects.toThrow(
      'cool-down has no meaning without dispatch in on-drift.',
    );
    await expect(check({ ...nowhere, 'retrain-workflow': 'train.yml', 'cool-down': '0' })).rejects.toThrow(
      'retrain-workflow and cool-down have no meaning without dispatch',
    );
    // The default is no wish.
    await expect(check({ ...nowhere, 'cool-down': '24h' })).rejects.toThrow(/nowhere/);
  });

  test('nothing asked for, nothing done', async () => {
    expect((await check(await flights())).afterReport).toBeUndefined();
  });
});
